import Megolm
import Testing

@Suite struct ComparingTests {
    private func sessions(_ seed: UInt64) throws -> (early: InboundGroupSession, late: InboundGroupSession) {
        var sender = OutboundGroupSession(random: seeded(seed))
        let early = InboundGroupSession(sender.sessionKey)
        for _ in 0..<5 { _ = try sender.encrypt([]) }
        return (early, InboundGroupSession(sender.sessionKey))
    }

    @Test func whoReadsMore() throws {
        let (early, late) = try sessions(1)
        #expect(early.relation(to: early) == .equal)
        #expect(early.relation(to: late) == .better)
        #expect(late.relation(to: early) == .worse)
        #expect(early.relation(to: try sessions(2).early) == .unconnected)
    }

    @Test func madeUpUnderTheSameName() throws {
        let (early, late) = try sessions(1)
        let key = Array(early.export().bytes[133...])
        for index: UInt32 in [0, 1, 5, 6, 1_000_000, .max] {
            let forged = InboundGroupSession(try export(at: index, signingKey: key))
            #expect(forged.relation(to: early) == .unconnected)
            #expect(late.relation(to: forged) == .unconnected)
            #expect(late.merged(with: forged) == nil)
        }
    }

    @Test func mergedKnowsWhatBothKnow() throws {
        let (early, late) = try sessions(1)
        let passedOn = InboundGroupSession(early.export())
        let merged = try #require(late.merged(with: passedOn))
        #expect(merged.firstKnownIndex == 0)
        #expect(merged.isSignedByOwner)
        let other = try #require(passedOn.merged(with: late))
        #expect(other.pickle() == merged.pickle())
        #expect(passedOn.merged(with: passedOn)?.isSignedByOwner == false)
    }
}
