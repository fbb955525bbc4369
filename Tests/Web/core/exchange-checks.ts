import { Calls } from "../../../Web/src/core/calls.ts";
import { hex, newCore, type Findings } from "./support.ts";

/** Memory is taken back, whatever its size, and nothing of a call stays in it. */
export async function checkMemory(findings: Findings): Promise<void> {
    const core = await newCore();
    const large = new Uint8Array(4 << 20).fill(7);
    const once = (): void => {
        core.primitives.sha256(large);
        core.query("안녕")?.release();
        findings.fails("malformed", "a failing call", () => core.primitives.canonicalJSON("{".repeat(5000)));
    };
    once();
    const before = core.memoryBytes;
    for (let round = 0; round < 200; round += 1) once();
    findings.equal(core.memoryBytes, before, "memory after calls");
    for (let round = 0; round < 20_000; round += 1) core.query("안녕하세요 여러분")?.release();
    findings.equal(core.memoryBytes, before, "memory after queries");
}

/** A secret that went through is nowhere in the instance's memory afterwards. */
export async function checkThatSecretsAreForgotten(findings: Findings): Promise<void> {
    const { instantiate } = WebAssembly;
    let memory: WebAssembly.Memory | null = null;
    WebAssembly.instantiate = (async (module: WebAssembly.Module, imports: WebAssembly.Imports) => {
        const instance = await instantiate(module, imports);
        memory = instance.exports.memory as WebAssembly.Memory;
        return instance;
    }) as typeof WebAssembly.instantiate;
    const core = await newCore().finally(() => { WebAssembly.instantiate = instantiate; });
    const secret = crypto.getRandomValues(new Uint8Array(32));
    core.primitives.aesCTR("text", secret, new Uint8Array(16));
    core.primitives.encryptCBC("text", secret, new Uint8Array(16));
    core.primitives.sealGCM("text", secret, new Uint8Array(12));
    core.primitives.curve25519Agree(secret, core.primitives.curve25519PublicKey(secret));
    core.primitives.ed25519Sign(secret, "text");
    const everything = hex(new Uint8Array((memory as unknown as WebAssembly.Memory).buffer));
    for (let start = 0; start < 32; start += 8) {
        findings.equal(everything.includes(hex(secret.slice(start, start + 8))), false, "part of the secret is in memory");
    }
}

export async function checkArguments(findings: Findings): Promise<void> {
    const bytes = await (await fetch("core.wasm")).arrayBuffer();
    const calls = await Calls.load(bytes, { fillWithRandom: (view) => void crypto.getRandomValues(view), now: () => 0 });
    findings.fails("badArguments", "no argument", () => calls.call("naru_sha256"));
    findings.fails("badArguments", "no such call", () => calls.call("naru_nothing"));
    findings.fails("noSuchObject", "no such object", () => calls.call("naru_query_match", [7], ["a"]));
    findings.fails("malformed", "no UTF-8", () => calls.call("naru_query_make", [], [Uint8Array.of(0xFF)]));
    findings.equal(calls.call("naru_query_make", [], ["a"]).value, 1, "a call after errors");
}
