import Primitives

// The primitives one by one, so that a browser can be held against the same vectors as everybody else.

func sha256(_ call: inout Call) throws(CallError) -> Int32 {
    call.answer.add(SHA256.hash(try call.arguments.bytes()))
    return 0
}

func sha512(_ call: inout Call) throws(CallError) -> Int32 {
    call.answer.add(SHA512.hash(try call.arguments.bytes()))
    return 0
}

/// Message, key → code.
func hmac(_ call: inout Call) throws(CallError) -> Int32 {
    let (message, key) = (try call.arguments.bytes(), try call.arguments.bytes())
    call.answer.add(
        call.first == 512
            ? HMACSHA512.authenticate(message, key: key) : HMACSHA256.authenticate(message, key: key))
    return 0
}

/// Secret, salt, info → `count` bytes.
func hkdf(_ call: inout Call) throws(CallError) -> Int32 {
    guard 1...255 * 32 ~= call.first else { throw CallError(.badArguments, "HKDF makes 1 to 8,160 bytes") }
    call.answer.add(
        HKDFSHA256.derive(
            from: try call.arguments.bytes(), salt: try call.arguments.bytes(), info: try call.arguments.bytes(),
            count: Int(call.first)))
    return 0
}

/// Password, salt → `count` bytes.
func pbkdf2(_ call: inout Call) throws(CallError) -> Int32 {
    guard 1...10_000_000 ~= call.first, 1...1024 ~= call.second else {
        throw CallError(.badArguments, "PBKDF2 takes up to 10,000,000 call.first and makes up to 1,024 bytes")
    }
    call.answer.add(
        PBKDF2SHA512.derive(
            password: try call.arguments.bytes(), salt: try call.arguments.bytes(), rounds: Int(call.first),
            count: Int(call.second)))
    return 0
}

/// Bytes, key, counter → bytes.
func aesCTR(_ call: inout Call) throws(CallError) -> Int32 {
    call.answer.add(
        AES256CTR.apply(
            try call.arguments.bytes(), key: try call.arguments.bytes(32, "a key has 32 bytes"),
            counter: try call.arguments.bytes(16, "a counter has 16 bytes")))
    return 0
}

/// Bytes, key, vector → bytes.
func aesCBC(_ call: inout Call) throws(CallError) -> Int32 {
    let (bytes, key) = (try call.arguments.bytes(), try call.arguments.bytes(32, "a key has 32 bytes"))
    let vector = try call.arguments.bytes(16, "a vector has 16 bytes")
    do throws(PrimitiveError) {
        call.answer.add(
            call.first == 0
                ? AES256CBC.encrypt(bytes, key: key, iv: vector)
                : try AES256CBC.decrypt(bytes, key: key, iv: vector))
    } catch {
        throw CallError(.refused, "the padding is wrong")
    }
    return 0
}

/// Bytes, key, nonce, additional bytes → bytes.
func aesGCM(_ call: inout Call) throws(CallError) -> Int32 {
    let (bytes, key) = (try call.arguments.bytes(), try call.arguments.bytes(32, "a key has 32 bytes"))
    let (nonce, additional) = (
        try call.arguments.bytes(AES256GCM.nonceBytes, "a nonce has 12 bytes"), try call.arguments.bytes()
    )
    do throws(PrimitiveError) {
        call.answer.add(
            call.first == 0
                ? AES256GCM.seal(bytes, key: key, nonce: nonce, authenticating: additional)
                : try AES256GCM.open(bytes, key: key, nonce: nonce, authenticating: additional))
    } catch {
        throw CallError(.refused, "the tag is wrong")
    }
    return 0
}

/// Secret → public key.
func curve25519Public(_ call: inout Call) throws(CallError) -> Int32 {
    guard let pair = Curve25519KeyPair(secret: try call.arguments.bytes()) else {
        throw CallError(.badArguments, "a key has 32 bytes")
    }
    call.answer.add(pair.publicKey.bytes)
    return 0
}

/// Secret, public key → the shared secret.
func curve25519Agree(_ call: inout Call) throws(CallError) -> Int32 {
    guard let pair = Curve25519KeyPair(secret: try call.arguments.bytes()),
        let other = Curve25519Key(try call.arguments.bytes())
    else { throw CallError(.badArguments, "a key has 32 bytes") }
    do throws(PrimitiveError) {
        call.answer.add(try pair.agree(with: other))
    } catch {
        throw CallError(.refused, "the key is of small order")
    }
    return 0
}

/// Seed → public key.
func ed25519Public(_ call: inout Call) throws(CallError) -> Int32 {
    guard let pair = Ed25519KeyPair(seed: try call.arguments.bytes()) else {
        throw CallError(.badArguments, "a seed has 32 bytes")
    }
    call.answer.add(pair.publicKey.bytes)
    return 0
}

/// Seed, message → signature.
func ed25519Sign(_ call: inout Call) throws(CallError) -> Int32 {
    guard let pair = Ed25519KeyPair(seed: try call.arguments.bytes()) else {
        throw CallError(.badArguments, "a seed has 32 bytes")
    }
    call.answer.add(pair.sign(try call.arguments.bytes()))
    return 0
}

/// Public key, signature, message → 1 if the signature is valid, else 0.
func ed25519Verify(_ call: inout Call) throws(CallError) -> Int32 {
    guard let key = Ed25519Key(try call.arguments.bytes()) else {
        throw CallError(.badArguments, "a key has 32 bytes")
    }
    return key.isValid(signature: try call.arguments.bytes(), for: try call.arguments.bytes()) ? 1 : 0
}
