import Foundation
import GRDB
import HomeserverStore
import MatrixIdentifiers

extension SQLiteStore: CrossSigningWriter {
    package func crossSigningKeys(of userID: UserID) throws -> [CrossSigningKeyRecord] {
        try rows("SELECT usage, public_key, json FROM cross_signing_keys WHERE user_id = ?", [userID.string])
            .map { row in
                guard let usage = CrossSigningKeyRecord.Usage(rawValue: row["usage"]) else {
                    throw CorruptRow(table: "cross_signing_keys", column: "usage")
                }
                return CrossSigningKeyRecord(
                    usage: usage, publicKey: row["public_key"], json: (row["json"] as Data).bytes)
            }
    }

    package func keySignatures(of userID: UserID, seenBy viewer: UserID) throws -> [KeySignatureRecord] {
        try rows(
            "SELECT * FROM key_signatures WHERE user_id = ? AND signer IN (user_id, ?)",
            [userID.string, viewer.string]
        ).map { row in
            KeySignatureRecord(
                userID: userID, target: row["target"], signer: try row.identifier("signer", UserID.self),
                keyID: row["key_id"], signature: row["signature"])
        }
    }

    package func setCrossSigningKey(_ key: CrossSigningKeyRecord, of userID: UserID) throws {
        try execute(
            "INSERT OR REPLACE INTO cross_signing_keys (user_id, usage, public_key, json) VALUES (?, ?, ?, ?)",
            [userID.string, key.usage.rawValue, key.publicKey, key.json.data])
    }

    package func deleteCrossSigningKey(_ usage: CrossSigningKeyRecord.Usage, of userID: UserID) throws {
        try execute(
            "DELETE FROM cross_signing_keys WHERE user_id = ? AND usage = ?", [userID.string, usage.rawValue])
    }

    package func setKeySignature(_ signature: KeySignatureRecord) throws {
        try execute(
            """
            INSERT OR REPLACE INTO key_signatures (user_id, target, signer, key_id, signature)
            VALUES (?, ?, ?, ?, ?)
            """,
            [
                signature.userID.string, signature.target, signature.signer.string, signature.keyID,
                signature.signature,
            ])
    }

    package func deleteKeySignatures(of userID: UserID, target: String) throws {
        try execute(
            "DELETE FROM key_signatures WHERE user_id = ? AND target = ?",
            [userID.string, ByteExactString(target).column])
    }

    package func deleteKeySignatures(by signer: UserID, keyID: String) throws {
        try execute(
            "DELETE FROM key_signatures WHERE signer = ? AND key_id = ?",
            [signer.string, ByteExactString(keyID).column])
    }
}
