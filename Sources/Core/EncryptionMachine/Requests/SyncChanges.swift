import CanonicalJSON

/// What one answer of `/sync` (or of sliding sync's extensions `to_device` and `e2ee`) says to the machine.
///
/// The host stores the sync's tokens in the transaction that holds the changes which come from it.
///
/// https://spec.matrix.org/v1.19/client-server-api/#e2e-extensions-to-sync
public struct SyncChanges: Sendable {
    /// The to-device events in the order of the answer.
    public var toDevice: [JSONValue]
    /// `device_lists.changed`.
    public var changedDeviceLists: [String]
    /// `device_lists.left`.
    public var leftDeviceLists: [String]
    /// `device_one_time_keys_count`: counts by algorithm. Nil when the answer says nothing about it; an empty object
    /// means that no key is left.
    public var oneTimeKeyCounts: JSONObject?
    /// `device_unused_fallback_key_types`. Nil when the answer says nothing about it.
    public var unusedFallbackKeyTypes: [String]?

    public init(
        toDevice: [JSONValue] = [], changedDeviceLists: [String] = [], leftDeviceLists: [String] = [],
        oneTimeKeyCounts: JSONObject? = nil, unusedFallbackKeyTypes: [String]? = nil
    ) {
        self.toDevice = toDevice
        self.changedDeviceLists = changedDeviceLists
        self.leftDeviceLists = leftDeviceLists
        self.oneTimeKeyCounts = oneTimeKeyCounts
        self.unusedFallbackKeyTypes = unusedFallbackKeyTypes
    }
}
