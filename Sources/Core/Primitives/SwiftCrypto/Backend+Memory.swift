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
    bytes.withUnsafeMutableBytes(Backend.zero)
    bytes = []
}

extension Backend {
    /// By a function that the compiler may not leave out for want of readers.
    static func zero(_ buffer: UnsafeMutableRawBufferPointer) {
        guard let start = buffer.baseAddress, buffer.count > 0 else { return }
        #if canImport(Darwin)
            _ = memset_s(start, buffer.count, 0, buffer.count)
        #else
            explicit_bzero(start, buffer.count)
        #endif
    }
}

extension RandomSource {
    /// The operating system's.
    public static var system: RandomSource {
        RandomSource { count in
            [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
                // The system gives 256 bytes at once.
                for begin in stride(from: 0, to: count, by: 256) {
                    let piece = UnsafeMutableRawBufferPointer(
                        rebasing: UnsafeMutableRawBufferPointer(buffer)[begin..<min(begin + 256, count)])
                    guard let start = piece.baseAddress else { continue }
                    precondition(getentropy(start, piece.count) == 0, "a system without chance must not be used")
                }
                filled = count
            }
        }
    }
}
