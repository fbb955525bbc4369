import CanonicalJSON
import Megolm

/// Bounds of what others can make the machine keep for decrypting.
enum SessionBounds {
    /// Sessions of one room from one user.
    static let sessionsOfOwnerInRoom: UInt64 = 10_000
    /// Sessions from one user in all rooms.
    static let sessionsOfOwner: UInt64 = 50_000
    /// Users who may claim the same session as theirs.
    static let ownersOfSession = 8
    /// Sessions that were asked for, or that somebody said he withholds.
    static let missingSessions: UInt64 = 10_000
    /// Sessions asked for at a time.
    static let requestedSessions: UInt64 = 1_000
}

/// A session that has come, and how.
struct ReceivedSession {
    let room: String
    let session: InboundGroupSession
    /// Empty when nobody knows for certain.
    let owner: String
    let senderKey: String
    let claimedEd25519Key: String
    let origin: SessionOrigin
    let sharesHistory: Bool
    var forwardingChain: [String] = []
}

extension EncryptionMachine {
    /// Keeps a session that has come, unless what is there is as good.
    ///
    /// - Returns: whether something can be read now that could not before.
    func keep(_ received: ReceivedSession) -> Bool {
        guard isIdentifier(received.room) else { return false }
        let sessionID = received.session.sessionID
        let prefix = InboundSessionRecord.prefix(received.room, sessionID)
        var others = 0
        for (key, record) in store.findAll(InboundSessionRecord.self, prefix: prefix) {
            let owner = recordKeyParts(key).last ?? ""
            let isSame = utf8Equal(owner, received.owner)
            // Somebody's own session and one that was passed on are the same when they name the same maker.
            let isPassedOn = owner.utf8.isEmpty || received.owner.utf8.isEmpty
            if isSame || (isPassedOn && utf8Equal(record.senderKey, received.senderKey)),
                let result = merge(received, into: record, key: key, owner: owner)
            {
                return result
            }
            if isSame { return false }
            others += 1
        }
        guard others < SessionBounds.ownersOfSession, mayKeepSession(of: received.owner, in: received.room) else {
            return false
        }
        let record = InboundSessionRecord(
            pickle: received.session.pickle(), senderKey: received.senderKey,
            claimedEd25519Key: received.claimedEd25519Key, origin: received.origin,
            sharesHistory: received.sharesHistory, forwardingChain: received.forwardingChain,
            firstKnownIndex: received.session.firstKnownIndex)
        write(record, InboundSessionRecord.key(received.room, sessionID, owner: received.owner))
        count(up: recordKey("sessions", received.owner))
        count(up: recordKey("sessions", received.owner, received.room))
        noteForBackup(received.room, sessionID)
        return true
    }

    /// Nil when the two are not one session; then neither takes the other's place.
    private func merge(
        _ received: ReceivedSession, into record: InboundSessionRecord, key: [UInt8], owner: String
    ) -> Bool? {
        let known: InboundGroupSession
        // What cannot be read any more is replaced.
        do { known = try InboundGroupSession(pickle: record.pickle) } catch {
            store.remove(InboundSessionRecord.self, key)
            return nil
        }
        guard let merged = known.merged(with: received.session) else { return nil }
        var changed = record
        changed.pickle = merged.pickle()
        changed.firstKnownIndex = merged.firstKnownIndex
        let isProven = received.origin.isAuthentic && !record.origin.isAuthentic
        if isProven {
            changed.origin = received.origin
            changed.senderKey = received.senderKey
            changed.claimedEd25519Key = received.claimedEd25519Key
            changed.sharesHistory = received.sharesHistory
            changed.forwardingChain = []
        } else if !record.origin.isAuthentic {
            changed.sharesHistory = record.sharesHistory || received.sharesHistory
        }
        let isEarlier = merged.firstKnownIndex < record.firstKnownIndex
        guard isProven || isEarlier || changed.sharesHistory != record.sharesHistory else { return false }
        let sessionID = received.session.sessionID
        if isProven, !utf8Equal(owner, received.owner) { store.remove(InboundSessionRecord.self, key) }
        let newOwner = isProven ? received.owner : owner
        write(changed, InboundSessionRecord.key(received.room, sessionID, owner: newOwner))
        noteForBackup(received.room, sessionID)
        return isEarlier || isProven
    }

    private func write(_ record: InboundSessionRecord, _ key: [UInt8]) {
        store.write(record, key)
        recentSessions.forget(key)
    }

    private func mayKeepSession(of owner: String, in room: String) -> Bool {
        // What the user himself has brought is not bounded by what others may send.
        if owner.utf8.isEmpty || utf8Equal(owner, userID) { return true }
        return count(recordKey("sessions", owner)) < SessionBounds.sessionsOfOwner
            && count(recordKey("sessions", owner, room)) < SessionBounds.sessionsOfOwnerInRoom
    }

    private func noteForBackup(_ room: String, _ sessionID: String) {
        store.set([1], in: .sessionsToBackUp, key: recordKey(room, sessionID))
    }

    // MARK: Counts

    func count(_ key: [UInt8]) -> UInt64 {
        store.value(in: .counts, key: key).flatMap { requestNumber($0) } ?? 0
    }

    func count(up key: [UInt8]) { store.set(recordKey(count(key) &+ 1), in: .counts, key: key) }

    func count(down key: [UInt8]) {
        let value = count(key)
        store.set(value > 1 ? recordKey(value - 1) : nil, in: .counts, key: key)
    }
}

/// Sessions of the last messages, with the ratchet where it was: the next message costs one hash then.
struct RecentSessions {
    private static let maximumCount = 64
    private var sessions: [(key: [UInt8], session: InboundGroupSession)] = []

    mutating func take(_ key: [UInt8]) -> InboundGroupSession? {
        guard let position = sessions.firstIndex(where: { $0.key == key }) else { return nil }
        return sessions.remove(at: position).session
    }

    mutating func put(_ session: InboundGroupSession, _ key: [UInt8]) {
        sessions.append((key, session))
        if sessions.count > Self.maximumCount { sessions.removeFirst() }
    }

    mutating func forget(_ key: [UInt8]) { sessions.removeAll { $0.key == key } }
    mutating func forgetAll() { sessions.removeAll() }
}
