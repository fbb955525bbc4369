/** Small controls that several dialogs share. */
import "./controls.css";
import { texts } from "../platform/language.ts";
import type { Signal } from "../reactive/signal.ts";
import { html } from "../reactive/template.ts";

export interface Option<Value extends string> {
    readonly value: Value;
    readonly label: () => string;
}

/** One of a few, all in sight: radio buttons in the shape of a segmented control. */
export function tabs<Value extends string>(
    chosen: Signal<Value>, label: () => string, options: readonly Option<Value>[],
    onChosen?: (value: Value) => void,
): DocumentFragment {
    return html`<div class="segments" role="radiogroup" aria-label=${label}>
        ${options.map((option) => html`<button type="button" class="segment" role="radio" data-value=${option.value}
            aria-checked=${() => String(chosen.value === option.value)}
            tabindex=${() => chosen.value === option.value ? 0 : -1}
            @keydown=${(event: KeyboardEvent) => moveWithArrows(event)}
            @click=${() => {
                chosen.value = option.value;
                onChosen?.(option.value);
            }}>${option.label}</button>`)}
    </div>`;
}

function moveWithArrows(event: KeyboardEvent): void {
    const step = event.key === "ArrowRight" || event.key === "ArrowDown" ? 1
        : event.key === "ArrowLeft" || event.key === "ArrowUp" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const current = event.currentTarget as HTMLElement;
    const all = [...current.parentElement?.querySelectorAll<HTMLElement>("[role=radio]") ?? []];
    const next = all[(all.indexOf(current) + step + all.length) % all.length];
    next?.focus();
    next?.click();
}

export function toggle(value: Signal<boolean>, label: () => string, hint: () => string): DocumentFragment {
    return html`<label class="toggle">
        <span class="toggle-text"><span>${label}</span><small>${hint}</small></span>
        <input type="checkbox" role="switch" .checked=${() => value.value} @change=${(event: Event) => {
            value.value = (event.target as HTMLInputElement).checked;
        }}>
        <span class="toggle-track" aria-hidden="true"></span>
    </label>`;
}

export function submitButton(label: () => string, isBusy: Signal<boolean>): DocumentFragment {
    return html`<button type="submit" class="button primary wide submit" ?disabled=${() => isBusy.value}>
        ${() => isBusy.value ? texts().account.working : label()}</button>`;
}
