import GRDB
import HomeserverStore
import MatrixIdentifiers

extension SQLiteStore: DeviceListWriter {
    package func setDeviceListChange(of userID: UserID, audience: UserID?, at position: StreamPosition) throws {
        try execute(
            "INSERT OR REPLACE INTO device_list_changes (user_id, audience, position) VALUES (?, ?, ?)",
            [userID.string, audience?.string ?? "", position.rawValue])
    }

    package func roomsToldOfKeys(of userID: UserID) throws -> [RoomNumber] {
        try rows(
            "SELECT room FROM memberships WHERE user_id = ? AND membership IN ('join', 'invite')", [userID.string]
        ).map { RoomNumber($0["room"]) }
    }

    package func deviceListChanges(
        for userID: UserID, after: StreamPosition, upTo: StreamPosition
    ) throws -> DeviceListChanges {
        let arguments: StatementArguments = [
            "me": userID.string, "after": after.rawValue, "upTo": upTo.rawValue,
        ]
        func users(_ sql: String) throws -> Set<UserID> {
            Set(try rows(sql, arguments).map { try $0.identifier("user_id", UserID.self) })
        }
        var changes = DeviceListChanges()
        for sql in Self.changedUsers { changes.changed.formUnion(try users(sql)) }
        for sql in Self.leftUsers { changes.left.formUnion(try users(sql)) }
        changes.changed.subtract(changes.left)
        return changes
    }

    private static let changedUsers = [
        // Keys that changed.
        """
        SELECT user_id FROM device_list_changes AS changes
        WHERE audience = '' AND position > :after AND position <= :upTo
          AND (user_id = :me
               OR EXISTS (SELECT 1 FROM memberships AS theirs
                          JOIN memberships AS mine ON mine.user_id = :me AND mine.room = theirs.room
                          WHERE theirs.user_id = changes.user_id AND theirs.membership IN ('join', 'invite')
                            AND mine.membership = 'join'))
        """,
        """
        SELECT user_id FROM device_list_changes
        WHERE audience = :me AND position > :after AND position <= :upTo
        """,
        // Who has come to the rooms that the user is in.
        """
        SELECT DISTINCT theirs.user_id AS user_id
        FROM memberships AS mine CROSS JOIN memberships AS theirs INDEXED BY memberships_by_position
        WHERE mine.user_id = :me AND mine.membership = 'join'
          AND theirs.room = mine.room AND theirs.position > :after AND theirs.position <= :upTo
          AND theirs.membership IN ('join', 'invite') AND theirs.user_id <> :me
        """,
        // Who is in the rooms that the user has come to.
        """
        SELECT DISTINCT theirs.user_id AS user_id
        FROM memberships AS mine CROSS JOIN memberships AS theirs INDEXED BY memberships_by_room
        WHERE mine.user_id = :me AND mine.membership = 'join'
          AND mine.position > :after AND mine.position <= :upTo
          AND theirs.room = mine.room AND theirs.membership IN ('join', 'invite') AND theirs.user_id <> :me
        """,
    ]

    private static let isEncrypted = """
        EXISTS (SELECT 1 FROM current_state AS state
                WHERE state.room = %ROOM% AND state.type = 'm.room.encryption' AND state.state_key = '')
        """

    /// That the user and whoever left share no room that matters: no encrypted one, and none at all if the room that
    /// was left was not encrypted.
    private static let sharesNothing = """
        NOT EXISTS (
            SELECT 1 FROM memberships AS hers
            JOIN memberships AS ours ON ours.user_id = :me AND ours.room = hers.room
            WHERE hers.user_id = theirs.user_id AND hers.membership = 'join' AND ours.membership = 'join'
              AND (NOT \(isEncrypted.replacing("%ROOM%", with: "theirs.room"))
                   OR \(isEncrypted.replacing("%ROOM%", with: "hers.room"))))
        """

    private static let leftUsers = [
        // Who has gone from the rooms that the user is in.
        """
        SELECT DISTINCT theirs.user_id AS user_id
        FROM memberships AS mine CROSS JOIN memberships AS theirs INDEXED BY memberships_by_position
        WHERE mine.user_id = :me AND mine.membership = 'join'
          AND theirs.room = mine.room AND theirs.position > :after AND theirs.position <= :upTo
          AND theirs.membership IN ('leave', 'ban') AND theirs.user_id <> :me AND \(sharesNothing)
        """,
        // Who was in the rooms that the user has gone from.
        """
        SELECT DISTINCT theirs.user_id AS user_id
        FROM memberships AS mine CROSS JOIN memberships AS theirs INDEXED BY memberships_by_room
        WHERE mine.user_id = :me AND mine.membership IN ('leave', 'ban')
          AND mine.position > :after AND mine.position <= :upTo
          AND theirs.room = mine.room AND theirs.membership = 'join' AND theirs.position < mine.position
          AND theirs.user_id <> :me AND \(sharesNothing)
        """,
    ]
}
