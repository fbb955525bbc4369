import CanonicalJSON
import Primitives
import UnpaddedBase64

/// Verifying by a QR code.
///
/// https://spec.matrix.org/v1.19/client-server-api/#qr-codes
extension VerificationFlow {
    private static let codeSecretBytes = 16

    /// The code to show, the same each time; nil when it cannot be done this way: a side cannot show or scan, or a
    /// master key is missing or not trusted.
    public mutating func codeToShow() -> VerificationCode? {
        guard state == .ready, canShowCode, let other, let masterKey = me.masterKey else { return nil }
        let secret = codeSecret ?? random.bytes(Self.codeSecretBytes)
        let code: VerificationCode
        switch (isSelfVerification, me.trustsMasterKey) {
        case (false, true):
            guard let theirMasterKey = other.masterKey else { return nil }
            code = VerificationCode(
                mode: .otherUser, flowID: flowID, firstKey: masterKey, secondKey: theirMasterKey, secret: secret)
        case (false, false):
            return nil
        case (true, true):
            code = VerificationCode(
                mode: .ownDeviceTrusting, flowID: flowID, firstKey: masterKey, secondKey: other.deviceKey,
                secret: secret)
        case (true, false):
            code = VerificationCode(
                mode: .ownDeviceNotTrusting, flowID: flowID, firstKey: me.deviceKey, secondKey: masterKey,
                secret: secret)
        }
        codeSecret = secret
        return code
    }

    /// The person has scanned the code on the other's screen.
    ///
    /// - Returns: nil when the bytes are no code of this verification at all, so that the person can try again. A code
    ///   with other keys ends the verification: somebody is in between.
    public mutating func scan(_ bytes: [UInt8]) -> [VerificationMessage]? {
        guard state == .ready, canScanCode, let other, let code = VerificationCode(bytes: bytes),
            code.flowID == Array(flowID.utf8)
        else { return nil }
        guard let keys = keys(in: code, of: other) else { return fail(.keyMismatch) }
        scannedKeys = keys
        state = .waitingForConfirmation
        let content: JSONObject = [
            "from_device": .string(me.deviceID), "method": .string(VerificationMethod.reciprocate.name),
            "secret": .string(UnpaddedBase64.encode(code.secret)),
        ]
        return [message(VerificationMessageType.start, content)]
    }

    /// What the code vouches for; nil when its keys are not those that we know.
    private func keys(in code: VerificationCode, of other: VerificationParty) -> VerifiedKeys? {
        guard let masterKey = me.masterKey else { return nil }
        var keys = VerifiedKeys(userID: otherUserID, device: nil, masterKey: nil)
        switch (code.mode, isSelfVerification) {
        case (.otherUser, false):
            // They must have our key right, and we vouch for it only when we trust it ourselves.
            guard me.trustsMasterKey, code.firstKey == other.masterKey, code.secondKey == masterKey else { return nil }
            keys.masterKey = code.firstKey
        case (.ownDeviceTrusting, true):
            guard code.firstKey == masterKey, code.secondKey == me.deviceKey else { return nil }
            keys.masterKey = code.firstKey
        case (.ownDeviceNotTrusting, true):
            // Showing it, the other device says which device it is; we say that the master key is right.
            guard me.trustsMasterKey, code.firstKey == other.deviceKey, code.secondKey == masterKey else { return nil }
            keys.device = (other.deviceID, other.deviceKey)
        default:
            return nil
        }
        return keys
    }

    /// The other says that it has scanned our code.
    mutating func receiveReciprocate(_ content: JSONObject) -> [VerificationMessage] {
        guard let text = content["secret"]?.stringValue, let secret = UnpaddedBase64.decode(text) else {
            return fail(.invalidMessage)
        }
        guard let shown = codeSecret else { return fail(.unexpectedMessage) }
        guard constantTimeEqual(shown, secret) else { return fail(.keyMismatch) }
        state = .codeScanned
        return []
    }

    /// The person sees on the other's screen that the code was right.
    public mutating func confirmScanned() -> [VerificationMessage] {
        guard state == .codeScanned, let other else { return [] }
        var keys = VerifiedKeys(userID: otherUserID, device: nil, masterKey: nil)
        switch (isSelfVerification, me.trustsMasterKey) {
        case (false, _):
            keys.masterKey = other.masterKey
        case (true, true):
            // The other has compared the master key that we trust, and its own key.
            keys.device = (other.deviceID, other.deviceKey)
        case (true, false):
            keys.masterKey = me.masterKey
        }
        return finish(with: keys)
    }
}
