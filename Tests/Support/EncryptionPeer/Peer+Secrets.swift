import CanonicalJSON
import KeyBackup
import Primitives
import ShortAuthenticationString

/// Short authentication strings, and the public-key encryption of backups.
extension Peer {
    mutating func answerAboutSecrets(_ wish: String, _ request: Request) throws -> JSONObject? {
        switch wish {
        case "sas":
            agreements.append(SASKeyAgreement(random: .system))
            return [
                "sas": .number(agreements.count - 1),
                "public_key": .string(agreements[agreements.count - 1].publicKey),
            ]
        case "sas_strings":
            let agreement = agreements[try request.number("sas")]
            let ours = agreement.publicKey
            let theirs = try request.text("their_key")
            let string = try agreement.agree(with: theirs).shortString(
                starter: SASParty(userID: "@a:x", deviceID: "A", publicKey: ours),
                accepter: SASParty(userID: "@b:x", deviceID: "B", publicKey: theirs), transactionID: "t")
            return [
                "emoji": .array(string.emoji.map { .number($0.number) }),
                "decimals": .array(string.decimals.map { .number($0) }),
            ]
        case "sas_code":
            let method: SASAuthenticationCode =
                try request.text("method") == "hkdf-hmac-sha256" ? .hmacSHA256 : .hmacSHA256Version2
            let code = try agreements[try request.number("sas")].agree(with: try request.text("their_key"))
                .authenticationCode(
                    of: try request.text("text"), keyID: try request.text("key_id"),
                    sender: ("@a:x", "A"), receiver: ("@b:x", "B"), transactionID: "t", method: method)
            return ["code": .string(code)]
        case "backup_key":
            return ["public_key": .string(try backupKey(request).encryptionKey.publicKey.base64)]
        case "backup_encrypt":
            let key = BackupEncryptionKey(try request.curve25519Key("public_key"))
            return ["session_data": .object(try key.encrypt(try request.bytes("plaintext"), random: .system))]
        case "backup_decrypt":
            return ["plaintext": .bytes(try backupKey(request).decrypt(try request.object("session_data")))]
        default:
            return nil
        }
    }

    private func backupKey(_ request: Request) throws -> BackupDecryptionKey {
        guard let key = BackupDecryptionKey(bytes: try request.bytes("secret")) else {
            throw Request.Missing(name: "secret")
        }
        return key
    }
}
