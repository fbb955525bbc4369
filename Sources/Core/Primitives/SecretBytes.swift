/// Bytes that are overwritten when nobody holds them any more.
///
/// A class, because only the last reference may wipe. What ``bytes`` returns is the reader's own; while it lives it
/// shares the storage, which then is not overwritten, so readers keep it no longer than an expression.
public final class SecretBytes: Sendable {
    // Changed in deinit only, when nobody else can look.
    nonisolated(unsafe) private var storage: [UInt8]

    public init(_ bytes: [UInt8]) {
        storage = bytes
    }

    public var bytes: [UInt8] { storage }

    deinit {
        wipe(&storage)
    }
}
