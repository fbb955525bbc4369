import { bytes, Chance, hex, newCore, type Findings } from "./support.ts";

/** Against the browser's own cryptography, which others wrote. */
export async function checkAgainstTheBrowser(findings: Findings, seed: number): Promise<void> {
    const { primitives } = await newCore();
    const chance = new Chance(seed);
    const { subtle } = crypto;
    const importKey = (raw: Uint8Array, algorithm: string | HmacImportParams, usage: KeyUsage): Promise<CryptoKey> =>
        subtle.importKey("raw", source(raw), algorithm, false, [usage]);
    for (let round = 0; round < 40; round += 1) {
        const what = `seed ${seed}, round ${round}`;
        const message = chance.bytes(round < 34 ? round : chance.number(5000));
        const [key, nonce, block, other] = [32, 12, 16, 1 + chance.number(150)].map((count) => chance.bytes(count)) as
            [Uint8Array, Uint8Array, Uint8Array, Uint8Array];

        findings.equal(primitives.sha256(message), await view(subtle.digest("SHA-256", source(message))), what);
        findings.equal(primitives.sha512(message), await view(subtle.digest("SHA-512", source(message))), what);
        for (const bits of [256, 512] as const) {
            const hmacKey = await importKey(other, { name: "HMAC", hash: `SHA-${bits}` }, "sign");
            findings.equal(primitives.hmac(bits, message, other), await view(subtle.sign("HMAC", hmacKey, source(message))), what);
        }
        const count = 1 + chance.number(200);
        findings.equal(
            primitives.hkdf(other, block, message, count),
            await view(subtle.deriveBits(
                { name: "HKDF", hash: "SHA-256", salt: source(block), info: source(message) },
                await importKey(other, "HKDF", "deriveBits"), 8 * count)), what);
        findings.equal(
            primitives.pbkdf2(other, block, 1 + round * 10, count),
            await view(subtle.deriveBits(
                { name: "PBKDF2", hash: "SHA-512", salt: source(block), iterations: 1 + round * 10 },
                await importKey(other, "PBKDF2", "deriveBits"), 8 * count)), what);

        // The counter runs over its end in every second round.
        const counter = round % 2 === 0 ? block : bytes("ff".repeat(16));
        findings.equal(
            primitives.aesCTR(message, key, counter),
            await view(subtle.encrypt({ name: "AES-CTR", counter: source(counter), length: 128 },
                await importKey(key, "AES-CTR", "encrypt"), source(message))), what);
        const chained = primitives.encryptCBC(message, key, block);
        findings.equal(
            chained,
            await view(subtle.encrypt({ name: "AES-CBC", iv: source(block) }, await importKey(key, "AES-CBC", "encrypt"),
                source(message))), what);
        findings.equal(primitives.decryptCBC(chained, key, block), message, what);
        const sealed = primitives.sealGCM(message, key, nonce, other);
        findings.equal(
            sealed,
            await view(subtle.encrypt({ name: "AES-GCM", iv: source(nonce), additionalData: source(other) },
                await importKey(key, "AES-GCM", "encrypt"), source(message))), what);
        findings.equal(primitives.openGCM(sealed, key, nonce, other), message, what);
        const damaged = sealed.slice();
        const place = chance.number(damaged.length);
        damaged[place] = (damaged[place] ?? 0) ^ 1;
        findings.fails("refused", what, () => primitives.openGCM(damaged, key, nonce, other));
        findings.fails("refused", what, () => primitives.decryptCBC(chained.slice(1), key, block));
    }
}

/** The types want memory that is not shared, which ours never is. */
function source(bytes: Uint8Array): ArrayBuffer {
    return bytes.slice().buffer as ArrayBuffer;
}

async function view(buffer: Promise<ArrayBuffer>): Promise<Uint8Array> {
    return new Uint8Array(await buffer);
}

/** RFC 7748 §5.2 and §6.1, RFC 8032 §7.1. */
export async function checkCurves(findings: Findings, smallOrder: readonly string[]): Promise<void> {
    const { primitives } = await newCore();
    const alice = bytes("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
    const bob = bytes("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
    const alicePublic = bytes("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    const bobPublic = bytes("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
    const shared = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";
    findings.equal(primitives.curve25519PublicKey(alice), alicePublic, "Alice's key");
    findings.equal(primitives.curve25519PublicKey(bob), bobPublic, "Bob's key");
    findings.equal(hex(primitives.curve25519Agree(alice, bobPublic)), shared, "Alice's secret");
    findings.equal(hex(primitives.curve25519Agree(bob, alicePublic)), shared, "Bob's secret");
    findings.equal(
        hex(primitives.curve25519Agree(
            bytes("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"),
            bytes("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c"))),
        "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552", "superfluous bits");
    for (const point of smallOrder) {
        findings.fails("refused", point, () => primitives.curve25519Agree(alice, bytes(point)));
    }
    for (const [seed, publicKey, message, signature] of [
        [
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595b"
                + "be24655141438e7a100b",
        ],
        [
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb430"
                + "2aeeb00d291612bb0c00",
        ],
    ] as const) {
        findings.equal(hex(primitives.ed25519PublicKey(bytes(seed))), publicKey, "a public key");
        findings.equal(hex(primitives.ed25519Sign(bytes(seed), bytes(message))), signature, "a signature");
        findings.equal(primitives.ed25519IsValid(bytes(publicKey), bytes(signature), bytes(message)), true, signature);
        findings.equal(primitives.ed25519IsValid(bytes(publicKey), bytes(signature), bytes("00")), false, signature);
    }
    findings.fails("badArguments", "a short key", () => primitives.curve25519Agree(alice, bytes("00")));
    findings.fails("badArguments", "no key", () => primitives.curve25519PublicKey(new Uint8Array()));
}

/** Signatures at the edge of the rules: what native clients take for valid is valid here. */
export async function checkVerification(
    findings: Findings, vectors: readonly (readonly [string, string, string, boolean])[],
): Promise<void> {
    const { primitives } = await newCore();
    for (const [publicKey, signature, message, isValid] of vectors) {
        findings.equal(
            primitives.ed25519IsValid(bytes(publicKey), bytes(signature), bytes(message)), isValid, `${publicKey} ${signature}`);
    }
}
