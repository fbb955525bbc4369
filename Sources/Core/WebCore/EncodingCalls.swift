import CanonicalJSON
import UnpaddedBase64

/// JSON → the same, canonical.
@c(naru_json_canonical)
func jsonCanonical() -> Int32 {
    call { arguments, answer throws(CallError) in
        let bytes = try arguments.bytes()
        do throws(JSONError) {
            answer.add(try JSONParser.parse(bytes).canonicalBytes())
        } catch {
            throw CallError(.malformed, error.description)
        }
        return 0
    }
}

/// Bytes → text; a `urlSafe` other than 0 asks for the other alphabet.
@c(naru_base64_encode)
func base64Encode(_ urlSafe: Int32) -> Int32 {
    call { arguments, answer throws(CallError) in
        answer.add(UnpaddedBase64.encode(try arguments.bytes(), alphabet: urlSafe == 0 ? .standard : .urlSafe))
        return 0
    }
}

@c(naru_base64_decode)
func base64Decode(_ urlSafe: Int32) -> Int32 {
    call { arguments, answer throws(CallError) in
        guard let bytes = UnpaddedBase64.decode(try arguments.text(), alphabet: urlSafe == 0 ? .standard : .urlSafe)
        else { throw CallError(.malformed, "it is not Base64") }
        answer.add(bytes)
        return 0
    }
}
