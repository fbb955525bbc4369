/// https://www.rfc-editor.org/rfc/rfc5869
public enum HKDFSHA256 {
    /// Extracts and expands.
    ///
    /// - Parameters:
    ///   - salt: empty for the default salt, 32 zeros.
    ///   - count: bytes wanted, at most 255 × 32.
    public static func derive(from secret: [UInt8], salt: [UInt8], info: [UInt8], count: Int) -> [UInt8] {
        precondition((1...255 * 32).contains(count), "HKDF makes 1 to 8,160 bytes")
        return Backend.hkdfSHA256(from: secret, salt: salt, info: info, count: count)
    }
}

/// PBKDF2 with HMAC-SHA-512: what a passphrase is turned into a key by.
///
/// https://www.rfc-editor.org/rfc/rfc8018#section-5.2
public enum PBKDF2SHA512 {
    /// - Parameters:
    ///   - rounds: at least 1. It takes about a microsecond each: whoever takes the number from a stranger bounds it.
    ///   - count: bytes wanted.
    public static func derive(password: [UInt8], salt: [UInt8], rounds: Int, count: Int) -> [UInt8] {
        // Not a range up to `UInt32.max`: in WebAssembly an `Int` is smaller than that.
        precondition(rounds > 0 && UInt32(exactly: rounds) != nil && count > 0, "PBKDF2 needs rounds and bytes")
        return Backend.pbkdf2SHA512(password: password, salt: salt, rounds: rounds, count: count)
    }
}
