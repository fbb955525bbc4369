/// Where secret bytes come from: chance is a parameter, so that a test can repeat a run from its seed.
public struct RandomSource: Sendable {
    private let fill: @Sendable (Int) -> [UInt8]

    /// - Parameter fill: returns as many bytes as it is asked for, unpredictable to everybody else.
    public init(_ fill: @escaping @Sendable (Int) -> [UInt8]) {
        self.fill = fill
    }

    /// `count` bytes that nobody can guess.
    public func bytes(_ count: Int) -> [UInt8] {
        let bytes = fill(count)
        precondition(bytes.count == count, "a source of chance that runs dry must not be used")
        return bytes
    }
}
