import Foundation
import GRDB
import HomeserverStore

extension SQLiteStore: OAuthClientWriter {
    package func oauthClient(_ clientID: String) throws -> OAuthClientRecord? {
        try row("SELECT * FROM oauth_clients WHERE client_id = ?", [clientID]).map { row in
            OAuthClientRecord(
                clientID: clientID, metadata: (row["metadata"] as Data).bytes, usedAt: row["used_at"])
        }
    }

    package func oauthClientCount() throws -> Int {
        try row("SELECT count(*) AS count FROM oauth_clients")?["count"] ?? 0
    }

    package func setOAuthClient(_ client: OAuthClientRecord) throws {
        try execute(
            "INSERT OR REPLACE INTO oauth_clients (client_id, metadata, used_at) VALUES (?, ?, ?)",
            [client.clientID, client.metadata.data, client.usedAt])
    }

    package func deleteOAuthClients(unusedSince milliseconds: Int64, limit: Int) throws {
        try execute(
            """
            DELETE FROM oauth_clients WHERE client_id IN (
                SELECT client_id FROM oauth_clients WHERE used_at <= ?
                AND NOT EXISTS (SELECT 1 FROM devices WHERE oauth_client = client_id)
                ORDER BY used_at LIMIT ?)
            """, [milliseconds, limit])
    }
}
