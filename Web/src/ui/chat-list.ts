/** All chats, the newest first: who, the last message, when, and how much is unread. */
import "./chat-list.css";
import { matchesName } from "../domain/name-search.ts";
import type { Preview, RoomSummary } from "../domain/room-summary.ts";
import { listTime } from "../domain/time.ts";
import { currentMinute } from "../platform/clock.ts";
import { language, texts } from "../platform/language.ts";
import { roomAddress, route } from "../platform/router.ts";
import { Component } from "../reactive/component.ts";
import { computed, signal, type Signal } from "../reactive/signal.ts";
import { html } from "../reactive/template.ts";
import { list } from "../reactive/keyed-list.ts";
import type { Session } from "../session/session.ts";
import { avatar } from "./avatar.ts";
import { connectionBanner } from "./connection-banner.ts";
import { emblem, icons } from "./icons.ts";
import { roomFace, roomTitle } from "./room-title.ts";

export class ChatList extends Component {
    session!: Session;
    onNewChat!: () => void;
    onSettings!: () => void;

    private readonly query = signal("");

    protected override render(): DocumentFragment {
        const { store } = this.session;
        const found = computed(() => store.summaries.value.filter((summary) =>
            matchesName(roomTitle(summary.name), this.query.value)));
        const state = computed(() =>
            !store.isLoaded.value ? "loading"
            : store.summaries.value.length === 0 ? "empty"
            : found.value.length === 0 ? "nothingFound" : "some");
        return html`<div class="chat-list">
            <header class="chat-list-header">
                <h1>${() => texts().chats.title}</h1>
                <button type="button" class="icon-button new-chat" aria-label=${() => texts().chats.newChat}
                    title=${() => texts().chats.newChat} @click=${() => this.onNewChat()}>${icons.newChat()}</button>
                <button type="button" class="icon-button list-settings" aria-label=${() => texts().chats.settings}
                    title=${() => texts().chats.settings} @click=${() => this.onSettings()}>${icons.settings()}</button>
            </header>
            ${connectionBanner(this.session)}
            ${() => store.summaries.value.length > 0 ? this.search() : null}
            <div class="chat-list-scroller">
                ${() => this.placeholder(state.value)}
                <ul class="chat-rows" aria-label=${() => texts().chats.title}>
                    ${list({
                        items: () => found.value,
                        key: (summary) => summary.id,
                        row: (summary) => this.row(summary),
                    })}
                </ul>
            </div>
        </div>`;
    }

    private search(): DocumentFragment {
        return html`<label class="chat-search">
            ${icons.search()}
            <span class="visually-hidden">${() => texts().chats.search}</span>
            <input type="search" dir="auto" autocomplete="off" placeholder=${() => texts().chats.search}
                .value=${() => this.query.value}
                @input=${(event: Event) => {
                    this.query.value = (event.target as HTMLInputElement).value;
                }}>
        </label>`;
    }

    private placeholder(state: string): DocumentFragment | null {
        switch (state) {
            case "loading":
                return html`<div class="empty-place"><span class="spinner"></span>
                    <p>${() => texts().chats.loading}</p></div>`;
            case "empty":
                return html`<div class="empty-place">${emblem()}
                    <h2>${() => texts().chats.emptyTitle}</h2>
                    <p>${() => texts().chats.emptyText}</p>
                    <button type="button" class="button primary" @click=${() => this.onNewChat()}>
                        ${icons.newChat()} ${() => texts().chats.newChat}</button></div>`;
            case "nothingFound":
                return html`<div class="empty-place"><p>${() => texts().chats.noResults}</p></div>`;
            default:
                return null;
        }
    }

    private row(summary: Signal<RoomSummary>): DocumentFragment {
        const { store } = this.session;
        const id = summary.peek().id;
        const isOpen = (): boolean => route.value.kind === "room" && route.value.roomID === id;
        const title = computed(() => roomTitle(summary.value.name));
        // Drawn anew when a name in it changes, not with every message.
        const faces = computed(() => JSON.stringify(roomFace(store.room(id), summary.value)));
        return html`<li class="chat-row">
            <a href=${roomAddress(id)} aria-current=${() => isOpen() ? "true" : null} data-room-id=${id}>
                ${() => avatar(JSON.parse(faces.value))}
                <span class="chat-text">
                    <span class="chat-name"><bdi>${() => title.value}</bdi>
                        ${() => summary.value.isGroup && summary.value.memberCount > 1
                            ? html`<span class="chat-count">${summary.value.memberCount}</span>` : null}</span>
                    <span class="chat-preview" dir="auto">${() => previewText(summary.value)}</span>
                </span>
                <span class="chat-side">
                    <time>${() => listTime(summary.value.timestamp, currentMinute.value, language.value,
                        texts().chats.yesterday)}</time>
                    ${() => sideBadge(summary.value)}
                </span>
            </a>
        </li>`;
    }
}

function sideBadge(summary: RoomSummary): DocumentFragment {
    if (summary.membership === "invite") {
        return html`<span class="badge invitation-badge">${texts().chats.invitation}</span>`;
    }
    const count = summary.unreadCount;
    return count === 0 ? html`<span class="badge-space"></span>` : html`<span class="badge unread-badge">
        <span aria-hidden="true">${count > 999 ? "999+" : count}</span>
        <span class="visually-hidden">${texts().chats.unread(count)}</span></span>`;
}

function previewText(summary: RoomSummary): string {
    if (summary.membership === "invite") {
        return summary.inviterName === null ? texts().chats.invitation : texts().chats.invitedBy(summary.inviterName);
    }
    const preview = summary.preview;
    if (!preview) return texts().chats.noMessages;
    const text = contentText(preview);
    return preview.senderName === null ? text : `${preview.senderName}: ${text}`;
}

function contentText(preview: Preview): string {
    switch (preview.kind) {
        case "redacted": return texts().room.redacted;
        case "encrypted": return texts().room.encrypted;
        case "unsupported": return texts().room.unsupported;
        default: return preview.text;
    }
}

customElements.define("naru-chat-list", ChatList);
