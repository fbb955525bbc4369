import CanonicalJSON
import HangulSearch
import HomeserverStore
import MatrixIdentifiers

/// Finds people by their names: those who share a room with the searcher, those in public rooms, and whoever's whole ID
/// one knows.
///
/// A search looks through the people of the searcher's own rooms, and through everybody by the terms of their names,
/// so it costs the same whether a server has a thousand accounts or a million.
///
/// https://spec.matrix.org/v1.19/client-server-api/#user-directory
public struct UserDirectory: Sendable {
    public struct Results: Sendable {
        /// The closest first.
        public let people: [DirectoryPerson]
        /// Whether there may be more.
        public let isLimited: Bool
    }

    /// The searcher's rooms that are looked through, the latest joined first, and how many of each one's members.
    private static let maximumRooms = 1_000
    private static let maximumMembers = 500
    /// People of these rooms whose names are read.
    private static let maximumNeighbours = 5_000
    /// People whose names are read because of their terms.
    private static let maximumCandidates = 2_000
    /// People whose names have changed and who are not in the index yet.
    private static let maximumChanges = 500
    /// Bytes of what is looked for.
    private static let maximumTermBytes = 1_024

    private let serverName: ServerName
    private let database: any HomeserverDatabase

    public init(serverName: ServerName, database: any HomeserverDatabase) {
        self.serverName = serverName
        self.database = database
    }

    public func search(_ term: String, searcher: UserID, limit: Int) async throws -> Results {
        let query = term.utf8.count <= Self.maximumTermBytes ? query(for: term) : nil
        let exact = UserID(term)
        return try await database.read { store in
            var search = Search(
                query: query, complete: query == nil ? nil : SearchQuery(term + " "), searcher: searcher, store: store)
            if let exact, let person = try search.person(exact) { search.found.append((1_001, person)) }
            if query != nil {
                try search.lookAtNeighbours()
                try search.lookAtEverybody()
            }
            let found = search.found.sorted { ($1.score, $0.person) < ($0.score, $1.person) }
            return Results(
                people: found.prefix(limit).map(\.person), isLimited: search.isCutOff || found.count > limit)
        }
    }

    /// `@name:server` is looked for by its name, as long as the server can be this one.
    private func query(for term: String) -> SearchQuery? {
        guard term.utf8.first == UInt8(ascii: "@") else { return SearchQuery(term) }
        let parts = term.dropFirst().split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return SearchQuery(term) }
        guard serverName.string.utf8.starts(with: parts[1].utf8) else { return nil }
        return SearchQuery(parts[0] + " ")
    }

    private struct Search {
        let query: SearchQuery?
        /// The same with the last word at its end: fewer people have its terms, and they are the closest.
        let complete: SearchQuery?
        let searcher: UserID
        let store: any StoreReader
        var found: [(score: Int, person: DirectoryPerson)] = []
        var isCutOff = false
        private var seen: Set<UserID> = []
        private var publicRooms: [RoomNumber: Bool] = [:]

        init(query: SearchQuery?, complete: SearchQuery?, searcher: UserID, store: any StoreReader) {
            (self.query, self.complete, self.searcher, self.store) = (query, complete, searcher, store)
            seen = [searcher]
        }

        /// Nil for somebody who is not here or has been looked at already.
        mutating func person(_ userID: UserID) throws -> DirectoryPerson? {
            seen.insert(userID).inserted ? try DirectoryPerson(userID, from: store) : nil
        }

        private mutating func match(_ userID: UserID) throws -> (score: Int, person: DirectoryPerson)? {
            guard let person = try person(userID), let match = query?.match(person.text) else { return nil }
            return (match.score, person)
        }

        /// Everybody in the searcher's rooms, but not more of a large one than a part: those are found like others.
        mutating func lookAtNeighbours() throws {
            var count = 0
            for room in try store.joinedRooms(of: searcher, limit: UserDirectory.maximumRooms) {
                for userID in try store.joinedUsers(in: room, limit: UserDirectory.maximumMembers) {
                    guard !seen.contains(userID) else { continue }
                    count += 1
                    guard count <= UserDirectory.maximumNeighbours else { return }
                    if let match = try match(userID) { found.append(match) }
                }
            }
        }

        mutating func lookAtEverybody() throws {
            var matches: [(score: Int, person: DirectoryPerson)] = []
            for userID in try candidates() {
                if let match = try match(userID) { matches.append(match) }
            }
            for match in matches where try isVisible(match.person.userID) { found.append(match) }
        }

        /// Those with the rarest of the query's terms, as far as can be told, and those who are not indexed yet.
        private mutating func candidates() throws -> [UserID] {
            try candidates(for: complete) + candidates(for: query)
                + store.directoryChanges(limit: UserDirectory.maximumChanges)
        }

        private mutating func candidates(for query: SearchQuery?) throws -> [UserID] {
            let limit = UserDirectory.maximumCandidates
            var fewest: [UserID]?
            for pattern in query?.patterns ?? [] {
                let users = try store.directoryUsers(
                    terms: pattern.range, value: pattern.value, mask: pattern.mask,
                    limit: min(limit, fewest?.count ?? limit) + 1)
                if users.count < fewest?.count ?? .max { fewest = users }
            }
            if let fewest, fewest.count > limit { isCutOff = true }
            return Array((fewest ?? []).prefix(limit))
        }

        private mutating func isVisible(_ userID: UserID) throws -> Bool {
            if try store.shareRoom(searcher, userID) { return true }
            for room in try store.joinedRooms(of: userID, limit: UserDirectory.maximumRooms) {
                let isPublic = try publicRooms[room] ?? store.isPublic(room)
                publicRooms[room] = isPublic
                if isPublic { return true }
            }
            return false
        }
    }
}

extension DirectoryPerson: Comparable {
    /// Those with a name first, then by the ID.
    public static func < (left: DirectoryPerson, right: DirectoryPerson) -> Bool {
        if (left.displayName == nil) != (right.displayName == nil) { return left.displayName != nil }
        return utf8Precedes(left.userID.string, right.userID.string)
    }

    public static func == (left: DirectoryPerson, right: DirectoryPerson) -> Bool { left.userID == right.userID }
}
