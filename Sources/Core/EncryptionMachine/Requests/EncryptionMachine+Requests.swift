import CanonicalJSON
import Primitives

extension EncryptionMachine {
    /// What is to be sent to the server, oldest first.
    ///
    /// A request stays in the list, unchanged, until ``receive(_:status:for:)`` is told its answer. The host may send
    /// several at a time; those of kind ``OutgoingRequest/Kind/sendToDevice`` to the same device it sends in order.
    /// When no answer comes, it is rate-limited (429), or the server fails (5xx), the host tries again later.
    public func outgoingRequests() -> [OutgoingRequest] {
        makeDueRequests()
        return store.findAll(RequestRecord.self).compactMap { key, record in
            guard let number = requestNumber(key) else { return nil }
            return OutgoingRequest(
                id: OutgoingRequest.ID(number), kind: record.kind, method: record.method, path: record.path,
                body: record.body)
        }
    }

    /// Tells the machine the server's answer to a request.
    ///
    /// Nothing happens for 401, 429 and 5xx, with which the request stays. Another error status ends the request: the
    /// machine gives it up, or makes a better one later. An answer to a request that is not in the list is ignored.
    ///
    /// - Throws: ``MachineError/Code/malformed`` when a 200 has a body that is none of the specification; the request
    ///   stays.
    public func receive(
        _ body: [UInt8], status: Int, for id: OutgoingRequest.ID
    ) throws(MachineError) -> [MachineNews] {
        guard let record = try store.read(RequestRecord.self, recordKey(id.number)) else { return [] }
        guard status != 401, status != 429, !(500...599).contains(status) else { return [] }
        let saved = store.pending
        do throws(MachineError) {
            removeRequest(id.number)
            let news: [MachineNews]
            if (200...299).contains(status) {
                guard let json = JSONObject.parse(body) else {
                    throw MachineError(.malformed, "the answer is no JSON object")
                }
                news = try receiveAnswer(json, to: record)
            } else {
                let code = JSONObject.parse(body)?.string("errcode")
                receiveRefusal(errorCode: code, of: record)
                news = [.requestRefused(record.kind, status: status, errorCode: code)] + trustNews(ofRefused: record, status: status)
            }
            makeDueRequests()
            return news
        } catch {
            forgetChanges(since: saved)
            throw error
        }
    }

    private func receiveAnswer(_ answer: JSONObject, to request: RequestRecord) throws(MachineError) -> [MachineNews] {
        switch request.kind {
        case .uploadKeys: try receiveKeysUpload(answer, to: request)
        case .queryKeys: try receiveKeysQuery(answer, to: request)
        case .claimKeys: try receiveKeysClaim(answer, to: request)
        case .sendToDevice: []
        case .uploadSignatures, .uploadSigningKeys, .sendRoomEvent, .uploadBackup, .other:
            try receiveTrustAnswer(answer, to: request)
        }
    }

    private func receiveRefusal(errorCode: String?, of request: RequestRecord) {
        switch request.kind {
        case .uploadKeys: keysUploadWasRefused(request)
        case .queryKeys: keysQueryFailed(request)
        case .claimKeys: keysClaimFailed(request)
        case .sendToDevice: toDeviceWasRefused(request)
        case .uploadSignatures, .uploadSigningKeys, .sendRoomEvent, .uploadBackup, .other:
            trustRequestWasRefused(request, errorCode: errorCode)
        }
    }

    /// Makes the requests that are due and not under way: keys to upload, lists to ask for, one-time keys to claim.
    /// Every call that may have made one due ends with this.
    func makeDueRequests() {
        makeKeysUpload()
        makeKeysQuery()
        makeKeysClaim()
        makeBackupUpload()
    }

    @discardableResult
    func enqueue(_ request: RequestRecord) -> OutgoingRequest.ID {
        let number = nextNumber()
        store.write(request, recordKey(number))
        work.note(request, number: number)
        return OutgoingRequest.ID(number)
    }

    func removeRequest(_ number: UInt64) {
        store.remove(RequestRecord.self, recordKey(number))
        work.forgetRequest(number)
    }

    /// A number that was never given before; numbers grow.
    func nextNumber() -> UInt64 {
        let key = recordKey("number")
        var number: UInt64 = 0
        if let bytes = store.value(in: .account, key: key) { number = requestNumber(bytes) ?? .max }
        // Damaged: whatever is under way keeps its number.
        if number == .max { number = work.lastRequest &+ 1_000_000 }
        number += 1
        store.set(recordKey(number), in: .account, key: key)
        return number
    }

    /// A name that nobody else gives a transaction.
    func transactionID() -> String {
        let digits = "0123456789abcdef".bytes
        var text: [UInt8] = []
        for byte in random.bytes(16) { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }

    func requestNumber(_ key: [UInt8]) -> UInt64? {
        guard key.count == 8 else { return nil }
        var number: UInt64 = 0
        for byte in key { number = number << 8 | UInt64(byte) }
        return number
    }

    /// Undoes what a call has changed before it failed.
    func forgetChanges(since saved: [RecordStore<Records>.Name: [UInt8]?]) {
        store.restore(saved)
        loadWork()
    }

    /// Reads from the records what is under way.
    func loadWork() {
        work = PendingWork()
        for (key, record) in store.findAll(RequestRecord.self) {
            if let number = requestNumber(key) { work.note(record, number: number) }
        }
        for (key, record) in store.findAll(TrackedUserRecord.self) where record.isOutdated {
            if let user = recordKeyParts(key).first { work.note(user, isOutdated: true) }
        }
        for (key, record) in store.findAll(OlmStateRecord.self) where record.isSessionWanted {
            let parts = recordKeyParts(key)
            if parts.count == 2 { work.note(DeviceName(user: parts[0], device: parts[1]), isWanted: true) }
        }
        account = nil
        recentSessions.forgetAll()
        changeCount &+= 1
    }
}
