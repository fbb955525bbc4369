/** The frame around everything once somebody is signed in: chats on one side, what is open on the other. */
import "./shell.css";
import { roomAddress, navigate, route } from "../platform/router.ts";
import { texts } from "../platform/language.ts";
import { Component } from "../reactive/component.ts";
import { effect } from "../reactive/signal.ts";
import { choice, html } from "../reactive/template.ts";
import type { Session } from "../session/session.ts";
import "./chat-list.ts";
import { connectionBanner } from "./connection-banner.ts";
import { emblem, icons } from "./icons.ts";
import "./link-view.ts";
import { openNewChat } from "./new-chat.ts";
import "./room-place.ts";
import { openSettings } from "./settings.ts";

export class Shell extends Component {
    session!: Session;
    onSignOut!: () => void;

    protected override render(): DocumentFragment {
        const { session } = this;
        const settings = (): void => openSettings(session, () => this.onSignOut());
        const newChat = (): void => openNewChat(session);
        this.showUnreadInTitle();
        return html`<div class="shell" data-place=${() => route.value.kind === "room" || route.value.kind === "link"
                ? "stage" : "list"}>
            <nav class="rail" aria-label=${() => texts().productName}>
                <span class="rail-emblem">${emblem()}</span>
                <a class="rail-item" href="#/" aria-current="page" aria-label=${() => texts().chats.title}>
                    ${icons.chat()}
                    ${() => badge(session.store.unreadTotal.value)}
                </a>
                <span class="rail-space"></span>
                <button type="button" class="rail-item" aria-label=${() => texts().chats.settings}
                    @click=${settings}>${icons.settings()}</button>
            </nav>
            <naru-chat-list .session=${session} .onNewChat=${newChat} .onSettings=${settings}></naru-chat-list>
            <main class="stage">
                ${connectionBanner(session)}
                ${choice(() => placeKey(), () => this.place(newChat))}
            </main>
        </div>`;
    }

    private place(newChat: () => void): DocumentFragment {
        const { session } = this;
        const current = route.peek();
        switch (current.kind) {
            case "room":
                return html`<naru-room-place .session=${session} .roomID=${current.roomID}></naru-room-place>`;
            case "link":
                return html`<naru-link .session=${session} .link=${current.link}
                    .onRoom=${(roomID: string) => navigate(roomAddress(roomID), { replace: true })}
                    .onCancel=${() => navigate("#/", { replace: true })}></naru-link>`;
            default:
                return html`<div class="empty-place">
                    ${emblem()}
                    <h2>${() => texts().chats.selectTitle}</h2>
                    <p>${() => texts().chats.selectText}</p>
                    <button type="button" class="button primary" @click=${newChat}>
                        ${icons.newChat()} ${() => texts().chats.newChat}</button>
                </div>`;
        }
    }

    private showUnreadInTitle(): void {
        effect(() => {
            const count = this.session.store.unreadTotal.value;
            document.title = count > 0 ? `(${count}) ${texts().productName}` : texts().productName;
        });
    }
}

function badge(count: number): DocumentFragment | null {
    return count > 0 ? html`<span class="badge">${count > 999 ? "999+" : count}</span>` : null;
}

function placeKey(): string {
    const current = route.value;
    switch (current.kind) {
        case "room": return `room ${current.roomID}`;
        case "link": return `link ${JSON.stringify(current.link)}`;
        default: return "none";
    }
}

customElements.define("naru-shell", Shell);
