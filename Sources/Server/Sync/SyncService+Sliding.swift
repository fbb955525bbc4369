import HomeserverStore
import MatrixAPI
import Rooms
import ServerEnvironment

/// Sliding sync: a window onto the rooms with the latest activity, and what is new in it.
extension SyncService {
    /// The body of the answer, as JSON.
    ///
    /// - Throws: `M_UNKNOWN_POS` when the connection is not known any more.
    public func slidingSync(_ request: SlidingSyncRequest) async throws -> [UInt8] {
        let stream = try await streams.stream(of: request.userID)
        let (connection, serial) = try connections.connection(for: request)
        let turn = try connection.begin(serial: serial)
        let deadline =
            environment.timestamp + min(request.timeoutMilliseconds, SyncRequest.maximumTimeoutMilliseconds)
        rooms.presence.noteSync(
            of: request.userID, wanting: request.presence.flatMap(PresenceState.init) ?? .online,
            timeoutMilliseconds: deadline - environment.timestamp)
        // Whoever comes with the token of his last messages has them, whatever has become of the connection.
        if let since = request.toDevice?.since { try await endToEnd.acknowledge(upTo: since, for: request.device) }
        var draft = SlidingDraft(checkpoint: turn.checkpoint)
        var wakeTurn = WakeTurn.none
        while true {
            stream.touch(now: environment.timestamp)
            let version = stream.version
            let now = present(for: stream)
            // Before any waiting: the request itself may ask for more than the last one did.
            let (answer, answered) = try await wakeTurn.hold { [draft] in
                var draft = draft
                let answer = try await SlidingAnswerBuilder(
                    service: self, request: request, stream: stream, settings: try await self.settings(of: stream),
                    turn: turn, now: now
                ).answer(&draft)
                return (answer, draft)
            }
            draft = answered
            let isFirst = turn.checkpoint.token == nil
            if answer.hasNews || isFirst || environment.timestamp >= deadline || Task.isCancelled {
                draft.checkpoint.token = now
                let position = connection.finish(turn, draft.checkpoint, rooms: draft.rooms)
                connections.noteSize(of: connection, for: request)
                return answer.bytes(position: position, transactionID: request.transactionID)
            }
            wakeTurn = await streams.wait(stream, after: version, until: deadline) { end in
                connection.willWait(turn, end: end)
            }
            if !connection.isCurrent(turn), let position = request.position {
                wakeTurn.finish()
                // The client has sent another request in this one's place and looks at this answer no more.
                return SlidingAnswer(counts: answer.counts).bytes(
                    position: position, transactionID: request.transactionID)
            }
        }
    }
}
