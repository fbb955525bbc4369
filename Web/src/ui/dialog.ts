/** Windows above the page: the browser's own dialog, which keeps the focus inside and closes on Esc. */
import "./dialog.css";
import { Scope, untracked } from "../reactive/signal.ts";
import { html, type Child } from "../reactive/template.ts";
import { icons } from "./icons.ts";

export interface DialogOptions {
    readonly title: () => string;
    readonly closeLabel: () => string;
    /** A drawer stands at the side where there is room for it. */
    readonly shape?: "sheet" | "drawer";
    readonly content: (close: () => void) => Child;
    readonly whenClosed?: () => void;
}

let titleCount = 0;

export function openDialog(options: DialogOptions): void {
    const scope = new Scope();
    const titleID = `dialog-title-${titleCount += 1}`;
    const dialog = document.createElement("dialog");
    dialog.className = `dialog ${options.shape ?? "sheet"}`;
    dialog.setAttribute("aria-labelledby", titleID);
    const close = (): void => dialog.close();
    dialog.addEventListener("close", () => {
        scope.dispose();
        dialog.remove();
        options.whenClosed?.();
    });
    // The dialog itself is only hit beside its content.
    dialog.addEventListener("pointerdown", (event) => {
        if (event.target === dialog) close();
    });
    untracked(() => scope.run(() => dialog.append(html`<div class="dialog-frame">
        <header class="dialog-header">
            <h2 id=${titleID}>${options.title}</h2>
            <button type="button" class="icon-button" aria-label=${options.closeLabel} @click=${close}>${icons.close()}</button>
        </header>
        <div class="dialog-body">${options.content(close)}</div>
    </div>`)));
    document.body.append(dialog);
    dialog.showModal();
    dialog.querySelector<HTMLElement>("[data-autofocus]")?.focus();
}

export function closeDialogs(): void {
    for (const dialog of document.querySelectorAll("dialog")) dialog.close();
}

export interface Question {
    readonly title: string;
    readonly text: string;
    readonly confirm: string;
    readonly cancel: string;
}

/** Asks before something that can not be taken back. */
export function confirmed(question: Question): Promise<boolean> {
    return new Promise((resolve) => {
        let answer = false;
        openDialog({
            title: () => question.title,
            closeLabel: () => question.cancel,
            content: (close) => html`<p class="dialog-text">${question.text}</p>
                <div class="dialog-actions">
                    <button type="button" class="button" data-autofocus="" @click=${close}>${question.cancel}</button>
                    <button type="button" class="button danger" @click=${() => {
                        answer = true;
                        close();
                    }}>${question.confirm}</button>
                </div>`,
            whenClosed: () => resolve(answer),
        });
    });
}

/** A word in passing, read out by screen readers too. */
export function showToast(text: string): void {
    const toast = document.createElement("div");
    toast.className = "toast";
    toast.role = "status";
    // Above an open dialog only what is inside of it can be seen.
    (document.querySelector("dialog[open]") ?? document.body).append(toast);
    toast.textContent = text;
    setTimeout(() => toast.remove(), 2600);
}
