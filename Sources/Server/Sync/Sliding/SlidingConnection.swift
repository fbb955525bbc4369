import HomeserverStore
import MatrixAPI
import MatrixEvents
import MatrixIdentifiers
import Synchronization

/// What one connection has been sent of one room.
struct SentRoom: Sendable {
    var membership: Membership
    /// Events and state up to here.
    var upTo: StreamPosition
    /// Every event that the client may see after this one, up to ``upTo``, has been sent.
    var timelineStart: StreamPosition
    var timelineLimit: Int
    var rules: StateRules
    var isDirect = false
    var notificationCount = 0
    var highlightCount = 0
    /// Members that were sent because the timeline needed them.
    var members: Set<ByteExactString> = []
    /// Nil: none has been sent yet.
    var receiptsUpTo: StreamPosition?
    var accountDataUpTo: StreamPosition?
    var typingUpTo: Int64?

    /// Of more, none is remembered: they are sent again.
    static let maximumMembers = 300

    /// About how much memory it takes.
    var byteCount: Int { 240 + members.count * 64 }
}

/// What a connection has been sent, up to one `pos`.
struct SlidingCheckpoint: Sendable {
    /// Nil before the first answer.
    var token: SyncToken?
    var globalAccountDataUpTo: StreamPosition?
    /// The lists' counts.
    var counts: [String: Int] = [:]
    /// The rules in use, so that rooms with the same ones share them.
    var rules: [StateRules] = []
}

/// One client's way through its rooms: what it has been sent, so that only what is new is sent again.
///
/// Two answers are kept: the one whose `pos` the client has used, and the one that it may or may not have received,
/// as what it changed. When the client uses the later `pos`, the two become one; when it comes again with the earlier,
/// it is answered again from there.
final class SlidingConnection: Sendable {
    /// Where a request begins.
    struct Turn: Sendable {
        let number: Int64
        let checkpoint: SlidingCheckpoint
        let rooms: [RoomNumber: SentRoom]
    }

    private struct Pending {
        let serial: Int64
        let checkpoint: SlidingCheckpoint
        let rooms: [RoomNumber: SentRoom]
    }

    private struct State {
        var serial: Int64 = 0
        var checkpoint = SlidingCheckpoint()
        var rooms: [RoomNumber: SentRoom] = [:]
        var pending: Pending?
        var lastSerial: Int64 = 0
        var turn: Int64 = 0
        var byteCount = 0
        /// Ends the wait of the request that is being answered.
        var endWait: (@Sendable () -> Void)?
    }

    let userID: UserID
    /// Tells this connection from others of the same name, before or after it.
    let nonce: String
    private let state = Mutex(State())

    init(userID: UserID, nonce: String) {
        self.userID = userID
        self.nonce = nonce
    }

    static let unknownPosition = MatrixError(
        400, .unknownPosition, "this position is not known any more; begin anew without one")

    /// Begins to answer a request; an earlier one that still waits is ended, since its client has given it up.
    ///
    /// - Parameter serial: of the `pos` that the client uses; nil for the first request.
    /// - Throws: `M_UNKNOWN_POS`.
    func begin(serial: Int64?) throws(MatrixError) -> Turn {
        let (turn, endWait) = try state.withLock { state throws(MatrixError) in
            if let serial {
                if let pending = state.pending, pending.serial == serial {
                    Self.confirm(pending, in: &state)
                } else if serial != state.serial || serial == 0 {
                    throw Self.unknownPosition
                }
            }
            state.turn += 1
            let turn = Turn(number: state.turn, checkpoint: state.checkpoint, rooms: state.rooms)
            defer { state.endWait = nil }
            return (turn, state.endWait)
        }
        endWait?()
        return turn
    }

    private static func confirm(_ pending: Pending, in state: inout State) {
        state.serial = pending.serial
        state.checkpoint = pending.checkpoint
        state.pending = nil
        for (number, room) in pending.rooms {
            state.byteCount += room.byteCount - (state.rooms[number]?.byteCount ?? 0)
            state.rooms[number] = room
        }
    }

    /// Whether no later request has begun.
    func isCurrent(_ turn: Turn) -> Bool { state.withLock { $0.turn == turn.number } }

    /// - Parameter end: ends the request's wait; called at once when a later request has begun.
    func willWait(_ turn: Turn, end: @escaping @Sendable () -> Void) {
        let isCurrent = state.withLock { state in
            if state.turn == turn.number { state.endWait = end }
            return state.turn == turn.number
        }
        if !isCurrent { end() }
    }

    /// Keeps what an answer sends, and answers its `pos`. That of a request which a later one has taken the place of is
    /// good for nothing.
    func finish(_ turn: Turn, _ checkpoint: SlidingCheckpoint, rooms: [RoomNumber: SentRoom]) -> String {
        let serial = state.withLock { state in
            state.lastSerial += 1
            if state.turn == turn.number {
                state.pending = Pending(serial: state.lastSerial, checkpoint: checkpoint, rooms: rooms)
                state.endWait = nil
            }
            return state.lastSerial
        }
        return SlidingPosition(token: checkpoint.token, nonce: nonce, serial: serial).description
    }

    var byteCount: Int {
        state.withLock { state in
            state.byteCount + 500 + (state.pending?.rooms.values.reduce(0) { $0 + $1.byteCount } ?? 0)
        }
    }
}

/// A `pos`: a token of `/sync`, and after it which answer of which connection it came with.
struct SlidingPosition: CustomStringConvertible {
    let token: SyncToken?
    let nonce: String
    let serial: Int64

    init(token: SyncToken?, nonce: String, serial: Int64) {
        self.token = token
        self.nonce = nonce
        self.serial = serial
    }

    /// Nil when the text is no `pos` of ours.
    init?(_ text: String) {
        let parts = text.split(separator: "~", omittingEmptySubsequences: false)
        guard parts.count == 3, let token = SyncToken(String(parts[0])), let serial = Int64(parts[2]) else {
            return nil
        }
        self.init(token: token, nonce: String(parts[1]), serial: serial)
    }

    var description: String { "\((token ?? SyncToken(position: .zero)).description)~\(nonce)~\(serial)" }
}
