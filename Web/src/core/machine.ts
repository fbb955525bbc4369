import { CoreObject, field, text, type Answer, type Calls } from "./calls.ts";

/** In the order of `Sources/Core/WebCore/MachineMethod.swift`: a place is a number. */
export const machineMethods = [
    "describe", "outgoingRequests", "receive", "receiveSync", "receiveStateEvents", "trackUsers", "prepareToSend",
    "encrypt", "decrypt", "discardSession", "requestSession", "exportSessions", "importSessions", "devices",
    "identity", "acceptIdentity", "setLocalTrust", "makeIdentity", "crossSigningStatus", "requestMissingSecrets",
    "makeRecovery", "recover", "makeBackup", "checkBackup", "backupStatus", "restoreBackup", "requestVerification",
    "acceptVerification", "cancelVerification", "compareEmoji", "answerComparison", "receiveVerificationEvent",
    "verifications",
] as const;

type Method = typeof machineMethods[number];

export type JSONObject = Readonly<Record<string, unknown>>;

/** A change to a record. */
export interface RecordChange {
    /** The table and the record's key in it. */
    readonly key: Uint8Array;
    /** Null when the record goes. */
    readonly value: Uint8Array | null;
}

/** What a call answers, and what has to be kept before the answer is used. */
export interface Kept<Result> {
    readonly result: Result;
    /** To be made durable, in one transaction, before anything of `result` is sent or shown. */
    readonly changes: readonly RecordChange[];
}

/** A request for the server, the same until it is answered: it may be sent again after a crash. */
export interface OutgoingRequest {
    readonly id: number;
    readonly kind: number;
    readonly method: "GET" | "PUT" | "POST" | "DELETE";
    /** Begins with `/_matrix/client`. */
    readonly path: string;
    /** JSON; empty for none. */
    readonly body: string;
    /** Where it goes when it is an event: it is encrypted first if the room is. */
    readonly roomEvent?: { readonly room: string; readonly type: string; readonly transactionID: string };
}

/** What has changed: `kind` is a case of `MachineNews`. */
export type MachineNews = JSONObject & { readonly kind: string };

export interface SyncChanges {
    readonly toDevice?: readonly unknown[];
    readonly changedDeviceLists?: readonly string[];
    readonly leftDeviceLists?: readonly string[];
    readonly oneTimeKeyCounts?: Readonly<Record<string, number>>;
    readonly unusedFallbackKeyTypes?: readonly string[];
}

export type Readiness =
    | { readonly state: "ready" }
    | { readonly state: "waiting"; readonly requests: readonly number[] }
    | { readonly state: "identitiesChanged"; readonly users: readonly string[] }
    | { readonly state: "unsupportedAlgorithm" };

export type Trust = "unknown" | "blacklisted" | "unsigned" | "identityChanged" | "crossSigned" | "verified";

export interface DecryptedEvent {
    readonly type: string;
    readonly content: JSONObject;
    readonly sessionID: string;
    readonly messageIndex: number;
    readonly senderDevice: string | null;
    readonly senderKey: string;
    readonly senderTrust: Trust;
    readonly isAuthentic: boolean;
    readonly warning: string | null;
}

/** Why an event cannot be read (yet). */
export interface DecryptionFailure {
    readonly failure: string;
    readonly sessionID?: string;
    readonly withheld?: string | null;
}

export interface KnownDevice {
    readonly deviceID: string;
    readonly curve25519: string;
    readonly ed25519: string;
    readonly displayName: string | null;
    readonly localTrust: number;
    readonly trust: Trust;
}

export interface CrossSigningStatus {
    readonly hasIdentity: boolean;
    readonly isVerified: boolean;
    readonly isDeviceSigned: boolean;
    readonly hasMasterKey: boolean;
    readonly hasSelfSigningKey: boolean;
    readonly hasUserSigningKey: boolean;
    readonly isPending: boolean;
}

export interface BackupStatus {
    readonly version: string | null;
    readonly isTrusted: boolean;
    readonly canRestore: boolean;
    readonly sessionsToUpload: number;
}

export interface Verification {
    readonly flowID: string;
    readonly user: string;
    readonly isOurs: boolean;
    readonly canCompare: boolean;
    readonly device: string | null;
    readonly state: string;
    /** Numbers in the specification's table of emoji. */
    readonly emoji?: readonly number[] | null;
    readonly decimals?: readonly number[];
}

/**
 * One device's end-to-end encryption, without requests of its own: it is told what the server said, and answers with
 * requests to send and events decrypted. Its records are in memory; whoever owns it keeps what changes.
 *
 * **The contract:** the changes of a call are kept, all or none, before its result is used and before the next call.
 * When they cannot be kept, the machine is released and another made of what was kept. So no key is used twice.
 */
export class EncryptionMachine extends CoreObject {
    private constructor(calls: Calls, handle: number) {
        super(calls, handle);
    }

    /** @param records all that was kept; none makes a new account. */
    static make(
        calls: Calls, userID: string, deviceID: string, records: Iterable<readonly [Uint8Array, Uint8Array]>,
    ): Kept<EncryptionMachine> {
        const answer = calls.call("machineMake", [userID, deviceID, ...Array.from(records).flat()]);
        return { result: new EncryptionMachine(calls, answer.value), changes: changes(answer) };
    }

    describe(): { readonly curve25519: string; readonly ed25519: string; readonly deviceKeys: JSONObject } {
        return this.#ask<ReturnType<EncryptionMachine["describe"]>>("describe").result;
    }

    outgoingRequests(): OutgoingRequest[] {
        return this.#ask<OutgoingRequest[]>("outgoingRequests").result;
    }

