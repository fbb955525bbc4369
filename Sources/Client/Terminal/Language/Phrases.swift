/// What the program says, in one language.
///
/// A text has places for values (`{name}`) and, where a number decides, forms: `one:{count} message|other:{count}
/// messages`. What a language does not have yet is said in English.
package struct Phrases: Sendable {
    package let language: Language
    private let texts: [Phrase: String]

    package init(_ language: Language) {
        self.language = language
        texts = Self.texts(language)
    }

    /// The texts of a language, as far as there are any.
    package static func texts(_ language: Language) -> [Phrase: String] {
        switch language {
        case .korean: korean
        case .english: english
        default: [:]
        }
    }

    package func callAsFunction(_ phrase: Phrase, _ values: [String: String] = [:]) -> String {
        let own = texts[phrase]
        let text = own ?? Self.english[phrase] ?? phrase.rawValue
        let count = values["count"].flatMap { Int($0) }
        return Self.fill(Self.form(of: text, own == nil ? .english : language, count), values)
    }

    package func callAsFunction(_ phrase: Phrase, count: Int, _ values: [String: String] = [:]) -> String {
        self(phrase, values.merging(["count": "\(count)"]) { $1 })
    }

    private static func form(of text: String, _ language: Language, _ count: Int?) -> String {
        guard let count, text.contains("other:") else { return text }
        let forms = text.split(separator: "|").map { $0.split(separator: ":", maxSplits: 1) }
        let wanted = language.pluralForm(of: count).rawValue
        let form = forms.first { $0[0] == wanted } ?? forms.first { $0[0] == PluralForm.other.rawValue }
        return form.map { String($0.last ?? "") } ?? text
    }

    /// Values are put in once: what a value says is not looked at again.
    private static func fill(_ text: String, _ values: [String: String]) -> String {
        guard !values.isEmpty else { return text }
        var (result, rest) = ("", Substring(text))
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            let name = String(rest[rest.index(after: open)..<close])
            result += rest[..<open]
            result += values[name] ?? "{\(name)}"
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }
}

// MARK: Times

extension Phrases {
    package func time(_ time: WallTime) -> String {
        let values = [
            "half": self(time.hour < 12 ? .morning : .afternoon), "hour12": "\((time.hour + 11) % 12 + 1)",
            "hour": "\(time.hour)", "minute": time.minute < 10 ? "0\(time.minute)" : "\(time.minute)",
        ]
        return self(.timeFormat, values)
    }

    package func day(_ time: WallTime) -> String { self(.dayFormat, parts(of: time)) }

    /// For a list: the time when it is today's, the day otherwise.
    package func shortTime(_ time: WallTime, now: WallTime) -> String {
        time.isSameDay(as: now) ? self.time(time) : self(.shortDayFormat, parts(of: time))
    }

    private func parts(of time: WallTime) -> [String: String] {
        let weekdays = self(.weekdays).split(separator: ",")
        let months = self(.months).split(separator: ",")
        return [
            "year": "\(time.year)", "day": "\(time.day)",
            "month": months.indices.contains(time.month - 1) ? String(months[time.month - 1]) : "\(time.month)",
            "weekday": weekdays.indices.contains(time.weekday) ? String(weekdays[time.weekday]) : "",
        ]
    }

    package func bytes(_ count: Int) -> String {
        let (units, base) = (["B", "kB", "MB", "GB"], 1000)
        var (value, rest, unit) = (count, 0, 0)
        while value >= base, unit < units.count - 1 {
            (value, rest, unit) = (value / base, value % base / 100, unit + 1)
        }
        return unit > 0 && value < 10 ? "\(value).\(rest) \(units[unit])" : "\(value) \(units[unit])"
    }
}
