import { Calls, type Host } from "./calls.ts";
import { FileEncryptor, FileVerifier, type EncryptedFile } from "./attachments.ts";
import { GroupReceiver, GroupSender } from "./group-sessions.ts";
import { EncryptionMachine, type Kept } from "./machine.ts";
import { Account, Session } from "./olm.ts";
import { Primitives } from "./primitives.ts";
import { SearchQuery, searchTerms } from "./search.ts";
import { ShortStringAgreement } from "./short-strings.ts";

export { CoreError, type CoreErrorKind, type Host } from "./calls.ts";
export { SearchQuery, type SearchMatch, type TermPattern } from "./search.ts";

/** The browser's own chance and clock. */
export const browserHost: Host = {
    // A view of the core's memory, filled in place: chance leaves no copy behind.
    fillWithRandom: (bytes) => void crypto.getRandomValues(bytes),
    now: () => Date.now(),
};

/** Naru's core, the one that native clients run too, as WebAssembly: one instance with a memory of its own. */
export class WebCore {
    readonly #calls: Calls;
    readonly primitives: Primitives;

    private constructor(calls: Calls) {
        this.#calls = calls;
        this.primitives = new Primitives(calls);
    }

    /**
     * @param source core.wasm, or it compiled, as another instance may use it too. The page's policy has to allow
     *     `'wasm-unsafe-eval'`.
     */
    static async load(source: WebAssembly.Module | BufferSource, host: Host = browserHost): Promise<WebCore> {
        return new WebCore(await Calls.load(source, host));
    }

    /** Bytes that the instance has taken from the browser; it never gives any back. */
    get memoryBytes(): number {
        return this.#calls.memoryBytes;
    }

    /** Null when there is nothing in the text that can be looked for. */
    query(text: string): SearchQuery | null {
        return SearchQuery.make(this.#calls, text);
    }

    /** What an index keeps of a text, sorted, each once. */
    searchTerms(text: string): Uint32Array {
        return searchTerms(this.#calls, text);
    }

    newAccount(): Account {
        return Account.make(this.#calls);
    }

    restoreAccount(pickle: Uint8Array): Account {
        return Account.restore(this.#calls, pickle);
    }

    restoreSession(pickle: Uint8Array): Session {
        return Session.restore(this.#calls, pickle);
    }

    newGroupSender(): GroupSender {
        return GroupSender.make(this.#calls);
    }

    restoreGroupSender(pickle: Uint8Array): GroupSender {
        return GroupSender.restore(this.#calls, pickle);
    }

    newGroupReceiver(sessionKey: string): GroupReceiver {
        return GroupReceiver.make(this.#calls, sessionKey);
    }

    importGroupReceiver(exportedKey: string): GroupReceiver {
        return GroupReceiver.import(this.#calls, exportedKey);
    }

    restoreGroupReceiver(pickle: Uint8Array): GroupReceiver {
        return GroupReceiver.restore(this.#calls, pickle);
    }

    encryptFile(): FileEncryptor {
        return FileEncryptor.make(this.#calls);
    }

    /** @param maximumBytes beyond which the file is refused. */
    verifyFile(file: EncryptedFile, maximumBytes: number): FileVerifier {
        return FileVerifier.make(this.#calls, file, maximumBytes);
    }

    /** @param secret 32 bytes, for vectors; else chance. */
    agreeOnShortString(secret?: Uint8Array): ShortStringAgreement {
        return ShortStringAgreement.make(this.#calls, secret);
    }

    /** @param records all that was kept of this device's machine; none makes a new account. */
    newMachine(
        userID: string, deviceID: string, records: Iterable<readonly [Uint8Array, Uint8Array]>,
    ): Kept<EncryptionMachine> {
        return EncryptionMachine.make(this.#calls, userID, deviceID, records);
    }
}
