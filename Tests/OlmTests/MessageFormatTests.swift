import Olm
import Primitives
import Testing

/// https://spec.matrix.org/v1.19/olm-megolm/olm/#the-olm-message-format
@Suite struct MessageFormatTests {
    @Test func normalMessage() throws {
        var pair = try Pair()
        var (alice, _) = try pair.established()
        let message = try alice.encrypt(Array("abc".utf8), random: pair.random)
        let bytes = message.bytes
        #expect(Array(bytes[..<3]) == [3, 0x0A, 32])
        #expect(Array(bytes[35..<39]) == [0x10, 0, 0x22, 16])
        #expect(bytes.count == 39 + 16 + 8)
        guard case .normal(let normal) = message else { return }
        #expect(normal.ratchetKey.bytes == Array(bytes[3..<35]))
        #expect(normal.chainIndex == 0)
        #expect(try OlmMessage(type: 1, body: message.body) == message)
    }

    @Test func preKeyMessage() throws {
        var pair = try Pair()
        let message = try pair.alice.encrypt(Array("abc".utf8), random: pair.random)
        let bytes = message.bytes
        #expect(Array(bytes[..<3]) == [3, 0x0A, 32])
        #expect(Array(bytes[35..<37]) == [0x12, 32])
        #expect(Array(bytes[69..<71]) == [0x1A, 32])
        #expect(Array(bytes[71..<103]) == pair.aliceAccount.identityKey.bytes)
        #expect(Array(bytes[103..<105]) == [0x22, 63])
        #expect(bytes.count == 105 + 63)
        guard case .preKey(let preKey) = message else { return }
        #expect(preKey.message.bytes == Array(bytes[105...]))
        #expect(preKey.sessionID == pair.alice.sessionID)
        #expect(try OlmMessage(type: 0, body: message.body) == message)
    }

    @Test func cutOffIsRefused() throws {
        var pair = try Pair()
        let preKey = try pair.alice.encrypt([1], random: pair.random).bytes
        for count in 0..<preKey.count {
            #expect(throws: OlmError.malformedMessage) { try OlmMessage(type: 0, bytes: Array(preKey.prefix(count))) }
        }
        #expect(throws: OlmError.malformedMessage) { try OlmMessage(type: 0, bytes: [2] + preKey.dropFirst()) }
        #expect(throws: OlmError.malformedMessage) { try OlmMessage(type: 0, body: "*") }
        for type in [-1, 2, .max] {
            #expect(throws: OlmError.unknownMessageType) { try OlmMessage(type: type, bytes: preKey) }
        }
    }
}
