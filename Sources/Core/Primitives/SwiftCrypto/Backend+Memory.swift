import Crypto

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Overwrites a secret with zeros and empties the array.
///
/// Copies are not found: an array that is shared is parted from the others first, and they keep what they hold.
public func wipe(_ bytes: inout [UInt8]) {
    bytes.withUnsafeMutableBytes { buffer in
        guard let start = buffer.baseAddress, buffer.count > 0 else { return }
        // Functions that the compiler may not leave out for want of readers.
        #if canImport(Darwin)
            _ = memset_s(start, buffer.count, 0, buffer.count)
        #else
            explicit_bzero(start, buffer.count)
        #endif
    }
    bytes = []
}

extension RandomSource {
    /// The operating system's.
    public static var system: RandomSource {
        RandomSource { count in
            guard count > 0 else { return [] }
            return SymmetricKey(size: SymmetricKeySize(bitCount: count * 8)).withUnsafeBytes { Array($0) }
        }
    }
}
