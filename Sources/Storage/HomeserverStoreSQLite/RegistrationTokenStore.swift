import GRDB
import HomeserverStore

extension SQLiteStore: RegistrationTokenWriter {
    private func registrationToken(from row: Row) -> RegistrationTokenRecord {
        RegistrationTokenRecord(
            token: row["token"], usesAllowed: row["uses_allowed"], completedCount: row["completed"],
            expiresAt: row["expires_at"], createdAt: row["created_at"])
    }

    package func registrationToken(_ token: String) throws -> RegistrationTokenRecord? {
        try row("SELECT * FROM registration_tokens WHERE token = ?", [token]).map(registrationToken(from:))
    }

    package func registrationTokens() throws -> [RegistrationTokenRecord] {
        try rows("SELECT * FROM registration_tokens ORDER BY token").map(registrationToken(from:))
    }

    package func setRegistrationToken(_ token: RegistrationTokenRecord) throws {
        try execute(
            """
            INSERT OR REPLACE INTO registration_tokens (token, uses_allowed, completed, expires_at, created_at)
            VALUES (?, ?, ?, ?, ?)
            """, [token.token, token.usesAllowed, token.completedCount, token.expiresAt, token.createdAt])
    }

    package func deleteRegistrationToken(_ token: String) throws {
        try execute("DELETE FROM registration_tokens WHERE token = ?", [token])
    }
}
