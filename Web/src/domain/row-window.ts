/** Which rows of a long list have to be in the document: those in sight and some beyond. */

export interface RowRange {
    readonly start: number;
    /** The first row that is not part of it. */
    readonly end: number;
}

/** Heights as measured; rows that were never drawn are taken to be like the others. */
export class RowHeights {
    private readonly measured = new Map<string, number>();
    private total = 0;

    constructor(private readonly firstGuess: number) {}

    of(key: string): number {
        return this.measured.get(key) ?? (this.measured.size === 0 ? this.firstGuess : this.total / this.measured.size);
    }

    measure(key: string, height: number): void {
        this.total += height - (this.measured.get(key) ?? 0);
        this.measured.set(key, height);
    }

    /** After the width has changed nothing measured holds any more. */
    clear(): void {
        this.measured.clear();
        this.total = 0;
    }

    sum(keys: readonly string[], start: number, end: number): number {
        let sum = 0;
        for (let index = start; index < end; index += 1) sum += this.of(keys[index] ?? "");
        return sum;
    }

    /** The row at a distance from the beginning of the list, and how far above that point it begins. */
    rowAt(keys: readonly string[], distance: number): { index: number; offset: number } {
        let top = 0;
        for (let index = 0; index < keys.length; index += 1) {
            const height = this.of(keys[index] ?? "");
            if (top + height > distance) return { index, offset: top - distance };
            top += height;
        }
        return { index: Math.max(0, keys.length - 1), offset: 0 };
    }
}

/** The rows around one whose upper edge stands `anchorOffset` below the upper edge of the view. */
export function rangeAround(
    keys: readonly string[], heights: RowHeights, anchorIndex: number, anchorOffset: number, viewHeight: number,
    overscan: number,
): RowRange {
    let start = anchorIndex;
    for (let top = anchorOffset; start > 0 && top > -overscan;) {
        start -= 1;
        top -= heights.of(keys[start] ?? "");
    }
    let end = anchorIndex;
    for (let bottom = anchorOffset; end < keys.length && bottom < viewHeight + overscan;) {
        bottom += heights.of(keys[end] ?? "");
        end += 1;
    }
    return { start, end };
}

export function rangeAtEnd(
    keys: readonly string[], heights: RowHeights, viewHeight: number, overscan: number,
): RowRange {
    let start = keys.length;
    for (let height = 0; start > 0 && height < viewHeight + overscan;) {
        start -= 1;
        height += heights.of(keys[start] ?? "");
    }
    return { start, end: keys.length };
}
