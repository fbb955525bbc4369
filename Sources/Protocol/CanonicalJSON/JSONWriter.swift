/// Writes large JSON answers piece by piece, without a tree; commas are put where they belong.
///
/// The caller keeps objects and arrays balanced.
public struct JSONWriter: Sendable {
    public private(set) var bytes: [UInt8] = []

    public init(reservingCapacity capacity: Int = 256) { bytes.reserveCapacity(capacity) }

    private mutating func separate() {
        switch bytes.last {
        case nil, UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: ":"): break
        default: bytes.append(UInt8(ascii: ","))
        }
    }

    public mutating func key(_ key: String) {
        separate()
        JSONString.write(key, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
    }

    public mutating func object<Failure: Error>(_ body: (inout JSONWriter) throws(Failure) -> Void) throws(Failure) {
        separate()
        bytes.append(UInt8(ascii: "{"))
        try body(&self)
        bytes.append(UInt8(ascii: "}"))
    }

    public mutating func array<Failure: Error>(_ body: (inout JSONWriter) throws(Failure) -> Void) throws(Failure) {
        separate()
        bytes.append(UInt8(ascii: "["))
        try body(&self)
        bytes.append(UInt8(ascii: "]"))
    }

    public mutating func object<Failure: Error>(_ key: String, _ body: (inout JSONWriter) throws(Failure) -> Void)
        throws(Failure)
    {
        self.key(key)
        try object(body)
    }

    public mutating func array<Failure: Error>(_ key: String, _ body: (inout JSONWriter) throws(Failure) -> Void)
        throws(Failure)
    {
        self.key(key)
        try array(body)
    }

    public mutating func value(_ value: JSONValue) {
        separate()
        value.write(to: &bytes)
    }

    public mutating func member(_ key: String, _ value: JSONValue) {
        self.key(key)
        value.write(to: &bytes)
    }

    /// Appends one value that is JSON already.
    public mutating func raw(_ append: (inout [UInt8]) -> Void) {
        separate()
        append(&bytes)
    }
}
