/// What a letter is to a search.
enum UnitKind: UInt8 {
    /// Of a script that parts words by spaces: found by words and their beginnings.
    case letter
    /// A Hangul syllable or a jamo: found anywhere, also by initial consonants.
    case hangul
    /// Of a script that does not part words (Han, kana, Thai), or a pictograph: found anywhere.
    case unspaced
}

/// What one Unicode scalar means for a search. Needs no tables but ``FoldingTable``.
enum ScalarMeaning {
    /// Not a part of any word: parts those on either side.
    case separator
    /// As if it were not there: a joiner, a vowel point that most people leave out. The number is 0 for the former.
    case mark(UInt8)
    case unit(UnitKind, base: UInt32, marks: UInt8)
    /// Several letters, at these places of ``FoldingTable/expansions``.
    case expansion(Range<Int>)
    /// Changes the kana before it: 1 for the voiced mark, 2 for the half-voiced.
    case kanaMark(UInt32)
    case conjoiningInitial(UInt32)
    case conjoiningVowel(UInt32)
    case conjoiningFinal(UInt32)

    init(_ scalar: UInt32) {
        if scalar < 0x80 {
            self = Self.ascii(scalar)
        } else if 0xAC00...0xD7A3 ~= scalar || 0x3131...0x318E ~= scalar {
            self = .unit(.hangul, base: scalar, marks: 0)
        } else if Self.isIgnored(scalar) {
            self = .mark(0)
        } else if Self.isMark(scalar) {
            self = .mark(UInt8((scalar &* 31) % 255 + 1))
        } else if let jamo = Self.jamo(scalar) {
            self = jamo
        } else if let kana = Self.kana(scalar) {
            self = kana
        } else if Self.isUnspaced(scalar) {
            self = .unit(.unspaced, base: scalar, marks: 0)
        } else {
            self = Self.letter(scalar)
        }
    }

    private static func ascii(_ scalar: UInt32) -> ScalarMeaning {
        switch scalar {
        case 0x30...0x39, 0x61...0x7A: .unit(.letter, base: scalar, marks: 0)
        case 0x41...0x5A: .unit(.letter, base: scalar + 32, marks: 0)
        default: .separator
        }
    }

