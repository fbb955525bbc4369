/// https://www.rfc-editor.org/rfc/rfc2104
public enum HMACSHA256 {
    /// 32 bytes. Compare them with ``constantTimeEqual(_:_:)``.
    public static func authenticate(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        Backend.hmacSHA256(message, key: key)
    }
}

/// https://www.rfc-editor.org/rfc/rfc2104
public enum HMACSHA512 {
    /// 64 bytes. Compare them with ``constantTimeEqual(_:_:)``.
    public static func authenticate(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        Backend.hmacSHA512(message, key: key)
    }
}
