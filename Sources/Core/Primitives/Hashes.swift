/// https://www.rfc-editor.org/rfc/rfc6234
public enum SHA256 {
    /// 32 bytes.
    public static func hash(_ bytes: [UInt8]) -> [UInt8] { Backend.sha256(bytes) }
}

/// https://www.rfc-editor.org/rfc/rfc6234
public enum SHA512 {
    /// 64 bytes.
    public static func hash(_ bytes: [UInt8]) -> [UInt8] { Backend.sha512(bytes) }
}

/// SHA-256 of something that comes in pieces, as a file does.
public struct SHA256Hasher {
    private var state = Backend.SHA256State()

    public init() {}

    public mutating func update(_ bytes: [UInt8]) {
        state.update(bytes)
    }

    /// The hash of all pieces until now: 32 bytes. More may follow.
    public func finish() -> [UInt8] { state.finish() }
}
