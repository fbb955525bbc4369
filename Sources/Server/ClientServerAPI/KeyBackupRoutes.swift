import CanonicalJSON
import EndToEnd
import HomeserverStore
import MatrixAPI
import MatrixClientAPI
import MatrixIdentifiers

struct KeyBackupRoutes: Routes {
    let backups: KeyBackupService

    func register(on table: inout RouteTable) {
        table.on(.postRoomKeysVersion, use: postRoomKeysVersion)
        table.on(.getRoomKeysVersionCurrent) { .json(try await backups.backup(nil, of: $0.userID).json) }
        table.on(.getRoomKeysVersion) { call in
            .json(try await backups.backup(call.parameters["version"], of: call.userID).json)
        }
        table.on(.putRoomKeysVersion, use: putRoomKeysVersion)
        table.on(.deleteRoomKeysVersion) { call in
            try await backups.delete(call.parameters["version"], of: call.userID)
            return .empty
        }
        table.on(.putRoomKeyBySessionId) { call in
            let key = try BackedUpKey(
                json: call.body(), roomID: call.roomID(), sessionID: call.parameters["sessionId"])
            return try await store([key], call)
        }
        table.on(.getRoomKeyBySessionId, use: getRoomKeyBySessionId)
        table.on(.deleteRoomKeyBySessionId) { call in
            try await delete(.session(call.roomID(), call.parameters["sessionId"]), call)
        }
        table.on(.putRoomKeysByRoomId) { call in
            try await store(Self.keys(call.body(), roomID: call.roomID()), call)
        }
        table.on(.getRoomKeysByRoomId, use: getRoomKeysByRoomId)
        table.on(.deleteRoomKeysByRoomId) { try await delete(.room($0.roomID()), $0) }
        table.on(.putRoomKeys, use: putRoomKeys)
        table.on(.getRoomKeys, use: getRoomKeys)
        table.on(.deleteRoomKeys) { try await delete(.all, $0) }
    }

    // MARK: Versions

    private func postRoomKeysVersion(_ call: Call) async throws -> Reply {
        let body = try call.body()
        let version = try await backups.create(
            algorithm: body.string("algorithm"), authData: body.object("auth_data"), of: call.userID)
        return .json(["version": .string(version)])
    }

    private func putRoomKeysVersion(_ call: Call) async throws -> Reply {
        let body = try call.body()
        let version = call.parameters["version"]
        if let named = try body.optionalString("version"), !utf8Equal(named, version) {
            throw MatrixError.invalidParameter("'version' is not the one in the path")
        }
        try await backups.update(
            version, algorithm: body.string("algorithm"), authData: body.object("auth_data"), of: call.userID)
        return .empty
    }

    // MARK: Keys

    private static func version(of call: Call) throws(MatrixError) -> String {
        guard let version = call.query["version"] else { throw .missingParameter("'version' is missing") }
        return version
    }

    /// The keys in `{"sessions": {…}}`.
    private static func keys(_ json: JSONObject, roomID: RoomID) throws(MatrixError) -> [BackedUpKey] {
        let sessions = try json.object("sessions")
        var keys: [BackedUpKey] = []
        for member in sessions.members {
            keys.append(
                try BackedUpKey(json: sessions.object(member.key), roomID: roomID, sessionID: member.key))
        }
        return keys
    }

    private func putRoomKeys(_ call: Call) async throws -> Reply {
        let rooms = try call.body().object("rooms")
        var keys: [BackedUpKey] = []
        for member in rooms.members {
            guard let roomID = RoomID(member.key) else {
                throw MatrixError.invalidParameter("'\(member.key.prefix(80))' is no room ID")
            }
            keys += try Self.keys(rooms.object(member.key), roomID: roomID)
        }
        return try await store(keys, call)
    }

    private func store(_ keys: [BackedUpKey], _ call: Call) async throws -> Reply {
        .json(try await backups.store(keys, version: Self.version(of: call), of: call.userID).changeJSON)
    }

    private func delete(_ selection: BackedUpKeySelection, _ call: Call) async throws -> Reply {
        .json(try await backups.deleteKeys(selection, version: Self.version(of: call), of: call.userID).changeJSON)
    }

    private func keys(_ selection: BackedUpKeySelection, _ call: Call) async throws -> [BackedUpKey] {
        try await backups.keys(selection, version: Self.version(of: call), of: call.userID)
    }

    private func getRoomKeyBySessionId(_ call: Call) async throws -> Reply {
        guard let key = try await keys(.session(call.roomID(), call.parameters["sessionId"]), call).first else {
            throw MatrixError.notFound("the backup has no key of this session")
        }
        var writer = JSONWriter()
        key.write(to: &writer)
        return .bytes(writer.bytes)
    }

    private func getRoomKeysByRoomId(_ call: Call) async throws -> Reply {
        var writer = JSONWriter()
        writer.write(try await keys(.room(call.roomID()), call)[...])
        return .bytes(writer.bytes)
    }

    private func getRoomKeys(_ call: Call) async throws -> Reply {
        var keys = try await keys(.all, call)[...]
        var writer = JSONWriter(reservingCapacity: 1_024 * (keys.count + 1))
        writer.object { writer in
            writer.object("rooms") { writer in
                // They come in the order of rooms.
                while let roomID = keys.first?.roomID {
                    let ofRoom = keys.prefix { $0.roomID == roomID }
                    keys = keys.dropFirst(ofRoom.count)
                    writer.key(roomID.string)
                    writer.write(ofRoom)
                }
            }
        }
        return .bytes(writer.bytes)
    }
}

extension JSONWriter {
    /// The keys of one room, as `{"sessions": {…}}`.
    fileprivate mutating func write(_ keys: ArraySlice<BackedUpKey>) {
        object { writer in
            writer.object("sessions") { writer in
                for key in keys {
                    writer.key(key.sessionID)
                    key.write(to: &writer)
                }
            }
        }
    }
}

extension KeyBackupRecord {
    /// What clients are told after a change of the keys.
    fileprivate var changeJSON: JSONObject { ["count": .integer(keyCount), "etag": .string(String(etag))] }

    fileprivate var json: JSONObject {
        get throws {
            var json = changeJSON
            json["algorithm"] = .string(algorithm)
            json["auth_data"] = try JSONParser.parse(authData)
            json["version"] = .string(String(version))
            return json
        }
    }
}
