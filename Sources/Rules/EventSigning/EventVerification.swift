import CanonicalJSON
import MatrixEvents
import MatrixIdentifiers
import UnpaddedBase64

/// Whether an event is what its sender's server signed.
///
/// https://spec.matrix.org/v1.19/server-server-api/#validating-hashes-and-signatures-on-received-events
public enum EventVerification {
    /// Checks the signature, then the content hash.
    ///
    /// - Parameter pdu: the event in the federation format.
    /// - Returns: the event's ID, which follows from its hash.
    /// - Throws: ``SigningError/Code/contentHashMismatch`` when the signature holds over the redacted form but the
    ///   content is not what was signed.
    public static func verify(
        _ pdu: JSONObject, rules: RoomVersionRules, serverName: ServerName, keyID: String, key: VerifyKey
    ) throws(SigningError) -> EventID {
        let redacted = Redaction.redact(pdu, rules: rules)
        try JSONSigning.verify(redacted, serverName: serverName, keyID: keyID, key: key)
        let expected: [UInt8]
        let eventID: EventID
        do throws(JSONError) {
            expected = try EventHash.contentHash(of: pdu)
            eventID = try EventHash.eventID(of: pdu, rules: rules)
        } catch {
            throw SigningError(.notCanonical, error.reason)
        }
        let claimed = pdu["hashes"]?.objectValue?["sha256"]?.stringValue.flatMap { UnpaddedBase64.decode($0) }
        guard claimed == expected else {
            throw SigningError(.contentHashMismatch, "the content hash of \(eventID) is not that of its content")
        }
        return eventID
    }

    /// The servers whose signatures an event needs.
    ///
    /// Authorization rule 4.2 (version 11) or 5.2 (version 12) asks for the second one: who signs a restricted join is
    /// part of it, and the events that ``EventAuthorization`` reads no longer carry signatures.
    public static func requiredSigners(of event: PersistentDataUnit) -> Set<ServerName> {
        var signers: Set<ServerName> = []
        let isMember = event.type == EventType.roomMember
        // A third-party invite may be sent by a server other than the sender's.
        if !(isMember && event.content["third_party_invite"] != nil) { signers.insert(event.sender.serverName) }
        if isMember,
            let authorizer = event.content["join_authorised_via_users_server"]?.stringValue.flatMap(UserID.init)
        {
            signers.insert(authorizer.serverName)
        }
        return signers
    }
}
