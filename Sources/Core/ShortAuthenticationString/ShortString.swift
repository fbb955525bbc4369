/// A short authentication string: the same 42 bits on both screens, as seven emoji or three numbers.
public struct ShortString: Sendable, Equatable {
    /// Six bytes.
    public let bytes: [UInt8]

    package init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Seven of the 64 emoji, in order.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#sas-method-emoji
    public var emoji: [SASEmoji] {
        var bits: UInt64 = 0
        for byte in bytes { bits = bits << 8 | UInt64(byte) }
        return (0..<7).map { SASEmoji(number: Int(bits >> UInt64(42 - 6 * $0) & 63)) }
    }

    /// Three numbers from 1000 to 9191.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#sas-method-decimal
    public var decimals: [Int] {
        let bytes = bytes.map(Int.init)
        return [
            (bytes[0] << 5 | bytes[1] >> 3) + 1000,
            ((bytes[1] & 0x7) << 10 | bytes[2] << 2 | bytes[3] >> 6) + 1000,
            ((bytes[3] & 0x3F) << 7 | bytes[4] >> 1) + 1000,
        ]
    }
}

/// One of the 64 emoji of the specification, with its names.
public struct SASEmoji: Sendable, Equatable {
    /// 0 to 63.
    public let number: Int

    package init(number: Int) {
        self.number = number & 63
    }

    /// The picture; some have a variation selector.
    public var symbol: String { SASEmojiTable.symbols[number] }

    /// The specification's English name, such as `Light Bulb`.
    public var name: String { name(in: .english) }

    public func name(in language: SASLanguage) -> String { SASEmojiTable.name(number, in: language) }
}

/// The languages that the emoji have names in.
public enum SASLanguage: Sendable, CaseIterable {
    case english, korean, japanese, simplifiedChinese, traditionalChinese, indonesian, malay, filipino, vietnamese
    case thai, spanish, arabic

    /// The language of a BCP 47 tag such as `ko-KR`, `zh-Hant-TW` or `zh_TW`; English when there are no names in it.
    public init(tag: String) {
        // Lower case by the bytes: Embedded Swift has no tables for more, and tags are ASCII.
        let bytes = tag.utf8.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : ($0 >= 65 && $0 <= 90 ? $0 + 32 : $0) }
        let parts = bytes.split(separator: UInt8(ascii: "-")).map(Array.init)
        func has(_ words: String...) -> Bool { words.contains { word in parts.contains(Array(word.utf8)) } }
        guard let first = parts.first else {
            self = .english
            return
        }
        switch first {
        case Array("ko".utf8): self = .korean
        case Array("ja".utf8): self = .japanese
        case Array("zh".utf8):
            self = has("hant", "tw", "hk", "mo") && !has("hans") ? .traditionalChinese : .simplifiedChinese
        case Array("id".utf8): self = .indonesian
        case Array("ms".utf8): self = .malay
        case Array("fil".utf8), Array("tl".utf8): self = .filipino
        case Array("vi".utf8): self = .vietnamese
        case Array("th".utf8): self = .thai
        case Array("es".utf8): self = .spanish
        case Array("ar".utf8): self = .arabic
        default: self = .english
        }
    }
}
