/** A labelled text field with a hint or an error below it. */
import "./field.css";
import type { Signal } from "../reactive/signal.ts";
import { html, type Child } from "../reactive/template.ts";

export interface FieldOptions {
    readonly name: string;
    readonly label: () => string;
    readonly value: Signal<string>;
    readonly hint?: () => string;
    readonly error?: () => string | null;
    /** A good word in the place of the hint. */
    readonly praise?: () => string | null;
    readonly type?: string | (() => string);
    readonly autocomplete?: string;
    readonly placeholder?: () => string;
    readonly inputmode?: string;
    readonly isAutofocused?: boolean;
    readonly trailing?: Child;
}

export function field(options: FieldOptions): DocumentFragment {
    const id = `field-${options.name}`;
    const error = options.error ?? (() => null);
    const praise = options.praise ?? (() => null);
    return html`<div class="field">
        <label for=${id}>${options.label}</label>
        <div class="field-box">
            <input id=${id} name=${options.name} type=${options.type ?? "text"} dir="auto"
                .value=${() => options.value.value}
                autocomplete=${options.autocomplete ?? "off"} autocapitalize="none" autocorrect="off" spellcheck="false"
                inputmode=${options.inputmode ?? null} placeholder=${options.placeholder ?? null}
                data-autofocus=${options.isAutofocused ? "" : null}
                aria-describedby=${`${id}-help`} aria-invalid=${() => error() === null ? null : "true"}
                @input=${(event: Event) => {
                    options.value.value = (event.target as HTMLInputElement).value;
                }}>
            ${options.trailing}
        </div>
        <p id=${`${id}-help`} class=${() => error() !== null ? "help error" : praise() !== null ? "help praise" : "help"}
            aria-live="polite">${() => error() ?? praise() ?? options.hint?.() ?? ""}</p>
    </div>`;
}
