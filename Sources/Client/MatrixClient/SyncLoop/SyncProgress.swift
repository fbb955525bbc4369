import CanonicalJSON

/// How far the sync has got: stored in the same transaction as what it brought.
package struct SyncProgress: Sendable, Equatable {
    package var form = SyncForm.slidingUnstable
    /// `pos` or `since`; nil begins anew.
    package var position: String?
    /// Up to where to-device messages have been taken in; outlives sliding sync's connections.
    package var toDeviceSince: String?
    /// How many rooms of the list are asked for.
    package var window = Self.firstWindow

    package static let firstWindow = 20
    package static let maximumWindow = 10_000
    package static let key = StoreKey(.session, name: "sync")

    package init() {}

    package var change: StoreChange {
        var json: JSONObject = ["form": .string(form.rawValue), "window": .integer(Int64(window))]
        if let position { json["position"] = .string(position) }
        if let toDeviceSince { json["to_device"] = .string(toDeviceSince) }
        return StoreChange(Self.key, json.bytes())
    }

    package init(json: JSONObject) {
        form = json.string(at: "form").flatMap(SyncForm.init) ?? .slidingUnstable
        position = json.string(at: "position")
        toDeviceSince = json.string(at: "to_device")
        window =
            json["window"]?.integerValue.map { Int(max(1, min($0, Int64(Self.maximumWindow)))) } ?? Self.firstWindow
    }
}
