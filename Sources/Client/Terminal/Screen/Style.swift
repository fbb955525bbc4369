/// What a piece of text is, from which its colour follows.
package enum Role: Sendable, CaseIterable {
    case plain, quiet, title, bar, selected, unread, mention, warning, failure, secure, reaction, quote, mine, prompt
    /// Names of people, so that one sees at a glance who speaks.
    case nameA, nameB, nameC, nameD, nameE, nameF

    /// The same colour for the same person on every screen.
    package static func name(of userID: String) -> Role {
        let names: [Role] = [.nameA, .nameB, .nameC, .nameD, .nameE, .nameF]
        // FNV-1a: the standard library's hash differs from run to run.
        let hash = userID.utf8.reduce(0x811C_9DC5 as UInt32) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
        return names[Int(hash % UInt32(names.count))]
    }
}

/// A text of one role.
package struct Span: Sendable, Equatable {
    package var text: String
    package var role: Role

    package init(_ text: String, _ role: Role = .plain) {
        (self.text, self.role) = (text, role)
    }
}

/// How a cell looks.
package struct Style: Sendable, Equatable {
    /// The number of one of the terminal's 256 colours; nil for the terminal's own.
    package var foreground: UInt8?
    package var background: UInt8?
    package var isBold = false
    package var isDim = false
    package var isReversed = false

    package init(
        _ foreground: UInt8? = nil, on background: UInt8? = nil, bold: Bool = false, dim: Bool = false,
        reversed: Bool = false
    ) {
        (self.foreground, self.background) = (foreground, background)
        (isBold, isDim, isReversed) = (bold, dim, reversed)
    }

    /// "Select Graphic Rendition": from whatever was before.
    var sequence: String {
        var codes = ["0"]
        if isBold { codes.append("1") }
        if isDim { codes.append("2") }
        if isReversed { codes.append("7") }
        if let foreground { codes.append("38;5;\(foreground)") }
        if let background { codes.append("48;5;\(background)") }
        return "\u{1B}[\(codes.joined(separator: ";"))m"
    }
}

/// Which colours there are: none, or those that can be read on a light or a dark ground.
package enum Palette: String, Sendable, CaseIterable {
    case colourless = "none"
    case light, dark

    /// - Parameter environment: `NO_COLOR` and a `TERM` of `dumb` say no (https://no-color.org); `COLORFGBG` of rxvt
    ///   and others tells the ground, as the terminal itself does later when it is asked.
    package init(environment: [String: String]) {
        if environment["NO_COLOR"].map({ !$0.isEmpty }) == true || environment["TERM"] == "dumb" {
            self = .colourless
        } else if let ground = environment["COLORFGBG"]?.split(separator: ";").last.flatMap({ UInt8($0) }) {
            self = ground == 7 || ground == 15 ? .light : .dark
        } else {
            self = .dark
        }
    }

    package func style(_ role: Role) -> Style {
        switch self {
        case .colourless: colourless(role)
        case .light: coloured(role, isDark: false)
        case .dark: coloured(role, isDark: true)
        }
    }

    private func colourless(_ role: Role) -> Style {
        switch role {
        case .bar, .selected: Style(reversed: true)
        case .title, .unread, .mention, .warning, .failure, .prompt, .nameA, .nameB, .nameC, .nameD, .nameE, .nameF:
            Style(bold: true)
        default: Style()
        }
    }

    /// The project's navy, coral and teal, in the nearest of the 256.
    private func coloured(_ role: Role, isDark: Bool) -> Style {
        func pick(_ dark: UInt8, _ light: UInt8, bold: Bool = false) -> Style {
            Style(isDark ? dark : light, bold: bold)
        }
        return switch role {
        case .plain: Style()
        case .quiet: pick(245, 242)
        case .title: pick(255, 17, bold: true)
        case .bar: Style(isDark ? 255 : 17, on: isDark ? 236 : 189)
        case .selected: Style(isDark ? 255 : 17, on: isDark ? 61 : 153, bold: true)
        case .unread: pick(209, 130, bold: true)
        case .mention: Style(isDark ? 16 : 231, on: isDark ? 209 : 130, bold: true)
        case .warning: pick(221, 58, bold: true)
        case .failure: pick(210, 124, bold: true)
        case .secure: pick(79, 23)
        case .reaction: pick(152, 24)
        case .quote: pick(110, 60)
        case .mine: pick(209, 130, bold: true)
        case .prompt: pick(79, 23, bold: true)
        case .nameA: pick(117, 25, bold: true)
        case .nameB: pick(120, 22, bold: true)
        case .nameC: pick(222, 94, bold: true)
        case .nameD: pick(218, 125, bold: true)
        case .nameE: pick(183, 54, bold: true)
        case .nameF: pick(159, 23, bold: true)
        }
    }
}
