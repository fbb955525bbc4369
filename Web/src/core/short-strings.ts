import { CoreObject, field, numbers, type Calls } from "./calls.ts";

/** Who takes part in a verification. */
export interface Party {
    readonly userID: string;
    readonly deviceID: string;
}

/** One device's share in agreeing on a short authentication string. */
export class ShortStringAgreement extends CoreObject {
    private constructor(calls: Calls, handle: number) {
        super(calls, handle);
    }

    /** @param secret 32 bytes, for vectors; else chance. */
    static make(calls: Calls, secret: Uint8Array = new Uint8Array()): ShortStringAgreement {
        return new ShortStringAgreement(calls, calls.call("sasMake", [secret]).value);
    }

    get publicKey(): string {
        return this.calls.text("sasPublicKey", [], this.handle);
    }

    agree(otherKey: string): ShortStringSecret {
        return new ShortStringSecret(this.calls, this.calls.call("sasAgree", [otherKey], this.handle).value);
    }
}

/** What both devices know once they have each other's key. */
export class ShortStringSecret extends CoreObject {
    constructor(calls: Calls, handle: number) {
        super(calls, handle);
    }

    /** What both people compare: numbers of seven emoji in the specification's table, and three numbers. */
    string(
        starter: Party & { readonly publicKey: string }, accepter: Party & { readonly publicKey: string },
        transactionID: string,
    ): { readonly emoji: number[]; readonly decimals: number[] } {
        const parties = [starter, accepter].flatMap((party) => [party.userID, party.deviceID, party.publicKey]);
        const answer = this.calls.call("sasString", [...parties, transactionID], this.handle);
        return { emoji: Array.from(numbers(field(answer, 0))), decimals: Array.from(numbers(field(answer, 1))) };
    }

    /** The code that vouches for a key, by `hkdf-hmac-sha256.v2`. */
    authenticationCode(keyText: string, keyID: string, sender: Party, receiver: Party, transactionID: string): string {
        return this.calls.text(
            "sasCode",
            [keyText, keyID, sender.userID, sender.deviceID, receiver.userID, receiver.deviceID, transactionID], this.handle);
    }
}
