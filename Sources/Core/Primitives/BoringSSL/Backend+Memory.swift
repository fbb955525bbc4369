import CCryptoBoringSSL

/// Overwrites a secret with zeros and empties the array.
///
/// Copies are not found: an array that is shared is parted from the others first, and they keep what they hold.
public func wipe(_ bytes: inout [UInt8]) {
    bytes.withUnsafeMutableBytes { buffer in
        guard let start = buffer.baseAddress, buffer.count > 0 else { return }
        // By a function that the compiler may not leave out for want of readers.
        CCryptoBoringSSL_OPENSSL_cleanse(start, buffer.count)
    }
    bytes = []
}
