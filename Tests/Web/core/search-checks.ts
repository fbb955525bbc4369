import { newCore, type Findings } from "./support.ts";

export interface SearchExpectation {
    readonly query: string;
    readonly finds: readonly string[];
    readonly not: readonly string[];
}

export async function checkSearch(findings: Findings, expectations: readonly SearchExpectation[]): Promise<void> {
    const core = await newCore();
    for (const expectation of expectations) {
        const query = core.query(expectation.query);
        for (const text of expectation.finds) {
            findings.equal(query?.match(text) != null, true, `${expectation.query} in ${text}`);
            const terms = core.searchTerms(text);
            findings.equal(
                query?.patterns.every(({ value, mask }) => terms.some((term) => (term & mask) >>> 0 === value)), true,
                `the index for ${expectation.query} in ${text}`);
        }
        for (const text of expectation.not) {
            findings.equal(query?.match(text) != null, false, `${expectation.query} in ${text}`);
        }
        query?.release();
    }
    for (const text of ["", " ", "!?", "\u200B", "\u0301", "…"]) findings.equal(core.query(text), null, "nothing to look for");
}

/** Ranges are in the units that JavaScript counts in, also behind letters of two units and four bytes. */
export async function checkHighlights(findings: Findings): Promise<void> {
    const core = await newCore();
    for (const [query, text, highlighted] of [
        ["ㅎㄱ", "저는 한국 학교에", ["한국", "학교"]], ["meet", "Meeting to meet", ["Meet", "meet"]],
        ["nino", "🎉 niño nin\u0303o!", ["niño", "nin\u0303o"]], ["strass", "🇰🇷 die Straße", ["Straß"]],
        ["🎂", "생일🎉🎂", ["🎂"]],
    ] as const) {
        const match = core.query(query)?.match(text);
        findings.equal(match?.ranges.map(({ start, end }) => text.slice(start, end)), highlighted, `${query} in ${text}`);
    }
    findings.equal(core.query("tea")?.match("Tea")?.score, 1000, "the score of all there is");
    const released = core.query("tea");
    released?.release();
    findings.fails("noSuchObject", "a query that was released", () => released?.match("tea"));
}
