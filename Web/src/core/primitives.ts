import { text, type Calls, type Field } from "./calls.ts";

/** The primitives one by one: for tests and for what is no protocol of its own. */
export class Primitives {
    readonly #calls: Calls;

    constructor(calls: Calls) {
        this.#calls = calls;
    }

    sha256(bytes: Field): Uint8Array {
        return this.#calls.bytes("sha256", [bytes]);
    }

    sha512(bytes: Field): Uint8Array {
        return this.#calls.bytes("sha512", [bytes]);
    }

    hmac(bits: 256 | 512, message: Field, key: Field): Uint8Array {
        return this.#calls.bytes("hmac", [message, key], bits);
    }

    hkdf(secret: Field, salt: Field, info: Field, count: number): Uint8Array {
        return this.#calls.bytes("hkdf", [secret, salt, info], count);
    }

    pbkdf2(password: Field, salt: Field, rounds: number, count: number): Uint8Array {
        return this.#calls.bytes("pbkdf2", [password, salt], rounds, count);
    }

    /** Encrypting and decrypting are the same. */
    aesCTR(bytes: Field, key: Uint8Array, counter: Uint8Array): Uint8Array {
        return this.#calls.bytes("aesCTR", [bytes, key, counter]);
    }

    encryptCBC(bytes: Field, key: Uint8Array, vector: Uint8Array): Uint8Array {
        return this.#calls.bytes("aesCBC", [bytes, key, vector], 0);
    }

    decryptCBC(bytes: Uint8Array, key: Uint8Array, vector: Uint8Array): Uint8Array {
        return this.#calls.bytes("aesCBC", [bytes, key, vector], 1);
    }

    sealGCM(bytes: Field, key: Uint8Array, nonce: Uint8Array, additional: Field = ""): Uint8Array {
        return this.#calls.bytes("aesGCM", [bytes, key, nonce, additional], 0);
    }

    openGCM(sealed: Uint8Array, key: Uint8Array, nonce: Uint8Array, additional: Field = ""): Uint8Array {
        return this.#calls.bytes("aesGCM", [sealed, key, nonce, additional], 1);
    }

    curve25519PublicKey(secret: Uint8Array): Uint8Array {
        return this.#calls.bytes("curve25519Public", [secret]);
    }

    curve25519Agree(secret: Uint8Array, publicKey: Uint8Array): Uint8Array {
        return this.#calls.bytes("curve25519Agree", [secret, publicKey]);
    }

    ed25519PublicKey(seed: Uint8Array): Uint8Array {
        return this.#calls.bytes("ed25519Public", [seed]);
    }

    ed25519Sign(seed: Uint8Array, message: Field): Uint8Array {
        return this.#calls.bytes("ed25519Sign", [seed, message]);
    }

    ed25519IsValid(publicKey: Uint8Array, signature: Uint8Array, message: Field): boolean {
        return this.#calls.call("ed25519Verify", [publicKey, signature, message]).value === 1;
    }

    encodeBase64(bytes: Field, alphabet: "standard" | "urlSafe" = "standard"): string {
        return text(this.#calls.bytes("base64Encode", [bytes], alphabet === "urlSafe" ? 1 : 0));
    }

    decodeBase64(encoded: string, alphabet: "standard" | "urlSafe" = "standard"): Uint8Array {
        return this.#calls.bytes("base64Decode", [encoded], alphabet === "urlSafe" ? 1 : 0);
    }

    canonicalJSON(json: Field): string {
        return text(this.#calls.bytes("jsonCanonical", [json]));
    }
}
