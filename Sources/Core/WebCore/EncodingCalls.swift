import CanonicalJSON
import UnpaddedBase64

/// JSON → the same, canonical.
func jsonCanonical(_ call: inout Call) throws(CallError) -> Int32 {
    let json = try call.arguments.json()
    do throws(JSONError) {
        call.answer.add(try json.canonicalBytes())
    } catch {
        throw CallError(.malformed, error.description)
    }
    return 0
}

/// Bytes → text; a first number other than 0 asks for the other alphabet.
func base64Encode(_ call: inout Call) throws(CallError) -> Int32 {
    call.answer.add(UnpaddedBase64.encode(try call.arguments.bytes(), alphabet: call.first == 0 ? .standard : .urlSafe))
    return 0
}

func base64Decode(_ call: inout Call) throws(CallError) -> Int32 {
    guard let bytes = UnpaddedBase64.decode(try call.arguments.text(), alphabet: call.first == 0 ? .standard : .urlSafe)
    else { throw CallError(.malformed, "it is not Base64") }
    call.answer.add(bytes)
    return 0
}
