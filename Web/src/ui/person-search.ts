/** Choosing people: by id, or out of those this person already shares a room with. */
import "./person-search.css";
import type { UserID } from "../domain/events.ts";
import { userIDFrom } from "../domain/identifiers.ts";
import { matchesName } from "../domain/name-search.ts";
import { isPresent, memberName } from "../domain/room.ts";
import { texts } from "../platform/language.ts";
import { list } from "../reactive/keyed-list.ts";
import { computed, type Signal } from "../reactive/signal.ts";
import { html, type Child } from "../reactive/template.ts";
import type { Session } from "../session/session.ts";
import { avatar, type Face } from "./avatar.ts";
import { errorText } from "./error-text.ts";
import { field } from "./field.ts";

const mostSuggestions = 20;

export interface PersonSearch {
    readonly session: Session;
    readonly name: string;
    readonly label: () => string;
    readonly query: Signal<string>;
    readonly error: Signal<(() => string) | null>;
    readonly isExcluded?: (userID: UserID) => boolean;
    readonly onChosen: (person: Face) => void;
    readonly trailing?: Child;
    readonly isAutofocused?: boolean;
}

export function personSearch(options: PersonSearch): DocumentFragment {
    const known = knownPeople(options.session);
    const found = computed(() => known
        .filter((person) => options.isExcluded?.(person.id) !== true)
        .filter((person) => matchesName(person.name, options.query.value) || person.id.includes(options.query.value))
        .slice(0, mostSuggestions));
    const example = `@minji:${options.session.serverName}`;
    return html`<div class="person-search">
        ${field({
            name: options.name,
            label: options.label,
            hint: () => texts().newChat.personHint(example),
            error: () => options.error.value?.() ?? null,
            value: options.query,
            inputmode: "text",
            isAutofocused: options.isAutofocused ?? false,
            trailing: options.trailing,
        })}
        ${() => found.value.length > 0 ? html`<h3>${() => texts().newChat.suggestions}</h3>` : null}
        <ul>${list({
            items: () => found.value,
            key: (person) => person.id,
            row: (person) => html`<li><button type="button" class="person" @click=${() => options.onChosen(person.peek())}>
                ${avatar([person.peek()])}
                <span class="person-text"><bdi class="person-name">${person.peek().name}</bdi>
                    <span class="person-id">${person.peek().id}</span></span>
            </button></li>`,
        })}</ul>
    </div>`;
}

/** The person that was typed, if there is one; otherwise the error says why not. */
export async function findPerson(
    session: Session, query: string, error: Signal<(() => string) | null>,
): Promise<Face | null> {
    const userID = userIDFrom(query, session.serverName);
    if (userID === null) error.value = () => texts().newChat.personInvalid;
    else if (userID === session.userID) error.value = () => texts().newChat.personSelf;
    else {
        try {
            const name = await session.conversations.personName(userID);
            if (name !== null) return { id: userID, name };
            error.value = () => texts().newChat.personUnknown;
        } catch (failure) {
            error.value = () => errorText(failure);
        }
    }
    return null;
}

function knownPeople(session: Session): Face[] {
    const people = new Map<UserID, Face>();
    for (const room of session.store.rooms.peek().values()) {
        for (const member of room.members.values()) {
            if (member.userID === session.userID || people.has(member.userID) || !isPresent(member)) continue;
            people.set(member.userID, { id: member.userID, name: memberName(room, member.userID) });
        }
    }
    return [...people.values()].sort((first, second) => first.name.localeCompare(second.name));
}
