import CanonicalJSON
import Primitives

/// One device's end-to-end encryption, without I/O: it is told what the server said, and answers with requests to send
/// and events decrypted.
///
/// **The contract with the host.** After any call, and before the next one, the host takes the changes
/// (``takeChanges()``) and commits them durably, in one transaction, before it sends a request or shows an event that
/// the call produced. When the commit fails, the host throws the machine away and makes another from the records. That
/// is what makes kills safe: no place of a ratchet is used twice, whatever happens. All calls are synchronous and come
/// from one thread at a time.
///
/// What peers and servers send never traps; it is refused, ignored, or told as an error.
///
/// docs/decisions/0014-encryption-machine.md
public final class EncryptionMachine<Records: EncryptionRecords> {
    public let userID: String
    public let deviceID: String
    let now: () -> Int64
    let random: RandomSource
    let store: RecordStore<Records>
    /// What the records say is under way.
    var work = PendingWork()
    /// Nil until it is needed, and after a change was undone.
    var account: LoadedAccount?
    var identityKeys = IdentityKeys()
    /// Counts whatever may change who is to be given a key.
    var changeCount: UInt64 = 0
    var readyRooms: [[UInt8]: RoomReadiness] = [:]
    var recentSessions = RecentSessions()
    /// Verifications under way, which a restart ends.
    var verificationWork: VerificationWork

    /// Loads the account from the records, or makes one when they are empty.
    ///
    /// - Parameters:
    ///   - now: milliseconds since 1970.
    ///   - random: unpredictable bytes; tests give a seeded source.
    /// - Throws: ``MachineError/Code/otherAccount`` when the records belong to another user or device,
    ///   ``MachineError/Code/damagedRecord`` when the account cannot be read.
    public init(
        userID: String, deviceID: String, records: Records, now: @escaping () -> Int64, random: RandomSource
    ) throws(MachineError) {
        self.userID = userID
        self.deviceID = deviceID
        self.now = now
        self.random = random
        store = RecordStore(records)
        verificationWork = VerificationWork(random: random)
        loadWork()
        try openAccount()
        makeDueRequests()
    }

    /// The changes since the last call. The host commits them before anything else; see the type's description.
    public func takeChanges() -> [RecordChange] { store.takeChanges() }
}
