/** Where an invite link or a person's link leads. */
import "./card.css";
import type { Link } from "../domain/identifiers.ts";
import type { RoomID } from "../domain/events.ts";
import { texts } from "../platform/language.ts";
import { Component } from "../reactive/component.ts";
import { effect, signal } from "../reactive/signal.ts";
import { html } from "../reactive/template.ts";
import type { Session } from "../session/session.ts";
import { avatar } from "./avatar.ts";
import { errorText } from "./error-text.ts";
import { emblem } from "./icons.ts";

export class LinkView extends Component {
    session!: Session;
    link!: Link;
    onRoom!: (roomID: RoomID) => void;
    onCancel!: () => void;

    private readonly isBusy = signal(false);
    private readonly isDone = signal(false);
    private readonly message = signal<(() => string) | null>(null);
    private readonly personName = signal<string | null>(null);

    protected override render(): DocumentFragment {
        this.skipWhenKnown();
        const { link } = this;
        const isUser = link.kind === "user";
        if (isUser) void this.findPerson(link.userID);
        return html`<div class="card-place"><section class="card">
            ${isUser
                ? () => avatar([{ id: link.userID, name: this.personName.value ?? link.userID }])
                : emblem()}
            <h2>${() => isUser ? texts().link.userTitle(this.personName.value ?? link.userID)
                : texts().link.invitedTitle}</h2>
            <p>${() => isUser ? texts().link.userText : texts().link.joinText}</p>
            <p class="identifier">${isUser ? link.userID : ""}</p>
            <div role="status">${() => this.message.value === null ? null
                : html`<p class="link-message">${this.message.value}</p>`}</div>
            <div class="card-actions">
                <button type="button" class="button" @click=${() => this.onCancel()}>
                    ${() => texts().link.cancel}</button>
                <button type="button" class="button primary" ?disabled=${() => this.isBusy.value || this.isDone.value}
                    @click=${() => void this.follow()}>
                    ${() => isUser ? texts().link.startChat : texts().link.join}</button>
            </div>
        </section></div>`;
    }

    /** Someone who is in the room already wants to see the room, not a question. */
    private skipWhenKnown(): void {
        const { session, link } = this;
        effect(() => {
            if (!session.store.isLoaded.value) return;
            const roomID = link.kind === "user"
                ? session.conversations.existingDirect(link.userID)?.id
                : session.store.room(link.room)?.id;
            if (roomID !== undefined) queueMicrotask(() => this.onRoom(roomID));
        });
    }

    private async findPerson(userID: string): Promise<void> {
        if (userID === this.session.userID) {
            this.stop(() => texts().newChat.personSelf);
            return;
        }
        try {
            const name = await this.session.conversations.personName(userID);
            if (name === null) this.stop(() => texts().link.unknownPerson);
            else this.personName.value = name;
        } catch (error) {
            this.message.value = () => errorText(error);
        }
    }

    private async follow(): Promise<void> {
        this.isBusy.value = true;
        this.message.value = null;
        const { conversations } = this.session;
        try {
            if (this.link.kind === "user") {
                this.onRoom(await conversations.openDirect(this.link.userID));
                return;
            }
            const result = await conversations.enter(this.link.room, this.link.via);
            switch (result.kind) {
                case "entered": this.onRoom(result.roomID); break;
                case "asked": this.stop(() => texts().link.asked); break;
                case "inviteOnly": this.stop(() => texts().link.inviteOnly); break;
                case "unknown": this.stop(() => texts().link.unknownRoom); break;
            }
        } catch (error) {
            this.message.value = () => errorText(error);
        } finally {
            this.isBusy.value = false;
        }
    }

    private stop(message: () => string): void {
        this.message.value = message;
        this.isDone.value = true;
    }
}

customElements.define("naru-link", LinkView);
