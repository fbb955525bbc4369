import CanonicalJSON
import EncryptionMachine
import MatrixIdentifiers

/// Holds the encryption machine: reads for it, and turns what it wants kept into changes of the store.
///
/// Only the engine calls it, from within its steps.
final class MachineHost {
    let records: MachineRecords
    /// Nil when the session does without encryption.
    let machine: EncryptionMachine<MachineRecords>?

    init(credentials: Credentials, configuration: ClientConfiguration) throws(ClientError) {
        let records = MachineRecords(store: configuration.store)
        self.records = records
        guard configuration.usesEncryption else {
            machine = nil
            return
        }
        let environment = configuration.environment
        do {
            machine = try EncryptionMachine(
                userID: credentials.userID.string, deviceID: credentials.deviceID, records: records,
                now: { environment.now() }, random: environment.random)
        } catch {
            throw ClientError(.store, "the keys on this device cannot be read: \(error.reason)")
        }
        // A new account must not take the place of one that could not be read.
        try records.check()
    }

    /// What the machine wants kept since the last time.
    func takeChanges() throws(ClientError) -> [StoreChange] {
        try records.check()
        return machine?.takeChanges().map { change in
            StoreChange(MachineRecords.key(change.table, change.key), change.value)
        } ?? []
    }
}

/// The machine's view of the store.
final class MachineRecords: EncryptionRecords {
    private let store: any ClientStore
    private var failure: ClientError?

    init(store: any ClientStore) { self.store = store }

    static func key(_ table: RecordTable, _ key: [UInt8]) -> StoreKey {
        StoreKey(.encryption, group: [table.rawValue], item: .name(key))
    }

    /// - Throws: when something could not be read since the last time: what the machine has made of it is void.
    func check() throws(ClientError) { if let failure { throw failure } }

    func value(in table: RecordTable, key: [UInt8]) -> [UInt8]? {
        do throws(ClientError) {
            return try store.value(of: Self.key(table, key))
        } catch {
            failure = error
            return nil
        }
    }

    func forEach(in table: RecordTable, prefix: [UInt8], _ body: (_ key: [UInt8], _ value: [UInt8]) -> Void) {
        do throws(ClientError) {
            for record in try store.records(in: .encryption, group: [table.rawValue], namePrefix: prefix) {
                if case .name(let key) = record.key.item { body(key, record.value) }
            }
        } catch {
            failure = error
        }
    }
}
