import { WebCore } from "../../../Web/src/core/web-core.ts";

/** The bytes that hexadecimal digits stand for. */
export function bytes(hexadecimal: string): Uint8Array {
    const digits = hexadecimal.replace(/\s/g, "");
    return Uint8Array.from({ length: digits.length / 2 }, (_, index) => parseInt(digits.slice(2 * index, 2 * index + 2), 16));
}

export function hex(bytes: Uint8Array): string {
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Bytes that look random and are the same every time. */
export class Chance {
    #state: number;

    constructor(seed: number) {
        this.#state = seed >>> 0;
    }

    /** Below `limit`. */
    number(limit: number): number {
        // Mulberry32.
        this.#state = (this.#state + 0x6D2B79F5) >>> 0;
        let mixed = Math.imul(this.#state ^ this.#state >>> 15, this.#state | 1);
        mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61);
        return ((mixed ^ mixed >>> 14) >>> 0) % limit;
    }

    bytes(count: number): Uint8Array {
        return Uint8Array.from({ length: count }, () => this.number(256));
    }
}

/** Collects what was not as it should be. */
export class Findings {
    readonly list: string[] = [];
    /** How much was looked at, so that a check of nothing is seen. */
    count = 0;

    equal(found: unknown, expected: unknown, what: string): void {
        this.count += 1;
        const [left, right] = [found, expected].map((value) => (
            value instanceof Uint8Array ? hex(value) : JSON.stringify(value) ?? "undefined"));
        if (left !== right) this.list.push(`${what}: ${left}, not ${right}`);
    }

    /** The kind of error that it ends with; null for none. */
    fails(kind: string, what: string, body: () => unknown): void {
        let found: string | null = null;
        try {
            body();
        } catch (error) {
            found = (error as { kind?: string }).kind ?? String(error);
        }
        this.equal(found, kind, what);
    }
}

const compiled = fetch("core.wasm").then(async (response) => WebAssembly.compileStreaming(response));

export async function newCore(): Promise<WebCore> {
    return WebCore.load(await compiled);
}
