import type { Session } from "../../../Web/src/core/olm.ts";
import { curve25519Key, libolm, newOneTimeKey, type LibolmSession } from "./libolm.ts";
import { bytes, Chance, hex, newCore, type Findings } from "./support.ts";

const decoder = new TextDecoder();

/** Megolm with libolm, both ways. */
export async function checkGroupSessions(findings: Findings): Promise<void> {
    const [core, olm] = [await newCore(), await libolm()];
    const sender = core.newGroupSender();
    const reader = new olm.InboundGroupSession();
    reader.create(sender.sessionKey);
    const own = core.newGroupReceiver(sender.sessionKey);
    const late = core.importGroupReceiver(own.export(3));
    findings.equal(own.sessionID, sender.sessionID, "the session's name");
    const messages = Array.from({ length: 300 }, (_, index) => sender.encrypt(`안녕 ${index} ${"x".repeat(index)}`));
    for (const [index, message] of messages.entries()) {
        const expected = `안녕 ${index} ${"x".repeat(index)}`;
        const theirs = reader.decrypt(message);
        findings.equal([theirs.plaintext, theirs.message_index], [expected, index], `libolm reads message ${index}`);
        const ours = own.decrypt(message);
        findings.equal([decoder.decode(ours.plaintext), ours.index], [expected, index], `message ${index}`);
        if (index < 3) findings.fails("refused", "before the export", () => late.decrypt(message));
        else findings.equal(decoder.decode(late.decrypt(message).plaintext), expected, `from an export: ${index}`);
    }
    const restored = core.restoreGroupSender(sender.pickle());
    findings.equal(reader.decrypt(restored.encrypt("again")).message_index, messages.length, "after a pickle");
    const kept = core.restoreGroupReceiver(own.pickle());
    findings.equal(kept.decrypt(messages[7] ?? "").index, 7, "an old message after a pickle");
    const damaged = bytesOf(messages[0] ?? "");
    for (let place = 0; place < damaged.length; place += 1) {
        damaged[place] = (damaged[place] ?? 0) ^ 1;
        const text = core.primitives.encodeBase64(damaged);
        findings.equal(refuses(() => own.decrypt(text)), true, `a damaged byte ${place}`);
        damaged[place] = (damaged[place] ?? 0) ^ 1;
    }

    const theirSender = new olm.OutboundGroupSession();
    theirSender.create();
    const ourReader = core.newGroupReceiver(theirSender.session_key());
    for (let index = 0; index < 300; index += 1) {
        const { plaintext, index: place } = ourReader.decrypt(theirSender.encrypt(`${index} 日本`));
        findings.equal([decoder.decode(plaintext), place], [`${index} 日本`, index], "a message of libolm's");
    }
    const exported = new olm.InboundGroupSession();
    exported.import_session(ourReader.export(120));
    const next = theirSender.encrypt("last");
    findings.equal(exported.decrypt(next).plaintext, "last", "libolm imports our export");
    const imported = core.importGroupReceiver(exported.export_session(200));
    findings.equal(imported.firstKnownIndex, 200, "we import libolm's export");
    findings.equal(decoder.decode(imported.decrypt(next).plaintext), "last", "and read with it");
    findings.fails("malformed", "no session key", () => core.newGroupReceiver("AAAA"));

    function bytesOf(message: string): Uint8Array {
        return core.primitives.decodeBase64(message);
    }
}

function refuses(body: () => unknown): boolean {
    try {
        body();
        return false;
    } catch (error) {
        return ["refused", "malformed"].includes((error as { kind?: string }).kind ?? "");
    }
}

