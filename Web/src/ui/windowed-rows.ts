/**
 * Shows a long list by the rows in sight only. What the reader looks at stays where it is when rows above it appear,
 * vanish or turn out taller than thought: the place is remembered as a row and its distance from the upper edge, never
 * as a number of pixels from the beginning.
 */
import { rangeAround, rangeAtEnd, RowHeights, type RowRange } from "../domain/row-window.ts";
import { signal } from "../reactive/signal.ts";

export interface Keyed {
    readonly key: string;
}

interface Place {
    readonly key: string;
    /** Of the row's upper edge below the upper edge of the view. */
    readonly offset: number;
}

const guessedRowHeight = 56;
/** Whoever is this near to the end reads along. */
const nearEndPixels = 48;
const mostPasses = 4;

export class WindowedRows<Item extends Keyed> {
    /** The rows that are to be in the document. */
    readonly shown = signal<readonly Item[]>([]);
    readonly isAtEnd = signal(true);

    private items: readonly Item[] = [];
    private keys: readonly string[] = [];
    private range: RowRange = { start: 0, end: 0 };
    private readonly heights = new RowHeights(guessedRowHeight);
    /** Where the view was when it was last looked at. */
    private place: Place | null = null;
    private width = 0;

    constructor(
        private readonly scroller: HTMLElement,
        private readonly spaceAbove: HTMLElement,
        private readonly rows: HTMLElement,
        private readonly spaceBelow: HTMLElement,
        /** Whether a row stays between the same neighbours: the name of a day moves up when older messages come. */
        private readonly isFixed: (item: Item) => boolean,
    ) {}

    get distanceFromStart(): number {
        return this.scroller.scrollTop;
    }

    get distanceFromEnd(): number {
        return this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight;
    }

    setItems(items: readonly Item[], options: { showEnd?: boolean; showKey?: string | null } = {}): void {
        const followsEnd = options.showEnd === true || this.isFollowing();
        const place = followsEnd ? null : this.currentPlace();
        this.items = items;
        this.keys = items.map((item) => item.key);
        if (options.showKey != null && this.keys.includes(options.showKey)) {
            this.layOut({ key: options.showKey, offset: this.scroller.clientHeight * 0.28 });
        } else {
            this.layOut(place && this.keys.includes(place.key) ? place : null);
        }
    }

    showEnd(): void {
        this.layOut(null);
    }

    scrolled(): void {
        const place = this.currentPlace();
        if (place && !this.coversView()) this.layOut(place);
        else this.remember();
    }

    /** The view became larger or smaller, or letters came in another font. */
    resized(): void {
        const isNewWidth = this.scroller.clientWidth !== this.width;
        if (isNewWidth) this.heights.clear();
        this.width = this.scroller.clientWidth;
        this.layOut(this.isAtEnd.peek() ? null : this.place);
    }

    private isFollowing(): boolean {
        return this.range.end === this.items.length && this.distanceFromEnd < nearEndPixels
            || this.items.length === 0;
    }

    /** `null` shows the end. */
    private layOut(place: Place | null): void {
        const { scroller } = this;
        const viewHeight = scroller.clientHeight;
        if (viewHeight === 0) return;
        const overscan = Math.max(600, viewHeight);
        for (let pass = 0; pass < mostPasses; pass += 1) {
            const range = place === null
                ? rangeAtEnd(this.keys, this.heights, viewHeight, overscan)
                : rangeAround(this.keys, this.heights, this.keys.indexOf(place.key), place.offset, viewHeight, overscan);
            const isSettled = pass > 0 && range.start >= this.range.start && range.end <= this.range.end;
            if (isSettled) break;
            // What is drawn already stays while the guesses are being put right.
            this.range = pass === 0 ? range
                : { start: Math.min(range.start, this.range.start), end: Math.max(range.end, this.range.end) };
            this.shown.value = this.items.slice(this.range.start, this.range.end);
            this.measure();
        }
        this.spaceAbove.style.blockSize = `${this.heights.sum(this.keys, 0, this.range.start)}px`;
        this.spaceBelow.style.blockSize = `${this.heights.sum(this.keys, this.range.end, this.keys.length)}px`;
        if (place === null) scroller.scrollTop = scroller.scrollHeight;
        else this.restore(place);
        this.remember();
    }

    private measure(): void {
        Array.from(this.rows.children).forEach((row, index) => {
            const key = this.keys[this.range.start + index];
            if (key !== undefined) this.heights.measure(key, row.getBoundingClientRect().height);
        });
    }

    private restore(place: Place): void {
        const row = this.rows.children[this.keys.indexOf(place.key) - this.range.start];
        if (!row) return;
        const offset = row.getBoundingClientRect().top - this.scroller.getBoundingClientRect().top;
        const shift = offset - place.offset;
        // Less than a pixel is not worth an event; it would also end the inertia of a touch.
        if (Math.abs(shift) >= 0.5) this.scroller.scrollTop += shift;
    }

    private remember(): void {
        this.place = this.currentPlace();
        this.isAtEnd.value = this.isFollowing();
    }

    /** The first row in sight, or the one that would be there if it were drawn. */
    private currentPlace(): Place | null {
        if (this.keys.length === 0) return null;
        const top = this.scroller.getBoundingClientRect().top;
        const children = this.rows.children;
        let low = 0;
        let high = children.length;
        while (low < high) {
            const middle = (low + high) >> 1;
            if ((children[middle] as Element).getBoundingClientRect().bottom > top) high = middle;
            else low = middle + 1;
        }
        const row = children[low];
        const offset = row ? row.getBoundingClientRect().top - top : Number.POSITIVE_INFINITY;
        const isInSight = offset <= 0 || (low === 0 && this.range.start === 0 && offset < this.scroller.clientHeight);
        if (row && isInSight) return this.fixedPlace(low, top);
        const guess = this.heights.rowAt(this.keys, this.scroller.scrollTop - this.spaceAbove.offsetTop);
        return { key: this.keys[guess.index] as string, offset: guess.offset };
    }

    private fixedPlace(position: number, top: number): Place {
        const children = this.rows.children;
        const isFixedAt = (index: number): boolean => {
            const item = this.items[this.range.start + index];
            return item !== undefined && this.isFixed(item);
        };
        // The oldest message known may turn out not to be the first of its group, and become less tall by its head.
        const isSteady = (index: number): boolean => isFixedAt(index) && isFixedAt(index - 1);
        let index = position;
        while (index + 1 < children.length && !isSteady(index)) index += 1;
        const offset = (children[index] as Element).getBoundingClientRect().top - top;
        return { key: this.keys[this.range.start + index] as string, offset };
    }

    /** Whether enough is drawn on both sides of the view that the next frames need nothing. */
    private coversView(): boolean {
        const reserve = this.scroller.clientHeight / 2;
        const view = this.scroller.getBoundingClientRect();
        const drawn = this.rows.getBoundingClientRect();
        const isEnoughAbove = this.range.start === 0 || drawn.top < view.top - reserve;
        const isEnoughBelow = this.range.end === this.keys.length || drawn.bottom > view.bottom + reserve;
        return isEnoughAbove && isEnoughBelow;
    }
}
