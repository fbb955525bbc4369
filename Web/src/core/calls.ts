/** What the core cannot do by itself, so that a test can decide it. */
export interface Host {
    /** Overwrites `bytes`, at most 65,536, with chance that nobody can guess. */
    fillWithRandom(bytes: Uint8Array): void;
    /** Milliseconds since 1970. */
    now(): number;
}

/** Why the core did not do what it was asked. Numbers are those of `CallError.Code` in Sources/Core/WebCore. */
export const errorKinds = {
    1: "badArguments",
    2: "noSuchObject",
    3: "malformed",
    4: "refused",
} as const;

export type CoreErrorKind = typeof errorKinds[keyof typeof errorKinds] | "crashed";

export class CoreError extends Error {
    readonly kind: CoreErrorKind;

    constructor(kind: CoreErrorKind, message: string) {
        super(message);
        this.name = "CoreError";
        this.kind = kind;
    }
}

/** One argument of a call: text goes as UTF-8. */
export type Field = Uint8Array | string;

export interface Answer {
    /** What the call returned; never below zero. */
    readonly value: number;
    /** Copies, the caller's own. */
    readonly fields: readonly Uint8Array[];
}

type Exports = Record<string, (...numbers: number[]) => number>;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function text(field: Uint8Array): string {
    return decoder.decode(field);
}

/** Calls into one instance of core.wasm. Everything that a call leaves in its memory is overwritten. */
export class Calls {
    readonly #exports: Exports;
    readonly #memory: WebAssembly.Memory;
    #crash: string | null = null;

    private constructor(instance: WebAssembly.Instance) {
        this.#memory = instance.exports.memory as WebAssembly.Memory;
        this.#exports = instance.exports as Exports;
    }

    static async load(source: WebAssembly.Module | BufferSource, host: Host): Promise<Calls> {
        let calls: Calls | null = null;
        const imports = {
            host: {
                random: (start: number, count: number): void => {
                    if (calls !== null) host.fillWithRandom(new Uint8Array(calls.#memory.buffer, start, count));
                },
                now: (): number => host.now(),
            },
        };
        const module = source instanceof WebAssembly.Module ? source : await WebAssembly.compile(source);
        calls = new Calls(await WebAssembly.instantiate(module, imports));
        calls.#enter("__wasm_call_ctors", []);
        return calls;
    }

    /** Bytes that the instance has taken from the browser; it never gives any back. */
    get memoryBytes(): number {
        return this.#memory.buffer.byteLength;
    }

    call(name: string, numbers: readonly number[] = [], fields: readonly Field[] = []): Answer {
        this.#bringIn(fields.map((field) => (typeof field === "string" ? encoder.encode(field) : field)));
        const value = this.#enter(name, numbers);
        const answer = this.#takeOut();
        if (value < 0) {
            const kind = errorKinds[-value as keyof typeof errorKinds] ?? "badArguments";
            throw new CoreError(kind, answer[0] === undefined ? name : text(answer[0]));
        }
        return { value, fields: answer };
    }

    /** The first field of the answer, for calls that always give one. */
    bytes(name: string, numbers: readonly number[] = [], fields: readonly Field[] = []): Uint8Array {
        return field(this.call(name, numbers, fields), 0);
    }

    /** For calls without an answer. */
    release(name: string, handle: number): void {
        if (this.#crash === null) this.#enter(name, [handle]);
    }

    #bringIn(fields: readonly Uint8Array[]): void {
        const count = fields.reduce((sum, field) => sum + 4 + field.length, 0);
        if (count === 0) return;
        const start = this.#enter("naru_input", [count]);
        if (start === 0) throw new CoreError("badArguments", "these are too many bytes for one call");
        const bytes = new Uint8Array(this.#memory.buffer, start, count);
        const view = new DataView(this.#memory.buffer, start, count);
        let position = 0;
        for (const field of fields) {
            view.setUint32(position, field.length, true);
            bytes.set(field, position + 4);
            position += 4 + field.length;
        }
    }

    #takeOut(): Uint8Array[] {
        const count = this.#enter("naru_output_count", []);
        if (count === 0) return [];
        const start = this.#enter("naru_output", []);
        const view = new DataView(this.#memory.buffer, start, count);
        const fields: Uint8Array[] = [];
        let position = 0;
        while (position < count) {
            const length = view.getUint32(position, true);
            fields.push(new Uint8Array(this.#memory.buffer, start + position + 4, length).slice());
            position += 4 + length;
        }
        this.#enter("naru_finish", []);
        return fields;
    }

    /** A trap leaves memory half changed, so nothing is asked of this instance afterwards. */
    #enter(name: string, numbers: readonly number[]): number {
        if (this.#crash !== null) throw new CoreError("crashed", this.#crash);
        const call = this.#exports[name];
        if (call === undefined) throw new CoreError("badArguments", `core.wasm has no ${name}`);
        try {
            return call(...numbers);
        } catch (error) {
            this.#crash = `${name}: ${error instanceof Error ? error.message : String(error)}`;
            throw new CoreError("crashed", this.#crash);
        }
    }
}

export function field(answer: Answer, index: number): Uint8Array {
    const found = answer.fields[index];
    if (found === undefined) throw new CoreError("malformed", "an answer is shorter than it should be");
    return found;
}

/** The numbers of a field of numbers. */
export function numbers(field: Uint8Array): Uint32Array {
    const view = new DataView(field.buffer, field.byteOffset, field.byteLength);
    return Uint32Array.from({ length: field.length / 4 }, (_, index) => view.getUint32(4 * index, true));
}

interface Held {
    readonly calls: Calls;
    readonly releaseName: string;
    readonly handle: number;
}

/** For objects that nobody released before forgetting them. */
const forgotten = new FinalizationRegistry<Held>((held) => held.calls.release(held.releaseName, held.handle));

/** An object inside the core. `release` frees it at once; the garbage collector does some day. */
export abstract class CoreObject {
    protected readonly calls: Calls;
    readonly #handle: number;
    readonly #releaseName: string;
    #isReleased = false;

    protected constructor(calls: Calls, handle: number, releaseName: string) {
        this.calls = calls;
        this.#handle = handle;
        this.#releaseName = releaseName;
        forgotten.register(this, { calls, releaseName, handle }, this);
    }

    protected get handle(): number {
        if (this.#isReleased) throw new CoreError("noSuchObject", "it was released");
        return this.#handle;
    }

    release(): void {
        if (this.#isReleased) return;
        this.#isReleased = true;
        forgotten.unregister(this);
        this.calls.release(this.#releaseName, this.#handle);
    }
}
