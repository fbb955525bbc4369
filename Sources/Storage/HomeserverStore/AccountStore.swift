import CanonicalJSON
import MatrixIdentifiers

/// A user of this server.
public struct AccountRecord: Sendable, Equatable {
    public let userID: UserID
    /// Nil for an account without a password.
    public let passwordHash: String?
    /// Milliseconds since 1970.
    public let createdAt: Int64
    public let isDeactivated: Bool
    public let standing: AccountStanding

    public init(
        userID: UserID, passwordHash: String?, createdAt: Int64, isDeactivated: Bool = false,
        standing: AccountStanding = AccountStanding()
    ) {
        self.userID = userID
        self.passwordHash = passwordHash
        self.createdAt = createdAt
        self.isDeactivated = isDeactivated
        self.standing = standing
    }
}

/// What administrators have decided about an account.
public struct AccountStanding: Sendable, Equatable {
    /// Nothing may be done but signing out.
    public var isLocked: Bool
    /// Nothing may be said, joined or invited to.
    public var isSuspended: Bool
    public var isAdministrator: Bool

    public init(isLocked: Bool = false, isSuspended: Bool = false, isAdministrator: Bool = false) {
        self.isLocked = isLocked
        self.isSuspended = isSuspended
        self.isAdministrator = isAdministrator
    }
}

public struct DeviceRecord: Sendable, Equatable {
    public let number: DeviceNumber
    public let userID: UserID
    public let deviceID: String
    public let displayName: String?
    /// Milliseconds since 1970; nil before the first request.
    public let lastSeenAt: Int64?
    public let lastSeenAddress: String?
    /// The client that was let in by OAuth 2.0; nil for a device of the legacy API.
    public let oauthClient: String?

    public init(
        number: DeviceNumber, userID: UserID, deviceID: String, displayName: String?, lastSeenAt: Int64?,
        lastSeenAddress: String?, oauthClient: String? = nil
    ) {
        self.number = number
        self.userID = userID
        self.deviceID = deviceID
        self.displayName = displayName
        self.lastSeenAt = lastSeenAt
        self.lastSeenAddress = lastSeenAddress
        self.oauthClient = oauthClient
    }
}

/// An access token with the refresh token given out beside it. Only the hashes of the tokens are kept.
public struct TokenPairRecord: Sendable, Equatable {
    /// 0 before it is stored.
    public let number: Int64
    public let device: DeviceNumber
    /// SHA-256, 32 bytes.
    public let accessTokenHash: [UInt8]
    /// Nil when the client did not ask for one.
    public let refreshTokenHash: [UInt8]?
    /// Milliseconds since 1970; nil never.
    public let expiresAt: Int64?
    /// The pair this one replaces, which stays valid until this one is first used.
    public let replaces: Int64?

    public init(
        number: Int64, device: DeviceNumber, accessTokenHash: [UInt8], refreshTokenHash: [UInt8]?, expiresAt: Int64?,
        replaces: Int64?
    ) {
        self.number = number
        self.device = device
        self.accessTokenHash = accessTokenHash
        self.refreshTokenHash = refreshTokenHash
        self.expiresAt = expiresAt
        self.replaces = replaces
    }
}

/// One entry of a user's account data.
public struct AccountDataRecord: Sendable, Equatable {
    public let type: String
    /// JSON as bytes.
    public let content: [UInt8]
    public let position: StreamPosition

    public init(type: String, content: [UInt8], position: StreamPosition) {
        self.type = type
        self.content = content
        self.position = position
    }
}

