/** Begins a conversation of two, a group, or goes where a link leads. */
import "./new-chat.css";
import type { RoomID } from "../domain/events.ts";
import { linkFrom, userLink } from "../domain/identifiers.ts";
import { copyText } from "../platform/clipboard.ts";
import { texts } from "../platform/language.ts";
import { navigate, roomAddress } from "../platform/router.ts";
import { signal, type Signal } from "../reactive/signal.ts";
import { choice, html } from "../reactive/template.ts";
import type { Session } from "../session/session.ts";
import { openDialog, showToast } from "./dialog.ts";
import { field } from "./field.ts";
import { icons } from "./icons.ts";
import { groupForm } from "./new-group.ts";
import { findPerson, personSearch } from "./person-search.ts";
import { errorText } from "./error-text.ts";
import { submitButton, tabs } from "./controls.ts";

type Kind = "direct" | "group" | "link";

export function openNewChat(session: Session): void {
    const kind = signal<Kind>("direct");
    openDialog({
        title: () => texts().newChat.title,
        closeLabel: () => texts().newChat.close,
        content: (close) => {
            const show = (roomID: RoomID): void => {
                close();
                navigate(roomAddress(roomID));
            };
            return html`<div class="new-chat-dialog">
                ${tabs(kind, () => texts().newChat.title, [
                    { value: "direct", label: () => texts().newChat.direct },
                    { value: "group", label: () => texts().newChat.group },
                    { value: "link", label: () => texts().newChat.link },
                ])}
                ${choice(() => kind.value, (chosen) => {
                    switch (chosen) {
                        case "direct": return directForm(session, show);
                        case "group": return groupForm(session, show);
                        case "link": return linkForm(close);
                    }
                })}
            </div>`;
        },
    });
}

function directForm(session: Session, show: (roomID: RoomID) => void): DocumentFragment {
    const query = signal("");
    const error = signal<(() => string) | null>(null);
    const isBusy = signal(false);
    const start = async (userID?: string): Promise<void> => {
        if (isBusy.peek()) return;
        isBusy.value = true;
        error.value = null;
        try {
            const wanted = userID ?? (await findPerson(session, query.peek(), error))?.id;
            if (wanted !== undefined) show(await session.conversations.openDirect(wanted));
        } catch (failure) {
            error.value = () => errorText(failure);
        } finally {
            isBusy.value = false;
        }
    };
    return html`<form novalidate @submit=${(event: Event) => {
        event.preventDefault();
        void start();
    }}>
        ${personSearch({
            session, name: "person", label: () => texts().newChat.person, query, error, isAutofocused: true,
            onChosen: (person) => void start(person.id),
        })}
        ${myLink(session)}
        ${submitButton(() => texts().newChat.startDirect, isBusy)}
    </form>`;
}

function linkForm(close: () => void): DocumentFragment {
    const text = signal("");
    const error = signal<(() => string) | null>(null);
    const open = (event: Event): void => {
        event.preventDefault();
        const link = linkFrom(text.peek());
        if (!link) {
            error.value = () => texts().newChat.linkInvalid;
            return;
        }
        close();
        navigate(text.peek().trim().replace(/^[^#]*/, ""));
    };
    return html`<form novalidate @submit=${open}>
        ${field({
            name: "invite-link",
            label: () => texts().newChat.inviteLink,
            hint: () => texts().newChat.inviteLinkHint,
            error: () => error.value?.() ?? null,
            value: text,
            inputmode: "url",
        })}
        ${submitButton(() => texts().newChat.openLink, signal(false) as Signal<boolean>)}
    </form>`;
}

function myLink(session: Session): DocumentFragment {
    const link = userLink(location.origin, session.userID);
    return html`<section class="my-link">
        <div><h3>${() => texts().newChat.myLink}</h3><p>${() => texts().newChat.myLinkHint}</p></div>
        <button type="button" class="button" @click=${() => void copyText(link).then((isCopied) =>
            showToast(isCopied ? texts().info.linkCopied : link))}>${icons.link()} ${() => texts().settings.copyLink}</button>
    </section>`;
}
