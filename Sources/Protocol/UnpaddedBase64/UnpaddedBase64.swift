/// Base64 without padding, as the specification uses it for keys, hashes and signatures.
///
/// https://spec.matrix.org/v1.19/appendices/#unpadded-base64
public enum UnpaddedBase64 {
    /// The two alphabets: RFC 4648 §4 for keys and signatures, §5 (URL-safe) for event and room IDs.
    public enum Alphabet: Sendable {
        case standard
        case urlSafe
    }

    /// Encodes `bytes`; four characters for three bytes, no `=`.
    public static func encode(_ bytes: some Sequence<UInt8>, alphabet: Alphabet = .standard) -> String {
        // The loop is over contiguous bytes because the generic one is called through witnesses from other modules.
        bytes.withContiguousStorageIfAvailable { encode(contiguous: $0, alphabet: alphabet) }
            ?? Array(bytes).withUnsafeBufferPointer { encode(contiguous: $0, alphabet: alphabet) }
    }

    private static func encode(contiguous bytes: UnsafeBufferPointer<UInt8>, alphabet: Alphabet) -> String {
        let symbols = alphabet == .standard ? standardSymbols : urlSafeSymbols
        return String(unsafeUninitializedCapacity: (bytes.count * 4 + 2) / 3) { output in
            var count = 0
            var accumulator: UInt32 = 0
            var bitCount: UInt32 = 0
            for byte in bytes {
                accumulator = accumulator << 8 | UInt32(byte)
                bitCount += 8
                while bitCount >= 6 {
                    bitCount -= 6
                    output[count] = symbols[Int(accumulator >> bitCount & 63)]
                    count += 1
                }
            }
            if bitCount > 0 {
                output[count] = symbols[Int(accumulator << (6 - bitCount) & 63)]
                count += 1
            }
            return count
        }
    }

    /// Decodes text of either alphabet's form, with or without padding.
    ///
    /// Bits of the last character beyond the last byte are ignored: the specification's own test key sets one.
    ///
    /// - Returns: the bytes, or nil when a character is foreign or the length is impossible.
    public static func decode(_ text: String, alphabet: Alphabet = .standard) -> [UInt8]? {
        var characters = Array(text.utf8)
        while characters.last == UInt8(ascii: "="), characters.count % 4 == 0 || characters.count % 4 == 3 {
            characters.removeLast()
        }
        guard characters.count % 4 != 1 else { return nil }
        var output: [UInt8] = []
        output.reserveCapacity(characters.count * 3 / 4)
        var accumulator: UInt32 = 0
        var bitCount = 0
        for character in characters {
            guard let value = value(of: character, alphabet: alphabet) else { return nil }
            accumulator = accumulator << 6 | value
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                output.append(UInt8(truncatingIfNeeded: accumulator >> UInt32(bitCount)))
            }
        }
        return output
    }

    private static let standardSymbols = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let urlSafeSymbols = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    private static func value(of character: UInt8, alphabet: Alphabet) -> UInt32? {
        switch (character, alphabet) {
        case (UInt8(ascii: "A")...UInt8(ascii: "Z"), _): UInt32(character) - 65
        case (UInt8(ascii: "a")...UInt8(ascii: "z"), _): UInt32(character) - 97 + 26
        case (UInt8(ascii: "0")...UInt8(ascii: "9"), _): UInt32(character) - 48 + 52
        case (UInt8(ascii: "+"), .standard), (UInt8(ascii: "-"), .urlSafe): 62
        case (UInt8(ascii: "/"), .standard), (UInt8(ascii: "_"), .urlSafe): 63
        default: nil
        }
    }
}
