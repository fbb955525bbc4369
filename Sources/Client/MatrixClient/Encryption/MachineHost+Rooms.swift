import CanonicalJSON
import EncryptionMachine
import MatrixIdentifiers

/// The machine's calls, with its errors as ours.
extension MachineHost {
    func receiveSync(_ changes: SyncChanges) -> [MachineNews] { machine?.receiveSync(changes) ?? [] }

    func receiveState(_ events: [JSONObject], in roomID: RoomID) -> [MachineNews] {
        machine?.receiveStateEvents(events, in: roomID.string) ?? []
    }

    func outgoingRequests() -> [OutgoingRequest] { machine?.outgoingRequests() ?? [] }

    func receive(
        _ body: [UInt8], status: Int, for id: OutgoingRequest.ID
    ) throws(ClientError) -> [MachineNews] {
        do {
            return try machine?.receive(body, status: status, for: id) ?? []
        } catch {
            throw ClientError(.serverFailed, "the server's answer makes no sense: \(error.reason)")
        }
    }

    func prepare(in roomID: RoomID, members: RoomMembers) throws(ClientError) -> Readiness {
        guard let machine else { throw Self.missing }
        do {
            return try machine.prepareToSend(in: roomID.string, members: members)
        } catch {
            throw ClientError(.encryption, error.reason)
        }
    }

    func encrypt(_ content: JSONObject, type: String, in roomID: RoomID) throws(ClientError) -> JSONObject {
        guard let machine else { throw Self.missing }
        do {
            return try machine.encrypt(content, type: type, in: roomID.string)
        } catch {
            throw ClientError(.encryption, error.reason)
        }
    }

    func decrypt(_ event: JSONObject, in roomID: RoomID) -> Result<DecryptedEvent, DecryptionError> {
        guard let machine else { return .failure(.unknownSession(sessionID: "", withheld: nil)) }
        do {
            return .success(try machine.decrypt(event, in: roomID.string))
        } catch {
            return .failure(error)
        }
    }

    func required() throws(ClientError) -> EncryptionMachine<MachineRecords> {
        guard let machine else { throw Self.missing }
        return machine
    }

    static let missing = ClientError(.encryption, "the session does not encrypt")
}
