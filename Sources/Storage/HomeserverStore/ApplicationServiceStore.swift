import MatrixIdentifiers

/// How far an application service has been told what happens.
public struct ApplicationServiceProgress: Sendable, Equatable {
    /// A transaction as it is sent, however often that takes.
    public struct Transaction: Sendable, Equatable {
        public let id: String
        /// JSON as bytes.
        public let body: [UInt8]

        public init(id: String, body: [UInt8]) {
            self.id = id
            self.body = body
        }
    }

    /// Everything up to here is in ``transaction``, in an earlier one or in none.
    public var position: StreamPosition
    /// What the service has not taken yet, as far as is known; nil when it has taken everything.
    public var transaction: Transaction?

    public init(position: StreamPosition, transaction: Transaction? = nil) {
        self.position = position
        self.transaction = transaction
    }
}

/// An event in the stream, with as much as tells whether it concerns somebody.
public struct StreamEntry: Sendable, Equatable {
    public let position: StreamPosition
    public let room: RoomNumber
    /// Whose membership it is about; nil for another event than `m.room.member`.
    public let member: UserID?

    public init(position: StreamPosition, room: RoomNumber, member: UserID?) {
        self.position = position
        self.room = room
        self.member = member
    }
}

/// What is kept for application services.
public protocol ApplicationServiceReader {
    /// Nil for a service that has never been told anything.
    func applicationServiceProgress(of service: String) throws -> ApplicationServiceProgress?
    /// Events in the range (`after` exclusive, `upTo` inclusive), the earliest first.
    func streamEntries(after: StreamPosition, upTo: StreamPosition, limit: Int) throws -> [StreamEntry]
    /// What stands for a device in the transactions of a user for whom a service acts without one.
    func numberWithoutDevice(of userID: UserID) throws -> DeviceNumber?
    /// The rooms in a service's directory of a network; of all its networks, or of all services, without one.
    func networkRooms(service: String?, network: String?) throws -> [RoomNumber]
}

public protocol ApplicationServiceWriter: ApplicationServiceReader {
    func setApplicationServiceProgress(_ progress: ApplicationServiceProgress, of service: String) throws
    /// Answers the one that is there, or makes one, which is no device's.
    func makeNumberWithoutDevice(of userID: UserID) throws -> DeviceNumber
    /// - Returns: false when it would be one too many for the service.
    func setListed(
        _ isListed: Bool, room: RoomNumber, service: String, network: String, maximumCount: Int
    ) throws -> Bool
}
