import ShortAuthenticationString

private let agreements = Handles<SASKeyAgreement>(kind: .agreement)
private let secrets = Handles<SASSecret>(kind: .secret)

/// A secret of 32 bytes, or nothing for chance → agreement.
func sasMake(_ call: inout Call) throws(CallError) -> Int32 {
    let secret = try call.arguments.bytes()
    guard !secret.isEmpty else { return agreements.insert(SASKeyAgreement(random: Host.random)) }
    guard let agreement = SASKeyAgreement(secret: secret) else {
        throw CallError(.badArguments, "a secret has 32 bytes")
    }
    return agreements.insert(agreement)
}

func sasPublicKey(_ call: inout Call) throws(CallError) -> Int32 {
    call.answer.add(try agreements[call.first].object.publicKey)
    return 0
}

/// The other's key → the secret that both share.
func sasAgree(_ call: inout Call) throws(CallError) -> Int32 {
    let (agreement, key) = (try agreements[call.first].object, try call.arguments.text())
    do throws(SASError) {
        return secrets.insert(try agreement.agree(with: key))
    } catch {
        throw CallError(.refused, "the other's key is no good")
    }
}

/// User, device and key of who started, the same of who accepted, transaction → the emoji's numbers, the decimals.
func sasString(_ call: inout Call) throws(CallError) -> Int32 {
    let starter = try party(&call.arguments)
    let accepter = try party(&call.arguments)
    let string = try secrets[call.first].object.shortString(
        starter: starter, accepter: accepter, transactionID: try call.arguments.text())
    call.answer.add(string.emoji.map { UInt32($0.number) })
    call.answer.add(string.decimals.map { UInt32($0) })
    return 0
}

private func party(_ arguments: inout Arguments) throws(CallError) -> SASParty {
    SASParty(userID: try arguments.text(), deviceID: try arguments.text(), publicKey: try arguments.text())
}

/// Text, key ID, user and device of the sender, the same of the receiver, transaction → code, by
/// `hkdf-hmac-sha256.v2`.
func sasCode(_ call: inout Call) throws(CallError) -> Int32 {
    let (text, keyID) = (try call.arguments.text(), try call.arguments.text())
    let sender = (userID: try call.arguments.text(), deviceID: try call.arguments.text())
    let receiver = (userID: try call.arguments.text(), deviceID: try call.arguments.text())
    call.answer.add(
        try secrets[call.first].object.authenticationCode(
            of: text, keyID: keyID, sender: sender, receiver: receiver, transactionID: try call.arguments.text(),
            method: .hmacSHA256Version2))
    return 0
}
