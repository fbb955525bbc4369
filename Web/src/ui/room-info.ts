/** Who is in a room, inviting more people, and leaving. */
import "./room-info.css";
import type { RoomID } from "../domain/events.ts";
import { inviteLink } from "../domain/identifiers.ts";
import { counterpart } from "../domain/room-name.ts";
import { isJoinedByLink, memberName, type Member } from "../domain/room.ts";
import { copyText } from "../platform/clipboard.ts";
import { texts } from "../platform/language.ts";
import { navigate } from "../platform/router.ts";
import { list } from "../reactive/keyed-list.ts";
import { computed, signal, type Signal } from "../reactive/signal.ts";
import { html } from "../reactive/template.ts";
import type { Session } from "../session/session.ts";
import { avatar, type Face } from "./avatar.ts";
import { submitButton } from "./controls.ts";
import { confirmed, openDialog, showToast } from "./dialog.ts";
import { errorText } from "./error-text.ts";
import { icons } from "./icons.ts";
import { findPerson, personSearch } from "./person-search.ts";

export function openRoomInfo(session: Session, roomID: RoomID): void {
    openDialog({
        title: () => texts().info.title,
        closeLabel: () => texts().info.close,
        shape: "drawer",
        content: (close) => html`<div class="room-info">
            ${linkButton(session, roomID)}
            ${memberSection(session, roomID)}
            ${inviteSection(session, roomID)}
            <button type="button" class="button danger leave" @click=${() => void leave(session, roomID, close)}>
                ${icons.leave()} ${() => texts().info.leave}</button>
        </div>`,
    });
}

function memberSection(session: Session, roomID: RoomID): DocumentFragment {
    const members = computed(() => {
        const present = [...session.store.room(roomID)?.members.values() ?? []]
            .filter((member) => member.membership === "join" || member.membership === "invite");
        const rank = (member: Member): number =>
            member.userID === session.userID ? 0 : member.membership === "join" ? 1 : 2;
        return present.sort((first, second) => rank(first) - rank(second)
            || nameOf(first).localeCompare(nameOf(second)));
    });
    const nameOf = (member: Member): string => {
        const room = session.store.room(roomID);
        return room ? memberName(room, member.userID) : member.userID;
    };
    return html`<section>
        <h3>${() => texts().info.members} <span class="count">${() =>
            members.value.filter((member) => member.membership === "join").length}</span></h3>
        <ul class="members">${list({
            items: () => members.value,
            key: (member) => member.userID,
            row: (member: Signal<Member>) => html`<li class="person">
                ${() => avatar([{ id: member.value.userID, name: nameOf(member.value) }])}
                <span class="person-text"><bdi class="person-name">${() => nameOf(member.value)}</bdi>
                    <span class="person-id">${member.peek().userID}</span></span>
                ${() => member.value.userID === session.userID
                    ? html`<span class="person-mark">${texts().info.me}</span>`
                    : member.value.membership === "invite"
                        ? html`<span class="person-mark">${texts().info.invited}</span>` : null}
            </li>`,
        })}</ul>
    </section>`;
}

function inviteSection(session: Session, roomID: RoomID): DocumentFragment | null {
    const room = session.store.rooms.peek().get(roomID);
    // A conversation of two stays one.
    const isDirect = room !== undefined && counterpart(room, session.userID) !== null
        && [...session.store.directRooms.peek().values()].some((rooms) => rooms.includes(roomID));
    if (!room || isDirect) return null;
    const query = signal("");
    const error = signal<(() => string) | null>(null);
    const isBusy = signal(false);
    const invite = async (chosen?: Face): Promise<void> => {
        if (isBusy.peek()) return;
        isBusy.value = true;
        error.value = null;
        try {
            const person = chosen ?? await findPerson(session, query.peek(), error);
            if (!person) return;
            await session.conversations.invite(roomID, person.id);
            query.value = "";
            showToast(texts().info.inviteSent(person.name));
        } catch (failure) {
            error.value = () => errorText(failure);
        } finally {
            isBusy.value = false;
        }
    };
    const isExcluded = (userID: string): boolean => {
        const membership = session.store.room(roomID)?.members.get(userID)?.membership;
        return membership === "join" || membership === "invite" || query.value === "";
    };
    return html`<form class="invite-form" novalidate @submit=${(event: Event) => {
        event.preventDefault();
        void invite();
    }}>
        ${personSearch({
            session, name: "invite-person", label: () => texts().info.invite, query, error, isExcluded,
            onChosen: (person) => void invite(person),
        })}
        ${submitButton(() => texts().info.invite, isBusy)}
    </form>`;
}

function linkButton(session: Session, roomID: RoomID): DocumentFragment | null {
    const room = session.store.rooms.peek().get(roomID);
    if (!room || !isJoinedByLink(room)) return null;
    const link = inviteLink(location.origin, roomID, session.serverName);
    return html`<button type="button" class="button copy-invite-link" data-link=${link}
        @click=${() => void copyText(link).then((isCopied) =>
            showToast(isCopied ? texts().info.linkCopied : link))}>
        ${icons.link()} ${() => texts().info.copyInviteLink}</button>`;
}

async function leave(session: Session, roomID: RoomID, close: () => void): Promise<void> {
    const { info } = texts();
    const isSure = await confirmed({
        title: info.leaveTitle, text: info.leaveText, confirm: info.leaveConfirm, cancel: info.cancel,
    });
    if (!isSure) return;
    try {
        await session.conversations.leave(roomID);
        close();
        navigate("#/", { replace: true });
    } catch (error) {
        showToast(errorText(error));
    }
}
