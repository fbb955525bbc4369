/// A private key as people write it down: base58 in groups of four, with a parity byte that finds typing errors.
///
/// https://spec.matrix.org/v1.19/appendices/#cryptographic-key-representation
public enum KeyRepresentation {
    /// Why text is not a key; what to tell the person who typed it.
    public enum Failure: Error, Equatable, Sendable {
        /// A character that base58 does not have: 0, O, I, l, or a mark.
        case foreignCharacter
        /// Too short or too long for a key of 32 bytes.
        case wrongLength
        /// Every character is possible and together they are no key: one was mistyped or two swapped.
        case mistyped
    }

    private static let alphabet = Array("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".utf8)
    private static let prefix: [UInt8] = [0x8B, 0x01]
    /// More than any key has; text beyond it is not looked at.
    private static let maximumCharacters = 128

    /// - Parameter key: 32 bytes.
    public static func encode(_ key: [UInt8]) -> String {
        var bytes = prefix + key
        bytes.append(bytes.reduce(0, ^))
        var text: [UInt8] = []
        for (index, character) in base58(bytes).enumerated() {
            if index > 0, index % 4 == 0 { text.append(UInt8(ascii: " ")) }
            text.append(character)
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads what ``encode(_:)`` wrote, with white space anywhere; 32 bytes.
    public static func decode(_ text: String) throws(Failure) -> [UInt8] {
        // Spaces and line ends, and the no-break and ideographic spaces that phones and input methods put in.
        var characters: [UInt8] = []
        var count = 0
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x20, 0x09...0x0D, 0xA0, 0x2000...0x200B, 0x202F, 0x3000, 0xFEFF: continue
            default: break
            }
            guard scalar.value < 0x80 else { throw .foreignCharacter }
            characters.append(UInt8(scalar.value))
            count += 1
            guard count <= maximumCharacters else { throw .wrongLength }
        }
        let bytes = try base58Decode(characters)
        guard bytes.count == prefix.count + 32 + 1 else { throw .wrongLength }
        guard bytes.reduce(0, ^) == 0, Array(bytes.prefix(2)) == prefix else { throw .mistyped }
        return Array(bytes[2..<34])
    }

    /// Base58 as Bitcoin's addresses have it: a number, and a leading `1` for each leading zero.
    private static func base58(_ bytes: [UInt8]) -> [UInt8] {
        // Least significant digit first.
        var digits: [UInt8] = []
        for byte in bytes {
            var carry = Int(byte)
            for index in digits.indices {
                carry += Int(digits[index]) << 8
                digits[index] = UInt8(carry % 58)
                carry /= 58
            }
            while carry > 0 {
                digits.append(UInt8(carry % 58))
                carry /= 58
            }
        }
        let zeros = bytes.prefix { $0 == 0 }.count
        return [UInt8](repeating: alphabet[0], count: zeros) + digits.reversed().map { alphabet[Int($0)] }
    }

    private static func base58Decode(_ characters: [UInt8]) throws(Failure) -> [UInt8] {
        var bytes: [UInt8] = []
        for character in characters {
            guard let digit = alphabet.firstIndex(of: character) else { throw .foreignCharacter }
            var carry = digit
            for index in bytes.indices {
                carry += Int(bytes[index]) * 58
                bytes[index] = UInt8(carry & 0xFF)
                carry >>= 8
            }
            while carry > 0 {
                bytes.append(UInt8(carry & 0xFF))
                carry >>= 8
            }
        }
        let zeros = characters.prefix { $0 == alphabet[0] }.count
        return [UInt8](repeating: 0, count: zeros) + bytes.reversed()
    }
}
