/**
 * Tells whether a key belongs to the input method. During a Hangul, kana or pinyin composition Enter ends the
 * composition; taken for "send" it would send half a word, or the last syllable a second time.
 */
export class CompositionGuard {
    private composing = false;

    constructor(field: HTMLElement) {
        field.addEventListener("compositionstart", () => {
            this.composing = true;
        });
        field.addEventListener("compositionend", () => {
            this.composing = false;
        });
        // A field that is left in the middle of a composition may never hear of its end.
        field.addEventListener("blur", () => {
            this.composing = false;
        });
    }

    get isComposing(): boolean {
        return this.composing;
    }

    /** Safari ends the composition before it reports the key, which bears the code 229 then. */
    owns(event: KeyboardEvent): boolean {
        return event.isComposing || this.composing || event.keyCode === 229;
    }
}
