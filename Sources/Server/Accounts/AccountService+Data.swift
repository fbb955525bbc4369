import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixIdentifiers
import Rules

/// Profiles, account data and filters.
extension AccountService {
    // MARK: Profiles

    /// The fields of a user's profile; an unknown user has none.
    public func profile(of userID: UserID) async throws -> JSONObject {
        let (account, fields) = try await database.read { store in
            (try store.account(userID), try store.profile(of: userID))
        }
        guard account != nil else { throw MatrixError.notFound("there is no such user") }
        var profile = JSONObject()
        for (name, bytes) in fields { profile[name] = try JSONParser.parse(bytes) }
        return profile
    }

    /// - Parameter value: nil removes the field.
    public func setProfileField(_ name: String, to value: JSONValue?, of userID: UserID) async throws {
        let bytes = value?.bytes()
        guard name.utf8.count <= 255 else {
            throw MatrixError(400, .keyTooLarge, "a profile field's name has at most 255 bytes")
        }
        guard value == nil || Self.isNamespacedIdentifier(name) else {
            throw MatrixError.invalidParameter("a profile field's name begins with a-z and holds a-z, 0-9, - . _")
        }
        try await writes.submit { context in
            let others = try context.store.profile(of: userID).filter { !utf8Equal($0.key, name) }
            let size = others.reduce(name.utf8.count + (bytes?.count ?? 0)) { $0 + $1.key.utf8.count + $1.value.count }
            guard size <= 65_536 else {
                throw MatrixError(400, .profileTooLarge, "a profile has at most 65,536 bytes")
            }
            try context.store.setProfileField(name, to: bytes, of: userID)
        }
    }

    /// https://spec.matrix.org/v1.19/appendices/#common-namespaced-identifier-grammar
    private static func isNamespacedIdentifier(_ name: String) -> Bool {
        guard let first = name.utf8.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first) else { return false }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
                UInt8(ascii: "."), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }

    // MARK: Account data

    /// - Parameter room: nil for global account data.
    public func accountData(_ type: String, of userID: UserID, room: RoomNumber?) async throws -> [UInt8] {
        guard let record = try await database.read({ try $0.accountData(type, of: userID, room: room) }) else {
            throw MatrixError.notFound("there is no account data of this type")
        }
        return record.content
    }

    public func globalAccountData(of userID: UserID) async throws -> [AccountDataRecord] {
        try await database.read { try $0.accountData(of: userID, room: nil, after: .zero) }
    }

    private static let maximumAccountDataBytes = 65_536

    public func setAccountData(
        _ type: String, of userID: UserID, room: RoomNumber?, content: JSONObject
    ) async throws {
        guard type.utf8.count <= 255 else { throw MatrixError.invalidParameter("'type' has at most 255 bytes") }
        let bytes = content.bytes()
        guard bytes.count <= Self.maximumAccountDataBytes else {
            throw MatrixError.tooLarge("account data has at most \(Self.maximumAccountDataBytes) bytes")
        }
        try await updateAccountData(type, of: userID, room: room) { _ in bytes }
    }

    /// Changes account data by what is there, with nothing in between.
    public func updateAccountData(
        _ type: String, of userID: UserID, room: RoomNumber?,
        change: @escaping @Sendable ([UInt8]?) throws -> [UInt8]
    ) async throws {
        try await writes.submit { context in
            let present = try context.store.accountData(type, of: userID, room: room)?.content
            let content = try change(present)
            let position = context.nextPosition()
            try context.store.setAccountData(type, of: userID, room: room, content: content, at: position)
            context.publish(.accountData(userID: userID, room: room, position: position))
        }
    }

    /// See ``HomeserverStore/AccountReader/pushRules(of:)``.
    public func pushRules(of userID: UserID) async throws -> PushRuleset {
        try await database.read { try $0.pushRules(of: userID) }
    }

    /// See ``HomeserverStore/AccountReader/ignoredUsers(of:)``.
    public func ignoredUsers(of userID: UserID) async throws -> Set<UserID> {
        try await database.read { try $0.ignoredUsers(of: userID) }
    }

    // MARK: Filters

    private static let maximumFilters = 1_000
    private static let maximumFilterBytes = 32_768

    public func storeFilter(_ filter: JSONObject, of userID: UserID) async throws -> String {
        let bytes = filter.bytes()
        guard bytes.count <= Self.maximumFilterBytes else { throw MatrixError.tooLarge("the filter is too large") }
        let filterID = try await writes.submit { context in
            try context.store.insertFilter(bytes, of: userID, maximumCount: Self.maximumFilters)
        }
        guard let filterID else { throw MatrixError(400, .unknown, "too many filters; use one of the earlier ones") }
        return filterID
    }

    public func filter(_ filterID: String, of userID: UserID) async throws -> JSONObject {
        guard let bytes = try await database.read({ try $0.filter(filterID, of: userID) }),
            case .object(let filter) = try JSONParser.parse(bytes)
        else { throw MatrixError.notFound("there is no such filter") }
        return filter
    }
}
