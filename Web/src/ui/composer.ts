/** The box to write in. Enter sends, unless it ends a composition; Shift+Enter begins a new line. */
import "./composer.css";
import { texts } from "../platform/language.ts";
import { Component } from "../reactive/component.ts";
import { onCleanup, signal } from "../reactive/signal.ts";
import { html } from "../reactive/template.ts";
import type { Session } from "../session/session.ts";
import { loadDraft, saveDraft } from "../storage/drafts.ts";
import { CompositionGuard } from "./composition-guard.ts";
import { icons } from "./icons.ts";

const tallestPixels = 160;
/** On a touch keyboard Enter is the only way to a new line, and the button is right there. */
const touchOnly = matchMedia("(hover: none) and (pointer: coarse)");
const finePointer = matchMedia("(hover: hover) and (pointer: fine)");

export class Composer extends Component {
    session!: Session;
    roomID!: string;
    onSent!: () => void;

    private field!: HTMLTextAreaElement;
    private guard!: CompositionGuard;
    private readonly isEmpty = signal(true);

    protected override render(): DocumentFragment {
        return html`<form class="composer" @submit=${(event: Event) => {
            event.preventDefault();
            this.sendByButton();
        }}>
            <textarea rows="1" dir="auto" enterkeyhint="send" autocomplete="off"
                aria-label=${() => texts().composer.label} placeholder=${() => texts().composer.placeholder}
                @keydown=${(event: KeyboardEvent) => this.keyPressed(event)}
                @input=${() => this.changed()}></textarea>
            <button type="submit" class="send-button" aria-label=${() => texts().composer.send}
                ?disabled=${() => this.isEmpty.value}>${icons.send()}</button>
        </form>`;
    }

    protected override mounted(): void {
        this.field = this.querySelector("textarea") as HTMLTextAreaElement;
        this.guard = new CompositionGuard(this.field);
        this.field.value = loadDraft(this.roomID);
        this.fit();
        // With a touch keyboard the focus would cover half of the conversation.
        if (finePointer.matches) this.field.focus();
        onCleanup(() => this.session.typing.stopped());
    }

    private keyPressed(event: KeyboardEvent): void {
        if (event.key !== "Enter" || this.guard.owns(event)) return;
        if (event.shiftKey || event.altKey || event.ctrlKey || event.metaKey || touchOnly.matches) return;
        event.preventDefault();
        this.send();
    }

    private sendByButton(): void {
        // Leaving the field makes the input method hand over what is still being composed.
        if (this.guard.isComposing) this.field.blur();
        this.send();
        this.field.focus();
    }

    private send(): void {
        const body = this.field.value.trim();
        if (body === "") return;
        this.field.value = "";
        this.changed();
        this.session.sendText(this.roomID, body);
        this.onSent();
    }

    private changed(): void {
        const text = this.field.value;
        saveDraft(this.roomID, text);
        this.fit();
        if (text.trim() === "") this.session.typing.stopped();
        else this.session.typing.typed(this.roomID);
    }

    private fit(): void {
        this.isEmpty.value = this.field.value.trim() === "";
        this.field.style.blockSize = "auto";
        this.field.style.blockSize = `${Math.min(tallestPixels, this.field.scrollHeight)}px`;
        this.field.style.overflowY = this.field.scrollHeight > tallestPixels ? "auto" : "hidden";
    }
}

customElements.define("naru-composer", Composer);
