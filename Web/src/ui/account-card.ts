/** The card that signing up and signing in share. */
import { texts } from "../platform/language.ts";
import { signal, type Signal } from "../reactive/signal.ts";
import { html, type Child } from "../reactive/template.ts";
import { field } from "./field.ts";
import { icons } from "./icons.ts";
import { languagePicker } from "./language-picker.ts";

export interface AccountCard {
    readonly title: () => string;
    readonly submit: () => string;
    readonly error: () => string | null;
    readonly isBusy: () => boolean;
    readonly fields: Child;
    readonly onSubmit: () => void;
    readonly onBack: () => void;
    readonly switchText: () => string;
    readonly switchLabel: () => string;
    readonly onSwitch: () => void;
}

export function accountCard(card: AccountCard): DocumentFragment {
    const submit = (event: Event): void => {
        event.preventDefault();
        card.onSubmit();
    };
    return html`<div class="entrance">
        <main class="entrance-card">
            <div class="account-header">
                <button type="button" class="icon-button" aria-label=${() => texts().account.back}
                    @click=${card.onBack}>${icons.back()}</button>
                <h1>${card.title}</h1>
            </div>
            <form class="account-form" novalidate @submit=${submit}>
                ${card.fields}
                <div role="alert">${() => {
                    const error = card.error();
                    return error === null ? null : html`<p class="form-error">${error}</p>`;
                }}</div>
                <button type="submit" class="button primary wide" ?disabled=${card.isBusy}>
                    ${() => card.isBusy() ? texts().account.working : card.submit()}</button>
            </form>
            <p class="account-switch">${card.switchText}
                <button type="button" class="button quiet" @click=${card.onSwitch}>${card.switchLabel}</button></p>
        </main>
        ${languagePicker()}
    </div>`;
}

export interface PasswordField {
    readonly value: Signal<string>;
    readonly autocomplete: string;
    readonly hint?: () => string;
    readonly error: () => string | null;
}

export function passwordField(options: PasswordField): DocumentFragment {
    const isShown = signal(false);
    return field({
        name: "password",
        label: () => texts().account.password,
        type: () => isShown.value ? "text" : "password",
        ...options,
        trailing: html`<button type="button" class="icon-button" aria-pressed=${() => String(isShown.value)}
            aria-label=${() => isShown.value ? texts().account.hidePassword : texts().account.showPassword}
            @click=${() => {
                isShown.value = !isShown.peek();
            }}>${icons.eye()}</button>`,
    });
}
