import Primitives

/// A device's own keys: what it is known by, and what others make sessions with.
///
/// A value: a copy is the account as it was. The host makes a changed one durable before it tells anybody of its keys.
public struct Account: Sendable {
    let signing: Ed25519KeyPair
    let identity: Curve25519KeyPair
    /// In the order of their making, at most ``maximumKeptOneTimeKeys``.
    var oneTimeKeys: [OneTimeKey]
    var fallbackKey: OneTimeKey?
    /// The fallback key before, for messages that are still on their way.
    var previousFallbackKey: OneTimeKey?
    var nextKeyNumber: UInt64

    /// How many unclaimed keys a server should have.
    public static let oneTimeKeysOnServer = 50
    /// How many keys one call makes at most, whatever a server says that it has.
    public static let maximumNewOneTimeKeys = 100
    /// How many keys are kept for messages that may still come; the oldest are dropped. As many as vodozemac keeps.
    public static let maximumKeptOneTimeKeys = 5_000

    /// A new device.
    public init(random: RandomSource) {
        self.init(signing: Ed25519KeyPair(random: random), identity: Curve25519KeyPair(random: random))
    }

    init(signing: Ed25519KeyPair, identity: Curve25519KeyPair) {
        self.signing = signing
        self.identity = identity
        oneTimeKeys = []
        nextKeyNumber = 0
    }

    /// `ed25519:DEVICE`, the device's fingerprint.
    public var signingKey: Ed25519Key { signing.publicKey }

    /// `curve25519:DEVICE`, I in Olm's terms.
    public var identityKey: Curve25519Key { identity.publicKey }

    /// 64 bytes, valid for ``signingKey``.
    public func sign(_ message: [UInt8]) -> [UInt8] { signing.sign(message) }

    // MARK: One-time keys

    /// Makes `count` keys, at most ``maximumNewOneTimeKeys``. The server must be told of them.
    public mutating func makeOneTimeKeys(_ count: Int, random: RandomSource) {
        for _ in 0..<max(0, min(count, Self.maximumNewOneTimeKeys)) {
            oneTimeKeys.append(OneTimeKey(number: takeNumber(), random: random))
        }
        oneTimeKeys.removeFirst(max(0, oneTimeKeys.count - Self.maximumKeptOneTimeKeys))
    }

    /// The keys that the server has not yet said it has.
    public var unpublishedOneTimeKeys: [OneTimeKey] { oneTimeKeys.filter { !$0.isPublished } }

    /// How many keys are kept, those that somebody may have claimed included.
    public var oneTimeKeyCount: Int { oneTimeKeys.count }

    // MARK: Fallback keys

    /// Makes a new fallback key; the one until now becomes the previous one, and the one before that is dropped.
    public mutating func makeFallbackKey(random: RandomSource) {
        previousFallbackKey = fallbackKey
        fallbackKey = OneTimeKey(number: takeNumber(), random: random)
    }

    /// The fallback key, unless the server has said that it has it.
    public var unpublishedFallbackKey: OneTimeKey? {
        guard let fallbackKey, !fallbackKey.isPublished else { return nil }
        return fallbackKey
    }

    public var hasPreviousFallbackKey: Bool { previousFallbackKey != nil }

    /// Drops the previous fallback key, when messages for it have had their time.
    public mutating func forgetPreviousFallbackKey() {
        previousFallbackKey = nil
    }

    /// The server has the keys with these names.
    public mutating func markAsPublished(_ keys: [OneTimeKey]) {
        for key in keys {
            for index in oneTimeKeys.indices where oneTimeKeys[index].number == key.number {
                oneTimeKeys[index].isPublished = true
            }
            if fallbackKey?.number == key.number { fallbackKey?.isPublished = true }
        }
    }

    /// The server has all keys that there are.
    public mutating func markAllAsPublished() {
        for index in oneTimeKeys.indices { oneTimeKeys[index].isPublished = true }
        fallbackKey?.isPublished = true
    }

    private mutating func takeNumber() -> UInt64 {
        defer { nextKeyNumber += 1 }
        return nextKeyNumber
    }
}
