/// What one sender has sent in the end.
package struct SentMessages: Sendable, Equatable {
    /// Messages that were tried: sequences 0 ..< `count`.
    package var count = 0
    /// Those of them whose sending was never acknowledged: they may arrive or not.
    package var unacknowledged: Set<Int> = []

    package init(count: Int = 0, unacknowledged: Set<Int> = []) {
        self.count = count
        self.unacknowledged = unacknowledged
    }

    package var acknowledgedCount: Int { count - unacknowledged.count }
}

/// One member's account of the messages that reached it: each must come once, and all of them must come.
package struct DeliveryChecker: Sendable, Equatable {
    package enum Verdict: Equatable {
        case first
        /// The message has been delivered to this member before.
        case again
        /// No sender has this number.
        case foreign
    }

    /// One bit a sequence, by sender.
    private var seen: [[UInt64]]
    package private(set) var distinctCount = 0
    package private(set) var twiceCount = 0
    package private(set) var foreignCount = 0

    package init(senderCount: Int) { seen = Array(repeating: [], count: senderCount) }

    package mutating func record(sender: Int, sequence: Int) -> Verdict {
        guard seen.indices.contains(sender), sequence >= 0, sequence < Self.largestSequence else {
            foreignCount += 1
            return .foreign
        }
        let word = sequence / 64
        if word >= seen[sender].count {
            seen[sender].append(contentsOf: repeatElement(0, count: word + 1 - seen[sender].count))
        }
        let bit: UInt64 = 1 << UInt64(sequence % 64)
        guard seen[sender][word] & bit == 0 else {
            twiceCount += 1
            return .again
        }
        seen[sender][word] |= bit
        distinctCount += 1
        return .first
    }

    /// How many acknowledged messages have not been delivered.
    package func missingCount(of sent: [SentMessages]) -> Int {
        var missing = 0
        for (sender, messages) in sent.enumerated() {
            for sequence in 0..<messages.count
            where !isDelivered(sender: sender, sequence: sequence) && !messages.unacknowledged.contains(sequence) {
                missing += 1
            }
        }
        return missing
    }

    /// Whether every acknowledged message has been delivered.
    package func isComplete(for sent: [SentMessages]) -> Bool {
        let acknowledged = sent.reduce(0) { $0 + $1.acknowledgedCount }
        return distinctCount >= acknowledged && missingCount(of: sent) == 0
    }

    package func isDelivered(sender: Int, sequence: Int) -> Bool {
        let word = sequence / 64
        guard seen.indices.contains(sender), word < seen[sender].count else { return false }
        return seen[sender][word] & (1 << UInt64(sequence % 64)) != 0
    }

    /// Bounds the memory that a wrong number in a message could claim (2 MB).
    private static let largestSequence = 1 << 24
}
