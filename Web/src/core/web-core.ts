import { Calls, type Host } from "./calls.ts";
import { Primitives } from "./primitives.ts";
import { SearchQuery, searchTerms } from "./search.ts";

export { CoreError, type CoreErrorKind, type Host } from "./calls.ts";
export { SearchQuery, type SearchMatch, type TermPattern } from "./search.ts";

/** The browser's own chance and clock. */
export const browserHost: Host = {
    // A view of the core's memory, filled in place: chance leaves no copy behind.
    fillWithRandom: (bytes) => void crypto.getRandomValues(bytes),
    now: () => Date.now(),
};

/** Naru's core, the one that native clients run too, as WebAssembly: one instance with a memory of its own. */
export class WebCore {
    readonly #calls: Calls;
    readonly primitives: Primitives;

    private constructor(calls: Calls) {
        this.#calls = calls;
        this.primitives = new Primitives(calls);
    }

    /**
     * @param source core.wasm, or it compiled, as another instance may use it too. The page's policy has to allow
     *     `'wasm-unsafe-eval'`.
     */
    static async load(source: WebAssembly.Module | BufferSource, host: Host = browserHost): Promise<WebCore> {
        return new WebCore(await Calls.load(source, host));
    }

    /** Bytes that the instance has taken from the browser; it never gives any back. */
    get memoryBytes(): number {
        return this.#calls.memoryBytes;
    }

    /** Null when there is nothing in the text that can be looked for. */
    query(text: string): SearchQuery | null {
        return SearchQuery.make(this.#calls, text);
    }

    /** What an index keeps of a text, sorted, each once. */
    searchTerms(text: string): Uint32Array {
        return searchTerms(this.#calls, text);
    }
}
