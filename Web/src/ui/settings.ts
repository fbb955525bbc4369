/** Name, language, appearance, and logging out. */
import "./settings.css";
import { userLink } from "../domain/identifiers.ts";
import { localpart } from "../domain/room.ts";
import { copyText } from "../platform/clipboard.ts";
import { availableLanguages, chooseLanguage, language, languageNames, texts } from "../platform/language.ts";
import { chooseTheme, theme } from "../platform/theme.ts";
import { signal } from "../reactive/signal.ts";
import { html } from "../reactive/template.ts";
import type { Session } from "../session/session.ts";
import { avatar } from "./avatar.ts";
import { tabs } from "./controls.ts";
import { confirmed, openDialog, showToast } from "./dialog.ts";
import { errorText } from "./error-text.ts";
import { field } from "./field.ts";
import { icons } from "./icons.ts";

export function openSettings(session: Session, onSignOut: () => void): void {
    openDialog({
        title: () => texts().settings.title,
        closeLabel: () => texts().settings.close,
        content: (close) => html`<div class="settings">
            ${profile(session)}
            <section>
                <h3>${() => texts().settings.language}</h3>
                ${tabs(language, () => texts().settings.language, availableLanguages.map((code) =>
                    ({ value: code, label: () => languageNames[code] })), chooseLanguage)}
            </section>
            <section>
                <h3>${() => texts().settings.appearance}</h3>
                ${tabs(theme, () => texts().settings.appearance, [
                    { value: "system", label: () => texts().settings.themeSystem },
                    { value: "light", label: () => texts().settings.themeLight },
                    { value: "dark", label: () => texts().settings.themeDark },
                ], chooseTheme)}
            </section>
            <button type="button" class="button danger log-out" @click=${() => void signOut(session, close, onSignOut)}>
                ${icons.leave()} ${() => texts().settings.logOut}</button>
        </div>`,
    });
}

function profile(session: Session): DocumentFragment {
    const name = signal(session.displayName.peek() ?? localpart(session.userID));
    const error = signal<(() => string) | null>(null);
    const before = name.peek();
    void session.refreshDisplayName().then(() => {
        if (name.peek() === before) name.value = session.displayName.peek() ?? before;
    });
    const save = async (event: Event): Promise<void> => {
        event.preventDefault();
        const wanted = name.peek().trim();
        if (wanted === "") return;
        error.value = null;
        try {
            await session.setDisplayName(wanted);
            showToast(texts().settings.saved);
        } catch (failure) {
            error.value = () => errorText(failure);
        }
    };
    const copy = (text: string): void => {
        void copyText(text).then((isCopied) => showToast(isCopied ? texts().settings.copied : text));
    };
    return html`<section class="profile">
        <div class="profile-head">
            ${() => avatar([{ id: session.userID, name: session.displayName.value ?? session.userID }])}
            <div><bdi class="profile-name">${() => session.displayName.value ?? localpart(session.userID)}</bdi>
                <p class="profile-id">${session.userID}</p></div>
        </div>
        <div class="profile-actions">
            <button type="button" class="button" @click=${() => copy(session.userID)}>${() => texts().settings.copyID}</button>
            <button type="button" class="button" @click=${() => copy(userLink(location.origin, session.userID))}>
                ${() => texts().settings.copyLink}</button>
        </div>
        <form novalidate @submit=${(event: Event) => void save(event)}>
            ${field({
                name: "display-name",
                label: () => texts().settings.name,
                hint: () => texts().settings.nameHint,
                error: () => error.value?.() ?? null,
                value: name,
                trailing: html`<button type="submit" class="button save-name">${() => texts().settings.save}</button>`,
            })}
        </form>
    </section>`;
}

async function signOut(session: Session, close: () => void, onSignOut: () => void): Promise<void> {
    const { settings } = texts();
    const isSure = session.sendQueue.outbox.peek().length === 0 || await confirmed({
        title: settings.logOutTitle, text: settings.logOutText, confirm: settings.logOutConfirm, cancel: settings.cancel,
    });
    if (!isSure) return;
    close();
    onSignOut();
}
