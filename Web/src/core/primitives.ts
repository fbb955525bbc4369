import { text, type Calls, type Field } from "./calls.ts";

/** The primitives one by one: for tests and for what is no protocol of its own. */
export class Primitives {
    readonly #calls: Calls;

    constructor(calls: Calls) {
        this.#calls = calls;
    }

    sha256(bytes: Field): Uint8Array {
        return this.#calls.bytes("naru_sha256", [], [bytes]);
    }

    sha512(bytes: Field): Uint8Array {
        return this.#calls.bytes("naru_sha512", [], [bytes]);
    }

    hmac(bits: 256 | 512, message: Field, key: Field): Uint8Array {
        return this.#calls.bytes("naru_hmac", [bits], [message, key]);
    }

    hkdf(secret: Field, salt: Field, info: Field, count: number): Uint8Array {
        return this.#calls.bytes("naru_hkdf", [count], [secret, salt, info]);
    }

    pbkdf2(password: Field, salt: Field, rounds: number, count: number): Uint8Array {
        return this.#calls.bytes("naru_pbkdf2", [rounds, count], [password, salt]);
    }

    /** Encrypting and decrypting are the same. */
    aesCTR(bytes: Field, key: Uint8Array, counter: Uint8Array): Uint8Array {
        return this.#calls.bytes("naru_aes_ctr", [], [bytes, key, counter]);
    }

    encryptCBC(bytes: Field, key: Uint8Array, vector: Uint8Array): Uint8Array {
        return this.#calls.bytes("naru_aes_cbc", [0], [bytes, key, vector]);
    }

    decryptCBC(bytes: Uint8Array, key: Uint8Array, vector: Uint8Array): Uint8Array {
        return this.#calls.bytes("naru_aes_cbc", [1], [bytes, key, vector]);
    }

    sealGCM(bytes: Field, key: Uint8Array, nonce: Uint8Array, additional: Field = ""): Uint8Array {
        return this.#calls.bytes("naru_aes_gcm", [0], [bytes, key, nonce, additional]);
    }

    openGCM(sealed: Uint8Array, key: Uint8Array, nonce: Uint8Array, additional: Field = ""): Uint8Array {
        return this.#calls.bytes("naru_aes_gcm", [1], [sealed, key, nonce, additional]);
    }

    curve25519PublicKey(secret: Uint8Array): Uint8Array {
        return this.#calls.bytes("naru_curve25519_public", [], [secret]);
    }

    curve25519Agree(secret: Uint8Array, publicKey: Uint8Array): Uint8Array {
        return this.#calls.bytes("naru_curve25519_agree", [], [secret, publicKey]);
    }

    ed25519PublicKey(seed: Uint8Array): Uint8Array {
        return this.#calls.bytes("naru_ed25519_public", [], [seed]);
    }

    ed25519Sign(seed: Uint8Array, message: Field): Uint8Array {
        return this.#calls.bytes("naru_ed25519_sign", [], [seed, message]);
    }

    ed25519IsValid(publicKey: Uint8Array, signature: Uint8Array, message: Field): boolean {
        return this.#calls.call("naru_ed25519_verify", [], [publicKey, signature, message]).value === 1;
    }

    encodeBase64(bytes: Field, alphabet: "standard" | "urlSafe" = "standard"): string {
        return text(this.#calls.bytes("naru_base64_encode", [alphabet === "urlSafe" ? 1 : 0], [bytes]));
    }

    decodeBase64(encoded: string, alphabet: "standard" | "urlSafe" = "standard"): Uint8Array {
        return this.#calls.bytes("naru_base64_decode", [alphabet === "urlSafe" ? 1 : 0], [encoded]);
    }

    canonicalJSON(json: Field): string {
        return text(this.#calls.bytes("naru_json_canonical", [], [json]));
    }
}
