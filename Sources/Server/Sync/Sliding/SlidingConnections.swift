import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixIdentifiers
import ServerEnvironment
import Synchronization

/// The connections of all devices. Kept in memory and bounded: a client whose connection is gone is told so, and
/// begins anew.
final class SlidingConnections: Sendable {
    private struct Key: Hashable {
        let device: DeviceNumber
        let name: ByteExactString
    }

    private struct Entry {
        let connection: SlidingConnection
        var lastUsed: Int64
        var byteCount = 0
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        var byteCount = 0

        mutating func remove(_ key: Key) {
            if let entry = entries.removeValue(forKey: key) { byteCount -= entry.byteCount }
        }
    }

    /// Element X has three.
    private static let maximumPerDevice = 8
    private static let maximumCount = 100_000
    /// What the connections may take together.
    private static let byteBudget = 64 << 20
    private static let maximumIdleMilliseconds: Int64 = 24 * 60 * 60 * 1000

    private let environment: ServerEnvironment
    private let state = Mutex(State())

    init(environment: ServerEnvironment) { self.environment = environment }

    /// The connection that a request belongs to: a new one when it has no `pos`.
    ///
    /// - Throws: `M_UNKNOWN_POS` when the `pos` was not given out to this device, or is known no more.
    func connection(for request: SlidingSyncRequest) throws(MatrixError) -> (SlidingConnection, serial: Int64?) {
        let key = Key(device: request.device, name: request.connectionID)
        let now = environment.timestamp
        if let text = request.position {
            let present = state.withLock { state -> SlidingConnection? in
                state.entries[key]?.lastUsed = now
                return state.entries[key]?.connection
            }
            guard let position = SlidingPosition(text), let present, present.userID == request.userID,
                utf8Equal(present.nonce, position.nonce)
            else { throw SlidingConnection.unknownPosition }
            return (present, position.serial)
        }
        let nonce = environment.randomBytes(8).map { String(Int($0) + 256, radix: 16).dropFirst() }.joined()
        let connection = SlidingConnection(userID: request.userID, nonce: nonce)
        state.withLock { state in
            state.remove(key)
            let others = state.entries.filter { $0.key.device == request.device }
            if others.count >= Self.maximumPerDevice,
                let oldest = others.min(by: { $0.value.lastUsed < $1.value.lastUsed })
            {
                state.remove(oldest.key)
            }
            state.entries[key] = Entry(connection: connection, lastUsed: now)
        }
        return (connection, nil)
    }

    /// Takes note of how much memory a connection takes after an answer, and makes room if need be.
    func noteSize(of connection: SlidingConnection, for request: SlidingSyncRequest) {
        let key = Key(device: request.device, name: request.connectionID)
        let byteCount = connection.byteCount
        state.withLock { state in
            guard let entry = state.entries[key], entry.connection === connection else { return }
            state.byteCount += byteCount - entry.byteCount
            state.entries[key]?.byteCount = byteCount
            guard state.byteCount > Self.byteBudget || state.entries.count > Self.maximumCount else { return }
            Self.makeRoom(in: &state, keeping: key)
        }
    }

    /// Lets go of the connections that have not been used for longest, down to nine tenths of what is allowed, so that
    /// not every request has to look for them.
    private static func makeRoom(in state: inout State, keeping kept: Key) {
        for (key, _) in state.entries.sorted(by: { $0.value.lastUsed < $1.value.lastUsed }) where key != kept {
            guard state.byteCount > byteBudget / 10 * 9 || state.entries.count > maximumCount / 10 * 9 else { return }
            state.remove(key)
        }
    }

    /// Lets go of what has not been used for a day. Called now and then.
    func forgetUnused() {
        let moment = environment.timestamp - Self.maximumIdleMilliseconds
        state.withLock { state in
            for (key, entry) in state.entries where entry.lastUsed < moment { state.remove(key) }
        }
    }

    var count: Int { state.withLock { $0.entries.count } }
}
