/// What a benchmark message says of itself in its text, so that whoever receives it knows which one it is and how long
/// it was on its way without any table shared between event loops.
package struct MessageMark: Sendable, Equatable {
    /// Tells this run's messages from any others.
    package let run: String
    package let sender: Int
    /// Counts the sender's messages from 0.
    package let sequence: Int
    /// When the request was written, on this process's monotonic clock.
    package let sentNanoseconds: UInt64

    /// `naru-bench/<run>/<sender>/<sequence>/<nanoseconds>/`, always of the same length for one run.
    package var text: String {
        "naru-bench/\(run)/\(padded(sender, to: 6))/\(padded(sequence, to: 10))/\(padded(sentNanoseconds, to: 20))/"
    }

    package init(run: String, sender: Int, sequence: Int, sentNanoseconds: UInt64) {
        self.run = run
        self.sender = sender
        self.sequence = sequence
        self.sentNanoseconds = sentNanoseconds
    }

    /// The mark at the beginning of a message's text, or nil when the message is not of a benchmark.
    package init?(text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0].elementsEqual("naru-bench".utf8),
            let sender = decimal(parts[2]), let sequence = decimal(parts[3]), let nanoseconds = decimal(parts[4])
        else { return nil }
        self.init(
            run: String(decoding: parts[1], as: UTF8.self), sender: Int(sender), sequence: Int(sequence),
            sentNanoseconds: nanoseconds)
    }
}

private func padded(_ number: some BinaryInteger, to width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
}

private func decimal(_ digits: Substring.UTF8View) -> UInt64? {
    var value: UInt64 = 0
    guard !digits.isEmpty, digits.count <= 20 else { return nil }
    for digit in digits {
        guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
        let (product, overflowed) = value.multipliedReportingOverflow(by: 10)
        let (sum, carried) = product.addingReportingOverflow(UInt64(digit - UInt8(ascii: "0")))
        guard !overflowed, !carried, sum <= UInt64(Int64.max) else { return nil }
        value = sum
    }
    return value
}
