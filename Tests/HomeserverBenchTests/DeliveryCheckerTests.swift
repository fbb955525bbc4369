import HomeserverBench
import Testing

@Suite struct DeliveryCheckerTests {
    private let sent = [SentMessages(count: 130), SentMessages(count: 2)]

    private func checkerWithEverything(but missing: [Int] = []) -> DeliveryChecker {
        var checker = DeliveryChecker(senderCount: 2)
        for sequence in 0..<130 where !missing.contains(sequence) {
            #expect(checker.record(sender: 0, sequence: sequence) == .first)
        }
        _ = checker.record(sender: 1, sequence: 0)
        _ = checker.record(sender: 1, sequence: 1)
        return checker
    }

    @Test func everythingOnceIsComplete() {
        let checker = checkerWithEverything()
        #expect(checker.isComplete(for: sent))
        #expect(checker.missingCount(of: sent) == 0)
        #expect(checker.twiceCount == 0)
        #expect(checker.distinctCount == 132)
    }

    @Test func anyOrderWillDo() {
        var checker = DeliveryChecker(senderCount: 1)
        for sequence in [200, 3, 64, 0] { #expect(checker.record(sender: 0, sequence: sequence) == .first) }
        #expect(checker.isDelivered(sender: 0, sequence: 64))
        #expect(!checker.isDelivered(sender: 0, sequence: 63))
        #expect(!checker.isDelivered(sender: 0, sequence: 100_000))
    }

    @Test(arguments: [[0], [63], [64], [129], [0, 64, 129]])
    func whatIsMissingIsCounted(missing: [Int]) {
        let checker = checkerWithEverything(but: missing)
        #expect(checker.missingCount(of: sent) == missing.count)
        #expect(!checker.isComplete(for: sent))
    }

    @Test func whatComesTwiceIsCounted() {
        var checker = checkerWithEverything()
        #expect(checker.record(sender: 0, sequence: 64) == .again)
        #expect(checker.record(sender: 0, sequence: 64) == .again)
        #expect(checker.twiceCount == 2)
        #expect(checker.distinctCount == 132)
    }

    @Test func aRepetitionDoesNotMakeUpForAGap() {
        var checker = checkerWithEverything(but: [5])
        _ = checker.record(sender: 0, sequence: 6)
        #expect(!checker.isComplete(for: sent))
        #expect(checker.missingCount(of: sent) == 1)
    }

    @Test func whatWasNotAcknowledgedMayBeMissingOrNot() {
        let uncertain = [SentMessages(count: 130, unacknowledged: [7]), SentMessages(count: 2)]
        #expect(checkerWithEverything(but: [7]).isComplete(for: uncertain))
        #expect(checkerWithEverything().isComplete(for: uncertain))
        #expect(!checkerWithEverything(but: [8]).isComplete(for: uncertain))
    }

    @Test func foreignNumbersAreCountedAndTakeNoMemory() {
        var checker = DeliveryChecker(senderCount: 1)
        #expect(checker.record(sender: 1, sequence: 0) == .foreign)
        #expect(checker.record(sender: -1, sequence: 0) == .foreign)
        #expect(checker.record(sender: 0, sequence: -1) == .foreign)
        #expect(checker.record(sender: 0, sequence: .max) == .foreign)
        #expect(checker.foreignCount == 4)
    }
}
