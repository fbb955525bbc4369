import Megolm
import Primitives
import Testing

@Suite struct GroupSessionTests {
    @Test func conversation() throws {
        var sender = OutboundGroupSession(random: seeded(1))
        var reader = InboundGroupSession(try SessionKey(base64: sender.sessionKey.base64))
        #expect(reader.sessionID == sender.sessionID)
        #expect(reader.isSignedByOwner)
        for number in 0..<300 as Range<UInt32> {
            #expect(sender.nextIndex == number)
            let message = try sender.encrypt(Array("안녕 \(number)".utf8))
            let decrypted = try reader.decrypt(MegolmMessage(base64: message.base64))
            #expect(decrypted.plaintext == Array("안녕 \(number)".utf8))
            #expect(decrypted.index == number)
        }
    }

    @Test func anyOrderAndAgain() throws {
        var sender = OutboundGroupSession(random: seeded(2))
        var reader = InboundGroupSession(sender.sessionKey)
        let messages = try (0..<20 as Range<UInt8>).map { try sender.encrypt([$0]) }
        for (number, message) in messages.enumerated().reversed() {
            #expect(try reader.decrypt(message).plaintext == [UInt8(number)])
        }
        // Whether it was seen before is the caller's to know, by the index.
        #expect(try reader.decrypt(messages[7]).index == 7)
    }

    @Test func whoComesLateReadsFromThereOn() throws {
        var sender = OutboundGroupSession(random: seeded(3))
        let early = try sender.encrypt([0])
        var reader = InboundGroupSession(sender.sessionKey)
        #expect(reader.firstKnownIndex == 1)
        #expect(throws: MegolmError.unknownMessageIndex(firstKnown: 1)) { try reader.decrypt(early) }
        #expect(try reader.decrypt(sender.encrypt([1])).plaintext == [1])
    }

    @Test func damageIsRefused() throws {
        var sender = OutboundGroupSession(random: seeded(4))
        var reader = InboundGroupSession(sender.sessionKey)
        let message = try sender.encrypt([1])
        for index in message.bytes.indices {
            var bytes = message.bytes
            bytes[index] ^= 1
            #expect(throws: MegolmError.self) { try reader.decrypt(MegolmMessage(bytes)) }
        }
        for count in 0..<message.bytes.count {
            #expect(throws: MegolmError.self) { try reader.decrypt(MegolmMessage(Array(message.bytes.prefix(count)))) }
        }
        #expect(throws: MegolmError.malformedMessage) { try MegolmMessage(base64: "?") }
        #expect(try reader.decrypt(message).plaintext == [1])
    }

    @Test func anothersMessagesAreRefused() throws {
        var sender = OutboundGroupSession(random: seeded(5))
        var reader = InboundGroupSession(sender.sessionKey)
        var other = OutboundGroupSession(random: seeded(6))
        #expect(throws: MegolmError.invalidSignature) { try reader.decrypt(other.encrypt([1])) }
        // A made-up ratchet under the right name opens nothing.
        var forged = InboundGroupSession(
            try export(at: 0, signingKey: Array(sender.sessionKey.bytes[133..<165])))
        #expect(forged.sessionID == sender.sessionID)
        #expect(throws: MegolmError.authenticationFailed) { try forged.decrypt(sender.encrypt([1])) }
    }

    @Test func sessionKeysAreSigned() throws {
        let key = OutboundGroupSession(random: seeded(7)).sessionKey
        let bytes = key.bytes
        #expect(bytes.count == 229)
        #expect(try SessionKey(bytes).sessionID == key.sessionID)
        for index in bytes.indices {
            var damaged = bytes
            damaged[index] ^= 1
            #expect(throws: MegolmError.self) { try SessionKey(damaged) }
        }
        for count in 0..<bytes.count {
            #expect(throws: MegolmError.malformedSessionKey) { try SessionKey(Array(bytes.prefix(count))) }
        }
        #expect(throws: MegolmError.malformedSessionKey) { try SessionKey(bytes + [0]) }
        #expect(throws: MegolmError.malformedSessionKey) { try SessionKey(base64: " ") }
    }

    @Test func exportsAreReadAgain() throws {
        var sender = OutboundGroupSession(random: seeded(8))
        let reader = InboundGroupSession(sender.sessionKey)
        let messages = try (0..<600).map { _ in try sender.encrypt([9]) }
        let export = try #require(reader.export(at: 300))
        #expect(export.bytes.count == 165)
        var other = InboundGroupSession(try ExportedSessionKey(base64: export.base64))
        #expect(!other.isSignedByOwner)
        #expect(other.sessionID == sender.sessionID && export.sessionID == sender.sessionID)
        #expect(other.firstKnownIndex == 300)
        #expect(throws: MegolmError.unknownMessageIndex(firstKnown: 300)) { try other.decrypt(messages[299]) }
        for index in [300, 301, 511, 512, 599] { #expect(try other.decrypt(messages[index]).index == index) }
        #expect(other.export(at: 299) == nil)
        #expect(other.export().bytes == export.bytes)
        for count in 0..<165 {
            #expect(throws: MegolmError.malformedSessionKey) {
                try ExportedSessionKey(Array(export.bytes.prefix(count)))
            }
        }
        #expect(throws: MegolmError.malformedSessionKey) { try ExportedSessionKey(export.bytes + [0]) }
        #expect(throws: MegolmError.malformedSessionKey) { try ExportedSessionKey(base64: "=") }
        #expect(throws: MegolmError.malformedSessionKey) { try SessionKey(export.bytes) }
    }

    @Test func aSessionEndsBeforeItsCounterDoes() throws {
        var pickle = OutboundGroupSession(random: seeded(9)).pickle()
        pickle.replaceSubrange(33..<37, with: [0xff, 0xff, 0xff, 0xfe])
        var sender = try OutboundGroupSession(pickle: pickle)
        var reader = InboundGroupSession(sender.sessionKey)
        #expect(try reader.decrypt(sender.encrypt([1])).index == .max - 1)
        #expect(throws: MegolmError.exhausted) { try sender.encrypt([2]) }
        #expect(reader.export(at: .max) != nil)
    }

    @Test func picklesAreTheSession() throws {
        var sender = OutboundGroupSession(random: seeded(10))
        _ = try sender.encrypt([])
        let reader = InboundGroupSession(sender.sessionKey)
        var senderAgain = try OutboundGroupSession(pickle: sender.pickle())
        var readerAgain = try InboundGroupSession(pickle: reader.pickle())
        #expect(senderAgain.pickle() == sender.pickle())
        #expect(readerAgain.pickle() == reader.pickle())
        #expect(readerAgain.isSignedByOwner)
        #expect(try readerAgain.decrypt(senderAgain.encrypt([3])).index == 1)
        for count in 0..<sender.pickle().count {
            #expect(throws: MegolmError.malformedPickle) {
                try OutboundGroupSession(pickle: Array(sender.pickle().prefix(count)))
            }
        }
        for count in 0..<reader.pickle().count {
            #expect(throws: MegolmError.malformedPickle) {
                try InboundGroupSession(pickle: Array(reader.pickle().prefix(count)))
            }
        }
        #expect(throws: MegolmError.malformedPickle) { try InboundGroupSession(pickle: reader.pickle() + [0]) }
        #expect(throws: MegolmError.malformedPickle) { try OutboundGroupSession(pickle: sender.pickle() + [0]) }
    }
}
