/// What the host keeps for the machine on the device: bytes under keys, in a few tables.
///
/// The machine reads through this and never writes: what is to be written comes from
/// ``EncryptionMachine/takeChanges()``. The bytes contain private keys; the host seals them at rest.
public protocol EncryptionRecords: AnyObject {
    /// The value under `key`, with all changes applied that the machine has handed over.
    func value(in table: RecordTable, key: [UInt8]) -> [UInt8]?

    /// Calls `body` for each record whose key begins with `prefix`, in ascending order of the keys' bytes.
    ///
    /// The machine does not change records while this runs.
    func forEach(in table: RecordTable, prefix: [UInt8], _ body: (_ key: [UInt8], _ value: [UInt8]) -> Void)
}

/// The tables of a machine. The raw values are stored, so they never change their meaning.
public enum RecordTable: UInt8, Sendable, CaseIterable {
    /// The account, settings, and whatever there is one of.
    case account = 1
    /// Olm sessions by the other device's Curve25519 key.
    case olmSessions = 2
    /// Megolm sessions to decrypt with, by room and session.
    case inboundSessions = 3
    /// The Megolm session to encrypt with, by room.
    case outboundSessions = 4
    /// Who has been given, or denied, the session of a room.
    case sharedSessions = 5
    /// Which event was decrypted at which place of a session, to notice replays.
    case messageIndexes = 6
    /// Users whose devices are tracked.
    case trackedUsers = 7
    /// Devices by user.
    case devices = 8
    /// Cross-signing identities by user.
    case identities = 9
    /// What is known of each room: encryption, history visibility.
    case rooms = 10
    /// Requests that the server has not answered.
    case requests = 11
    /// To-device messages waiting for an Olm session, and those received from devices not known yet.
    case waitingMessages = 12
    /// Room keys asked for, and codes of those that are withheld.
    case missingSessions = 13
    /// Sessions that are not in the key backup.
    case sessionsToBackUp = 14
    /// Private keys of cross-signing, the backup and secret storage.
    case secrets = 15
    /// Verifications under way.
    case verifications = 16
    /// Counts that hold bounds.
    case counts = 17
    /// Key bundles that others have offered.
    case keyBundles = 18
    /// Per device: failed claims, sessions made to replace broken ones.
    case olmStates = 19
}

/// One change to a record.
public struct RecordChange: Sendable, Equatable {
    public let table: RecordTable
    public let key: [UInt8]
    /// The new value; nil deletes the record.
    public let value: [UInt8]?

    public init(table: RecordTable, key: [UInt8], value: [UInt8]?) {
        self.table = table
        self.key = key
        self.value = value
    }
}