/// Accounts, devices, tokens, profiles, account data and filters.
public protocol AccountReader {
    func account(_ userID: UserID) throws -> AccountRecord?
    /// Accounts in order of their user IDs, the deactivated ones too.
    func accounts(after userID: UserID?, limit: Int) throws -> [AccountRecord]
    /// Users who are deactivated and have not left all their rooms yet.
    func usersWithRoomsToLeave() throws -> [UserID]
    /// Users who wished to be erased, with the stream's position at that time.
    func erasedUsers() throws -> [UserID: StreamPosition]
    func device(_ deviceID: String, of userID: UserID) throws -> DeviceRecord?
    func device(_ number: DeviceNumber) throws -> DeviceRecord?
    func devices(of userID: UserID) throws -> [DeviceRecord]
    func tokenPair(accessTokenHash: [UInt8]) throws -> TokenPairRecord?
    func tokenPair(refreshTokenHash: [UInt8]) throws -> TokenPairRecord?
    func tokenPairs(of device: DeviceNumber) throws -> [TokenPairRecord]
    func tokenPair(_ number: Int64) throws -> TokenPairRecord?
    /// The device that a retired refresh token belonged to.
    func device(retiredRefreshTokenHash: [UInt8]) throws -> DeviceNumber?

    /// The fields of a profile, each a JSON value as bytes.
    func profile(of userID: UserID) throws -> [String: [UInt8]]

    /// - Parameter room: nil for the global account data.
    func accountData(_ type: String, of userID: UserID, room: RoomNumber?) throws -> AccountDataRecord?
    /// All entries later than a position; of one room or of none.
    func accountData(of userID: UserID, room: RoomNumber?, after: StreamPosition) throws -> [AccountDataRecord]
    /// The entry of one type in each room that has one.
    func accountDataOfRooms(_ type: String, of userID: UserID) throws -> [(RoomNumber, AccountDataRecord)]
    /// The latest change to the account data of each room, and under nil to the global account data.
    func latestAccountDataPositions(of userID: UserID) throws -> [RoomNumber?: StreamPosition]

    func filter(_ filterID: String, of userID: UserID) throws -> [UInt8]?
}

public protocol AccountWriter: AccountReader {
    func insertAccount(_ account: AccountRecord) throws
    func setPasswordHash(_ hash: String, of userID: UserID) throws
    func setStanding(_ standing: AccountStanding, of userID: UserID) throws
    /// Marks the account as deactivated and takes away what belongs to the user alone: password, profile, account
    /// data, filters and grants. Devices are deleted apart.
    ///
    /// - Parameter erasedAt: set when the user wishes to be erased.
    func deactivateAccount(_ userID: UserID, erasedAt: StreamPosition?) throws
    func setHasRoomsToLeave(_ hasRooms: Bool, userID: UserID) throws

    /// Makes the device, or gives the one that is there a new display name unless that is nil.
    func upsertDevice(_ deviceID: String, of userID: UserID, displayName: String?) throws -> DeviceNumber
    func setDisplayName(_ displayName: String?, of device: DeviceNumber) throws
    func setOAuthClient(_ clientID: String?, of device: DeviceNumber) throws
    func setLastSeen(at milliseconds: Int64, address: String, of device: DeviceNumber) throws
    /// Removes the device with its tokens and transactions.
    func deleteDevice(_ device: DeviceNumber) throws

    /// Answers the pair's number.
    func insertTokenPair(_ pair: TokenPairRecord) throws -> Int64
    func deleteTokenPair(_ number: Int64) throws
    /// Deletes a pair whose successor is in use, and remembers its refresh token as one that nobody may use again.
    ///
    /// - Parameter maximumCount: of remembered tokens of the device; the latest are kept.
    func retireTokenPair(_ pair: TokenPairRecord, maximumCount: Int) throws
    func deleteTokenPairs(of device: DeviceNumber) throws

    /// - Parameter value: JSON as bytes; nil removes the field.
    func setProfileField(_ name: String, to value: [UInt8]?, of userID: UserID) throws
    func setAccountData(
        _ type: String, of userID: UserID, room: RoomNumber?, content: [UInt8], at position: StreamPosition) throws
    /// Takes an entry of the global account data away, if there is one.
    func deleteAccountData(_ type: String, of userID: UserID) throws
    /// Answers the filter's ID; the same filter keeps its ID.
    func insertFilter(_ json: [UInt8], of userID: UserID, maximumCount: Int) throws -> String?
}
