import MatrixIdentifiers

/// A device with the identity keys it has published.
public struct DeviceKeysRecord: Sendable, Equatable {
    public let device: DeviceNumber
    public let deviceID: String
    public let displayName: String?
    /// JSON as bytes, as the device uploaded it.
    public let json: [UInt8]

    public init(device: DeviceNumber, deviceID: String, displayName: String?, json: [UInt8]) {
        self.device = device
        self.deviceID = deviceID
        self.displayName = displayName
        self.json = json
    }
}

/// A one-time or fallback key. Its name in the specification is `<algorithm>:<key ID>`.
public struct PublishedKey: Sendable, Equatable {
    public let algorithm: String
    public let keyID: String
    /// JSON as bytes: a string or an object.
    public let json: [UInt8]

    public init(algorithm: String, keyID: String, json: [UInt8]) {
        self.algorithm = algorithm
        self.keyID = keyID
        self.json = json
    }
}

public struct DehydratedDeviceRecord: Sendable, Equatable {
    public let device: DeviceNumber
    public let deviceID: String
    /// JSON as bytes, encrypted by the client.
    public let data: [UInt8]

    public init(device: DeviceNumber, deviceID: String, data: [UInt8]) {
        self.device = device
        self.deviceID = deviceID
        self.data = data
    }
}

/// What devices publish so that others can encrypt for them. All of it goes with the device.
public protocol DeviceKeyReader {
    /// JSON as bytes.
    func deviceKeys(of device: DeviceNumber) throws -> [UInt8]?
    /// The user's devices that have published keys, in the order in which they signed in.
    func deviceKeys(of userID: UserID) throws -> [DeviceKeysRecord]

    /// JSON as bytes.
    func oneTimeKey(_ algorithm: String, _ keyID: String, of device: DeviceNumber) throws -> [UInt8]?
    /// By algorithm; none that is zero.
    func oneTimeKeyCounts(of device: DeviceNumber) throws -> [String: Int]
    /// Whether a key of this hash was claimed lately.
    func wasClaimed(keyHash: [UInt8], of device: DeviceNumber) throws -> Bool
    /// The algorithms with a fallback key that nobody has claimed, in order.
    func unusedFallbackKeyTypes(of device: DeviceNumber) throws -> [String]

    func dehydratedDevice(of userID: UserID) throws -> DehydratedDeviceRecord?
}

public protocol DeviceKeyWriter: DeviceKeyReader {
    func setDeviceKeys(_ json: [UInt8], of device: DeviceNumber) throws
    /// Adds keys of one upload: they are claimed after those of earlier uploads. None of them may be there already.
    func insertOneTimeKeys(_ keys: [PublishedKey], of device: DeviceNumber) throws
    /// Removes and answers the key that is next to be claimed.
    func takeOneTimeKey(_ algorithm: String, of device: DeviceNumber) throws -> PublishedKey?
    /// Notes that a key was claimed, and forgets all but the latest `maximumCount` such notes of the device.
    func insertClaimed(keyHash: [UInt8], of device: DeviceNumber, maximumCount: Int) throws
    /// Takes the place of the fallback key of the same algorithm; as unused, unless it is the same key.
    func setFallbackKey(_ key: PublishedKey, of device: DeviceNumber) throws
    /// Answers the fallback key and notes that it was used.
    func useFallbackKey(_ algorithm: String, of device: DeviceNumber) throws -> PublishedKey?

    /// - Parameter data: JSON as bytes.
    func setDehydratedDevice(_ device: DeviceNumber, of userID: UserID, data: [UInt8]) throws
}
