import Primitives

/// R(i): four secrets, of which the last changes with each message and the others more and more rarely.
///
/// https://spec.matrix.org/v1.19/olm-megolm/megolm/#the-megolm-ratchet-algorithm
struct MegolmRatchet: Sendable {
    /// i
    var index: UInt32
    /// R(i,0) to R(i,3), 32 bytes each: ``byteCount`` in all.
    var secret: SecretBytes

    static let byteCount = 128
    private static let partBytes = 32

    /// The ratchet of the next message. At the greatest index there is none: the caller looks.
    mutating func advance() {
        var parts = secret.bytes
        index += 1
        // Which part this step begins from: R(i,0) each 2²⁴ messages, R(i,3) each message.
        var first = 0
        var mask: UInt32 = 0x00FF_FFFF
        while first < 3, index & mask != 0 {
            first += 1
            mask >>= 8
        }
        Self.reseed(&parts, from: first)
        secret = SecretBytes(parts)
    }

    /// The ratchet of a later message, in at most 4 × 255 hashes and a few.
    ///
    /// - Parameter target: at least ``index``.
    mutating func advance(to target: UInt32) {
        precondition(target >= index, "a ratchet turns forwards only")
        guard target != index else { return }
        var parts = secret.bytes
        for part in 0..<4 {
            let shift = UInt32(24 - 8 * part)
            let steps = (target >> shift) - (index >> shift)
            guard steps > 0 else { continue }
            // What the parts below were on the way does not matter: the last step makes them anew.
            for _ in 1..<steps { Self.hash(&parts, from: part, to: part) }
            Self.reseed(&parts, from: part)
            index = (target >> shift) << shift
        }
        secret = SecretBytes(parts)
    }

    /// Makes the parts from `first` on anew, each from `first`.
    private static func reseed(_ parts: inout [UInt8], from first: Int) {
        for part in (first..<4).reversed() { hash(&parts, from: first, to: part) }
    }

    /// H(j): the code of one byte, j, by the part as a key.
    private static func hash(_ parts: inout [UInt8], from source: Int, to target: Int) {
        var key = Array(parts[source * partBytes..<(source + 1) * partBytes])
        var result = HMACSHA256.authenticate([UInt8(target)], key: key)
        parts.replaceSubrange(target * partBytes..<(target + 1) * partBytes, with: result)
        wipe(&key)
        wipe(&result)
    }
}
