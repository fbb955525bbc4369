import ApplicationServices
import HomeserverStore
import MatrixAPI
import MatrixIdentifiers

/// The users that application services speak for.
///
/// https://spec.matrix.org/v1.19/application-service-api/#identity-assertion
extension AccountService {
    public var applicationServices: ApplicationServiceTable { configuration.applicationServices }

    /// The session of a request that an application service makes.
    ///
    /// - Parameters:
    ///   - userID: whom it speaks for; nil for its sender.
    ///   - deviceID: on which of the user's devices; nil on none.
    public func session(
        of service: ApplicationService, userID: String?, deviceID: String?, remoteAddress: String
    ) async throws -> Session {
        let userID = try Self.user(userID, of: service)
        let now = environment.timestamp
        let (account, device, number) = try await database.read { store in
            (
                try store.account(userID), try deviceID.flatMap { try store.device($0, of: userID) },
                try store.numberWithoutDevice(of: userID)
            )
        }
        if account == nil { try await makeSender(userID, of: service) }
        guard account?.isDeactivated != true else {
            throw MatrixError(403, .userDeactivated, "this account is deactivated")
        }
        let standing = account?.standing ?? AccountStanding()
        guard let deviceID else {
            let number = try await existingNumber(number, userID)
            return Session(service: service, userID: userID, device: (number, nil), standing: standing)
        }
        guard let device else {
            throw MatrixError(400, .unknownDevice, "\(userID) has no device '\(deviceID.prefix(80))'")
        }
        lastSeen.note(device.number, at: now, address: remoteAddress)
        return Session(service: service, userID: userID, device: (device.number, device.deviceID), standing: standing)
    }

    private static func user(_ text: String?, of service: ApplicationService) throws(MatrixError) -> UserID {
        guard let text else { return service.sender }
        guard let userID = UserID(text) else { throw .invalidParameter("'user_id' is no user ID") }
        guard service.speaks(for: userID) else {
            throw .forbidden("the application service does not speak for \(userID)")
        }
        return userID
    }

    /// The sender is there as soon as it is needed; everybody else has to be registered.
    private func makeSender(_ userID: UserID, of service: ApplicationService) async throws {
        guard userID == service.sender else {
            throw MatrixError.forbidden("the application service has not registered \(userID)")
        }
        do {
            try await insertAccount(userID, password: nil, standing: AccountStanding(), registrationToken: nil)
        } catch let error as MatrixError where error.code == .userInUse {
            // Another request of the service has been quicker.
        }
    }

    private func existingNumber(_ number: DeviceNumber?, _ userID: UserID) async throws -> DeviceNumber {
        if let number { return number }
        return try await writes.submit { try $0.store.makeNumberWithoutDevice(of: userID) }
    }

    /// Makes a user without a password.
    ///
    /// https://spec.matrix.org/v1.19/application-service-api/#server-admin-style-permissions
    public func register(localpart: String, by service: ApplicationService) async throws -> UserID {
        let userID = try await availableUserID(localpart: localpart, for: service)
        try await insertAccount(userID, password: nil, standing: AccountStanding(), registrationToken: nil)
        return userID
    }

    /// Makes a device that a service needs for one of its users, without signing in.
    ///
    /// - Returns: whether it is new.
    ///
    /// https://spec.matrix.org/v1.19/application-service-api/#device-management
    public func makeDevice(_ deviceID: String, of userID: UserID, displayName: String?) async throws -> Bool {
        try DeviceRequest(deviceID: deviceID, displayName: displayName, wantsRefreshToken: false).check()
        return try await writes.submit { context in
            let isNew = try context.store.device(deviceID, of: userID) == nil
            _ = try context.store.upsertDevice(deviceID, of: userID, displayName: displayName)
            return isNew
        }
    }
}
