import type { DecryptedEvent, JSONObject, Kept, MachineNews } from "../../../Web/src/core/machine.ts";
import type { WebCore } from "../../../Web/src/core/web-core.ts";
import { hex, newCore, type Findings } from "./support.ts";
import { TinyServer } from "./tiny-server.ts";

const room = "!room:naru";
const encryption = { type: "m.room.encryption", state_key: "", content: { algorithm: "m.megolm.v1.aes-sha2" } };

/** A machine with what its owner keeps: it can be killed and made again at any time. */
class TestDevice {
    readonly user: string;
    readonly device: string;
    readonly #server: TinyServer;
    readonly #records = new Map<string, readonly [Uint8Array, Uint8Array]>();
    machine;

    constructor(core: WebCore, server: TinyServer, user: string, device: string) {
        [this.user, this.device, this.#server] = [user, device, server];
        this.machine = this.keep(core.newMachine(user, device, []));
    }

    keep<Result>({ result, changes }: Kept<Result>): Result {
        for (const { key, value } of changes) {
            if (value === null) this.#records.delete(hex(key));
            else this.#records.set(hex(key), [key, value]);
        }
        return result;
    }

    /** Nothing is left but what was kept. */
    restart(core: WebCore): void {
        this.machine.release();
        this.machine = this.keep(core.newMachine(this.user, this.device, this.#records.values()));
    }

    /** Sends what is to be sent and syncs, until nothing is to be sent. */
    settle(): MachineNews[] {
        const news: MachineNews[] = [];
        for (let round = 0; round < 20; round += 1) {
            news.push(...this.keep(this.machine.receiveSync(this.#server.sync(this.user, this.device))));
            const requests = this.machine.outgoingRequests();
            if (requests.length === 0) return news;
            for (const request of requests) {
                const { status, body } = this.#server.answer(this.user, this.device, request);
                news.push(...this.keep(this.machine.receive(request.id, status, body)));
            }
        }
        throw new Error(`${this.device} does not settle: ${JSON.stringify(this.machine.outgoingRequests())}`);
    }

    send(body: string, members: string[]): JSONObject {
        let readiness = this.keep(this.machine.prepareToSend(room, members));
        for (let round = 0; round < 5 && readiness.state === "waiting"; round += 1) {
            this.settle();
            readiness = this.keep(this.machine.prepareToSend(room, members));
        }
        if (readiness.state !== "ready") throw new Error(`not ready: ${JSON.stringify(readiness)}`);
        const content = this.keep(this.machine.encrypt(room, "m.room.message", { msgtype: "m.text", body }));
        return { type: "m.room.encrypted", sender: this.user, room_id: room, content, event_id: `$${body}`, origin_server_ts: 1 };
    }

    read(event: JSONObject): string {
        const decrypted = this.keep(this.machine.decrypt(room, event));
        return "failure" in decrypted ? decrypted.failure : String(decrypted.content["body"]);
    }
}

async function people(): Promise<{ core: WebCore; server: TinyServer; alice: TestDevice; bob: TestDevice }> {
    const [core, server] = [await newCore(), new TinyServer()];
    const alice = new TestDevice(core, server, "@alice:naru", "ALICE");
    const bob = new TestDevice(core, server, "@bob:naru", "BOB");
    for (const device of [alice, bob]) {
        device.keep(device.machine.receiveStateEvents(room, [encryption]));
        device.settle();
    }
    return { core, server, alice, bob };
}

/** Two machines talk; each is killed in between and goes on with what was kept. */
export async function checkMachines(findings: Findings): Promise<void> {
    const { core, alice, bob } = await people();
    const members = [alice.user, bob.user];
    const first = alice.send("하나", members);
    findings.equal(bob.read(first), "unknownSession", "before the key has come");
    bob.settle();
    findings.equal(bob.read(first), "하나", "a message");
    findings.equal(alice.read(first), "하나", "one's own message");
    const fingerprints = (device: TestDevice): string => device.machine.describe().ed25519;
    const before = [fingerprints(alice), fingerprints(bob)];
    for (let round = 0; round < 12; round += 1) {
        const [from, to] = round % 2 === 0 ? [bob, alice] : [alice, bob];
        const event = from.send(`message ${round}`, members);
        (round % 3 === 0 ? from : to).restart(core);
        to.settle();
        findings.equal(to.read(event), `message ${round}`, `message ${round}`);
        findings.equal(to.read({ ...event, event_id: "$replayed" }), "replay", `message ${round} again`);
    }
    findings.equal([fingerprints(alice), fingerprints(bob)], before, "the devices are the same");
    const detail = alice.keep(alice.machine.decrypt(room, bob.send("detail", members))) as DecryptedEvent;
    findings.equal([detail.senderDevice, detail.isAuthentic], ["BOB", true], "who sent it");
    findings.equal(alice.machine.devices(bob.user).map(({ deviceID }) => deviceID), ["BOB"], "Bob's devices");
}

/** What strangers send is refused, told or ignored, and never a crash. */
export async function checkHostility(findings: Findings): Promise<void> {
    const { alice, bob } = await people();
    const event = alice.send("text", [alice.user, bob.user]);
    bob.settle();
    const content = event["content"] as Record<string, unknown>;
    for (const changed of [
        {}, { ...content, ciphertext: "AAAA" }, { ...content, ciphertext: 7 }, { ...content, session_id: "" },
        { ...content, algorithm: "m.none" }, { ...content, ciphertext: String(content["ciphertext"]).replace(/.$/, "") },
        // A message index beyond what a number of 32 bits with a sign holds.
        { ...content, ciphertext: "AwiAgICAEBIQ" + "A".repeat(200) }, { ...content, ciphertext: "Awj/////DxIQ" + "A".repeat(200) },
    ]) {
        findings.equal("failure" in bob.keep(bob.machine.decrypt(room, { ...event, content: changed })), true, "nonsense");
    }
    for (const toDevice of [
        [null, 1, "x", {}, []], [{ type: "m.room.encrypted", sender: "@a:b", content: {} }],
        [{ type: "m.room_key", sender: "@a:b", content: { session_key: "A" } }],
        [{ type: "m.key.verification.request", sender: alice.user, content: { methods: [1], timestamp: -1 } }],
        [{ type: "m.key.verification.request", sender: alice.user, content: { methods: ["m.sas.v1"], from_device: "ALICE",
            transaction_id: "t", timestamp: Number.MAX_SAFE_INTEGER } }],
        [{ type: "m.room_key_request", sender: bob.user, content: { action: "request", body: {} } }],
        [{ type: "m.secret.send", sender: alice.user, content: { request_id: "", secret: "" } }],
    ]) {
        bob.keep(bob.machine.receiveSync({ toDevice }));
    }
    for (const count of [-1, 0, 4_294_967_296, Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER]) {
        bob.keep(bob.machine.receiveSync({ oneTimeKeyCounts: { signed_curve25519: count } }));
        bob.settle();
        bob.keep(bob.machine.receiveStateEvents("!other:naru", [{ ...encryption, content: {
            ...encryption.content, rotation_period_ms: count, rotation_period_msgs: count,
        } }]));
    }
    findings.fails("refused", "a damaged file", () => (
        bob.machine.importSessions("-----BEGIN MEGOLM SESSION DATA-----\nAAAA\n-----END MEGOLM SESSION DATA-----", "x")));
    const next = alice.send("still there", [alice.user, bob.user]);
    bob.settle();
    findings.equal(bob.read(next), "still there", "after all that");
}

/** Cross-signing, and a second device that is verified by emoji. */
export async function checkVerificationByEmoji(findings: Findings): Promise<void> {
    const { core, server, alice } = await people();
    alice.keep(alice.machine.makeIdentity());
    alice.settle();
    findings.equal(alice.machine.crossSigningStatus().isVerified, true, "the own identity");
    const second = new TestDevice(core, server, alice.user, "SECOND");
    second.keep(second.machine.trackUsers([alice.user]));
    second.settle();
    alice.settle();
    findings.equal(second.machine.crossSigningStatus().isVerified, false, "a new device");
    const flow = second.keep(second.machine.requestOwnVerification());
    const settle = (): void => {
        for (let round = 0; round < 6; round += 1) [second, alice].forEach((device) => device.settle());
    };
    settle();
    alice.keep(alice.machine.acceptVerification(flow, alice.user));
    settle();
    second.keep(second.machine.compareEmoji(flow, alice.user));
    settle();
    const [ours, theirs] = [alice, second].map((device) => device.machine.verifications()[0]);
    findings.equal([ours?.state, theirs?.state], ["comparing", "comparing"], "both compare");
    findings.equal(ours?.emoji, theirs?.emoji, "the emoji are the same");
    findings.equal(ours?.emoji?.length, 7, "there are seven");
    for (const device of [alice, second]) device.keep(device.machine.answerComparison(flow, alice.user, true));
    settle();
    const status = second.machine.crossSigningStatus();
    findings.equal([status.isVerified, status.isDeviceSigned, status.hasMasterKey], [true, true, true], "the new device, verified");

    // Recovery: a third device has the secrets from the server.
    const recoveryKey = alice.keep(alice.machine.makeRecovery());
    settle();
    const third = new TestDevice(core, server, alice.user, "THIRD");
    third.keep(third.machine.trackUsers([alice.user]));
    third.settle();
    const accountData = server.accountData.get(alice.user) ?? {};
    findings.fails("malformed", "a mistyped key", () => third.machine.recover(recoveryKey.slice(1), accountData));
    third.keep(third.machine.recover(recoveryKey, accountData));
    third.settle();
    findings.equal(third.machine.crossSigningStatus().isVerified, true, "the third device, recovered");
}

/** What goes out by file comes in by it. */
export async function checkExport(findings: Findings): Promise<void> {
    const { core, server, alice, bob } = await people();
    const event = alice.send("old", [alice.user, bob.user]);
    const file = alice.keep(alice.machine.exportSessions("correct horse"));
    const other = new TestDevice(core, server, alice.user, "OTHER");
    other.keep(other.machine.receiveStateEvents(room, [encryption]));
    other.settle();
    findings.fails("refused", "a wrong passphrase", () => other.machine.importSessions(file, "wrong"));
    findings.equal(other.keep(other.machine.importSessions(file, "correct horse")).length, 1, "news of the import");
    const read = other.keep(other.machine.decrypt(room, event)) as DecryptedEvent;
    findings.equal([read.content["body"], read.isAuthentic], ["old", false], "an imported session");
}
