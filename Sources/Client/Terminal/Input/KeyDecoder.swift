/// Turns the bytes of a terminal into what was done, however reads cut them.
///
/// Text arrives as finished UTF-8. An escape at the end of the input may be the key or the beginning of a sequence:
/// ``flush()`` decides for the key, when nothing more has come for a while.
package struct KeyDecoder: Sendable {
    /// A longer sequence is none that anybody sends.
    private static let maximumSequenceBytes = 256
    /// More than a message may have; the rest of what is pasted is dropped.
    package static let maximumPasteBytes = 256 << 10
    private static let pasteEnd: [UInt8] = Array("\u{1B}[201~".utf8)

    private var pending: [UInt8] = []
    private var paste: [UInt8]?

    package init() {}

    /// Whether bytes are kept that ``flush()`` would make something of.
    package var isWaiting: Bool { !pending.isEmpty && paste == nil }

    /// What the bytes complete.
    package mutating func feed(_ bytes: some Sequence<UInt8>) -> [InputEvent] {
        pending += bytes
        return decode(isFinal: false)
    }

    /// Nothing more has come: what is left is taken as it is.
    package mutating func flush() -> [InputEvent] {
        paste == nil ? decode(isFinal: true) : []
    }

    private mutating func decode(isFinal: Bool) -> [InputEvent] {
        var events: [InputEvent] = []
        var text: [UInt8] = []
        var index = 0
        func endText() {
            if !text.isEmpty { events.append(.text(String(decoding: text, as: UTF8.self))) }
            text = []
        }
        while index < pending.count {
            if paste != nil {
                guard continuePaste(at: &index, &events) else { break }
                continue
            }
            let byte = pending[index]
            if byte == 0x1B {
                endText()
                guard let length = escapeSequence(at: index, isFinal, &events) else { break }
                index += length
            } else if byte < 0x20 || byte == 0x7F {
                endText()
                events.append(.key(Self.controlKey(byte)))
                index += 1
            } else {
                let length = Self.scalarLength(pending[index...])
                if length == nil, !isFinal { break }
                if let length, length > 0 { text += pending[index..<index + length] }
                index += max(length ?? pending.count - index, 1)
            }
        }
        pending.removeFirst(min(index, pending.count))
        endText()
        return events
    }

    /// How many bytes the first scalar has: 0 for bytes that are no UTF-8, nil when more are needed.
    private static func scalarLength(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard let first = bytes.first else { return nil }
        let length =
            switch first {
            case ..<0x80: 1
            case 0xC2...0xDF: 2
            case 0xE0...0xEF: 3
            case 0xF0...0xF4: 4
            default: 0
            }
        let rest = bytes.dropFirst().prefix(max(length - 1, 0))
        if rest.contains(where: { $0 & 0xC0 != 0x80 }) { return 0 }
        guard rest.count == max(length - 1, 0) else { return nil }
        return String(validating: bytes.prefix(length), as: UTF8.self) == nil ? 0 : length
    }

    private static func controlKey(_ byte: UInt8, _ more: Key.Modifiers = []) -> Key {
        switch byte {
        case 0x0D: Key(.enter, more)
        case 0x09: Key(.tab, more)
        case 0x7F, 0x08: Key(.backspace, more)
        case 0x00: Key(.letter(" "), more.union(.control))
        case 0x1C...0x1F: Key(.letter(Character(Unicode.Scalar(byte + 0x40))), more.union(.control))
        default: Key(.letter(Character(Unicode.Scalar(byte + 0x60))), more.union(.control))
        }
    }

    // MARK: Sequences

    /// Decodes what begins with an escape, and returns its length; nil when more is needed.
    private mutating func escapeSequence(at index: Int, _ isFinal: Bool, _ events: inout [InputEvent]) -> Int? {
        let rest = pending[(index + 1)...]
        guard let second = rest.first else {
            guard isFinal else { return nil }
            events.append(.key(Key(.escape)))
            return 1
        }
        switch second {
        case UInt8(ascii: "["): return controlSequence(rest.dropFirst(), isFinal, &events)
        case UInt8(ascii: "O"):
            guard let final = rest.dropFirst().first else { return incomplete(rest, isFinal, &events) }
            if let code = Self.cursorKey(final) { events.append(.key(Key(code))) }
            return 3
        case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "_"), UInt8(ascii: "^"):
            return stringSequence(rest, isFinal, &events)
        case 0x1B:
            events.append(.key(Key(.escape)))
            return 1
        case ..<0x20, 0x7F:
            events.append(.key(Self.controlKey(second, .alt)))
            return 2
        default:
            guard let length = Self.scalarLength(rest) else { return incomplete(rest, isFinal, &events) }
            let letter = String(decoding: rest.prefix(length), as: UTF8.self)
            if let character = letter.first { events.append(.key(Key(.letter(character), .alt))) }
            return 1 + max(length, 1)
        }
    }

    /// An escape and a letter that might begin more: with Alt held, when nothing more comes.
    private func incomplete(_ rest: ArraySlice<UInt8>, _ isFinal: Bool, _ events: inout [InputEvent]) -> Int? {
        guard isFinal || rest.count > Self.maximumSequenceBytes else { return nil }
        if rest.count == 1, let byte = rest.first, byte < 0x80 {
            events.append(.key(.alt(Character(Unicode.Scalar(byte)))))
        }
        return 1 + rest.count
    }

    /// `ESC [`, numbers, and a letter.
    private mutating func controlSequence(
        _ rest: ArraySlice<UInt8>, _ isFinal: Bool, _ events: inout [InputEvent]
    ) -> Int? {
        guard let end = rest.firstIndex(where: { !(0x20...0x3F).contains($0) }) else {
            return incomplete(pending[(rest.startIndex - 1)...], isFinal, &events)
        }
        let parameters = rest[..<end]
        let final = rest[end]
        let length = 3 + parameters.count
        // A byte that belongs to no sequence ends it; it may begin another.
        guard (0x40...0x7E).contains(final) else { return length - 1 }
        let numbers = parameters.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false).map {
            Int(String(decoding: $0.prefix { $0 != UInt8(ascii: ":") }, as: UTF8.self)) ?? 1
        }
        let modifiers = Self.modifiers(numbers.count > 1 ? numbers[1] : 1)
        switch final {
        case UInt8(ascii: "~") where numbers.first == 200: paste = []
        case UInt8(ascii: "~"): events += Self.numbered(numbers, modifiers)
        case UInt8(ascii: "u"): events += Self.coded(numbers.first ?? 0, modifiers)
        case UInt8(ascii: "Z"): events.append(.key(Key(.tab, .shift)))
        default: if let code = Self.cursorKey(final) { events.append(.key(Key(code, modifiers))) }
        }
        return length
    }

    private static func modifiers(_ number: Int) -> Key.Modifiers {
        (2...8).contains(number) ? Key.Modifiers(rawValue: UInt8(number - 1)) : []
    }

    private static func cursorKey(_ final: UInt8) -> Key.Code? {
        switch final {
        case UInt8(ascii: "A"): .up
        case UInt8(ascii: "B"): .down
        case UInt8(ascii: "C"): .right
        case UInt8(ascii: "D"): .left
        case UInt8(ascii: "H"): .home
        case UInt8(ascii: "F"): .end
        case UInt8(ascii: "M"): .enter
        case UInt8(ascii: "P")...UInt8(ascii: "S"): .function(Int(final) - 79)
        default: nil
        }
    }

    /// `ESC [ number ~`; 27 is xterm's way to say an ordinary key with modifiers.
    private static func numbered(_ numbers: [Int], _ modifiers: Key.Modifiers) -> [InputEvent] {
        let code: Key.Code
        switch numbers.first ?? 0 {
        case 1, 7: code = .home
        case 2: code = .insert
        case 3: code = .delete
        case 4, 8: code = .end
        case 5: code = .pageUp
        case 6: code = .pageDown
        case 11...15: code = .function(numbers[0] - 10)
        case 17...21: code = .function(numbers[0] - 11)
        case 23, 24: code = .function(numbers[0] - 12)
        case 27: return numbers.count > 2 ? coded(numbers[2], modifiers) : []
        default: return []
        }
        return [.key(Key(code, modifiers))]
    }

    /// A key by the number of its character.
    private static func coded(_ number: Int, _ modifiers: Key.Modifiers) -> [InputEvent] {
        guard let value = UInt32(exactly: number), let scalar = Unicode.Scalar(value) else { return [] }
        switch value {
        case 27: return [.key(Key(.escape, modifiers))]
        case 0..<0x20, 0x7F: return [.key(controlKey(UInt8(value), modifiers))]
        default:
            if modifiers.isSubset(of: .shift) { return [.text(String(Character(scalar)))] }
            return [.key(Key(.letter(Character(scalar)), modifiers))]
        }
    }

    /// What a terminal answers, up to its end: of interest is the colour of its ground.
    private func stringSequence(_ rest: ArraySlice<UInt8>, _ isFinal: Bool, _ events: inout [InputEvent]) -> Int? {
        guard let end = rest.firstIndex(where: { $0 == 0x07 || $0 == 0x1B }) else {
            return incomplete(rest, isFinal, &events)
        }
        if rest[end] == 0x1B, end + 1 >= rest.endIndex, !isFinal { return nil }
        let isTerminated = rest[end] == 0x1B && end + 1 < rest.endIndex && rest[end + 1] == UInt8(ascii: "\\")
        if let isLight = Self.isLightGround(String(decoding: rest[..<end], as: UTF8.self)) {
            events.append(.ground(isLight: isLight))
        }
        return 1 + rest[..<end].count + (isTerminated ? 2 : rest[end] == 0x07 ? 1 : 0)
    }

    /// Of `]11;rgb:RRRR/GGGG/BBBB`.
    private static func isLightGround(_ answer: String) -> Bool? {
        guard answer.hasPrefix("]11;rgb:") else { return nil }
        let parts = answer.dropFirst(8).split(separator: "/").map { (Int($0, radix: 16), $0.count) }
        guard parts.count == 3 else { return nil }
        var values: [Double] = []
        for (value, digits) in parts {
            guard let value, (1...4).contains(digits) else { return nil }
            values.append(Double(value) / Double((1 << (4 * digits)) - 1))
        }
        return 0.299 * values[0] + 0.587 * values[1] + 0.114 * values[2] > 0.5
    }

    // MARK: Pasting

    /// Takes bytes until the paste's end; false when it has not come.
    private mutating func continuePaste(at index: inout Int, _ events: inout [InputEvent]) -> Bool {
        let rest = pending[index...]
        guard let end = rest.firstRange(of: Self.pasteEnd) else {
            // The end may be cut: so many bytes stay.
            let taken = max(rest.count - Self.pasteEnd.count + 1, 0)
            keepPasted(rest.prefix(taken))
            index += taken
            return false
        }
        keepPasted(rest[..<end.lowerBound])
        index = end.upperBound
        events.append(.paste(Self.pastedText(paste ?? [])))
        paste = nil
        return true
    }

    private mutating func keepPasted(_ bytes: ArraySlice<UInt8>) {
        let room = Self.maximumPasteBytes - (paste?.count ?? 0)
        paste?.append(contentsOf: bytes.prefix(room))
    }

    private static func pastedText(_ bytes: [UInt8]) -> String {
        DisplayText.paragraphs(String(decoding: bytes, as: UTF8.self))
    }
}
