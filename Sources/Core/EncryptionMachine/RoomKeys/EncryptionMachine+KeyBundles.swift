import CanonicalJSON

/// A bundle of room keys that somebody has offered to this user.
///
/// https://spec.matrix.org/v1.19/client-server-api/#receiving-a-key-bundle-event
public struct KeyBundleOffer: Sendable, Equatable {
    public let room: String
    public let sender: String
    public let senderTrust: DeviceTrust
    /// `EncryptedFile`: where the bundle is and how it is decrypted.
    public let file: JSONObject
    /// When it came, in milliseconds since 1970.
    public let receivedAt: Int64
}

extension EncryptionMachine {
    /// The `RoomKeyBundle` of a room, as JSON, for somebody who is to be invited: the sessions that may be shared, and
    /// the names of those that may not. Nil when the room's history visibility does not let newcomers see history, or
    /// there is nothing to share. The host encrypts it as an attachment and uploads it.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#construction-and-sharing-of-the-key-bundle
    public func makeKeyBundle(in room: String) -> [UInt8]? { preconditionFailure("not written yet") }

    /// Offers the uploaded bundle to the user's cross-signed devices. Called again until it says ``Readiness/ready``,
    /// which also comes when the user has no such device; then the host invites the user.
    ///
    /// - Parameter file: `EncryptedFile`.
    public func shareKeyBundle(
        _ file: JSONObject, in room: String, with user: String
    ) throws(MachineError) -> Readiness { preconditionFailure("not written yet") }

    /// The latest bundle that a user has offered for a room. The host downloads it only when this user has accepted an
    /// invite from `user` recently (a day); an offer survives restarts.
    public func keyBundle(in room: String, from user: String) -> KeyBundleOffer? {
        preconditionFailure("not written yet")
    }

    /// Takes in the sessions of a decrypted bundle for the room it was offered for, and forgets the offer.
    ///
    /// - Throws: ``MachineError/Code/malformed``, ``MachineError/Code/unknown`` when there was no such offer.
    public func importKeyBundle(
        _ bundle: [UInt8], in room: String, from user: String
    ) throws(MachineError) -> [MachineNews] { preconditionFailure("not written yet") }

    /// Forgets an offer whose file cannot be had any more.
    public func discardKeyBundle(in room: String, from user: String) { preconditionFailure("not written yet") }
}
