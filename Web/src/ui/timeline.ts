/** What was said in a room, from the first message to the newest. */
import "./timeline.css";
import type { EventID } from "../domain/events.ts";
import type { Room } from "../domain/room.ts";
import { isSameItem, timelineItems, type MessageItem, type TimelineItem } from "../domain/timeline-items.ts";
import { positionsRead, unreadCount } from "../domain/unread-numbers.ts";
import { hasAttention } from "../platform/attention.ts";
import { copyText } from "../platform/clipboard.ts";
import { texts } from "../platform/language.ts";
import { Component } from "../reactive/component.ts";
import { list } from "../reactive/keyed-list.ts";
import { computed, effect, onCleanup, signal, untracked } from "../reactive/signal.ts";
import { html } from "../reactive/template.ts";
import type { Session } from "../session/session.ts";
import { confirmed, showToast } from "./dialog.ts";
import { errorText } from "./error-text.ts";
import { icons } from "./icons.ts";
import { messageKeyPressed } from "./message-keys.ts";
import type { MessageActions } from "./message-row.ts";
import { timelineRow } from "./timeline-rows.ts";
import { WindowedRows } from "./windowed-rows.ts";

/** How far from the beginning of what is known older messages are asked for. */
const historyReservePixels = 1400;

export class TimelineView extends Component {
    session!: Session;
    roomID!: string;

    private window!: WindowedRows<TimelineItem>;
    private readonly shown = signal<readonly TimelineItem[]>([]);
    private readonly history = signal<"idle" | "loading" | "failed">("idle");
    private readonly isAtEnd = signal(true);
    private readonly seenKey = signal<string | null>(null);
    private readonly announcement = signal("");
    private wantsEnd = false;
    private isPlaced = false;
    private announcedKey: string | null = null;

    private readonly room = computed(() => this.session.store.room(this.roomID));
    private readonly readUpTo = signal<EventID | null>(null);
    private readonly items = computed(() => this.room.value === undefined ? [] : timelineItems(this.room.value, {
        ownUserID: this.session.userID,
        readUpTo: this.readUpTo.value,
        outbox: this.session.sendQueue.outbox.value,
        transactionOf: this.session.transactionOf,
    }));
    private readonly newCount = computed(() => this.isAtEnd.value ? 0 : this.countAfter(this.seenKey.value));

    showNewest(): void {
        this.wantsEnd = true;
        this.window.showEnd();
    }

    protected override render(): DocumentFragment {
        const room = this.room.peek();
        this.readUpTo.value = room ? positionWhenOpened(room, this.session.userID) : null;
        return html`<div class="timeline-scroller" role="log" aria-live="off" tabindex="0"
                aria-label=${() => texts().room.messages} @scroll=${() => this.scrolled()}
                @keydown=${(event: KeyboardEvent) => messageKeyPressed(event, event.currentTarget as HTMLElement)}>
            <div class="timeline-filler"></div>
            <div class="timeline-space"></div>
            <div class="timeline-rows">${list<TimelineItem>({
                items: () => this.shown.value,
                key: (item) => item.key,
                row: (item) => timelineRow(item, this.actions),
                equals: isSameItem,
            })}</div>
            <div class="timeline-space"></div>
        </div>
        ${() => this.historyState()}
        ${() => this.isAtEnd.value ? null : html`<button type="button" class="to-newest"
            aria-label=${() => this.newCount.value > 0 ? texts().room.newMessages(this.newCount.value)
                : texts().room.toNewest} @click=${() => this.showNewest()}>
            ${() => this.newCount.value > 0
                ? html`<span>${texts().room.newMessages(this.newCount.value)}</span>` : null}${icons.down()}</button>`}
        <div class="visually-hidden" aria-live="polite">${() => this.announcement.value}</div>`;
    }

    protected override mounted(): void {
        const scroller = this.querySelector(".timeline-scroller") as HTMLElement;
        const [above, below] = this.querySelectorAll<HTMLElement>(".timeline-space");
        const rows = this.querySelector(".timeline-rows") as HTMLElement;
        this.window = new WindowedRows(scroller, above as HTMLElement, rows, below as HTMLElement,
            (item) => item.kind === "message" || item.kind === "notice");
        effect(() => {
            this.shown.value = this.window.shown.value;
        });
        effect(() => {
            this.isAtEnd.value = this.window.isAtEnd.value;
        });
        let isScheduled = false;
        effect(() => {
            void this.items.value;
            if (isScheduled) return;
            isScheduled = true;
            // Rows are measured as soon as they are set, which needs them drawn: not within an effect, then.
            queueMicrotask(() => {
                isScheduled = false;
                if (this.isConnected) this.itemsChanged(this.items.peek());
            });
        });
        effect(() => this.markRead());
        const observer = new ResizeObserver(() => this.window.resized());
        observer.observe(scroller);
        onCleanup(() => observer.disconnect());
        void document.fonts.ready.then(() => this.isConnected && this.window.resized());
    }

