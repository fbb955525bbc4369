import Primitives

// The primitives one by one, so that a browser can be held against the same vectors as everybody else.

@c(naru_sha256)
func sha256() -> Int32 {
    call { arguments, answer throws(CallError) in
        answer.add(SHA256.hash(try arguments.bytes()))
        return 0
    }
}

@c(naru_sha512)
func sha512() -> Int32 {
    call { arguments, answer throws(CallError) in
        answer.add(SHA512.hash(try arguments.bytes()))
        return 0
    }
}

/// Message, key → code.
@c(naru_hmac)
func hmac(_ bits: Int32) -> Int32 {
    call { arguments, answer throws(CallError) in
        let (message, key) = (try arguments.bytes(), try arguments.bytes())
        answer.add(
            bits == 512
                ? HMACSHA512.authenticate(message, key: key) : HMACSHA256.authenticate(message, key: key))
        return 0
    }
}

/// Secret, salt, info → `count` bytes.
@c(naru_hkdf)
func hkdf(_ count: Int32) -> Int32 {
    call { arguments, answer throws(CallError) in
        guard 1...255 * 32 ~= count else { throw CallError(.badArguments, "HKDF makes 1 to 8,160 bytes") }
        answer.add(
            HKDFSHA256.derive(
                from: try arguments.bytes(), salt: try arguments.bytes(), info: try arguments.bytes(),
                count: Int(count)))
        return 0
    }
}

/// Password, salt → `count` bytes.
@c(naru_pbkdf2)
func pbkdf2(_ rounds: Int32, _ count: Int32) -> Int32 {
    call { arguments, answer throws(CallError) in
        guard 1...10_000_000 ~= rounds, 1...1024 ~= count else {
            throw CallError(.badArguments, "PBKDF2 takes up to 10,000,000 rounds and makes up to 1,024 bytes")
        }
        answer.add(
            PBKDF2SHA512.derive(
                password: try arguments.bytes(), salt: try arguments.bytes(), rounds: Int(rounds), count: Int(count)))
        return 0
    }
}

/// Bytes, key, counter → bytes.
@c(naru_aes_ctr)
func aesCTR() -> Int32 {
    call { arguments, answer throws(CallError) in
        answer.add(
            AES256CTR.apply(
                try arguments.bytes(), key: try arguments.bytes(32, "a key"),
                counter: try arguments.bytes(16, "a counter")))
        return 0
    }
}

/// Bytes, key, vector → bytes.
@c(naru_aes_cbc)
func aesCBC(_ decrypts: Int32) -> Int32 {
    call { arguments, answer throws(CallError) in
        let (bytes, key) = (try arguments.bytes(), try arguments.bytes(32, "a key"))
        let vector = try arguments.bytes(16, "a vector")
        do throws(PrimitiveError) {
            answer.add(
                decrypts == 0
                    ? AES256CBC.encrypt(bytes, key: key, iv: vector)
                    : try AES256CBC.decrypt(bytes, key: key, iv: vector))
        } catch {
            throw CallError(.refused, "the padding is wrong")
        }
        return 0
    }
}

/// Bytes, key, nonce, additional bytes → bytes.
@c(naru_aes_gcm)
func aesGCM(_ opens: Int32) -> Int32 {
    call { arguments, answer throws(CallError) in
        let (bytes, key) = (try arguments.bytes(), try arguments.bytes(32, "a key"))
        let (nonce, additional) = (try arguments.bytes(AES256GCM.nonceBytes, "a nonce"), try arguments.bytes())
        do throws(PrimitiveError) {
            answer.add(
                opens == 0
                    ? AES256GCM.seal(bytes, key: key, nonce: nonce, authenticating: additional)
                    : try AES256GCM.open(bytes, key: key, nonce: nonce, authenticating: additional))
        } catch {
            throw CallError(.refused, "the tag is wrong")
        }
        return 0
    }
}

/// Secret → public key.
@c(naru_curve25519_public)
func curve25519Public() -> Int32 {
    call { arguments, answer throws(CallError) in
        guard let pair = Curve25519KeyPair(secret: try arguments.bytes()) else {
            throw CallError(.badArguments, "a key has 32 bytes")
        }
        answer.add(pair.publicKey.bytes)
        return 0
    }
}

/// Secret, public key → the shared secret.
@c(naru_curve25519_agree)
func curve25519Agree() -> Int32 {
    call { arguments, answer throws(CallError) in
        guard let pair = Curve25519KeyPair(secret: try arguments.bytes()),
            let other = Curve25519Key(try arguments.bytes())
        else { throw CallError(.badArguments, "a key has 32 bytes") }
        do throws(PrimitiveError) {
            answer.add(try pair.agree(with: other))
        } catch {
            throw CallError(.refused, "the key is of small order")
        }
        return 0
    }
}

/// Seed → public key.
@c(naru_ed25519_public)
func ed25519Public() -> Int32 {
    call { arguments, answer throws(CallError) in
        guard let pair = Ed25519KeyPair(seed: try arguments.bytes()) else {
            throw CallError(.badArguments, "a seed has 32 bytes")
        }
        answer.add(pair.publicKey.bytes)
        return 0
    }
}

/// Seed, message → signature.
@c(naru_ed25519_sign)
func ed25519Sign() -> Int32 {
    call { arguments, answer throws(CallError) in
        guard let pair = Ed25519KeyPair(seed: try arguments.bytes()) else {
            throw CallError(.badArguments, "a seed has 32 bytes")
        }
        answer.add(pair.sign(try arguments.bytes()))
        return 0
    }
}

/// Public key, signature, message → 1 if the signature is valid, else 0.
@c(naru_ed25519_verify)
func ed25519Verify() -> Int32 {
    call { arguments, _ throws(CallError) in
        guard let key = Ed25519Key(try arguments.bytes()) else {
            throw CallError(.badArguments, "a key has 32 bytes")
        }
        return key.isValid(signature: try arguments.bytes(), for: try arguments.bytes()) ? 1 : 0
    }
}
