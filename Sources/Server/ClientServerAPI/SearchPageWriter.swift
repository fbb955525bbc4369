import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixEvents
import MatrixIdentifiers
import Rooms
import Search
import Sync

/// Writes what a search has found, as JSON.
///
/// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3search
struct SearchPageWriter {
    let rooms: RoomService
    let userID: UserID
    let format: ClientEventFormat

    private static let maximumHighlights = 50

    func write(
        _ page: SearchPage, groupKeys: [SearchGroupKey], context: SearchContextRequest?, includesState: Bool
    ) async throws -> [UInt8] {
        var contexts: [[UInt8]] = []
        if let context {
            for result in page.results { contexts.append(try await self.context(of: result, context)) }
        }
        var states: [(roomID: RoomID, events: [RoomEvent])] = []
        if includesState {
            for roomID in Set(page.results.map(\.room.roomID)).sorted(by: { utf8Precedes($0.string, $1.string) }) {
                let state = try await rooms.state(of: roomID, userID: userID)
                states.append((roomID, state.all.sorted { $0.position < $1.position }))
            }
        }
        var writer = JSONWriter(reservingCapacity: 4096)
        writer.object { writer in
            writer.object("search_categories") { writer in
                writer.object("room_events") { writer in
                    writer.member("count", .integer(Int64(page.count)))
                    writer.member("highlights", .array(Self.highlights(page).map { .string($0) }))
                    writer.array("results") { writer in
                        for (index, result) in page.results.enumerated() {
                            write(result, context: context == nil ? nil : contexts[index], to: &writer)
                        }
                    }
                    if let next = page.next { writer.member("next_batch", .string(next.description)) }
                    if !groupKeys.isEmpty { writer.member("groups", .object(Self.groups(of: page, by: groupKeys))) }
                    guard includesState else { return }
                    writer.object("state") { writer in
                        for (roomID, events) in states {
                            writer.key(roomID.string)
                            writer.raw { $0 += format.array(events) }
                        }
                    }
                }
            }
        }
        return writer.bytes
    }

    private func write(_ result: SearchResult, context: [UInt8]?, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("rank", Self.rank(result.score))
            writer.key("result")
            writer.raw { format.write(result.event, to: &$0) }
            if let context {
                writer.key("context")
                writer.raw { $0 += context }
            }
        }
    }

    /// Of 1000 the score, as a number between 0 and 1.
    private static func rank(_ score: Int) -> JSONValue {
        if score >= 1_000 { return .integer(1) }
        let digits = String(score)
        return .number(literal: "0." + String(repeating: "0", count: 3 - digits.utf8.count) + digits)
    }

    private static func highlights(_ page: SearchPage) -> [String] {
        var seen: Set<ByteExactString> = []
        var words: [String] = []
        for word in page.results.flatMap(\.highlights) where seen.insert(ByteExactString(word)).inserted {
            words.append(word)
            if words.count == maximumHighlights { break }
        }
        return words
    }

    private static func groups(of page: SearchPage, by keys: [SearchGroupKey]) -> JSONObject {
        var groups = JSONObject()
        for key in keys {
            var order: [(name: String, group: SearchToken.Group)] = []
            var eventIDs: [ByteExactString: [JSONValue]] = [:]
            for result in page.results {
                let group = key.group(of: result)
                if eventIDs[ByteExactString(group.name)] == nil { order.append(group) }
                eventIDs[ByteExactString(group.name), default: []].append(.string(result.event.eventID.string))
            }
            var entries = JSONObject()
            for (index, (name, group)) in order.enumerated() {
                var entry: JSONObject = [
                    "order": .integer(Int64(index + 1)), "results": .array(eventIDs[ByteExactString(name)] ?? []),
                ]
                entry["next_batch"] = page.next.map { .string($0.within(group).description) }
                entries[name] = .object(entry)
            }
            groups[key.rawValue] = .object(entries)
        }
        return groups
    }

    // MARK: What stands around a result

    private func context(of result: SearchResult, _ request: SearchContextRequest) async throws -> [UInt8] {
        let (roomID, position) = (result.room.roomID, result.event.position)
        let before = try await rooms.messages(
            in: roomID, userID: userID, from: StreamPosition(position.rawValue - 1), to: nil, direction: .backward,
            limit: request.beforeLimit
        ) { _ in true }
        let after = try await rooms.messages(
            in: roomID, userID: userID, from: position, to: nil, direction: .forward, limit: request.afterLimit
        ) { _ in true }
        let first = before.events.last ?? result.event
        let last = after.events.last ?? result.event
        let senders = Set((before.events + [result.event] + after.events).map(\.sender))
        let profiles =
            request.includesProfile ? try await self.profiles(of: senders, in: result.room, at: position) : nil
        var writer = JSONWriter(reservingCapacity: 4096)
        writer.object { writer in
            writer.member(
                "start", .string(SyncToken(position: StreamPosition(first.position.rawValue - 1)).description))
            writer.member("end", .string(SyncToken(position: last.position).description))
            for (name, events) in [("events_before", before.events), ("events_after", after.events)] {
                writer.key(name)
                writer.raw { $0 += format.array(events) }
            }
            if let profiles { writer.member("profile_info", .object(profiles)) }
        }
        return writer.bytes
    }

    /// The names and pictures that people had in the room at the time.
    private func profiles(
        of users: Set<UserID>, in room: Room, at position: StreamPosition
    ) async throws -> JSONObject {
        var profiles = JSONObject()
        for user in users {
            let member = try await rooms.storedMemberships(of: user, in: room).last { $0.position <= position }
            var profile = JSONObject()
            profile["displayname"] = member?.content["displayname"]
            profile["avatar_url"] = member?.content["avatar_url"]
            profiles[user.string] = .object(profile)
        }
        return profiles
    }
}
