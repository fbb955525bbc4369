import CanonicalJSON
import EncryptionMachine
import MatrixIdentifiers

/// Whose keys are whose.
extension Engine {
    /// In groups of four letters.
    func fingerprint() -> String { Self.readable(machineHost.machine?.ed25519Key ?? "") }

    private static func readable(_ key: String) -> String {
        let letters = Array(key.utf8)
        let groups = stride(from: 0, to: letters.count, by: 4).map { start in
            String(decoding: letters[start..<min(start + 4, letters.count)], as: UTF8.self)
        }
        return groups.joined(separator: " ")
    }

    func devices(of user: UserID) async throws(ClientError) -> [DeviceInfo] {
        let machine = try machineHost.required()
        if !machine.isUpToDate(user.string) {
            machine.refreshDevices(of: [user.string])
            machine.trackUsers([user.string])
            try await flushMachine()
        }
        return machine.devices(of: user.string).map { device in
            DeviceInfo(
                id: device.deviceID, userID: user, displayName: device.displayName,
                fingerprint: Self.readable(device.ed25519Key), isSigned: device.trust >= .identityChanged,
                isVerified: device.trust == .verified)
        }
    }

    func trust(of user: UserID) -> UserTrust {
        switch machineHost.machine?.identity(of: user.string)?.state {
        case nil: .none
        case .unverified: .unverified
        case .verified: .verified
        case .changed: .changed(wasVerified: false)
        case .changedAfterVerification: .changed(wasVerified: true)
        }
    }

    /// Messages that were held up by the change can be sent again.
    func acceptIdentity(of user: UserID) throws(ClientError) {
        let machine = try machineHost.required()
        do {
            try machine.acceptIdentity(of: user.string)
        } catch {
            throw ClientError(.notFound, error.reason)
        }
        try commit([])
        changedIdentities.remove(user)
        publishEncryptionStatus()
    }

    // MARK: Status

    func encryptionStatusUpdates() -> AsyncStream<EncryptionStatus> {
        publishEncryptionStatus()
        return encryptionBroadcast.stream()
    }

    func publishEncryptionStatus() {
        guard let status = encryptionStatus, status != encryptionBroadcast.value else { return }
        encryptionBroadcast.send(status)
    }

    private var encryptionStatus: EncryptionStatus? {
        guard let machine = machineHost.machine else { return nil }
        let identity = machine.crossSigningStatus
        let backup = machine.backupStatus
        let hasStorage = accountData[ByteExactString("m.secret_storage.default_key")]?.string(at: "key") != nil
        let hasAll = identity.hasMasterKey && identity.hasSelfSigningKey && identity.hasUserSigningKey
        let changed = changedIdentities.filter { user in
            switch machine.identity(of: user.string)?.state {
            case .changed, .changedAfterVerification: true
            default: false
            }
        }
        return EncryptionStatus(
            identity: !identity.hasIdentity
                ? .missing : identity.isVerified && identity.isDeviceSigned ? .verified : .unverified,
            recovery: !hasStorage ? .off : hasAll && (backup.version == nil || backup.canRestore) ? .on : .locked,
            keysToBackUp: backup.sessionsToUpload, changedIdentities: changed.sorted())
    }

    // MARK: The own identity

    func setUpIdentity(password: String?, replacing: Bool) async throws(ClientError) {
        let machine = try machineHost.required()
        machine.refreshDevices(of: [userID.string])
        try await flushMachine()
        guard replacing || !machine.crossSigningStatus.hasIdentity else {
            throw ClientError(.invalidRequest, "there is an identity already: verify this device, or recover")
        }
        do {
            try machine.makeIdentity(replacing: replacing)
        } catch {
            throw ClientError(.encryption, error.reason)
        }
        identityPassword = password
        defer { identityPassword = nil }
        try await flushMachine()
        if machine.crossSigningStatus.isPending {
            machine.abandonNewIdentity()
            try commit([])
            throw ClientError(.refused(errorCode: "M_FORBIDDEN"), "the server asks for the password")
        }
        guard machine.crossSigningStatus.isVerified else {
            throw ClientError(.serverFailed, "the server has not taken the identity")
        }
        publishEncryptionStatus()
    }
}
