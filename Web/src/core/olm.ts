import { CoreObject, field, text, type Answer, type Calls, type Field } from "./calls.ts";

/** A key to be published, by the name that the server is told. */
export interface NamedKey {
    readonly keyID: string;
    readonly key: string;
}

/** A message between two devices. */
export interface OlmMessage {
    readonly type: number;
    readonly body: string;
}

/** One device's keys. Keep its pickle before the keys that it made are published. */
export class Account extends CoreObject {
    private constructor(calls: Calls, handle: number) {
        super(calls, handle);
    }

    static make(calls: Calls): Account {
        return new Account(calls, calls.call("accountMake").value);
    }

    static restore(calls: Calls, pickle: Uint8Array): Account {
        return new Account(calls, calls.call("accountRestore", [pickle]).value);
    }

    pickle(): Uint8Array {
        return this.calls.bytes("accountPickle", [], this.handle);
    }

    get keys(): { readonly ed25519: string; readonly curve25519: string } {
        const answer = this.calls.call("accountKeys", [], this.handle);
        return { ed25519: text(field(answer, 0)), curve25519: text(field(answer, 1)) };
    }

    sign(message: Field): string {
        return this.calls.text("accountSign", [message], this.handle);
    }

    makeKeys(oneTimeKeys: number, withFallbackKey: boolean): void {
        this.calls.call("accountMakeKeys", [], this.handle, oneTimeKeys, withFallbackKey ? 1 : 0);
    }

    get unpublishedKeys(): { readonly oneTimeKeys: NamedKey[]; readonly fallbackKey: NamedKey | null } {
        const answer = this.calls.call("accountUnpublishedKeys", [], this.handle);
        const keys = Array.from({ length: answer.fields.length / 2 }, (_, index) => namedKey(answer, index));
        return { oneTimeKeys: keys.slice(0, answer.value), fallbackKey: keys[answer.value] ?? null };
    }

    markAsPublished(): void {
        this.calls.call("accountMarkPublished", [], this.handle);
    }

    begin(identityKey: string, oneTimeKey: string): Session {
        return new Session(this.calls, this.calls.call("sessionBegin", [identityKey, oneTimeKey], this.handle).value);
    }

    /** The session that a message of type 0 begins, and what the message says. */
    accept(identityKey: string, body: string): { readonly session: Session; readonly plaintext: Uint8Array } {
        const answer = this.calls.call("sessionAccept", [identityKey, body], this.handle);
        return { session: new Session(this.calls, answer.value), plaintext: field(answer, 0) };
    }
}

function namedKey(answer: Answer, index: number): NamedKey {
    return { keyID: text(field(answer, 2 * index)), key: text(field(answer, 2 * index + 1)) };
}

/** What two devices encrypt for each other with. Keep its pickle before a message is sent or shown. */
export class Session extends CoreObject {
    constructor(calls: Calls, handle: number) {
        super(calls, handle);
    }

    static restore(calls: Calls, pickle: Uint8Array): Session {
        return new Session(calls, calls.call("sessionRestore", [pickle]).value);
    }

    pickle(): Uint8Array {
        return this.calls.bytes("sessionPickle", [], this.handle);
    }

    get sessionID(): string {
        return this.calls.text("sessionDescribe", [], this.handle);
    }

    encrypt(plaintext: Field): OlmMessage {
        const answer = this.calls.call("sessionEncrypt", [plaintext], this.handle);
        return { type: answer.value, body: text(field(answer, 0)) };
    }

    decrypt(message: OlmMessage): Uint8Array {
        return this.calls.bytes("sessionDecrypt", [message.body], this.handle, message.type);
    }
}
