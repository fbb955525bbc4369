/// A Hangul syllable, or a jamo alone, as three numbers that fit into five bits each.
///
/// https://www.unicode.org/versions/latest/core-spec/chapter-3/#G24646
struct HangulSyllable {
    /// 1 … 19 for the initials in their order; ``vowelAlone`` and beyond for what is no syllable.
    let initial: UInt32
    /// 1 … 21; 0 for a consonant alone.
    let vowel: UInt32
    /// 1 … 27; 0 for none.
    let final: UInt32

    static let firstSyllable: UInt32 = 0xAC00
    static let lastSyllable: UInt32 = 0xD7A3
    /// ㅏ as a compatibility jamo; the other vowels follow it in the order of syllables.
    static let firstVowel: UInt32 = 0x314F
    static let lastVowel: UInt32 = 0x3163

    static let vowelAlone: UInt32 = 20
    /// ㄳ and others that only end a syllable.
    static let clusterAlone: UInt32 = 21
    static let oldJamo: UInt32 = 22

    /// ㄱ … ㅎ as compatibility jamo, in the order of initials.
    static let compatibleInitials: [UInt32] = [
        0x3131, 0x3132, 0x3134, 0x3137, 0x3138, 0x3139, 0x3141, 0x3142, 0x3143, 0x3145, 0x3146, 0x3147, 0x3148, 0x3149,
        0x314A, 0x314B, 0x314C, 0x314D, 0x314E,
    ]

    /// The same in the order of finals.
    static let compatibleFinals: [UInt32] = [
        0x3131, 0x3132, 0x3133, 0x3134, 0x3135, 0x3136, 0x3137, 0x3139, 0x313A, 0x313B, 0x313C, 0x313D, 0x313E, 0x313F,
        0x3140, 0x3141, 0x3142, 0x3144, 0x3145, 0x3146, 0x3147, 0x3148, 0x314A, 0x314B, 0x314C, 0x314D, 0x314E,
    ]

    /// - Parameter base: a syllable or a compatibility jamo.
    init(_ base: UInt32) {
        if base >= Self.firstSyllable {
            let index = base - Self.firstSyllable
            (initial, vowel, final) = (index / 588 + 1, index / 28 % 21 + 1, index % 28)
        } else if let index = Self.initialIndex(base) {
            (initial, vowel, final) = (index + 1, 0, 0)
        } else if Self.firstVowel...Self.lastVowel ~= base {
            (initial, vowel, final) = (Self.vowelAlone, base - Self.firstVowel + 1, 0)
        } else {
            let rest = base - 0x3131
            (initial, vowel, final) = (base < Self.firstVowel ? Self.clusterAlone : Self.oldJamo, rest % 32, rest / 32)
        }
    }

    /// Which initial a compatibility jamo is, from 0.
    static func initialIndex(_ base: UInt32) -> UInt32? {
        guard 0x3131...0x314E ~= base else { return nil }
        for (index, initial) in compatibleInitials.enumerated() where initial == base { return UInt32(index) }
        return nil
    }

    /// Whether it is a syllable without a final consonant, to which one may still be added.
    static func isOpen(_ base: UInt32) -> Bool {
        firstSyllable...lastSyllable ~= base && (base - firstSyllable) % 28 == 0
    }
}
