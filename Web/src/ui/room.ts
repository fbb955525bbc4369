/** A conversation: its head, what was said, who is typing, and the box to write in. */
import "./room.css";
import { roomSummary } from "../domain/room-summary.ts";
import { memberName, type Room } from "../domain/room.ts";
import { texts } from "../platform/language.ts";
import { navigate } from "../platform/router.ts";
import { Component } from "../reactive/component.ts";
import { computed } from "../reactive/signal.ts";
import { html } from "../reactive/template.ts";
import type { Session } from "../session/session.ts";
import { avatar } from "./avatar.ts";
import "./composer.ts";
import { icons } from "./icons.ts";
import { openRoomInfo } from "./room-info.ts";
import { roomFace, roomTitle } from "./room-title.ts";
import "./timeline.ts";
import type { TimelineView } from "./timeline.ts";

export class RoomView extends Component {
    session!: Session;
    roomID!: string;

    protected override render(): DocumentFragment {
        const { session, roomID } = this;
        const summary = computed(() => {
            const room = session.store.room(roomID);
            return room ? roomSummary(room, session.userID, []) : null;
        });
        const title = computed(() => summary.value ? roomTitle(summary.value.name) : "");
        const faces = computed(() => summary.value
            ? JSON.stringify(roomFace(session.store.room(roomID), summary.value)) : "[]");
        const typing = computed(() => typingText(session.store.room(roomID), session.userID));
        return html`<section class="room" aria-label=${() => title.value}>
            <header class="room-header">
                <button type="button" class="icon-button room-back" aria-label=${() => texts().room.back}
                    @click=${() => navigate("#/")}>${icons.back()}</button>
                ${() => avatar(JSON.parse(faces.value))}
                <h2><bdi>${() => title.value}</bdi>
                    ${() => summary.value?.isGroup && summary.value.memberCount > 1
                        ? html`<span class="member-count"><span aria-hidden="true">${summary.value.memberCount}</span>
                            <span class="visually-hidden">${texts().room.members(summary.value.memberCount)}</span></span>`
                        : null}</h2>
                <button type="button" class="icon-button" aria-label=${() => texts().room.menu}
                    title=${() => texts().room.menu}
                    @click=${() => openRoomInfo(session, roomID)}>${icons.menu()}</button>
            </header>
            <naru-timeline .session=${session} .roomID=${roomID}></naru-timeline>
            <div class="typing" role="status" dir="auto">${() => typing.value === "" ? null
                : html`<span class="typing-dots" aria-hidden="true"><i></i><i></i><i></i></span><span>${typing.value}</span>`}</div>
            <naru-composer .session=${session} .roomID=${roomID} .onSent=${() => this.timeline().showNewest()}></naru-composer>
        </section>`;
    }

    private timeline(): TimelineView {
        return this.querySelector("naru-timeline") as TimelineView;
    }
}

function typingText(room: Room | undefined, ownUserID: string): string {
    const others = (room?.typing ?? []).filter((userID) => userID !== ownUserID);
    return room && others.length > 0 ? texts().room.typing(others.map((userID) => memberName(room, userID))) : "";
}

customElements.define("naru-room", RoomView);
