/** What stands for a room, depending on whether we are in it, invited to it, or neither. */
import { texts } from "../platform/language.ts";
import { navigate } from "../platform/router.ts";
import { Component } from "../reactive/component.ts";
import { signal } from "../reactive/signal.ts";
import { choice, html } from "../reactive/template.ts";
import type { Session } from "../session/session.ts";
import { icons } from "./icons.ts";
import "./invitation.ts";
import "./room.ts";

/** How long a room that was just created or joined may take to come with the sync. */
const patienceMilliseconds = 10_000;

export class RoomPlace extends Component {
    session!: Session;
    roomID!: string;

    private readonly isPatient = signal(true);

    protected override render(): DocumentFragment {
        const { session, roomID } = this;
        setTimeout(() => {
            this.isPatient.value = false;
        }, patienceMilliseconds);
        let wasThere = false;
        const state = (): string => {
            const membership = session.store.room(roomID)?.membership;
            if (membership !== undefined) wasThere = true;
            return membership ?? (this.isPatient.value && !wasThere ? "waiting" : "absent");
        };
        return html`${choice(state, (current) => {
            switch (current) {
                case "join":
                    return html`<naru-room .session=${session} .roomID=${roomID}></naru-room>`;
                case "invite":
                    return html`<naru-invitation .session=${session} .roomID=${roomID}></naru-invitation>`;
                case "waiting":
                    return html`<div class="empty-place"><span class="spinner"></span>
                        <p>${() => texts().room.loading}</p></div>`;
                default:
                    return html`<div class="empty-place"><p>${() => texts().room.notFound}</p>
                        <button type="button" class="button" @click=${() => navigate("#/", { replace: true })}>
                            ${icons.back()} ${() => texts().room.back}</button></div>`;
            }
        })}`;
    }
}

customElements.define("naru-room-place", RoomPlace);
