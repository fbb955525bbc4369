import CanonicalJSON

extension WithheldCode {
    /// As it stands in JSON.
    var name: String {
        switch self {
        case .blacklisted: "m.blacklisted"
        case .unverified: "m.unverified"
        case .unauthorised: "m.unauthorised"
        case .unavailable: "m.unavailable"
        case .noOlm: "m.no_olm"
        case .historyNotShared: "m.history_not_shared"
        case .other: "m.other"
        }
    }

    var reason: String {
        switch self {
        case .blacklisted: "The sender has blocked this device"
        case .unverified: "The sender does not share keys with devices that their owner has not verified"
        case .unauthorised: "Not allowed to have the key"
        case .unavailable: "The key is not here"
        case .noOlm: "No secure channel could be made"
        case .historyNotShared: "The sender has not shared the history"
        case .other: "Withheld"
        }
    }

    init(name: String) {
        for code in [
            WithheldCode.blacklisted, .unverified, .unauthorised, .unavailable, .noOlm, .historyNotShared,
        ] where utf8Equal(code.name, name) {
            self = code
            return
        }
        self = .other
    }
}
