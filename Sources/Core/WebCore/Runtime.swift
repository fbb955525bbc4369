/// What the Swift runtime and BoringSSL expect of the system below them, of which a browser has none.
///
/// Linking fails when something else is wanted, so that nothing is missing first when it is needed.

import Primitives

@_extern(wasm, module: "host", name: "random") @_extern(c)
private func hostRandom(_ start: UnsafeMutableRawPointer, _ count: Int32)

/// Milliseconds since 1970.
@_extern(wasm, module: "host", name: "now") @_extern(c)
private func hostNow() -> Double

enum Host {
    /// `crypto.getRandomValues`.
    static let random = RandomSource { count in
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            if let start = buffer.baseAddress { fillWithRandom(start, count) }
            filled = count
        }
    }

    /// Milliseconds since 1970, by the clock of the page.
    static func now() -> Int64 { Int64(hostNow()) }
}

private func fillWithRandom(_ start: UnsafeMutableRawPointer, _ count: Int) {
    var done = 0
    // Browsers give at most this much at once.
    while done < count {
        let next = min(count - done, 65_536)
        hostRandom(start + done, Int32(next))
        done += next
    }
}

/// Swift seeds its dictionaries with it, so that nobody can send keys that collide.
@c(arc4random_buf)
func seedDictionary(_ start: UnsafeMutableRawPointer, _ count: Int) { fillWithRandom(start, count) }

// MARK: Memory that is given back

@_extern(c, "malloc_usable_size")
private func usableSize(_ block: UnsafeMutableRawPointer) -> Int

@_extern(c, "__real_free")
private func free(_ block: UnsafeMutableRawPointer)

/// What every `free` becomes (`--wrap=free`): blocks are overwritten first, so that no copy of a secret that Swift made
/// on its way, and forgot, stays in memory.
@c(__wrap_free)
func overwriteAndFree(_ block: UnsafeMutableRawPointer?) {
    guard let block else { return }
    block.initializeMemory(as: UInt8.self, repeating: 0, count: usableSize(block))
    free(block)
}

@_extern(c, "CCryptoBoringSSL_OPENSSL_cleanse")
private func cleanse(_ start: UnsafeMutableRawPointer, _ count: Int)

/// Overwrites what a call left below the place on the stack that it was called from: C keeps parts of keys there.
///
/// Deeper than any primitive goes; a machine's calls go deeper, but not with keys in their hands.
@inline(never)
func overwriteStack() {
    var area = InlineArray<32_768, UInt8>(repeating: 0)
    withUnsafeMutableBytes(of: &area) { bytes in
        if let start = bytes.baseAddress { cleanse(start, bytes.count) }
    }
}

// MARK: BoringSSL's errors

// Its queue of error texts is left out: what failed is in the results.

@c(CCryptoBoringSSL_ERR_put_error)
func putError(_ library: Int32, _ unused: Int32, _ reason: Int32, _ file: UnsafePointer<CChar>?, _ line: UInt32) {}

@c(CCryptoBoringSSL_ERR_clear_error)
func clearError() {}
