import type { EncryptedFile } from "../../../Web/src/core/attachments.ts";
import { Chance, newCore, type Findings } from "./support.ts";

interface FileDescription {
    readonly url: string;
    readonly iv: string;
    readonly key: { readonly k: string; readonly alg: string };
    readonly hashes: { readonly sha256: string };
    readonly v: string;
}

/** Files in pieces of any size, held against the browser's own cryptography. */
export async function checkFiles(findings: Findings): Promise<void> {
    const core = await newCore();
    const chance = new Chance(4);
    for (const size of [0, 1, 15, 16, 17, 1000, 100_000]) {
        const file = chance.bytes(size);
        const encryptor = core.encryptFile();
        const ciphertext = new Uint8Array(pieces(file, chance).flatMap((piece) => Array.from(encryptor.update(piece))));
        const description = encryptor.finish("mxc://naru/a") as unknown as FileDescription;
        findings.equal([description.url, description.v, description.key.alg], ["mxc://naru/a", "v2", "A256CTR"], "a file");

        const key = await crypto.subtle.importKey(
            "jwk", { ...description.key, kty: "oct", ext: true, key_ops: ["decrypt"] }, "AES-CTR", false, ["decrypt"]);
        const counter = core.primitives.decodeBase64(description.iv);
        const plaintext = await crypto.subtle.decrypt(
            { name: "AES-CTR", counter: counter.slice().buffer as ArrayBuffer, length: 64 }, key, ciphertext.slice());
        findings.equal(new Uint8Array(plaintext), file, `the browser reads a file of ${size} bytes`);
        const hash = await crypto.subtle.digest("SHA-256", ciphertext.slice());
        findings.equal(core.primitives.encodeBase64(new Uint8Array(hash)), description.hashes.sha256, "its hash");

        const verifier = core.verifyFile(description as unknown as EncryptedFile, size);
        for (const piece of pieces(ciphertext, chance)) verifier.update(piece);
        const decryptor = verifier.finish();
        const back = pieces(ciphertext, chance).flatMap((piece) => Array.from(decryptor.update(piece)));
        findings.equal(Uint8Array.from(back), file, `a file of ${size} bytes`);
        findings.equal(decryptor.isTheSame, true, "all of it");

        const changed = core.verifyFile(description as unknown as EncryptedFile, size + 1);
        changed.update(Uint8Array.from([...ciphertext, 0]));
        findings.fails("refused", "a file with a byte more", () => changed.finish());
        const large = core.verifyFile(description as unknown as EncryptedFile, size);
        findings.fails("refused", "a file beyond its bound", () => large.update(new Uint8Array(size + 1)));
    }
    findings.fails("malformed", "no description", () => core.verifyFile({ v: "v1" }, 10));
}

function pieces(file: Uint8Array, chance: Chance): Uint8Array[] {
    const found: Uint8Array[] = [];
    for (let place = 0; place < file.length;) {
        const count = 1 + chance.number(Math.max(40, file.length / 4));
        found.push(file.slice(place, place + count));
        place += count;
    }
    return found;
}
