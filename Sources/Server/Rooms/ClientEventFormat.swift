import CanonicalJSON
import HomeserverStore
import MatrixEvents
import MatrixIdentifiers

/// How an event is written for one receiver.
///
/// https://spec.matrix.org/v1.19/client-server-api/#room-event-format
public struct ClientEventFormat: Sendable {
    /// `/sync` leaves `room_id` out, everything else has it.
    public let includesRoomID: Bool
    /// The receiver's device, which alone learns the transactions that it made.
    public let device: DeviceNumber?
    /// Milliseconds since 1970, for `unsigned.age`.
    public let now: Int64
    /// What is shown with the events.
    public private(set) var aggregations = Aggregations.none

    public init(includesRoomID: Bool, device: DeviceNumber?, now: Int64) {
        self.includesRoomID = includesRoomID
        self.device = device
        self.now = now
    }

    /// The same format with these aggregations.
    public func showing(_ aggregations: Aggregations) -> ClientEventFormat {
        var format = self
        format.aggregations = aggregations
        return format
    }

    /// - Parameter membership: the receiver's own at the time of the event.
    public func write(_ event: RoomEvent, membership: Membership? = nil, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "{"))
        output.append(contentsOf: event.clientMembers)
        if includesRoomID {
            output.append(contentsOf: ",\"room_id\":".utf8)
            JSONString.write(event.pdu.roomID.string, to: &output)
        }
        output.append(contentsOf: ",\"unsigned\":{\"age\":\(max(0, now - event.pdu.originServerTimestamp))".utf8)
        if event.hasAggregations, let aggregation = aggregations[event] { write(aggregation, to: &output) }
        if let membership { output.append(contentsOf: ",\"membership\":\"\(membership.rawValue)\"".utf8) }
        if let replaced = event.replaced {
            output.append(contentsOf: ",\"prev_content\":".utf8)
            JSONValue.object(replaced.content).write(to: &output)
            output.append(contentsOf: ",\"prev_sender\":".utf8)
            JSONString.write(replaced.sender.string, to: &output)
            output.append(contentsOf: ",\"replaces_state\":".utf8)
            JSONString.write(replaced.eventID.string, to: &output)
        }
        if let redaction = event.redactedBecause {
            output.append(contentsOf: ",\"redacted_because\":".utf8)
            ClientEventFormat(includesRoomID: includesRoomID, device: nil, now: now).write(redaction, to: &output)
        }
        if let transaction = event.transaction, transaction.device == device {
            output.append(contentsOf: ",\"transaction_id\":".utf8)
            JSONString.write(transaction.id, to: &output)
        }
        output.append(contentsOf: "}}".utf8)
    }

    public func bytes(_ event: RoomEvent, membership: Membership? = nil) -> [UInt8] {
        var output: [UInt8] = []
        write(event, membership: membership, to: &output)
        return output
    }
}

/// The few members of a state event that may be shown to somebody who is not in the room.
///
/// https://spec.matrix.org/v1.19/client-server-api/#stripped-state
public enum StrippedState {
    public static func write(_ event: RoomEvent, to output: inout [UInt8]) {
        output.append(contentsOf: "{\"content\":".utf8)
        JSONValue.object(event.content).write(to: &output)
        output.append(contentsOf: ",\"sender\":".utf8)
        JSONString.write(event.sender.string, to: &output)
        output.append(contentsOf: ",\"state_key\":".utf8)
        JSONString.write(event.stateKey ?? "", to: &output)
        output.append(contentsOf: ",\"type\":".utf8)
        JSONString.write(event.type, to: &output)
        output.append(UInt8(ascii: "}"))
    }
}