    private itemsChanged(items: readonly TimelineItem[]): void {
        const isFirst = !this.isPlaced && items.length > 0;
        this.announce(items);
        this.window.setItems(items, { showEnd: this.wantsEnd || isFirst, showKey: isFirst ? "divider" : null });
        this.wantsEnd = false;
        if (isFirst) this.isPlaced = true;
        if (this.isAtEnd.peek()) this.seenKey.value = items.at(-1)?.key ?? null;
        queueMicrotask(() => this.loadOlderWhenNear());
    }

    private scrolled(): void {
        this.window.scrolled();
        if (this.isAtEnd.peek()) this.seenKey.value = this.items.peek().at(-1)?.key ?? null;
        this.loadOlderWhenNear();
    }

    private loadOlderWhenNear(): void {
        const isThereMore = (this.room.peek()?.timeline.backwardToken ?? null) !== null;
        if (!this.isConnected || !isThereMore || this.history.peek() !== "idle") return;
        if (this.window.distanceFromStart > historyReservePixels) return;
        void this.loadOlder();
    }

    private async loadOlder(): Promise<void> {
        this.history.value = "loading";
        try {
            await this.session.store.loadOlder(this.roomID);
            this.history.value = "idle";
            // What came may all have been invisible.
            this.loadOlderWhenNear();
        } catch {
            this.history.value = "failed";
        }
    }

    private historyState(): DocumentFragment | null {
        switch (this.history.value) {
            case "idle": return null;
            case "loading":
                return html`<div class="history-state" role="status"><span class="spinner"></span>
                    <span class="visually-hidden">${() => texts().room.loadingOlder}</span></div>`;
            case "failed":
                return html`<div class="history-state failed" role="status"><span>${() => texts().room.olderFailed}</span>
                    <button type="button" class="button" @click=${() => void this.loadOlder()}>
                        ${() => texts().room.retry}</button></div>`;
        }
    }

    /** Only what somebody looks at, down to the end, has been read. */
    private markRead(): void {
        const room = this.room.value;
        if (!room || !hasAttention.value || !this.isAtEnd.value) return;
        const events = room.timeline.events;
        const position = positionsRead(room).get(this.session.userID) ?? -1;
        const isNewer = events.slice(position + 1).some((event) => event.sender !== this.session.userID);
        const newest = events.at(-1);
        if (isNewer && newest) untracked(() => this.session.markRead(room.id, newest.event_id));
    }

    private countAfter(key: string | null): number {
        const items = this.items.value;
        const position = items.findIndex((item) => item.key === key);
        return items.slice(position + 1).filter((item) => item.kind === "message" && !item.isMine).length;
    }

    /** Reads out the newest message, not everything that scrolling brings into the document. */
    private announce(items: readonly TimelineItem[]): void {
        const newest = items.findLast((item): item is MessageItem => item.kind === "message");
        if (!newest || newest.isMine || !this.isPlaced || newest.key === this.announcedKey) return;
        this.announcedKey = newest.key;
        this.announcement.value = `${newest.senderName}: ${newest.body}`;
    }

    private readonly actions: MessageActions = {
        copy: (text) => {
            void copyText(text).then((isCopied) =>
                showToast(isCopied ? texts().settings.copied : texts().info.copyFailed));
        },
        redact: (eventID) => void this.redact(eventID),
        resend: (transactionID) => this.session.sendQueue.retry(transactionID),
        discard: (transactionID) => this.session.sendQueue.discard(transactionID),
    };

    private async redact(eventID: EventID): Promise<void> {
        const isSure = await confirmed({
            title: texts().room.deleteTitle,
            text: texts().room.deleteText,
            confirm: texts().room.deleteMessage,
            cancel: texts().info.cancel,
        });
        if (!isSure) return;
        try {
            await this.session.redact(this.roomID, eventID);
        } catch (error) {
            showToast(errorText(error));
        }
    }
}

/**
 * The last event this person had read, by whichever of their positions is further on; null when nothing was unread,
 * since what comes while they look needs no mark.
 */
function positionWhenOpened(room: Room, ownUserID: string): EventID | null {
    if (unreadCount(room, ownUserID) === 0) return null;
    const events = room.timeline.events;
    const read = positionsRead(room).get(ownUserID) ?? -1;
    const marked = events.findIndex((event) => event.event_id === room.fullyRead);
    const position = Math.max(read, marked);
    return events[position]?.event_id ?? null;
}

customElements.define("naru-timeline", TimelineView);
