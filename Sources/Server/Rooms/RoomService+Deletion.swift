import HomeserverStore
import MatrixAPI
import MatrixEvents
import MatrixIdentifiers

/// Deleting a room: everybody is taken out, its names are free again, and what was said in it is deleted.
///
/// A deletion is a record in the database and many small commands, so a crash loses nothing of it and nobody's message
/// waits for it. It does not depend on anybody's leave being allowed.
extension RoomService {
    /// Users taken out by one command.
    private static let usersPerStep = 50
    /// Rows deleted by one command.
    private static let rowsPerStep = 500

    /// Begins to delete a room. From now on nobody can come in, and it stands in no directory. Asked again it answers how
    /// far the deletion is.
    public func beginDeletion(of roomID: RoomID) async throws -> RoomDeletionRecord {
        let now = environment.timestamp
        return try await writes.submit { [self] context in
            let room = try existingRoom(roomID, in: context)
            if let present = try context.store.roomDeletion(room.number) { return present }
            return try begin(.emptying, of: room, at: now, context)
        }
    }

    private func begin(
        _ stage: RoomDeletionRecord.Stage, of room: Room, at now: Int64, _ context: WriteContext
    ) throws -> RoomDeletionRecord {
        let deletion = RoomDeletionRecord(room: room.number, stage: stage, requestedAt: now)
        try context.store.setRoomDeletion(deletion)
        try context.store.setListed(false, room: room.number)
        for alias in try context.store.aliases(of: room.number) { try context.store.deleteAlias(alias.alias) }
        return deletion
    }

    /// In a command: a room that nobody can see any more is deleted, by the server itself and not at once.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#leaving-rooms
    func deleteIfForgotten(_ room: Room, _ context: WriteContext) throws {
        guard try context.store.isForgottenByAll(room.number),
            try context.store.roomDeletion(room.number) == nil
        else { return }
        _ = try begin(.purging, of: room, at: environment.timestamp, context)
    }

    /// Takes one step of a deletion and answers how far it is; nil when nobody wants the room deleted.
    public func continueDeletion(of number: RoomNumber) async throws -> RoomDeletionRecord? {
        let now = environment.timestamp
        return try await writes.submit { [self] context in
            guard var deletion = try context.store.roomDeletion(number) else { return nil }
            switch deletion.stage {
            case .emptying: try empty(&deletion, context)
            case .purging: try purge(&deletion, at: now, context)
            case .done: return deletion
            }
            try context.store.setRoomDeletion(deletion)
            return deletion
        }
    }

    /// Goes on with all deletions that are not finished, for up to `steps` steps. Called now and then, so that one whose
    /// operator went away, or whose server crashed, comes to its end.
    public func continueDeletions(steps: Int = 1_000) async throws {
        var steps = steps
        for deletion in try await database.read({ try $0.unfinishedRoomDeletions() }) {
            while steps > 0, try await continueDeletion(of: deletion.room)?.stage != .done { steps -= 1 }
        }
    }

    private func empty(_ deletion: inout RoomDeletionRecord, _ context: WriteContext) throws {
        let users = try context.store.presentUsers(in: deletion.room, limit: Self.usersPerStep)
        guard !users.isEmpty, let record = try context.store.room(deletion.room),
            let room = try registry.room(record.roomID, in: context)
        else {
            deletion.stage = .purging
            return
        }
        for userID in users {
            do {
                let draft = try EventDraft(
                    type: EventType.roomMember, stateKey: userID.string, sender: userID,
                    content: ["membership": "leave"])
                _ = try pipeline.append(draft, to: room, in: context)
                context.onCommit { [typing] in typing.stop(userID, in: room) }
            } catch is MatrixError {
                // Whatever is wrong with the room's state: the deletion goes on, the user is out.
                try context.store.setMembership(.leave, of: userID, in: room.number, at: context.nextPosition())
            }
            deletion.removedUserCount += 1
        }
    }

    private func purge(_ deletion: inout RoomDeletionRecord, at now: Int64, _ context: WriteContext) throws {
        let count = try context.store.purgeRows(of: deletion.room, limit: Self.rowsPerStep)
        deletion.purgedRowCount += count
        if count == 0 {
            deletion.stage = .done
            deletion.finishedAt = now
        }
        // What is in memory is what is no more; whoever wants the room loads what is left.
        let number = deletion.room
        context.onCommit { [registry] in registry.remove(number) }
    }
}

extension EventPipeline {
    /// Nobody comes into a room that is deleted or being deleted, whichever way he asks.
    func checkMayComeIn(_ draft: EventDraft, to room: Room, _ context: WriteContext) throws {
        guard draft.type == EventType.roomMember, draft.stateKey != nil,
            ["join", "invite", "knock"].contains(draft.content["membership"]?.stringValue),
            try context.store.roomDeletion(room.number) != nil
        else { return }
        throw MatrixError.forbidden("this room has been deleted")
    }
}
