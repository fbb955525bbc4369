import CanonicalJSON
import EncryptedAttachments
import Primitives

// Files come and go in pieces, so that a large one never is in memory as a whole.

private let encryptors = Handles<AttachmentEncryptor>(kind: .encryptor)
private let verifiers = Handles<AttachmentVerifier>(kind: .verifier)
private let decryptors = Handles<AttachmentDecryptor>(kind: .decryptor)

extension CallError {
    @inline(never)
    fileprivate init(_ error: AttachmentError) {
        switch error {
        case .malformedDescription: self.init(.malformed, "it describes no encrypted file")
        case .wrongHash: self.init(.refused, "the file was changed on its way")
        case .tooLarge: self.init(.refused, "the file is too large")
        }
    }
}

func encryptorMake(_ call: inout Call) throws(CallError) -> Int32 {
    encryptors.insert(AttachmentEncryptor(random: Host.random))
}

/// Plaintext → as much ciphertext.
func encryptorUpdate(_ call: inout Call) throws(CallError) -> Int32 {
    call.answer.add(try encryptors[call.first].object.update(try call.arguments.bytes()))
    return 0
}

/// Address of the upload → the `EncryptedFile` for the event, as JSON.
func encryptorFinish(_ call: inout Call) throws(CallError) -> Int32 {
    let url = try call.arguments.text()
    call.answer.add(EncryptedFile(url: url, secrets: try encryptors[call.first].object.finish()).json.bytes())
    return 0
}

/// `EncryptedFile` of an event, as JSON → the first pass over its ciphertext.
func verifierMake(_ call: inout Call) throws(CallError) -> Int32 {
    let object = try call.arguments.object()
    do throws(AttachmentError) {
        return verifiers.insert(AttachmentVerifier(try EncryptedFile(json: object), maximumBytes: Int(call.first)))
    } catch { throw CallError(error) }
}

func verifierUpdate(_ call: inout Call) throws(CallError) -> Int32 {
    let (held, piece) = (try verifiers[call.first], try call.arguments.bytes())
    do throws(AttachmentError) { try held.object.update(piece) } catch { throw CallError(error) }
    return 0
}

/// → the second pass, if the ciphertext is what the sender made.
func verifierFinish(_ call: inout Call) throws(CallError) -> Int32 {
    let held = try verifiers[call.first]
    do throws(AttachmentError) { return decryptors.insert(try held.object.finish()) } catch { throw CallError(error) }
}

/// Ciphertext → as much plaintext.
func decryptorUpdate(_ call: inout Call) throws(CallError) -> Int32 {
    call.answer.add(try decryptors[call.first].object.update(try call.arguments.bytes()))
    return 0
}

/// → 1 when what was decrypted is all of what was verified, else 0.
func decryptorIsTheSame(_ call: inout Call) throws(CallError) -> Int32 {
    try decryptors[call.first].object.isTheSame ? 1 : 0
}
