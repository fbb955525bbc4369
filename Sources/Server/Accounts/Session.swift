import HomeserverStore
import MatrixIdentifiers
import Synchronization

/// Who a request comes from: a user on one of his devices.
public final class Session: Sendable {
    public let userID: UserID
    public let deviceID: String
    public let device: DeviceNumber
    /// As it was when the session was read; whoever changes it has the session read anew.
    public let standing: AccountStanding
    /// The client that was let in by OAuth 2.0; nil for a session of the legacy API.
    public let oauthClient: String?
    let tokenPair: Int64
    /// Milliseconds since 1970; nil never.
    let expiresAt: Int64?
    /// The pair that this one replaces, until this one has been used.
    let replacedPair: Mutex<Int64?>

    init(
        device: DeviceRecord, standing: AccountStanding, pair: TokenPairRecord
    ) {
        userID = device.userID
        deviceID = device.deviceID
        self.device = device.number
        self.standing = standing
        oauthClient = device.oauthClient
        tokenPair = pair.number
        expiresAt = pair.expiresAt
        replacedPair = Mutex(pair.replaces)
    }
}

/// The sessions whose tokens were used lately, so that a request costs no read of the database.
final class SessionCache: Sendable {
    private struct Entries {
        var sessions: [[UInt8]: Session] = [:]
        var tokensOfDevice: [DeviceNumber: Set<[UInt8]>] = [:]
    }

    /// About 300 bytes each. Above it, all are dropped and read again when they are used.
    private static let maximumCount = 100_000
    private let entries = Mutex(Entries())

    subscript(accessTokenHash: [UInt8]) -> Session? { entries.withLock { $0.sessions[accessTokenHash] } }

    func insert(_ session: Session, accessTokenHash: [UInt8]) {
        entries.withLock { entries in
            if entries.sessions.count >= Self.maximumCount { entries = Entries() }
            entries.sessions[accessTokenHash] = session
            entries.tokensOfDevice[session.device, default: []].insert(accessTokenHash)
        }
    }

    /// Forgets a device's sessions, or only those of one token pair.
    func remove(device: DeviceNumber, tokenPair: Int64? = nil) {
        entries.withLock { entries in
            for hash in entries.tokensOfDevice[device] ?? [] {
                guard tokenPair == nil || entries.sessions[hash]?.tokenPair == tokenPair else { continue }
                entries.sessions[hash] = nil
                entries.tokensOfDevice[device]?.remove(hash)
            }
            if entries.tokensOfDevice[device]?.isEmpty == true { entries.tokensOfDevice[device] = nil }
        }
    }
}
