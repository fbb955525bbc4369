import CanonicalJSON
import EncryptionMachine

typealias Machine = EncryptionMachine<WebRecords>

/// The machine and its records.
final class HostedMachine {
    let records: WebRecords
    let machine: Machine

    init(records: WebRecords, machine: Machine) {
        self.records = records
        self.machine = machine
    }
}

private let machines = Handles<HostedMachine>(kind: .machine)

/// User ID, device ID, then table with key and value of each record → the machine, and its first changes as below.
func machineMake(_ call: inout Call) throws(CallError) -> Int32 {
    let (userID, deviceID) = (try call.arguments.text(), try call.arguments.text())
    let records = WebRecords()
    while !call.arguments.isAtEnd {
        let (key, value) = (try call.arguments.bytes(), try call.arguments.bytes())
        guard let first = key.first, let table = RecordTable(rawValue: first) else {
            throw CallError(.malformed, "a record is in no table that is known")
        }
        records.apply(RecordChange(table: table, key: Array(key.dropFirst()), value: value))
    }
    do throws(MachineError) {
        let machine = try Machine(
            userID: userID, deviceID: deviceID, records: records, now: { Host.now() }, random: Host.random)
        let hosted = HostedMachine(records: records, machine: machine)
        call.answer.add("{}")
        hosted.handOver(&call.answer)
        return machines.insert(hosted)
    } catch {
        throw CallError(error)
    }
}

/// A method's arguments as a JSON object, and bytes where it takes some → its result as JSON, then the changes: table
/// with key, and 1 with the value, or 0 when the record goes. The host keeps them, in one transaction, before it uses
/// the result; when it cannot, it releases the machine and makes another from what it has.
func machineCall(_ call: inout Call) throws(CallError) -> Int32 {
    let hosted = try machines[call.first].object
    guard let method = MachineMethod(rawValue: call.second) else {
        throw CallError(.badArguments, "there is no such method")
    }
    let arguments = MachineArguments(try call.arguments.object())
    let bytes = call.arguments.isAtEnd ? [] : try call.arguments.bytes()
    let result = try method.run(hosted.machine, arguments, bytes)
    call.answer.add(result.bytes())
    hosted.handOver(&call.answer)
    return 0
}

extension HostedMachine {
    fileprivate func handOver(_ answer: inout Answer) {
        for change in machine.takeChanges() {
            answer.add([change.table.rawValue] + change.key)
            answer.add(change.value.map { [1] + $0 } ?? [0])
            records.apply(change)
        }
    }
}

extension CallError {
    @inline(never)
    init(_ error: MachineError) {
        switch error.code {
        case .damagedRecord, .malformed: self.init(.malformed, error.reason)
        case .otherAccount, .roomNotEncrypted, .unsupportedAlgorithm, .unknown: self.init(.badArguments, error.reason)
        case .notReady, .tooMuch, .untrusted: self.init(.refused, error.reason)
        }
    }
}

/// Reads a method's arguments.
struct MachineArguments {
    private let object: JSONObject

    init(_ object: JSONObject) { self.object = object }

    @inline(never)
    func text(_ key: StaticString) throws(CallError) -> String {
        guard let text = textIfAny(key) else { throw CallError(.badArguments, key) }
        return text
    }

    @inline(never)
    func textIfAny(_ key: StaticString) -> String? { object[key.description]?.stringValue }

    /// An empty list when there is none; so too below.
    @inline(never)
    func values(_ key: StaticString) -> [JSONValue] { object[key.description]?.arrayValue ?? [] }

    @inline(never)
    func texts(_ key: StaticString) -> [String] { values(key).compactMap { $0.stringValue } }

    @inline(never)
    func objects(_ key: StaticString) -> [JSONObject] { values(key).compactMap { $0.objectValue } }

    @inline(never)
    func object(_ key: StaticString) throws(CallError) -> JSONObject {
        guard let object = objectIfAny(key) else { throw CallError(.badArguments, key) }
        return object
    }

    @inline(never)
    func objectIfAny(_ key: StaticString) -> JSONObject? { object[key.description]?.objectValue }

    @inline(never)
    func number(_ key: StaticString) throws(CallError) -> Int64 {
        guard let number = object[key.description]?.integerValue else { throw CallError(.badArguments, key) }
        return number
    }

    @inline(never)
    func flag(_ key: StaticString) -> Bool { object[key.description]?.boolValue ?? false }

    func has(_ key: StaticString) -> Bool { object[key.description] != nil }
}
