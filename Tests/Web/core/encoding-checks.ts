import { hex, newCore, type Findings } from "./support.ts";

interface EncodingVectors {
    readonly canonical: readonly (readonly [string, string])[];
    readonly notCanonical: readonly string[];
    readonly notJSON: readonly string[];
    readonly notUTF8: readonly (readonly number[])[];
    readonly base64: readonly (readonly [string, string])[];
    readonly notBase64: readonly string[];
}

export async function checkEncodings(findings: Findings, vectors: EncodingVectors): Promise<void> {
    const { primitives } = await newCore();
    for (const [input, canonical] of vectors.canonical) {
        findings.equal(primitives.canonicalJSON(input), canonical, input);
    }
    for (const literal of vectors.notCanonical) {
        findings.fails("malformed", literal, () => primitives.canonicalJSON(`[${literal}]`));
    }
    for (const text of vectors.notJSON) findings.fails("malformed", text, () => primitives.canonicalJSON(text));
    for (const bytes of vectors.notUTF8) {
        const quoted = Uint8Array.from([0x22, ...bytes, 0x22]);
        findings.fails("malformed", hex(quoted), () => primitives.canonicalJSON(quoted));
    }
    // The deepest that is taken, which must not reach the end of the stack, and far beyond it.
    const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
    findings.equal(primitives.canonicalJSON(nested(100)), nested(100), "a hundred levels");
    findings.fails("malformed", "too many levels", () => primitives.canonicalJSON(nested(1_000_000)));
    findings.equal(primitives.canonicalJSON('{"\\ufb00":1,"😀":2,"é":3,"e\u0301":4}'),
        '{"e\u0301":4,"é":3,"\ufb00":1,"😀":2}', "keys in the order of code points");
    for (const [text, encoded] of vectors.base64) {
        findings.equal(primitives.encodeBase64(text), encoded, text);
        findings.equal(primitives.decodeBase64(encoded), new TextEncoder().encode(text), encoded);
    }
    findings.equal(primitives.encodeBase64(Uint8Array.of(0xFB, 0xFF, 0xBF), "urlSafe"), "-_-_", "the other alphabet");
    for (const text of vectors.notBase64) findings.fails("malformed", text, () => primitives.decodeBase64(text));
}
