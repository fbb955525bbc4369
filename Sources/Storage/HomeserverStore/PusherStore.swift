import MatrixIdentifiers

/// The number that stands for a pusher in the database.
public struct PusherNumber: Hashable, Comparable, Sendable {
    public let rawValue: Int64
    public init(_ rawValue: Int64) { self.rawValue = rawValue }
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// What names a pusher of a user.
public struct PusherKey: Hashable, Sendable {
    public let appID: ByteExactString
    public let pushkey: ByteExactString

    public init(appID: String, pushkey: String) {
        self.appID = ByteExactString(appID)
        self.pushkey = ByteExactString(pushkey)
    }
}

/// Where a user wants notifications sent, as the client set it.
///
/// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3pushersset
public struct PusherSettings: Sendable, Equatable {
    public var key: PusherKey
    public var kind: String
    public var appDisplayName: String
    public var deviceDisplayName: String
    public var profileTag: String?
    public var lang: String
    /// A JSON object as bytes.
    public var data: [UInt8]

    public init(
        key: PusherKey, kind: String, appDisplayName: String, deviceDisplayName: String, profileTag: String?,
        lang: String, data: [UInt8]
    ) {
        self.key = key
        self.kind = kind
        self.appDisplayName = appDisplayName
        self.deviceDisplayName = deviceDisplayName
        self.profileTag = profileTag
        self.lang = lang
        self.data = data
    }
}

/// How far a pusher has got.
public struct PusherProgress: Sendable, Equatable {
    /// What is later has not been delivered yet; nil when nothing is outstanding.
    public var behind: StreamPosition?
    /// The unread count that the gateway was told last.
    public var badge: Int

    public init(behind: StreamPosition? = nil, badge: Int = 0) {
        self.behind = behind
        self.badge = badge
    }
}

public struct PusherRecord: Sendable, Equatable {
    public let number: PusherNumber
    public let userID: UserID
    /// The device that set it, with which it goes.
    public let device: DeviceNumber
    public let settings: PusherSettings
    /// When the pushkey was last set, in milliseconds since 1970.
    public let pushkeyTimestamp: Int64
    /// Later events are for it.
    public let start: StreamPosition
    public let progress: PusherProgress

    public init(
        number: PusherNumber, userID: UserID, device: DeviceNumber, settings: PusherSettings, pushkeyTimestamp: Int64,
        start: StreamPosition, progress: PusherProgress
    ) {
        self.number = number
        self.userID = userID
        self.device = device
        self.settings = settings
        self.pushkeyTimestamp = pushkeyTimestamp
        self.start = start
        self.progress = progress
    }
}

/// Pushers, and how far they have got.
public protocol PusherReader {
    /// Every pusher, in the order in which they were made.
    func pushers() throws -> [PusherRecord]
    func pushers(of userID: UserID) throws -> [PusherRecord]
    func pusher(_ number: PusherNumber) throws -> PusherRecord?
    /// Everything up to here has been looked at for all pushers; nil before there was one.
    func pushPosition() throws -> StreamPosition?
    /// The places of events of all rooms in the range (`after` exclusive, `upTo` inclusive), the earliest first.
    func eventPlaces(
        after: StreamPosition, upTo: StreamPosition, limit: Int
    ) throws -> [(position: StreamPosition, room: RoomNumber)]
}

public protocol PusherWriter: PusherReader {
    /// Makes the pusher, or gives the user's one with that key new settings; what it has delivered stays delivered.
    func setPusher(
        _ settings: PusherSettings, of userID: UserID, device: DeviceNumber, pushkeyTimestamp: Int64,
        start: StreamPosition
    ) throws -> PusherNumber
    func deletePusher(_ number: PusherNumber) throws
    /// Answers what was deleted, as does ``deletePushers(_:exceptOf:)``.
    func deletePusher(_ key: PusherKey, of userID: UserID) throws -> [PusherNumber]
    func deletePushers(_ key: PusherKey, exceptOf userID: UserID) throws -> [PusherNumber]
    func setProgress(_ progress: PusherProgress, of pusher: PusherNumber) throws
    func setPushPosition(_ position: StreamPosition) throws
}
