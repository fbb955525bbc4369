import { curve25519Key, libolm, newOneTimeKey, type LibolmSession } from "./libolm.ts";
import { newCore } from "./support.ts";

const messageBytes = 300;
const message = "가나다라 mani padme hum ".repeat(20).slice(0, messageBytes);
const decoder = new TextDecoder();

/** Operations in a second: the best of many short runs, for a busy machine only ever makes one slower. */
function perSecond(prepare: (count: number) => () => void, milliseconds: number): number {
    let batch = 20;
    let best = 0;
    for (let spent = 0; spent < milliseconds;) {
        const run = prepare(batch);
        const start = performance.now();
        run();
        const took = performance.now() - start;
        spent += Math.max(took, 1);
        // Browsers tell the time coarsely.
        if (took < 20) batch *= 2;
        else best = Math.max(best, 1000 * batch / took);
    }
    return Math.round(best);
}

type Speeds = Record<string, number>;

/** The same work through both, text in and text out, sessions advancing as they do in use. */
export async function measureSpeed(milliseconds: number): Promise<{ naru: Speeds; libolm: Speeds }> {
    return { naru: await measureNaru(milliseconds), libolm: await measureLibolm(milliseconds) };
}

async function measureNaru(milliseconds: number): Promise<Speeds> {
    const core = await newCore();
    const sender = core.newGroupSender();
    const receiver = core.newGroupReceiver(sender.sessionKey);
    const [alice, bob] = [core.newAccount(), core.newAccount()];
    bob.makeKeys(1, false);
    const begun = alice.begin(bob.keys.curve25519, bob.unpublishedKeys.oneTimeKeys[0]?.key ?? "");
    const accepted = bob.accept(alice.keys.curve25519, begun.encrypt(message).body).session;
    begun.decrypt(accepted.encrypt(message));
    return {
        "Megolm encrypt": perSecond((count) => () => {
            for (let index = 0; index < count; index += 1) sender.encrypt(message);
        }, milliseconds),
        "Megolm decrypt": perSecond((count) => {
            const messages = Array.from({ length: count }, () => sender.encrypt(message));
            return () => { for (const one of messages) decoder.decode(receiver.decrypt(one).plaintext); };
        }, milliseconds),
        "Olm encrypt": perSecond((count) => () => {
            for (let index = 0; index < count; index += 1) begun.encrypt(message);
        }, milliseconds),
        "Olm decrypt": (() => {
            const fresh = core.newAccount();
            fresh.makeKeys(1, false);
            const from = alice.begin(fresh.keys.curve25519, fresh.unpublishedKeys.oneTimeKeys[0]?.key ?? "");
            const to = fresh.accept(alice.keys.curve25519, from.encrypt(message).body).session;
            from.decrypt(to.encrypt(message));
            return perSecond((count) => {
                const messages = Array.from({ length: count }, () => from.encrypt(message));
                return () => { for (const one of messages) decoder.decode(to.decrypt(one)); };
            }, milliseconds);
        })(),
        "Olm there and back": (() => {
            const fresh = core.newAccount();
            fresh.makeKeys(1, false);
            const one = alice.begin(fresh.keys.curve25519, fresh.unpublishedKeys.oneTimeKeys[0]?.key ?? "");
            const other = fresh.accept(alice.keys.curve25519, one.encrypt(message).body).session;
            return perSecond((count) => () => {
                for (let index = 0; index < count; index += 1) {
                    decoder.decode(one.decrypt(other.encrypt(message)));
                    decoder.decode(other.decrypt(one.encrypt(message)));
                }
            }, milliseconds);
        })(),
        "Olm begin and accept": perSecond((count) => () => {
            for (let index = 0; index < count; index += 1) {
                bob.makeKeys(1, false);
                const [key] = bob.unpublishedKeys.oneTimeKeys;
                const session = alice.begin(bob.keys.curve25519, key?.key ?? "");
                const { session: answer } = bob.accept(alice.keys.curve25519, session.encrypt(message).body);
                session.release();
                answer.release();
            }
        }, milliseconds),
        "64 kB of a file encrypted and hashed": perSecond((count) => {
            const piece = new Uint8Array(1 << 16);
            const encryptor = core.encryptFile();
            return () => {
                for (let index = 0; index < count; index += 1) encryptor.update(piece);
                encryptor.release();
            };
        }, milliseconds),
    };
}

async function measureLibolm(milliseconds: number): Promise<Speeds> {
    const olm = await libolm();
    const sender = new olm.OutboundGroupSession();
    sender.create();
    const receiver = new olm.InboundGroupSession();
    receiver.create(sender.session_key());
    const [alice, bob] = [new olm.Account(), new olm.Account()];
    alice.create();
    bob.create();
    const begin = (): [LibolmSession, LibolmSession] => {
        const [one, other] = [new olm.Session(), new olm.Session()];
        one.create_outbound(alice, curve25519Key(bob), newOneTimeKey(bob));
        const first = one.encrypt(message);
        other.create_inbound_from(bob, curve25519Key(alice), first.body);
        bob.remove_one_time_keys(other);
        other.decrypt(first.type, first.body);
        return [one, other];
    };
    const [one, other] = begin();
    const back = other.encrypt(message);
    one.decrypt(back.type, back.body);
    const [from, to] = begin();
    const forth = to.encrypt(message);
    from.decrypt(forth.type, forth.body);
    return {
        "Megolm encrypt": perSecond((count) => () => {
            for (let index = 0; index < count; index += 1) sender.encrypt(message);
        }, milliseconds),
        "Megolm decrypt": perSecond((count) => {
            const messages = Array.from({ length: count }, () => sender.encrypt(message));
            return () => { for (const one of messages) receiver.decrypt(one).plaintext; };
        }, milliseconds),
        "Olm encrypt": perSecond((count) => () => {
            for (let index = 0; index < count; index += 1) one.encrypt(message);
        }, milliseconds),
        "Olm decrypt": perSecond((count) => {
            const messages = Array.from({ length: count }, () => from.encrypt(message));
            return () => { for (const { type, body } of messages) to.decrypt(type, body); };
        }, milliseconds),
        "Olm there and back": (() => {
            const [one, other] = begin();
            return perSecond((count) => () => {
                for (let index = 0; index < count; index += 1) {
                    const there = other.encrypt(message);
                    one.decrypt(there.type, there.body);
                    const back = one.encrypt(message);
                    other.decrypt(back.type, back.body);
                }
            }, milliseconds);
        })(),
        "Olm begin and accept": perSecond((count) => () => {
            for (let index = 0; index < count; index += 1) for (const session of begin()) session.free();
        }, milliseconds),
    };
}
