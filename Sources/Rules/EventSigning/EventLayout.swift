import CanonicalJSON
import Crypto
import MatrixIdentifiers
import UnpaddedBase64

/// A canonical PDU as bytes, written once, with gaps for the hash and the signature, whose lengths are known before.
///
/// The content hash covers the bytes without `hashes` and `signatures`; the reference hash and the signature cover
/// those without `signatures` and with the content's redacted form. So both are taken over ranges of one buffer.
struct EventLayout: Sendable {
    private(set) var bytes: [UInt8] = []
    private var content = 0..<0
    private var hashes = 0..<0
    private var hashValue = 0..<0
    private var signatures = 0..<0
    private var signatureValue = 0..<0
    /// The redacted content in canonical JSON; nil when redaction keeps all of it.
    private let redactedContent: [UInt8]?

    /// Base64 of a SHA-256 hash and of an Ed25519 signature.
    private static let hashLength = 43
    private static let signatureLength = 86

    /// - Parameters:
    ///   - roomID: nil to leave `room_id` out.
    ///   - signaturePrefix: the member `signatures`, comma first, up to the signature itself.
    init(_ template: EventTemplate, roomID: RoomID?, redactedContent: [UInt8]?, signaturePrefix: [UInt8]) {
        self.redactedContent = redactedContent
        bytes.reserveCapacity(template.contentBytes.count + 64 * (template.authEvents.count + 8) + 256)
        // Members stand in the order of their keys, as canonical JSON asks.
        write("{\"auth_events\":")
        write(template.authEvents)
        write(",\"content\":")
        content = bytes.count..<bytes.count + template.contentBytes.count
        bytes.append(contentsOf: template.contentBytes)
        write(",\"depth\":")
        write(template.depth)
        let hashesStart = bytes.count
        write(",\"hashes\":{\"sha256\":\"")
        hashValue = gap(Self.hashLength)
        write("\"}")
        hashes = hashesStart..<bytes.count
        write(",\"origin_server_ts\":")
        write(template.originServerTimestamp)
        write(",\"prev_events\":")
        write(template.prevEvents)
        if let roomID {
            write(",\"room_id\":")
            JSONString.write(roomID.string, to: &bytes)
        }
        write(",\"sender\":")
        JSONString.write(template.sender.string, to: &bytes)
        let signaturesStart = bytes.count
        bytes.append(contentsOf: signaturePrefix)
        signatureValue = gap(Self.signatureLength)
        write("\"}}")
        signatures = signaturesStart..<bytes.count
        if let stateKey = template.stateKey {
            write(",\"state_key\":")
            JSONString.write(stateKey, to: &bytes)
        }
        write(",\"type\":")
        JSONString.write(template.type, to: &bytes)
        write("}")
    }

    /// Fills `hashes` and answers the event's ID.
    mutating func fillHashes() -> EventID {
        var contentHash = SHA256()
        bytes.withUnsafeBytes { buffer in
            contentHash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<hashes.lowerBound]))
            contentHash.update(
                bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[hashes.upperBound..<signatures.lowerBound]))
            contentHash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[signatures.upperBound...]))
        }
        fill(hashValue, with: contentHash.finalize().withUnsafeBytes { Array($0) })

        var referenceHash = SHA256()
        forEachEssentialPart { referenceHash.update(bufferPointer: $0) }
        return EventHash.eventID(referenceHash: referenceHash.finalize().withUnsafeBytes { Array($0) })
    }

    /// What the signature covers: the redacted event, hashes included.
    var essentialBytes: [UInt8] {
        var essential: [UInt8] = []
        essential.reserveCapacity(bytes.count)
        forEachEssentialPart { essential.append(contentsOf: $0) }
        return essential
    }

    /// The whole PDU.
    func bytes(signature: [UInt8]) -> [UInt8] {
        var copy = self
        copy.fill(signatureValue, with: signature)
        return copy.bytes
    }

    private func forEachEssentialPart(_ body: (UnsafeRawBufferPointer) -> Void) {
        bytes.withUnsafeBytes { buffer in
            if let redactedContent {
                body(UnsafeRawBufferPointer(rebasing: buffer[..<content.lowerBound]))
                redactedContent.withUnsafeBytes(body)
                body(UnsafeRawBufferPointer(rebasing: buffer[content.upperBound..<signatures.lowerBound]))
            } else {
                body(UnsafeRawBufferPointer(rebasing: buffer[..<signatures.lowerBound]))
            }
            body(UnsafeRawBufferPointer(rebasing: buffer[signatures.upperBound...]))
        }
    }

    // MARK: Writing

    private mutating func write(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func write(_ number: Int64) { bytes.append(contentsOf: String(number).utf8) }

    private mutating func write(_ eventIDs: [EventID]) {
        write("[")
        for (index, eventID) in eventIDs.enumerated() {
            if index > 0 { write(",") }
            JSONString.write(eventID.string, to: &bytes)
        }
        write("]")
    }

    private mutating func gap(_ length: Int) -> Range<Int> {
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: length))
        return start..<bytes.count
    }

    private mutating func fill(_ range: Range<Int>, with value: [UInt8]) {
        let text = UnpaddedBase64.encode(value)
        precondition(text.utf8.count == range.count, "the gap has the length of what it is for")
        var position = range.lowerBound
        for byte in text.utf8 {
            bytes[position] = byte
            position += 1
        }
    }
}