    /** The server's answer to a request. */
    receive(id: number, status: number, body: Uint8Array | string): Kept<MachineNews[]> {
        return this.#ask("receive", { id, status }, body);
    }

    receiveSync(changes: SyncChanges): Kept<MachineNews[]> {
        return this.#ask("receiveSync", changes);
    }

    /** `m.room.encryption`, `m.room.history_visibility` and `m.room.member` of a room, in order. */
    receiveStateEvents(room: string, events: readonly JSONObject[]): Kept<MachineNews[]> {
        return this.#ask("receiveStateEvents", { room, events });
    }

    trackUsers(users: readonly string[]): Kept<null> {
        return this.#ask("trackUsers", { users });
    }

    prepareToSend(room: string, joined: readonly string[], invited: readonly string[] = []): Kept<Readiness> {
        return this.#ask("prepareToSend", { room, joined, invited });
    }

    /** The content of an `m.room.encrypted` event. */
    encrypt(room: string, type: string, content: JSONObject): Kept<JSONObject> {
        return this.#ask("encrypt", { room, type, content });
    }

    decrypt(room: string, event: JSONObject): Kept<DecryptedEvent | DecryptionFailure> {
        return this.#ask("decrypt", { room, event });
    }

    discardSession(room: string): Kept<null> {
        return this.#ask("discardSession", { room });
    }

    /** Asks the own other devices for a session; false when that was done already. */
    requestSession(room: string, session: string): Kept<boolean> {
        return this.#ask("requestSession", { room, session });
    }

    /** A file as other clients export it, under a passphrase. Takes a second. */
    exportSessions(passphrase: string): Kept<string> {
        return this.#ask("exportSessions", { passphrase });
    }

    importSessions(file: Uint8Array | string, passphrase: string): Kept<MachineNews[]> {
        return this.#ask("importSessions", { passphrase }, file);
    }

    // Trust

    devices(user: string): KnownDevice[] {
        return this.#ask<KnownDevice[]>("devices", { user }).result;
    }

    identity(user: string): { readonly masterKey: string; readonly state: string } | null {
        return this.#ask<ReturnType<EncryptionMachine["identity"]>>("identity", { user }).result;
    }

    /** The person has looked at a changed identity, and goes on. */
    acceptIdentity(user: string): Kept<null> {
        return this.#ask("acceptIdentity", { user });
    }

    setLocalTrust(user: string, device: string, trust: "unset" | "verified" | "blacklisted"): Kept<null> {
        return this.#ask("setLocalTrust", { user, device, trust: ["unset", "verified", "blacklisted"].indexOf(trust) });
    }

    makeIdentity(replacing = false): Kept<null> {
        return this.#ask("makeIdentity", { replacing });
    }

    crossSigningStatus(): CrossSigningStatus {
        return this.#ask<CrossSigningStatus>("crossSigningStatus").result;
    }

    requestMissingSecrets(): Kept<null> {
        return this.#ask("requestMissingSecrets");
    }

    // Recovery and backup

    /** The recovery key, for the person to write down. */
    makeRecovery(passphrase?: string): Kept<string> {
        return this.#ask("makeRecovery", passphrase === undefined ? {} : { passphrase });
    }

    /** @param accountData contents of the global account data, by type. */
    recover(input: string, accountData: Readonly<Record<string, JSONObject>>): Kept<MachineNews[]> {
        return this.#ask("recover", { input, accountData });
    }

    makeBackup(): Kept<null> {
        return this.#ask("makeBackup");
    }

    checkBackup(): Kept<null> {
        return this.#ask("checkBackup");
    }

    backupStatus(): BackupStatus {
        return this.#ask<BackupStatus>("backupStatus").result;
    }

    restoreBackup(room?: string): Kept<null> {
        return this.#ask("restoreBackup", room === undefined ? {} : { room });
    }

    // Verification

    /** Asks the own other devices; the answer names the verification. */
    requestOwnVerification(devices?: readonly string[]): Kept<string> {
        return this.#ask("requestVerification", devices === undefined ? {} : { devices });
    }

    requestVerification(user: string, room: string, body: string): Kept<null> {
        return this.#ask("requestVerification", { user, room, body });
    }

    acceptVerification(flow: string, user: string): Kept<MachineNews[]> {
        return this.#ask("acceptVerification", { flow, user });
    }

    cancelVerification(flow: string, user: string): Kept<MachineNews[]> {
        return this.#ask("cancelVerification", { flow, user });
    }

    compareEmoji(flow: string, user: string): Kept<MachineNews[]> {
        return this.#ask("compareEmoji", { flow, user });
    }

    answerComparison(flow: string, user: string, isSame: boolean): Kept<MachineNews[]> {
        return this.#ask("answerComparison", { flow, user, isSame });
    }

    /** An event of a room that may belong to a verification. */
    receiveVerificationEvent(room: string, event: JSONObject): Kept<MachineNews[]> {
        return this.#ask("receiveVerificationEvent", { room, event });
    }

    verifications(): Verification[] {
        return this.#ask<Verification[]>("verifications").result;
    }

    #ask<Result>(method: Method, methodArguments: object = {}, body?: Uint8Array | string): Kept<Result> {
        const fields = body === undefined ? [] : [body];
        const answer = this.calls.call(
            "machineCall", [JSON.stringify(methodArguments), ...fields], this.handle, machineMethods.indexOf(method));
        return { result: JSON.parse(text(field(answer, 0))) as Result, changes: changes(answer) };
    }
}

function changes(answer: Answer): RecordChange[] {
    return Array.from({ length: (answer.fields.length - 1) / 2 }, (_, index) => {
        const value = field(answer, 2 * index + 2);
        return { key: field(answer, 2 * index + 1), value: value[0] === 1 ? value.slice(1) : null };
    });
}
