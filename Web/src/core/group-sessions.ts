import { CoreObject, field, numbers, text, type Calls, type Field } from "./calls.ts";

/** What one device encrypts a room's messages with. Keep its pickle before a message that it made is sent. */
export class GroupSender extends CoreObject {
    private constructor(calls: Calls, handle: number) {
        super(calls, handle);
    }

    static make(calls: Calls): GroupSender {
        return new GroupSender(calls, calls.call("groupSenderMake").value);
    }

    static restore(calls: Calls, pickle: Uint8Array): GroupSender {
        return new GroupSender(calls, calls.call("groupSenderRestore", [pickle]).value);
    }

    pickle(): Uint8Array {
        return this.calls.bytes("groupSenderPickle", [], this.handle);
    }

    get sessionID(): string {
        return text(field(this.calls.call("groupSenderDescribe", [], this.handle), 0));
    }

    /** What others need to read from the next message on. */
    get sessionKey(): string {
        return text(field(this.calls.call("groupSenderDescribe", [], this.handle), 1));
    }

    get nextIndex(): number {
        return this.calls.call("groupSenderDescribe", [], this.handle).value;
    }

    encrypt(plaintext: Field): string {
        return this.calls.text("groupSenderEncrypt", [plaintext], this.handle);
    }
}

/** What a device reads another's messages in a room with. */
export class GroupReceiver extends CoreObject {
    private constructor(calls: Calls, handle: number) {
        super(calls, handle);
    }

    /** By the key that its sender shared. */
    static make(calls: Calls, sessionKey: string): GroupReceiver {
        return new GroupReceiver(calls, calls.call("groupReceiverMake", [sessionKey]).value);
    }

    /** By a key that was forwarded, backed up or exported. */
    static import(calls: Calls, exportedKey: string): GroupReceiver {
        return new GroupReceiver(calls, calls.call("groupReceiverImport", [exportedKey]).value);
    }

    static restore(calls: Calls, pickle: Uint8Array): GroupReceiver {
        return new GroupReceiver(calls, calls.call("groupReceiverRestore", [pickle]).value);
    }

    pickle(): Uint8Array {
        return this.calls.bytes("groupReceiverPickle", [], this.handle);
    }

    get sessionID(): string {
        return this.calls.text("groupReceiverDescribe", [], this.handle);
    }

    get firstKnownIndex(): number {
        return this.calls.call("groupReceiverDescribe", [], this.handle).value;
    }

    decrypt(message: string): { readonly plaintext: Uint8Array; readonly index: number } {
        const answer = this.calls.call("groupReceiverDecrypt", [message], this.handle);
        return { plaintext: field(answer, 0), index: numbers(field(answer, 1))[0] ?? 0 };
    }

    /** The key for somebody who may read from `index` on. */
    export(index: number): string {
        return this.calls.text("groupReceiverExport", [], this.handle, index);
    }
}
