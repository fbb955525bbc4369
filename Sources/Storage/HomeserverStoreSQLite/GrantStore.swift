import Foundation
import GRDB
import HomeserverStore
import MatrixIdentifiers

extension SQLiteStore: GrantWriter {
    package func grant(_ kind: GrantRecord.Kind, secretHash: [UInt8]) throws -> GrantRecord? {
        try row("SELECT * FROM grants WHERE kind = ? AND secret_hash = ?", [kind.rawValue, secretHash.data])
            .map { row in
                GrantRecord(
                    kind: kind, secretHash: secretHash, userID: (row["user_id"] as String?).flatMap(UserID.init),
                    content: (row["content"] as Data).bytes, expiresAt: row["expires_at"])
            }
    }

    package func setGrant(_ grant: GrantRecord, maximumCount: Int) throws {
        try execute(
            """
            INSERT OR REPLACE INTO grants (kind, secret_hash, user_id, content, expires_at) VALUES (?, ?, ?, ?, ?)
            """,
            [
                grant.kind.rawValue, grant.secretHash.data, grant.userID?.string, grant.content.data, grant.expiresAt,
            ])
        try execute(
            """
            DELETE FROM grants WHERE number IN (
                SELECT number FROM grants WHERE kind = ? ORDER BY expires_at DESC LIMIT -1 OFFSET ?)
            """, [grant.kind.rawValue, maximumCount])
    }

    package func deleteGrant(_ kind: GrantRecord.Kind, secretHash: [UInt8]) throws {
        try execute("DELETE FROM grants WHERE kind = ? AND secret_hash = ?", [kind.rawValue, secretHash.data])
    }

    package func deleteGrants(_ kind: GrantRecord.Kind, of userID: UserID) throws {
        try execute("DELETE FROM grants WHERE user_id = ? AND kind = ?", [userID.string, kind.rawValue])
    }

    package func deleteGrants(expiredAt milliseconds: Int64) throws {
        for kind in GrantRecord.Kind.allCases {
            try execute("DELETE FROM grants WHERE kind = ? AND expires_at <= ?", [kind.rawValue, milliseconds])
        }
    }
}