    /// Soft hyphen, zero-width characters, directions, variation selectors, tatweel.
    private static func isIgnored(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0xAD, 0x640, 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x2064, 0xFE00...0xFE0F, 0xFEFF, 0x1F3FB...0x1F3FF:
            true
        default: false
        }
    }

    /// Marks that people leave out: accents, Hebrew and Arabic points. The vowel signs of other scripts are letters.
    private static func isMark(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x300...0x36F, 0x483...0x487, 0x591...0x5BD, 0x5BF, 0x5C1...0x5C2, 0x5C4...0x5C5, 0x5C7, 0x610...0x61A,
            0x64B...0x65F, 0x670, 0x6D6...0x6DC, 0x6DF...0x6E4, 0x6E7...0x6E8, 0x6EA...0x6ED, 0x1AB0...0x1AFF,
            0x1DC0...0x1DFF, 0x20D0...0x20FF, 0xFE20...0xFE2F:
            true
        default: false
        }
    }

    /// Conjoining jamo, which a decomposed text is made of, and the halfwidth ones.
    private static func jamo(_ scalar: UInt32) -> ScalarMeaning? {
        switch scalar {
        case 0x1100...0x1112: .conjoiningInitial(scalar - 0x1100)
        case 0x1161...0x1175: .conjoiningVowel(scalar - 0x1161)
        case 0x11A8...0x11C2: .conjoiningFinal(scalar - 0x11A7)
        case 0xFFA1...0xFFBE: .unit(.hangul, base: scalar - 0xFFA1 + 0x3131, marks: 0)
        case 0xFFC2...0xFFC7: .unit(.hangul, base: scalar - 0xFFC2 + 0x314F, marks: 0)
        case 0xFFCA...0xFFCF: .unit(.hangul, base: scalar - 0xFFCA + 0x3155, marks: 0)
        case 0xFFD2...0xFFD7: .unit(.hangul, base: scalar - 0xFFD2 + 0x315B, marks: 0)
        case 0xFFDA...0xFFDC: .unit(.hangul, base: scalar - 0xFFDA + 0x3161, marks: 0)
        default: nil
        }
    }

    /// Hiragana that the halfwidth katakana U+FF66 … U+FF9D stand for.
    private static let halfwidthKana: [UInt32] = [
        0x3092, 0x3041, 0x3043, 0x3045, 0x3047, 0x3049, 0x3083, 0x3085, 0x3087, 0x3063, 0x30FC, 0x3042, 0x3044, 0x3046,
        0x3048, 0x304A, 0x304B, 0x304D, 0x304F, 0x3051, 0x3053, 0x3055, 0x3057, 0x3059, 0x305B, 0x305D, 0x305F, 0x3061,
        0x3064, 0x3066, 0x3068, 0x306A, 0x306B, 0x306C, 0x306D, 0x306E, 0x306F, 0x3072, 0x3075, 0x3078, 0x307B, 0x307E,
        0x307F, 0x3080, 0x3081, 0x3082, 0x3084, 0x3086, 0x3088, 0x3089, 0x308A, 0x308B, 0x308C, 0x308D, 0x308F, 0x3093,
    ]

    /// Katakana are folded to hiragana.
    private static func kana(_ scalar: UInt32) -> ScalarMeaning? {
        switch scalar {
        case 0x3041...0x3096, 0x309D...0x309F, 0x30FC: .unit(.unspaced, base: scalar, marks: 0)
        case 0x3099...0x309A: .kanaMark(scalar - 0x3098)
        case 0x30A1...0x30F6: .unit(.unspaced, base: scalar - 0x60, marks: 1)
        case 0x30F7...0x30FA, 0x30FD...0x30FF, 0x31F0...0x31FF: .unit(.unspaced, base: scalar, marks: 0)
        case 0xFF66...0xFF9D: .unit(.unspaced, base: halfwidthKana[Int(scalar - 0xFF66)], marks: 1)
        case 0xFF9E...0xFF9F: .kanaMark(scalar - 0xFF9D)
        default: nil
        }
    }

    private static func isUnspaced(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x0E01...0x0E3A, 0x0E40...0x0E4E,  // Thai
            0x0E80...0x0ECF,  // Lao
            0x0F40...0x0FBC,  // Tibetan
            0x1000...0x103F, 0x1050...0x109F, 0xA9E0...0xA9EF, 0xAA60...0xAA7F,  // Myanmar
            0x1780...0x17D3,  // Khmer
            0x1950...0x19DF, 0x1A20...0x1A7F, 0xAA80...0xAADF,  // other scripts of Tai languages
            0x2600...0x27BF,  // symbols and dingbats
            0x3005...0x3007, 0x3100...0x312F, 0x31A0...0x31BF,  // iteration mark, zero, bopomofo
            0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x3FFFF,  // Han
            0xA000...0xA48C,  // Yi
            0x1F000...0x1FAFF:  // pictographs
            true
        default: false
        }
    }

    private static func letter(_ scalar: UInt32) -> ScalarMeaning {
        if let (base, marks) = run(scalar) { return .unit(.letter, base: base, marks: marks) }
        if let range = expansion(scalar) { return .expansion(range) }
        if isSeparator(scalar) { return .separator }
        return .unit(.letter, base: scalar, marks: 0)
    }

    /// What ``FoldingTable/runs`` makes of a letter.
    private static func run(_ scalar: UInt32) -> (base: UInt32, marks: UInt8)? {
        var low = 0
        var high = FoldingTable.runs.count
        // The last run that begins at the letter or before it.
        while low < high {
            let middle = (low + high) / 2
            if UInt32(truncatingIfNeeded: FoldingTable.runs[middle] >> 47) <= scalar {
                low = middle + 1
            } else {
                high = middle
            }
        }
        guard low > 0 else { return nil }
        let run = FoldingTable.runs[low - 1]
        let distance = scalar - UInt32(truncatingIfNeeded: run >> 47)
        let count = UInt32(truncatingIfNeeded: run >> 36) & 0x7FF
        let step = UInt32(truncatingIfNeeded: run >> 34) & 3
        guard distance % step == 0, distance / step < count else { return nil }
        let target = UInt32(truncatingIfNeeded: run >> 17) & 0x1FFFF
        return (target + distance, UInt8(truncatingIfNeeded: run & 0xFF))
    }

    private static func expansion(_ scalar: UInt32) -> Range<Int>? {
        var index = 0
        while index < FoldingTable.expansions.count {
            let count = Int(FoldingTable.expansions[index] & 7)
            if FoldingTable.expansions[index] >> 3 == scalar { return index + 1..<index + 1 + count }
            index += 1 + count
        }
        return nil
    }

    private static func isSeparator(_ scalar: UInt32) -> Bool {
        guard scalar < 0x10000 else { return false }
        var low = 0
        var high = FoldingTable.separators.count
        while low < high {
            let middle = (low + high) / 2
            if FoldingTable.separators[middle] >> 16 <= scalar { low = middle + 1 } else { high = middle }
        }
        return low > 0 && FoldingTable.separators[low - 1] & 0xFFFF >= scalar
    }
}
