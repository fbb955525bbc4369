import MatrixIdentifiers

let notYet = ClientError(.unsupported, "not written yet")

extension Engine {
    func publishEncryptionStatus() {}
    func fingerprint() -> String { "" }
    func encryptionStatusUpdates() -> AsyncStream<EncryptionStatus> { AsyncStream { $0.finish() } }
    func devices(of userID: UserID) async throws(ClientError) -> [DeviceInfo] { throw notYet }
    func trust(of userID: UserID) -> UserTrust { .none }
    func acceptIdentity(of userID: UserID) throws(ClientError) { throw notYet }
    func requestVerification(of userID: UserID) async throws(ClientError) -> Verification { throw notYet }
    func incomingVerifications() -> AsyncStream<Verification> { AsyncStream { $0.finish() } }
    func setUpIdentity(password: String?, replacing: Bool) async throws(ClientError) { throw notYet }
    func setUpRecovery(passphrase: String?) async throws(ClientError) -> String { throw notYet }
    func recover(_ keyOrPassphrase: String) async throws(ClientError) { throw notYet }
    func exportKeys(passphrase: String) throws(ClientError) -> [UInt8] { throw notYet }
    func importKeys(_ file: [UInt8], passphrase: String) throws(ClientError) -> Int { throw notYet }
    func verificationState(_ id: String) -> VerificationState { .requested }
    func verificationUpdates(_ id: String) -> AsyncStream<VerificationState> { AsyncStream { $0.finish() } }
    func verification(_ id: String, _ step: VerificationStep) async throws(ClientError) { throw notYet }
}
