import Crypto
import CryptoExtras

extension Backend {
    static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        Array(Crypto.SHA256.hash(data: bytes))
    }

    static func sha512(_ bytes: [UInt8]) -> [UInt8] {
        Array(Crypto.SHA512.hash(data: bytes))
    }

    struct SHA256State {
        private var hasher = Crypto.SHA256()

        mutating func update(_ bytes: [UInt8]) {
            hasher.update(data: bytes)
        }

        func finish() -> [UInt8] { Array(hasher.finalize()) }
    }

    static func hmacSHA256(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        Array(HMAC<Crypto.SHA256>.authenticationCode(for: message, using: SymmetricKey(data: key)))
    }

    static func hmacSHA512(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        Array(HMAC<Crypto.SHA512>.authenticationCode(for: message, using: SymmetricKey(data: key)))
    }

    static func hkdfSHA256(from secret: [UInt8], salt: [UInt8], info: [UInt8], count: Int) -> [UInt8] {
        HKDF<Crypto.SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: secret), salt: salt, info: info, outputByteCount: count
        ).withUnsafeBytes { Array($0) }
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
