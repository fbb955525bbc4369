import CanonicalJSON

/// What goes into one transaction: collects until there is enough.
///
/// https://spec.matrix.org/v1.19/application-service-api/#put_matrixappv1transactionstxnid
package struct TransactionBatch: Sendable, Equatable {
    package static let maximumEvents = 100
    package static let maximumEphemeral = 100
    package static let maximumByteCount = 1_000_000

    private var events: [[UInt8]] = []
    private var ephemeral: [[UInt8]] = []
    private var byteCount = 0

    package init() {}

    package var isEmpty: Bool { events.isEmpty && ephemeral.isEmpty }
    package var hasEvents: Bool { !events.isEmpty }

    /// - Parameter event: JSON as bytes.
    /// - Returns: false when it does not go in any more; into an empty one, everything goes.
    package mutating func add(event: [UInt8]) -> Bool {
        let hasRoom = events.count < Self.maximumEvents && byteCount + event.count <= Self.maximumByteCount
        guard hasRoom || isEmpty else { return false }
        events.append(event)
        byteCount += event.count
        return true
    }

    /// As ``add(event:)``, for what is true only now.
    package mutating func add(ephemeral event: JSONObject) -> Bool {
        let event = event.bytes()
        let hasRoom = ephemeral.count < Self.maximumEphemeral && byteCount + event.count <= Self.maximumByteCount
        guard hasRoom || isEmpty else { return false }
        ephemeral.append(event)
        byteCount += event.count
        return true
    }

    /// The body of the request.
    package var body: [UInt8] {
        var body: [UInt8] = []
        body.reserveCapacity(byteCount + events.count + ephemeral.count + 40)
        body.append(contentsOf: "{\"events\":[".utf8)
        Self.write(events, to: &body)
        if !ephemeral.isEmpty {
            body.append(contentsOf: "],\"ephemeral\":[".utf8)
            Self.write(ephemeral, to: &body)
        }
        body.append(contentsOf: "]}".utf8)
        return body
    }

    private static func write(_ elements: [[UInt8]], to output: inout [UInt8]) {
        for (index, element) in elements.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            output.append(contentsOf: element)
        }
    }
}
