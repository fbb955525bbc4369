/// A JSON object: unique keys in code-point order, which for UTF-8 is the order of the bytes.
public struct JSONObject: Sendable, Equatable {
    /// One key with its value.
    public struct Member: Sendable, Equatable {
        public let key: String
        public var value: JSONValue

        public static func == (left: Member, right: Member) -> Bool {
            utf8Equal(left.key, right.key) && left.value == right.value
        }
    }

    /// Sorted by the bytes of `key`; no key stands twice.
    public private(set) var members: [Member] = []

    public init() {}

    /// Builds an object; of two equal keys the later one wins.
    public init(members: [(String, JSONValue)]) {
        self.members.reserveCapacity(members.count)
        for (key, value) in members { self[key] = value }
    }

    public var isEmpty: Bool { members.isEmpty }
    public var count: Int { members.count }
    public var keys: some Sequence<String> { members.lazy.map { $0.key } }

    public subscript(key: String) -> JSONValue? {
        get {
            switch position(of: key) {
            case .found(let index): members[index].value
            case .absent: nil
            }
        }
        set {
            switch (position(of: key), newValue) {
            case (.found(let index), .some(let value)): members[index].value = value
            case (.found(let index), .none): members.remove(at: index)
            case (.absent(let index), .some(let value)): members.insert(Member(key: key, value: value), at: index)
            case (.absent, .none): break
            }
        }
    }

    /// Adds a member unless its key is there already.
    ///
    /// - Returns: false when the key was there; the object is then unchanged.
    mutating func insertIfAbsent(_ key: String, _ value: JSONValue) -> Bool {
        // Most senders write keys in order, so the end is the first guess.
        if let last = members.last, utf8Precedes(last.key, key) {
            members.append(Member(key: key, value: value))
            return true
        }
        guard case .absent(let index) = position(of: key) else { return false }
        members.insert(Member(key: key, value: value), at: index)
        return true
    }

    /// This object with only the named keys.
    public func keeping(only keys: [String]) -> JSONObject {
        var result = JSONObject()
        result.members = members.filter { member in keys.contains { utf8Equal($0, member.key) } }
        return result
    }

    private enum Position {
        case found(Int)
        case absent(insertAt: Int)
    }

    private func position(of key: String) -> Position {
        var low = 0
        var high = members.count
        while low < high {
            let middle = (low + high) / 2
            switch utf8Compare(members[middle].key, key) {
            case 0: return .found(middle)
            case ..<0: low = middle + 1
            default: high = middle
            }
        }
        return .absent(insertAt: low)
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self.init(members: elements)
    }
}
