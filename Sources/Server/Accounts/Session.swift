import ApplicationServices
import HomeserverStore
import MatrixAPI
import MatrixIdentifiers
import Synchronization

/// Who a request comes from: a user on one of his devices, or an application service that speaks for a user.
public final class Session: Sendable {
    public let userID: UserID
    /// Nil for an application service that acts on no device.
    public let deviceID: String?
    /// Without a device, what stands for it in the user's transactions.
    public let device: DeviceNumber
    /// The application service that speaks for the user; nil for the user himself.
    public let applicationService: ApplicationService?
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
        applicationService = nil
    }

    init(
        service: ApplicationService, userID: UserID, device: (number: DeviceNumber, id: String?),
        standing: AccountStanding
    ) {
        self.userID = userID
        deviceID = device.id
        self.device = device.number
        self.standing = standing
        applicationService = service
        oauthClient = nil
        tokenPair = 0
        expiresAt = nil
        replacedPair = Mutex(nil)
    }

    /// The device, for what cannot be done without one.
    ///
    /// https://spec.matrix.org/v1.19/application-service-api/#identity-assertion
    public func requiredDeviceID() throws(MatrixError) -> String {
        guard let deviceID else {
            throw MatrixError(400, .unknownDevice, "this is done on a device; say on which one with 'device_id'")
        }
        return deviceID
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
