import CanonicalJSON
import Crypto
import HomeserverStore
import MatrixAPI
import MatrixEvents
import MatrixIdentifiers

/// Message events, state events and redactions.
extension RoomService {
    /// Who sends, from which device, and the transaction that makes a repetition harmless.
    public struct Sender: Sendable {
        public let userID: UserID
        public let device: DeviceNumber

        public init(userID: UserID, device: DeviceNumber) {
            self.userID = userID
            self.device = device
        }
    }

    /// A repeated transaction answers what the first one did, also when both come at once and after a restart.
    ///
    /// - Parameter path: the request's path, which is what the specification scopes a transaction to:
    ///   https://spec.matrix.org/v1.19/client-server-api/#transaction-identifiers
    package static func transactionKey(device: DeviceNumber, path: [String]) -> TransactionKey {
        var hash = SHA256()
        for segment in path {
            hash.update(data: Array(segment.utf8))
            hash.update(data: [0])
        }
        return TransactionKey(device: device, pathHash: Array(hash.finalize().prefix(16)))
    }

    /// - Parameter timestamp: when the event is said to have happened, in milliseconds since 1970; nil for now.
    public func send(
        _ type: String, content: JSONObject, to roomID: RoomID, transactionID: String, sender: Sender,
        timestamp: Int64? = nil
    ) async throws -> EventID {
        let key = Self.transactionKey(device: sender.device, path: ["send", roomID.string, type, transactionID])
        var draft = try EventDraft(
            type: type, sender: sender.userID, content: content, transaction: (key, transactionID))
        draft.timestamp = timestamp
        return try await appendOnce(draft, to: roomID)
    }

    public func redact(
        _ eventID: EventID, in roomID: RoomID, reason: String?, transactionID: String, sender: Sender
    ) async throws -> EventID {
        let key = Self.transactionKey(
            device: sender.device, path: ["redact", roomID.string, eventID.string, transactionID])
        var content: JSONObject = ["redacts": .string(eventID.string)]
        if let reason { content["reason"] = .string(reason) }
        let draft = try EventDraft(
            type: EventType.roomRedaction, sender: sender.userID, content: content, transaction: (key, transactionID))
        return try await appendOnce(draft, to: roomID)
    }

    private func appendOnce(_ draft: EventDraft, to roomID: RoomID) async throws -> EventID {
        // Everything that can refuse stands before the first write, so no savepoint is paid for.
        return try await writes.submit(savepoint: false) { [self] context in
            if let key = draft.transaction?.key, let known = try context.store.transaction(key),
                let event = try context.store.event(at: known)
            {
                return event.eventID
            }
            return try append(draft, to: roomID, context).eventID
        }
    }

    /// In a command: sends a message event for a member of the room.
    func append(_ draft: EventDraft, to roomID: RoomID, _ context: WriteContext) throws -> RoomEvent {
        guard let room = try registry.room(roomID, in: context), room.headMembership(of: draft.sender) == .join
        else { throw Self.notInRoom }
        let event = try pipeline.append(draft, to: room, in: context)
        context.onCommit { [typing] in typing.stop(draft.sender, in: room) }
        return event
    }

    // MARK: State

    /// Sets a state. The same content again makes no new event, which clients rely on to be cheap.
    ///
    /// - Parameter timestamp: when the event is said to have happened, in milliseconds since 1970; nil for now.
    public func setState(
        _ type: String, stateKey: String, content: JSONObject, in roomID: RoomID, sender: UserID,
        timestamp: Int64? = nil
    ) async throws -> EventID {
        var draft = try EventDraft(type: type, stateKey: stateKey, sender: sender, content: content)
        draft.timestamp = timestamp
        if type == EventType.roomMember, content["membership"] == "invite" { try await provide([UserID(stateKey)]) }
        return try await writes.submit { [self, draft] context in try setState(draft, in: roomID, context) }
    }

    /// In a command: see ``setState(_:stateKey:content:in:sender:timestamp:)``.
    func setState(_ draft: EventDraft, in roomID: RoomID, _ context: WriteContext) throws -> EventID {
        let (type, stateKey) = (draft.type, draft.stateKey ?? "")
        guard let room = try registry.room(roomID, in: context) else { throw Self.notInRoom }
        let before = room.headMembership(of: draft.sender)
        guard before == .join || (type == EventType.roomMember && before != nil) else { throw Self.notInRoom }
        if let present = room.headState(StateTuple(type, stateKey)), present.content == draft.content,
            present.sender == draft.sender
        {
            return present.eventID
        }
        let membership = draft.content["membership"]?.stringValue.flatMap(Membership.init)
        if type == EventType.roomMember, membership == .invite { try checkInvitee(UserID(stateKey), context) }
        if type == EventType.roomMember, membership == .leave, utf8Equal(stateKey, draft.sender.string) {
            try checkMayLeave(room, userID: draft.sender, context)
        }
        if type == EventType.roomCanonicalAlias {
            try Self.checkCanonicalAlias(draft.content, in: room, context)
        }
        if type == EventType.roomEncryption, stateKey.isEmpty { try checkEncryption(draft.content, in: room) }
        let event = try pipeline.append(draft, to: room, in: context)
        if type == EventType.roomMember, membership == .join, before != .join {
            try inheritSettings(of: draft.sender, in: room, context)
        }
        return event.eventID
    }

    /// Once a room is encrypted it stays so: clients would send on in the open, and nobody would notice. The
    /// specification leaves this to the clients, so it is asked for only where encryption is the rule.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#mroomencryption
    private func checkEncryption(_ content: JSONObject, in room: Room) throws(MatrixError) {
        let present = room.headState(StateTuple(EventType.roomEncryption))?.content["algorithm"]?.stringValue
        guard encryptsPrivateRooms, let present else { return }
        guard let algorithm = content["algorithm"]?.stringValue, utf8Equal(algorithm, present) else {
            throw .forbidden("this room is encrypted and stays so")
        }
    }

    /// Aliases that are new in `m.room.canonical_alias` must lead to this room.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3roomsroomidstateeventtypestatekey
    private static func checkCanonicalAlias(
        _ content: JSONObject, in room: Room, _ context: WriteContext
    ) throws {
        let present = room.headState(StateTuple(EventType.roomCanonicalAlias))?.content ?? [:]
        let known = Set(aliases(in: present).map(ByteExactString.init))
        for string in aliases(in: content) where !known.contains(ByteExactString(string)) {
            guard let alias = RoomAlias(string) else {
                throw MatrixError.invalidParameter("'\(string.prefix(80))' is not a room alias")
            }
            guard try context.store.alias(alias)?.room == room.number else {
                throw MatrixError(400, .aliasInvalid, "\(alias) does not lead to this room")
            }
        }
    }

    private static func aliases(in content: JSONObject) -> [String] {
        let alternatives = content["alt_aliases"]?.arrayValue ?? []
        return ([content["alias"]].compactMap { $0 } + alternatives).compactMap(\.stringValue)
    }
}
