/// Where what a profile keeps lies: by the XDG Base Directory Specification.
///
/// https://specifications.freedesktop.org/basedir-spec/latest/
package struct ProfileLocation: Sendable, Equatable {
    package let name: String
    /// The profile's folder; its owner alone may look into it.
    package let folder: String

    /// Nil for a name that is none: letters, digits, `.`, `-` and `_`, at most 64, not beginning with a dot; and where
    /// there is no home.
    package init?(name: String, environment: [String: String]) {
        let isName = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard isName, (1...64).contains(name.utf8.count), !name.hasPrefix(".") else { return nil }
        guard let parent = Self.parent(environment) else { return nil }
        self.name = name
        folder = "\(parent)/naru/chat/\(name)"
    }

    package var store: String { "\(folder)/store.sqlite" }
    package var key: String { "\(folder)/store.key" }
    package var lock: String { "\(folder)/lock" }
    package var settings: String { "\(folder)/settings.json" }

    /// The specification has relative paths ignored.
    private static func parent(_ environment: [String: String]) -> String? {
        if let data = environment["XDG_DATA_HOME"], data.hasPrefix("/") { return data }
        return environment["HOME"].flatMap { $0.hasPrefix("/") ? "\($0)/.local/share" : nil }
    }
}
