/** The form for a group: a name, people, and whether a link lets others in. */
import type { RoomID } from "../domain/events.ts";
import { texts } from "../platform/language.ts";
import { list } from "../reactive/keyed-list.ts";
import { signal } from "../reactive/signal.ts";
import { html } from "../reactive/template.ts";
import type { Session } from "../session/session.ts";
import { avatar, type Face } from "./avatar.ts";
import { submitButton, toggle } from "./controls.ts";
import { errorText } from "./error-text.ts";
import { field } from "./field.ts";
import { icons } from "./icons.ts";
import { findPerson, personSearch } from "./person-search.ts";

export function groupForm(session: Session, show: (roomID: RoomID) => void): DocumentFragment {
    const name = signal("");
    const query = signal("");
    const error = signal<(() => string) | null>(null);
    const people = signal<readonly Face[]>([]);
    const isByLink = signal(false);
    const isBusy = signal(false);
    const choose = (person: Face): void => {
        if (!people.peek().some((other) => other.id === person.id)) people.value = [...people.peek(), person];
        query.value = "";
        error.value = null;
    };
    const add = async (): Promise<boolean> => {
        if (query.peek().trim() === "") return true;
        const person = await findPerson(session, query.peek(), error);
        if (person) choose(person);
        return person !== null;
    };
    const create = async (): Promise<void> => {
        if (isBusy.peek()) return;
        isBusy.value = true;
        error.value = null;
        try {
            // An id that was typed but not added is meant to be part of it.
            if (!await add()) return;
            show(await session.conversations.createGroup({
                name: name.peek().trim(),
                invitees: people.peek().map((person) => person.id),
                isByLink: isByLink.peek(),
            }));
        } catch (failure) {
            error.value = () => errorText(failure);
        } finally {
            isBusy.value = false;
        }
    };
    return html`<form novalidate @submit=${(event: Event) => {
        event.preventDefault();
        void create();
    }}>
        ${field({ name: "group-name", label: () => texts().newChat.groupName, value: name })}
        <ul class="chosen-people">${list({
            items: () => people.value,
            key: (person) => person.id,
            row: (person) => html`<li class="chosen-person">
                ${avatar([person.peek()])}<bdi>${person.peek().name}</bdi>
                <button type="button" aria-label=${() => texts().newChat.remove(person.peek().name)} @click=${() => {
                    people.value = people.peek().filter((other) => other.id !== person.peek().id);
                }}>${icons.close()}</button></li>`,
        })}</ul>
        ${personSearch({
            session, name: "group-person", label: () => texts().newChat.groupMembers, query, error,
            isExcluded: (userID) => people.value.some((person) => person.id === userID),
            onChosen: choose,
            trailing: html`<button type="button" class="button add-person" @click=${() => void add()}>
                ${() => texts().newChat.add}</button>`,
        })}
        ${toggle(isByLink, () => texts().newChat.anyoneWithLink, () => texts().newChat.anyoneWithLinkHint)}
        ${submitButton(() => texts().newChat.createGroup, isBusy)}
    </form>`;
}
