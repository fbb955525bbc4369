import CanonicalJSON

/// What a request was made for; it is stored in its context.
enum TrustPurpose: UInt8 {
    case signingKeys = 1
    case signatures = 2
    /// A message of a verification in a room.
    case roomMessage = 3
    /// The request for a verification in a room, whose event ID names it.
    case roomRequest = 4
    case accountData = 5
    case makeBackup = 6
    case checkBackup = 7
    case uploadBackup = 8
    case restoreBackup = 9
    case deleteBackup = 10
}

extension RequestRecord {
    /// The purpose and what follows it in the context.
    fileprivate func trustContext() throws(MachineError) -> (purpose: TrustPurpose, reader: RecordReader) {
        var reader = try RecordReader(context, version: 1)
        guard let purpose = TrustPurpose(rawValue: try reader.uint8()) else {
            throw MachineError(.damagedRecord, "a request is for nothing that is known")
        }
        return (purpose, reader)
    }
}

extension EncryptionMachine {
    /// The start of a request's context.
    func trustContext(_ purpose: TrustPurpose) -> RecordWriter {
        var writer = RecordWriter(version: 1)
        writer.write(purpose.rawValue)
        return writer
    }

    /// Hands the answer to whoever asked.
    func receiveTrustAnswer(_ answer: JSONObject, to request: RequestRecord) throws(MachineError) -> [MachineNews] {
        var (purpose, reader) = try request.trustContext()
        switch purpose {
        case .signingKeys: return signingKeysWereUploaded()
        case .signatures, .roomMessage, .accountData: return []
        case .roomRequest:
            guard let eventID = answer.string("event_id"), isIdentifier(eventID) else {
                throw MachineError(.malformed, "the answer has no 'event_id'")
            }
            return verificationWasRequested(
                of: try reader.string(), in: try reader.string(), eventID: eventID)
        case .makeBackup: return try backupWasMade(answer)
        case .checkBackup: return receiveBackupVersion(answer)
        case .uploadBackup: return sessionsWereBackedUp(version: try reader.string())
        case .restoreBackup: return receiveBackup(answer, room: try reader.optionalString())
        case .deleteBackup: return backupIsGone(version: try reader.string())
        }
    }

    /// The server will not have it.
    func trustRequestWasRefused(_ request: RequestRecord, errorCode: String?) {
        do {
            var (purpose, reader) = try request.trustContext()
            switch purpose {
            case .signingKeys: removePendingSecrets()
            case .signatures, .roomMessage, .roomRequest, .accountData, .restoreBackup: break
            case .makeBackup: store.remove(BackupRecord.self, BackupRecord.pendingKey)
            case .checkBackup, .deleteBackup: break
            case .uploadBackup: backupUploadWasRefused(version: try reader.string())
            }
        } catch {
            // A context that cannot be read has nobody waiting for it.
        }
    }

    /// What the host should know of a refusal, besides that it happened.
    func trustNews(ofRefused request: RequestRecord, status: Int) -> [MachineNews] {
        do {
            switch try request.trustContext().purpose {
            case .signingKeys: return [.crossSigningChanged]
            case .checkBackup: return status == 404 ? backupIsGone(version: nil) : []
            case .uploadBackup, .makeBackup: return [.backupChanged]
            default: return []
            }
        } catch {
            return []
        }
    }
}

extension OutgoingRequest {
    /// Where the event goes, for a request of kind ``Kind/sendRoomEvent``: the host encrypts the body as the content of
    /// an event of this type when the room is encrypted, and sends it under the same transaction ID.
    public var roomEvent: (room: String, type: String, transactionID: String)? {
        guard kind == .sendRoomEvent else { return nil }
        let parts = path.utf8.split(separator: UInt8(ascii: "/")).map { percentDecoded(Array($0)) }
        // _matrix, client, v3, rooms, room, send, type, transaction
        guard parts.count == 8 else { return nil }
        return (parts[4], parts[6], parts[7])
    }
}

/// The reverse of ``percentEncoded(_:)``.
private func percentDecoded(_ bytes: [UInt8]) -> String {
    func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
    var output: [UInt8] = []
    var index = 0
    while index < bytes.count {
        if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count, let high = digit(bytes[index + 1]),
            let low = digit(bytes[index + 2])
        {
            output.append(high << 4 | low)
            index += 3
        } else {
            output.append(bytes[index])
            index += 1
        }
    }
    return String(decoding: output, as: UTF8.self)
}
