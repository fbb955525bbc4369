import CArgon2

/// Argon2id with the parameters that OWASP recommends: 19 MiB, two passes, one lane.
///
/// https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#argon2id
package enum PasswordHash {
    private static let passes: UInt32 = 2
    private static let memoryKibibytes: UInt32 = 19 * 1024
    private static let hashBytes = 32
    static let saltBytes = 16

    /// Answers the encoded form `$argon2id$v=19$m=…`, which holds salt and parameters. Takes about 40 ms.
    package static func make(_ password: String, salt: [UInt8]) -> String? {
        let capacity = argon2_encodedlen(passes, memoryKibibytes, 1, UInt32(salt.count), UInt32(hashBytes), Argon2_id)
        let bytes = Array(password.utf8)
        var encoded = [CChar](repeating: 0, count: capacity)
        let code = argon2id_hash_encoded(
            passes, memoryKibibytes, 1, bytes, bytes.count, salt, salt.count, hashBytes, &encoded, capacity)
        guard code == ARGON2_OK.rawValue else { return nil }
        return String(decoding: encoded.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Whether `password` made the encoded `hash`; compared in constant time.
    package static func matches(_ password: String, hash: String) -> Bool {
        let bytes = Array(password.utf8)
        return argon2id_verify(hash, bytes, bytes.count) == ARGON2_OK.rawValue
    }
}
