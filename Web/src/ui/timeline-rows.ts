/** The rows between messages: days, what happened in the room, where reading stopped. */
import "./timeline-rows.css";
import { fullDate } from "../domain/time.ts";
import type { DayItem, MessageItem, NoticeItem, TimelineItem } from "../domain/timeline-items.ts";
import { language, texts } from "../platform/language.ts";
import type { Signal } from "../reactive/signal.ts";
import { html } from "../reactive/template.ts";
import { messageRow, type MessageActions } from "./message-row.ts";

export function timelineRow(item: Signal<TimelineItem>, actions: MessageActions): DocumentFragment {
    switch (item.peek().kind) {
        case "message": return messageRow(item as Signal<TimelineItem> as Signal<MessageItem>, actions);
        case "day": return dayRow(item as Signal<TimelineItem> as Signal<DayItem>);
        case "divider": return html`<div class="read-divider" role="separator">
            <span>${() => texts().room.readUpToHere}</span></div>`;
        case "notice": return html`<div class="notice-row">
            <span dir="auto">${() => noticeText(item.value as NoticeItem)}</span></div>`;
    }
}

function dayRow(item: Signal<DayItem>): DocumentFragment {
    return html`<div class="day-row" role="separator">
        <span>${() => fullDate(item.value.timestamp, language.value)}</span></div>`;
}

function noticeText(item: NoticeItem): string {
    const { notices } = texts();
    const { actor, target, detail } = item;
    switch (item.notice) {
        case "created": return notices.created(actor);
        case "joined": return notices.joined(target);
        case "left": return notices.left(target);
        case "invited": return notices.invited(actor, target);
        case "declined": return notices.declined(target);
        case "withdrawn": return notices.withdrawn(actor, target);
        case "removed": return notices.removed(actor, target);
        case "banned": return notices.banned(actor, target);
        case "knocked": return notices.knocked(target);
        case "renamedSelf": return notices.renamedSelf(target, detail);
        case "renamedRoom": return notices.renamedRoom(actor, detail);
        case "changedTopic": return notices.changedTopic(actor, detail);
        case "upgraded": return notices.upgraded;
    }
}
