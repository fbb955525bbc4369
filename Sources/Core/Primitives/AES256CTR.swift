/// AES-256 in counter mode: encrypting and decrypting are the same. It hides and does not authenticate.
public enum AES256CTR {
    /// - Parameters:
    ///   - key: 32 bytes.
    ///   - counter: 16 bytes, the first block's; all of it counts, as one big-endian number.
    public static func apply(_ bytes: [UInt8], key: [UInt8], counter: [UInt8]) -> [UInt8] {
        precondition(key.count == 32 && counter.count == 16, "AES-256-CTR takes 32 bytes of key, 16 of counter")
        return bytes.isEmpty ? [] : Backend.aes256CTR(bytes, key: key, counter: counter)
    }
}

/// AES-256 in counter mode over something that comes in pieces of any length, as a file does.
public struct AES256CTRStream {
    private let key: SecretBytes
    /// The counter of the block that the next byte belongs to.
    private var counter: [UInt8]
    /// How many bytes of that block are used.
    private var used = 0

    /// - Parameters:
    ///   - key: 32 bytes.
    ///   - counter: 16 bytes, the first block's.
    public init(key: [UInt8], counter: [UInt8]) {
        precondition(key.count == 32 && counter.count == 16, "AES-256-CTR takes 32 bytes of key, 16 of counter")
        self.key = SecretBytes(key)
        self.counter = counter
    }

    /// The next piece, encrypted or decrypted.
    public mutating func apply(_ bytes: [UInt8]) -> [UInt8] {
        guard !bytes.isEmpty else { return [] }
        // The bytes of the block that are used already are stood in for, and what they become is dropped.
        let padded = used == 0 ? bytes : [UInt8](repeating: 0, count: used) + bytes
        let result = AES256CTR.apply(padded, key: key.bytes, counter: counter)
        let output = used == 0 ? result : Array(result[used...])
        advance(by: padded.count / 16)
        used = padded.count % 16
        return output
    }

    private mutating func advance(by blocks: Int) {
        var carry = UInt64(blocks)
        for index in counter.indices.reversed() where carry > 0 {
            carry += UInt64(counter[index])
            counter[index] = UInt8(truncatingIfNeeded: carry)
            carry >>= 8
        }
    }
}
