import { CoreObject, type Calls } from "./calls.ts";

/** `EncryptedFile` of an event. */
export type EncryptedFile = Readonly<Record<string, unknown>>;

/** Encrypts one file, piece by piece, under a key of its own. */
export class FileEncryptor extends CoreObject {
    static make(calls: Calls): FileEncryptor {
        return new FileEncryptor(calls, calls.call("encryptorMake").value);
    }

    private constructor(calls: Calls, handle: number) {
        super(calls, handle);
    }

    /** As many bytes as came in. */
    update(piece: Uint8Array): Uint8Array {
        return this.calls.bytes("encryptorUpdate", [piece], this.handle);
    }

    /** What the event says about the file that lies at `url` now. */
    finish(url: string): EncryptedFile {
        return JSON.parse(this.calls.text("encryptorFinish", [url], this.handle)) as EncryptedFile;
    }
}

/** The first pass over an encrypted file: whether it is what its sender made. */
export class FileVerifier extends CoreObject {
    static make(calls: Calls, file: EncryptedFile, maximumBytes: number): FileVerifier {
        return new FileVerifier(calls, calls.call("verifierMake", [JSON.stringify(file)], maximumBytes).value);
    }

    private constructor(calls: Calls, handle: number) {
        super(calls, handle);
    }

    update(piece: Uint8Array): void {
        this.calls.call("verifierUpdate", [piece], this.handle);
    }

    /** For the second pass, over the same bytes. */
    finish(): FileDecryptor {
        return new FileDecryptor(this.calls, this.calls.call("verifierFinish", [], this.handle).value);
    }
}

/** The second pass over an encrypted file. */
export class FileDecryptor extends CoreObject {
    constructor(calls: Calls, handle: number) {
        super(calls, handle);
    }

    update(piece: Uint8Array): Uint8Array {
        return this.calls.bytes("decryptorUpdate", [piece], this.handle);
    }

    /** Whether what was decrypted until now is all of what was verified. */
    get isTheSame(): boolean {
        return this.calls.call("decryptorIsTheSame", [], this.handle).value === 1;
    }
}
