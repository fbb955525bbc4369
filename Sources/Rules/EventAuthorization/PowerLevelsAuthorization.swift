import CanonicalJSON
import MatrixEvents
import MatrixIdentifiers

/// Rule 9 of version 11, rule 10 of version 12: who may change which power level.
struct PowerLevelsAuthorization {
    private let event: PersistentDataUnit
    private let senderLevel: PowerLevel
    private let room: RoomBeforeEvent

    init(_ event: PersistentDataUnit, senderLevel: PowerLevel, in room: RoomBeforeEvent) {
        self.event = event
        self.senderLevel = senderLevel
        self.room = room
    }

    func authorize() throws(AuthorizationError) {
        try checkShape()
        // Since v12: 10.4.
        if room.rules.creatorsHaveInfinitePower,
            let creator = event.content["users"]?.objectValue?.keys.first(where: room.powerLevels.isCreator)
        {
            throw AuthorizationError(rule: "10.4", reason: "users names \(creator), who is a creator of the room")
        }
        // v11 9.4, v12 10.5.
        guard let current = room.powerLevelsEvent?.content else { return }
        try checkLevels(current)
        for key in ["events", "notifications"] {
            try checkEntries(of: key, from: current[key]?.objectValue, to: event.content[key]?.objectValue)
        }
        try checkUsers(from: current["users"]?.objectValue, to: event.content["users"]?.objectValue)
        // v11 9.10, v12 10.11: otherwise, allow.
    }

    private static let levelKeys = [
        "users_default", "events_default", "state_default", "ban", "redact", "kick", "invite",
    ]

    private func rejection(v11: String, v12: String, _ reason: String) -> AuthorizationError {
        room.rules.rejection(v11: "9.\(v11)", v12: "10.\(v12)", reason)
    }

    /// Steps 1 to 3.
    private func checkShape() throws(AuthorizationError) {
        for key in Self.levelKeys {
            if let value = event.content[key], value.integerValue == nil {
                throw rejection(v11: "1", v12: "1", "\(key) is not an integer")
            }
        }
        for key in ["events", "notifications"] {
            if let value = event.content[key], !Self.isObjectOfIntegers(value) {
                throw rejection(v11: "2", v12: "2", "\(key) is not an object of integers")
            }
        }
        if let users = event.content["users"] {
            guard Self.isObjectOfIntegers(users), let users = users.objectValue,
                users.keys.allSatisfy({ UserID($0) != nil })
            else { throw rejection(v11: "3", v12: "3", "users is not an object of user IDs and integers") }
        }
    }

    private static func isObjectOfIntegers(_ value: JSONValue) -> Bool {
        value.objectValue?.members.allSatisfy { $0.value.integerValue != nil } ?? false
    }

    /// v11 9.5, v12 10.6.
    private func checkLevels(_ current: JSONObject) throws(AuthorizationError) {
        for key in Self.levelKeys where current[key] != event.content[key] {
            if let level = current[key]?.integerValue, senderLevel < level {
                throw rejection(v11: "5.1", v12: "6.1", "\(key) is above the sender's power level")
            }
            if let level = event.content[key]?.integerValue, senderLevel < level {
                throw rejection(v11: "5.2", v12: "6.2", "\(key) would be above the sender's power level")
            }
        }
    }

    /// v11 9.6 and 9.7, v12 10.7 and 10.8.
    private func checkEntries(
        of key: String, from current: JSONObject?, to new: JSONObject?
    ) throws(AuthorizationError) {
        for entry in current?.members ?? [] where new?[entry.key] != entry.value {
            if let level = entry.value.integerValue, senderLevel < level {
                throw rejection(v11: "6.1", v12: "7.1", "\(key) has \(entry.key) above the sender's power level")
            }
        }
        for entry in new?.members ?? [] where current?[entry.key] != entry.value {
            if let level = entry.value.integerValue, senderLevel < level {
                throw rejection(
                    v11: "7.1", v12: "8.1", "\(key) would have \(entry.key) above the sender's power level")
            }
        }
    }

    /// v11 9.8 and 9.9, v12 10.9 and 10.10.
    private func checkUsers(from current: JSONObject?, to new: JSONObject?) throws(AuthorizationError) {
        for entry in current?.members ?? [] where new?[entry.key] != entry.value {
            if utf8Equal(entry.key, event.sender.string) { continue }
            if let level = entry.value.integerValue, senderLevel <= .level(level) {
                throw rejection(v11: "8.1", v12: "9.1", "\(entry.key) has as much power as the sender or more")
            }
        }
        for entry in new?.members ?? [] where current?[entry.key] != entry.value {
            if let level = entry.value.integerValue, senderLevel < level {
                throw rejection(v11: "9.1", v12: "10.1", "\(entry.key) would have more power than the sender")
            }
        }
    }
}
