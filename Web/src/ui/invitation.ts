/** Somebody invited this person: yes or no. */
import "./card.css";
import { roomSummary } from "../domain/room-summary.ts";
import { memberName } from "../domain/room.ts";
import { texts } from "../platform/language.ts";
import { navigate } from "../platform/router.ts";
import { Component } from "../reactive/component.ts";
import { signal } from "../reactive/signal.ts";
import { html } from "../reactive/template.ts";
import type { Session } from "../session/session.ts";
import { avatar } from "./avatar.ts";
import { errorText } from "./error-text.ts";
import { icons } from "./icons.ts";
import { roomFace, roomTitle } from "./room-title.ts";

export class InvitationView extends Component {
    session!: Session;
    roomID!: string;

    private readonly isBusy = signal(false);
    private readonly error = signal<string | null>(null);

    protected override render(): DocumentFragment {
        const { session, roomID } = this;
        const room = session.store.rooms.peek().get(roomID);
        if (!room) return html`<div></div>`;
        const summary = roomSummary(room, session.userID, []);
        const own = room.members.get(session.userID);
        const inviter = own?.sender ?? roomID;
        const inviterName = memberName(room, inviter);
        const isDirect = own?.isDirect === true;
        return html`<div class="card-place">
            <button type="button" class="icon-button card-back" aria-label=${() => texts().room.back}
                @click=${() => navigate("#/")}>${icons.back()}</button>
            <section class="card" aria-live="polite">
                ${isDirect ? avatar([{ id: inviter, name: inviterName }]) : avatar(roomFace(room, summary))}
                <h2>${() => isDirect ? texts().invitation.direct(inviterName) : roomTitle(summary.name)}</h2>
                ${isDirect ? null : html`<p>${() => texts().invitation.group(inviterName)}</p>`}
                <p class="identifier">${inviter}</p>
                ${() => this.error.value === null ? null : html`<p class="form-error">${this.error.value}</p>`}
                <div class="card-actions">
                    <button type="button" class="button decline" ?disabled=${() => this.isBusy.value}
                        @click=${() => void this.answer(() => this.decline())}>
                        ${() => texts().invitation.decline}</button>
                    <button type="button" class="button primary accept" ?disabled=${() => this.isBusy.value}
                        @click=${() => void this.answer(() => session.conversations.acceptInvitation(roomID))}>
                        ${() => texts().invitation.accept}</button>
                </div>
            </section>
        </div>`;
    }

    private async decline(): Promise<void> {
        await this.session.conversations.leave(this.roomID);
        navigate("#/", { replace: true });
    }

    private async answer(action: () => Promise<unknown>): Promise<void> {
        this.isBusy.value = true;
        this.error.value = null;
        try {
            await action();
        } catch (error) {
            this.error.value = errorText(error);
            this.isBusy.value = false;
        }
    }
}

customElements.define("naru-invitation", InvitationView);
