import Crypto
import CryptoExtras

extension Backend {
    static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        Crypto.SHA256.hash(data: bytes).withUnsafeBytes { Array($0) }
    }

    static func sha512(_ bytes: [UInt8]) -> [UInt8] {
        Crypto.SHA512.hash(data: bytes).withUnsafeBytes { Array($0) }
    }

    struct SHA256State {
        private var hasher = Crypto.SHA256()

        mutating func update(_ bytes: [UInt8]) {
            hasher.update(data: bytes)
        }

        func finish() -> [UInt8] { hasher.finalize().withUnsafeBytes { Array($0) } }
    }

    static func hmacSHA256(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        hmac(Crypto.SHA256.self, message, key: key)
    }

    static func hmacSHA512(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        hmac(Crypto.SHA512.self, message, key: key)
    }

    /// RFC 2104 over the library's hash. Its own `HMAC` makes ten small objects on the way and takes three times as long,
    /// and ratchets do little else; docs/decisions/0013-primitives.md has the figures.
    private static func hmac<Hash: HashFunction>(_: Hash.Type, _ message: [UInt8], key: [UInt8]) -> [UInt8] {
        withUnsafeTemporaryAllocation(byteCount: Hash.blockByteCount, alignment: 1) { block in
            defer { zero(block) }
            block.initializeMemory(as: UInt8.self, repeating: 0)
            if key.count <= Hash.blockByteCount {
                block.copyBytes(from: key)
            } else {
                Hash.hash(data: key).withUnsafeBytes { block.copyBytes(from: $0) }
            }
            for index in block.indices { block[index] ^= 0x36 }
            var inner = Hash()
            inner.update(bufferPointer: UnsafeRawBufferPointer(block))
            message.withUnsafeBytes { inner.update(bufferPointer: $0) }
            for index in block.indices { block[index] ^= 0x36 ^ 0x5c }
            var outer = Hash()
            outer.update(bufferPointer: UnsafeRawBufferPointer(block))
            inner.finalize().withUnsafeBytes { outer.update(bufferPointer: $0) }
            return outer.finalize().withUnsafeBytes { Array($0) }
        }
    }

    /// RFC 5869 over that.
    static func hkdfSHA256(from secret: [UInt8], salt: [UInt8], info: [UInt8], count: Int) -> [UInt8] {
        // No salt is a salt of zeros, and HMAC fills up its key with zeros.
        var extracted = hmacSHA256(secret, key: salt)
        defer { wipe(&extracted) }
        var output: [UInt8] = []
        output.reserveCapacity(count + 31)
        var block: [UInt8] = []
        defer { wipe(&block) }
        var number: UInt8 = 0
        while output.count < count {
            number += 1
            block = hmacSHA256(block + info + [number], key: extracted)
            output += block
        }
        output.removeLast(output.count - count)
        return output
    }

    static func pbkdf2SHA512(password: [UInt8], salt: [UInt8], rounds: Int, count: Int) -> [UInt8] {
        do {
            // "Unchecked", because the specification and other clients say how many rounds there are.
            let key = try KDF.Insecure.PBKDF2.deriveKey(
                from: password, salt: salt, using: .sha512, outputByteCount: count, unsafeUncheckedRounds: rounds)
            return key.withUnsafeBytes { Array($0) }
        } catch {
            preconditionFailure("PBKDF2 takes any password and salt")
        }
    }
}
