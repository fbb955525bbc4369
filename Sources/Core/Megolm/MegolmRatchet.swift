import Primitives

/// R(i): four secrets, of which the last changes with each message and the others more and more rarely.
///
/// https://spec.matrix.org/v1.19/olm-megolm/megolm/#the-megolm-ratchet-algorithm
struct MegolmRatchet: Sendable {
    /// i
    private(set) var index: UInt32
    /// R(i,0) to R(i,3), 32 bytes each.
    private var parts: [SecretBytes]

    static let byteCount = 128

    /// - Parameter secret: ``byteCount`` bytes, R(i,0) first.
    init(index: UInt32, secret: [UInt8]) {
        precondition(secret.count == Self.byteCount, "a ratchet has four parts")
        self.index = index
        parts = (0..<4).map { SecretBytes(Array(secret[32 * $0..<32 * $0 + 32])) }
    }

    /// R(i), all four parts.
    var secret: SecretBytes {
        var secret: [UInt8] = []
        secret.reserveCapacity(Self.byteCount)
        for part in parts { secret += part.bytes }
        return SecretBytes(secret)
    }

    /// The ratchet of the next message. At the greatest index there is none: the caller looks.
    mutating func advance() {
        index += 1
        // Which part this step begins from: R(i,0) each 2²⁴ messages, R(i,3) each message.
        var first = 0
        var mask: UInt32 = 0x00FF_FFFF
        while first < 3, index & mask != 0 {
            first += 1
            mask >>= 8
        }
        reseed(from: first)
    }

    /// The ratchet of a later message, in at most 4 × 255 hashes and a few.
    ///
    /// - Parameter target: at least ``index``.
    mutating func advance(to target: UInt32) {
        precondition(target >= index, "a ratchet turns forwards only")
        for part in 0..<4 {
            let shift = UInt32(24 - 8 * part)
            let steps = (target >> shift) - (index >> shift)
            guard steps > 0 else { continue }
            // What the parts below were on the way does not matter: the last step makes them anew.
            for _ in 1..<steps { hash(from: part, to: part) }
            reseed(from: part)
            index = (target >> shift) << shift
        }
    }

    /// Makes the parts from `first` on anew, each from `first`.
    private mutating func reseed(from first: Int) {
        for part in (first..<4).reversed() { hash(from: first, to: part) }
    }

    /// H(j): the code of one byte, j, by the part as a key.
    private mutating func hash(from source: Int, to target: Int) {
        parts[target] = SecretBytes(HMACSHA256.authenticate(Self.numbers[target], key: parts[source].bytes))
    }

    private static let numbers: [[UInt8]] = [[0], [1], [2], [3]]
}
