import NIOCore

/// Measures how fast messages are accepted.
package enum SendScenario: BenchScenario {
    package static func run(_ options: SendOptions, target: BenchTarget, environment: BenchEnvironment) async throws
        -> SendReport
    {
        try options.validate()
        let journal = try options.journalPath.map { path throws(BenchError) in try Journal(path: path) }
        return try await Stage.with(target, environment) { stage in
            let parts = try await prepare(stage, options)
            writeRooms(of: parts, to: journal)
            let schedule = SendSchedule(from: environment.monotonicNanoseconds(), options: options)
            environment.progress.show("sending")
            let crews = stage.deal(parts).map { share in
                SendCrew.run(
                    share.share.map(\.item), on: share.eventLoop, stage: stage, schedule: schedule,
                    options: options, journal: journal)
            }
            var tally = SendTally()
            for crew in crews { tally.merge(try await crew.get()) }
            try journal?.check()
            return SendReport(target: target, options: options, tally: tally, schedule: schedule)
        }
    }

    /// Registers the users and makes their rooms.
    private static func prepare(_ stage: Stage, _ options: SendOptions) async throws -> [SendCrew.Part] {
        let sessions = try await stage.registerUsers(options.userCount)
        let roomIDs: [String]
        if options.isOneRoom {
            let roomID = try await stage.withCaller { try await $0.createRoom(as: sessions[0]) }
            try await stage.joinRoom(roomID, sessions.dropFirst())
            roomIDs = Array(repeating: roomID, count: sessions.count)
        } else {
            roomIDs = try await stage.inParallel(sessions.count, showing: "creating rooms") { caller, number in
                try await caller.createRoom(as: sessions[number])
            }
        }
        return zip(sessions, roomIDs).enumerated().map { number, part in
            SendCrew.Part(number: number, session: part.0, roomID: part.1)
        }
    }

    private static func writeRooms(of parts: [SendCrew.Part], to journal: Journal?) {
        var written: Set<String> = []
        for part in parts where written.insert(part.roomID).inserted {
            journal?.append(
                .room(
                    roomID: part.roomID, userID: part.session.userID, accessToken: part.session.accessToken))
        }
    }
}
