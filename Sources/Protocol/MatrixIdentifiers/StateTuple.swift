/// What a state event is known by in its room: its type and its state key, compared by their bytes.
public struct StateTuple: Hashable, Sendable {
    public let type: ByteExactString
    public let stateKey: ByteExactString

    public init(_ type: String, _ stateKey: String = "") {
        self.type = ByteExactString(type)
        self.stateKey = ByteExactString(stateKey)
    }
}
