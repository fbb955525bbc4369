import { CoreObject, field, numbers, type Calls } from "./calls.ts";

/** Where and how well a text matches. */
export interface SearchMatch {
    /** 0 … 1000, higher is closer. */
    readonly score: number;
    /** What to highlight, as `String.slice` counts: in order, apart from each other. */
    readonly ranges: readonly { readonly start: number; readonly end: number }[];
}

/** Some bits of a term: `(term & mask) === value`, both taken as unsigned. */
export interface TermPattern {
    readonly value: number;
    readonly mask: number;
}

/** What somebody looks for; the same rules as the server's search. */
export class SearchQuery extends CoreObject {
    private constructor(calls: Calls, handle: number) {
        super(calls, handle, "naru_query_release");
    }

    /** Null when there is nothing in the text that can be looked for. */
    static make(calls: Calls, query: string): SearchQuery | null {
        const handle = calls.call("naru_query_make", [], [query]).value;
        return handle === 0 ? null : new SearchQuery(calls, handle);
    }

    match(candidate: string): SearchMatch | null {
        const answer = this.calls.call("naru_query_match", [this.handle], [candidate]);
        if (answer.value === 0) return null;
        const [score = 0, ...bounds] = numbers(field(answer, 0));
        const ranges = [];
        for (let index = 0; index + 1 < bounds.length; index += 2) {
            ranges.push({ start: bounds[index] ?? 0, end: bounds[index + 1] ?? 0 });
        }
        return { score, ranges };
    }

    /** Every text that matches has terms that match all of these. */
    get patterns(): TermPattern[] {
        const flat = numbers(this.calls.bytes("naru_query_patterns", [this.handle]));
        return Array.from({ length: flat.length / 2 }, (_, index) => (
            { value: flat[2 * index] ?? 0, mask: flat[2 * index + 1] ?? 0 }));
    }
}

/** What an index keeps of a text, sorted, each once. */
export function searchTerms(calls: Calls, candidate: string): Uint32Array {
    return numbers(calls.bytes("naru_search_terms", [], [candidate]));
}