/** Olm sessions with libolm, begun by either, with messages lost, doubled and out of order. */
export async function checkSessions(findings: Findings, seed: number, rounds: number): Promise<void> {
    const [core, olm] = [await newCore(), await libolm()];
    const chance = new Chance(seed);
    const ours = core.newAccount();
    const theirs = new olm.Account();
    theirs.create();
    for (let round = 0; round < rounds; round += 1) {
        const what = `seed ${seed}, round ${round}`;
        let mine: Session;
        const other = new olm.Session();
        if (round % 2 === 0) {
            mine = ours.begin(curve25519Key(theirs), newOneTimeKey(theirs));
            const first = mine.encrypt("first");
            other.create_inbound_from(theirs, ours.keys.curve25519, first.body);
            theirs.remove_one_time_keys(other);
            findings.equal([first.type, other.decrypt(first.type, first.body)], [0, "first"], what);
        } else {
            ours.makeKeys(1, false);
            const key = ours.unpublishedKeys.oneTimeKeys[0]?.key ?? "";
            ours.markAsPublished();
            other.create_outbound(theirs, ours.keys.curve25519, key);
            const accepted = ours.accept(curve25519Key(theirs), other.encrypt("first").body);
            findings.equal(decoder.decode(accepted.plaintext), "first", what);
            mine = accepted.session;
        }
        findings.equal(mine.sessionID, other.session_id(), what);
        converse(mine, other, what);
        mine.release();
        other.free();
    }

    function converse(mine: Session, other: LibolmSession, what: string): void {
        const underway: { fromUs: boolean; type: number; body: string; text: string }[] = [];
        for (let step = 0; step < 30; step += 1) {
            const fromUs = chance.number(2) === 0;
            const sent = `${step} ${"가".repeat(chance.number(40))}`;
            underway.push({ fromUs, ...(fromUs ? mine.encrypt(sent) : other.encrypt(sent)), text: sent });
            if (step % 10 === 9) mine = core.restoreSession(mine.pickle());
            while (underway.length > chance.number(4)) {
                const [message] = underway.splice(chance.number(underway.length), 1);
                if (message === undefined || chance.number(8) === 0) continue;
                const read = message.fromUs ? other.decrypt(message.type, message.body)
                    : decoder.decode(mine.decrypt(message));
                findings.equal(read, message.text, `${what}, ${message.fromUs ? "to" : "from"} libolm`);
                if (!message.fromUs) findings.fails("refused", `${what}, twice`, () => mine.decrypt(message));
            }
        }
    }
}

/** Short authentication strings with libolm. */
export async function checkShortStrings(findings: Findings): Promise<void> {
    const [core, olm] = [await newCore(), await libolm()];
    for (let round = 0; round < 20; round += 1) {
        const agreement = core.agreeOnShortString();
        const sas = new olm.SAS();
        const ours = { userID: "@alice:naru", deviceID: "ONE", publicKey: agreement.publicKey };
        const theirs = { userID: "@bob:naru", deviceID: "TWO", publicKey: sas.get_pubkey() };
        sas.set_their_key(ours.publicKey);
        const secret = agreement.agree(theirs.publicKey);
        const info = [ours, theirs].flatMap((party) => [party.userID, party.deviceID, party.publicKey]);
        const shared = sas.generate_bytes(["MATRIX_KEY_VERIFICATION_SAS", ...info, "txn"].join("|"), 6);
        const bits = BigInt(`0x${hex(shared)}`);
        const emoji = Array.from({ length: 7 }, (_, place) => Number(bits >> BigInt(42 - 6 * place) & 63n));
        const decimals = [35n, 22n, 9n].map((shift) => Number(bits >> shift & 0x1FFFn) + 1000);
        findings.equal(secret.string(ours, theirs, "txn"), { emoji, decimals }, "the string");
        const keyInfo = "MATRIX_KEY_VERIFICATION_MAC@alice:naruONE@bob:naruTWOtxned25519:ONE";
        findings.equal(
            secret.authenticationCode("a key", "ed25519:ONE", ours, theirs, "txn"),
            sas.calculate_mac_fixed_base64("a key", keyInfo), "the code");
    }
    findings.fails("refused", "a key of small order", () => core.agreeOnShortString().agree("A".repeat(43)));
    findings.equal(
        core.agreeOnShortString(bytes("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a")).publicKey,
        "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo", "a key that is given");
}
