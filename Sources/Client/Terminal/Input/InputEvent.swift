/// What somebody did at the keyboard, or what the terminal answered.
package enum InputEvent: Sendable, Equatable {
    /// Characters as an input method has finished them.
    case text(String)
    case key(Key)
    /// What was pasted, with its line ends as `\n`. Never taken for keys.
    case paste(String)
    /// The terminal's ground, as it answered the question for it.
    case ground(isLight: Bool)
}

/// A key that is no text.
package struct Key: Sendable, Hashable {
    package enum Code: Sendable, Hashable {
        case up, down, left, right, home, end, pageUp, pageDown, insert, delete, backspace, tab, enter, escape
        case function(Int)
        /// A letter held with Control or Alt.
        case letter(Character)
    }

    package struct Modifiers: OptionSet, Sendable, Hashable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }
        package static let shift = Modifiers(rawValue: 1)
        package static let alt = Modifiers(rawValue: 2)
        package static let control = Modifiers(rawValue: 4)
    }

    package var code: Code
    package var modifiers: Modifiers

    package init(_ code: Code, _ modifiers: Modifiers = []) {
        (self.code, self.modifiers) = (code, modifiers)
    }

    package static func control(_ letter: Character) -> Key { Key(.letter(letter), .control) }
    package static func alt(_ letter: Character) -> Key { Key(.letter(letter), .alt) }
}
