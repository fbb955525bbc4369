/** One message: a bubble, and beside it how many have not read it and when it was said. */
import "./message-row.css";
import { isLargeEmoji, textParts } from "../domain/text-parts.ts";
import { timeOfDay } from "../domain/time.ts";
import type { MessageItem } from "../domain/timeline-items.ts";
import { language, texts } from "../platform/language.ts";
import { computed, type Signal } from "../reactive/signal.ts";
import { html, type Child } from "../reactive/template.ts";
import { avatar } from "./avatar.ts";
import { icons } from "./icons.ts";
import { openMessageMenu } from "./message-menu.ts";

/** Beyond this nobody counts any more. */
const largestUnreadNumber = 300;

export interface MessageActions {
    copy(text: string): void;
    redact(eventID: string): void;
    resend(transactionID: string): void;
    discard(transactionID: string): void;
}

export function messageRow(item: Signal<MessageItem>, actions: MessageActions): DocumentFragment {
    const { isMine, sender } = item.peek();
    const isFirst = computed(() => item.value.isFirst);
    const senderName = computed(() => item.value.senderName);
    const bubble = computed(() => bubbleKey(item.value));
    return html`<div class=${() => rowClass(item.value)} data-event-id=${() => item.value.eventID}>
        ${isMine ? null : () => isFirst.value
            ? html`<span class="message-avatar">${avatar([{ id: sender, name: senderName.value }])}</span>` : null}
        <div class="message-stack">
            ${() => isFirst.value
                ? html`<span class=${isMine ? "message-sender visually-hidden" : "message-sender"} dir="auto">${
                    isMine ? texts().chats.you : senderName.value}</span>` : null}
            <div class="message-line">
                ${() => {
                    void bubble.value;
                    return bubbleView(item, actions);
                }}
                <div class="message-side">${() => sideView(item.value, actions)}</div>
            </div>
        </div>
    </div>`;
}

function rowClass(item: MessageItem): string {
    const classes = ["message", item.isMine ? "mine" : "theirs", `delivery-${item.delivery}`];
    if (item.isFirst) classes.push("first");
    if (item.isLast) classes.push("last");
    return classes.join(" ");
}

/** The bubble is drawn anew only when what is in it changes, so that a selection in it stays. */
function bubbleKey(item: MessageItem): string {
    return JSON.stringify([item.bodyKind, item.body, item.isEdited, item.eventID, language.value]);
}

function bubbleView(item: Signal<MessageItem>, actions: MessageActions): DocumentFragment {
    const { bodyKind, body, isEdited, senderName } = item.peek();
    const isLarge = bodyKind === "text" && !isEdited && isLargeEmoji(body);
    const openMenu = (event: MouseEvent): void => {
        const hasSelection = String(getSelection()) !== "";
        const isLink = event.target instanceof Element && event.target.closest("a") !== null;
        const isPlaceholder = bodyKind === "redacted" || bodyKind === "encrypted" || bodyKind === "unsupported";
        if (hasSelection || isLink || isPlaceholder) return;
        event.preventDefault();
        openMessageMenu(event, item.peek(), actions);
    };
    return html`<div class=${`bubble body-${bodyKind}${isLarge ? " large-emoji" : ""}`} dir="auto" tabindex="-1"
        @contextmenu=${openMenu}>${bodyView(bodyKind, body, senderName)}${
        isEdited ? html`<span class="edited">${texts().room.edited}</span>` : null}</div>`;
}

function bodyView(kind: MessageItem["bodyKind"], body: string, senderName: string): Child {
    switch (kind) {
        case "redacted": return texts().room.redacted;
        case "encrypted": return texts().room.encrypted;
        case "unsupported": return texts().room.unsupported;
        case "emote": return [html`<em>${senderName}</em>`, " ", ...linked(body)];
        default: return linked(body);
    }
}

function linked(body: string): Child[] {
    return textParts(body).map((part) => part.link === null ? part.text
        : html`<a href=${part.link} target="_blank" rel="noopener noreferrer nofollow">${part.text}</a>`);
}

function sideView(item: MessageItem, actions: MessageActions): Child[] {
    const { transactionID } = item;
    if (item.delivery === "failed" && transactionID !== null) {
        return [html`<span class="failed-actions">
            <button type="button" class="resend" aria-label=${texts().delivery.resend} title=${texts().delivery.resend}
                @click=${() => actions.resend(transactionID)}>${icons.retry()}</button>
            <button type="button" class="discard" aria-label=${texts().delivery.discard} title=${texts().delivery.discard}
                @click=${() => actions.discard(transactionID)}>${icons.close()}</button></span>
            <span class="visually-hidden" role="alert">${texts().delivery.failed}</span>`];
    }
    if (item.delivery === "queued" || item.delivery === "sending") {
        const label = item.delivery === "queued" ? texts().delivery.queued : texts().delivery.sending;
        return [html`<span class="pending" title=${label}><span class="visually-hidden">${label}</span></span>`];
    }
    const number = item.unreadNumber > largestUnreadNumber ? `${largestUnreadNumber}+` : String(item.unreadNumber);
    return [
        item.unreadNumber > 0 ? html`<span class="unread-number">
            <span aria-hidden="true">${number}</span>
            <span class="visually-hidden">${texts().room.unreadBy(item.unreadNumber)}</span></span>` : null,
        item.isLast ? html`<time datetime=${new Date(item.timestamp).toISOString()}>${
            timeOfDay(item.timestamp, language.value)}</time>` : null,
    ];
}
