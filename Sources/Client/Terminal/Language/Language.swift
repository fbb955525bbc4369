/// The languages that Naru speaks.
package enum Language: String, Sendable, CaseIterable {
    case korean = "ko"
    case english = "en"
    case japanese = "ja"
    case simplifiedChinese = "zh-Hans"
    case traditionalChinese = "zh-Hant"
    case indonesian = "id"
    case malay = "ms"
    case filipino = "fil"
    case vietnamese = "vi"
    case thai = "th"
    case spanish = "es"
    case arabic = "ar"

    /// The language of a BCP 47 tag or of a POSIX locale: `ko_KR.UTF-8`, `zh-TW`, `tl`. Nil for others.
    package init?(tag: String) {
        let parts = tag.split { "._-@".contains($0) }.map { $0.lowercased() }
        switch parts.first {
        case "zh":
            let isTraditional = parts.dropFirst().contains { ["hant", "tw", "hk", "mo"].contains($0) }
            self = isTraditional ? .traditionalChinese : .simplifiedChinese
        case "tl": self = .filipino
        case "in": self = .indonesian
        case let code?:
            guard let language = Self(rawValue: code) else { return nil }
            self = language
        case nil: return nil
        }
    }

    /// The user's language, by the variables of POSIX in their order; English when they name none of ours.
    package init(environment: [String: String]) {
        let names = ["LC_ALL", "LC_MESSAGES", "LANG"]
        let value = names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        self = value.flatMap { Self(tag: $0) } ?? .english
    }

    /// Which form a number takes.
    ///
    /// https://unicode.org/reports/tr35/tr35-numbers.html#Language_Plural_Rules
    package func pluralForm(of count: Int) -> PluralForm {
        switch self {
        case .korean, .japanese, .simplifiedChinese, .traditionalChinese, .indonesian, .malay, .vietnamese, .thai:
            .other
        case .english, .spanish: count == 1 ? .one : .other
        case .filipino: (1...3).contains(count) || ![4, 6, 9].contains(count % 10) ? .one : .other
        case .arabic:
            switch count {
            case 0: .zero
            case 1: .one
            case 2: .two
            default:
                switch count % 100 {
                case 3...10: .few
                case 11...: .many
                default: .other
                }
            }
        }
    }
}

package enum PluralForm: String, Sendable {
    case zero, one, two, few, many, other
}
