/// What the primitives are made of in WebAssembly: BoringSSL's C, the files of it that swift-crypto carries.
///
/// The same names as in the folder `SwiftCrypto`, which native builds take instead; only `scripts/web-core` compiles
/// this one. BoringSSL is built without assembly: what is left is written to take the same time whatever the secrets are.
/// Lengths are checked by the callers.
enum Backend {
    /// An array of `count` bytes that `fill` writes, all of them.
    static func output(_ count: Int, _ fill: (UnsafeMutablePointer<UInt8>) -> Void) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            if let start = buffer.baseAddress { fill(start) }
            filled = count
        }
    }

    /// For functions that only fail when memory runs out or when they are called with what the callers have refused.
    static func require(_ result: Int32) {
        precondition(result == 1, "BoringSSL refused what its documentation says it takes")
    }
}
