/** The rows of a conversation: days, messages grouped by sender and minute, notices, and where reading stopped. */
import { isMessage, isRedacted, type EventID, type RoomEvent, type UserID } from "./events.ts";
import { bodyOf, bodyOfContent, latestEdits, type BodyKind, type MessageBody } from "./message-body.ts";
import { noticeOf, type NoticeKind } from "./notices.ts";
import type { OutboxEntry } from "./outbox.ts";
import { memberName, type Room } from "./room.ts";
import { dayOf, minuteOf } from "./time.ts";
import { unreadNumbers } from "./unread-numbers.ts";

export interface DayItem {
    readonly kind: "day";
    readonly key: string;
    readonly timestamp: number;
}

export interface DividerItem {
    readonly kind: "divider";
    readonly key: string;
}

export interface NoticeItem {
    readonly kind: "notice";
    readonly key: string;
    readonly notice: NoticeKind;
    readonly actor: string;
    readonly target: string;
    readonly detail: string;
}

export type Delivery = "received" | "queued" | "sending" | "sent" | "failed";

export interface MessageItem {
    readonly kind: "message";
    readonly key: string;
    readonly eventID: EventID | null;
    readonly transactionID: string | null;
    readonly sender: UserID;
    readonly senderName: string;
    readonly isMine: boolean;
    readonly bodyKind: BodyKind;
    readonly body: string;
    readonly isEdited: boolean;
    readonly timestamp: number;
    /** The first of its group bears the name, the last the time. */
    readonly isFirst: boolean;
    readonly isLast: boolean;
    readonly unreadNumber: number;
    readonly delivery: Delivery;
}

export type TimelineItem = DayItem | DividerItem | NoticeItem | MessageItem;

export interface TimelineOptions {
    readonly ownUserID: UserID;
    /** The last event that had been read when the room was opened. */
    readonly readUpTo: EventID | null;
    readonly outbox: readonly OutboxEntry[];
    /** The transaction that an own event came from, so that its row stays the same row. */
    readonly transactionOf: (event: RoomEvent) => string | null;
}

type Draft = Omit<MessageItem, "isFirst" | "isLast">;

export function timelineItems(room: Room, options: TimelineOptions): TimelineItem[] {
    const rows = [...eventRows(room, options), ...outboxRows(room, options)];
    const items: TimelineItem[] = [];
    let day = "";
    rows.forEach((row, index) => {
        if (row.timestamp !== null && dayOf(row.timestamp) !== day) {
            day = dayOf(row.timestamp);
            items.push({ kind: "day", key: `day ${day}`, timestamp: row.timestamp });
        }
        if (row.kind === "message") {
            items.push({
                ...row.item,
                isFirst: !isSameGroup(rows[index - 1], row),
                isLast: !isSameGroup(rows[index + 1], row),
            });
        } else items.push(row.item);
    });
    return items;
}

type Row =
    | { readonly kind: "message"; readonly item: Draft; readonly timestamp: number }
    | { readonly kind: "other"; readonly item: NoticeItem | DividerItem; readonly timestamp: number | null };

function eventRows(room: Room, options: TimelineOptions): Row[] {
    const events = room.timeline.events;
    const numbers = unreadNumbers(room);
    const edits = latestEdits(events);
    const names = new Map<UserID, string>();
    const nameOf = (userID: UserID): string => {
        const known = names.get(userID) ?? memberName(room, userID);
        names.set(userID, known);
        return known;
    };
    const dividerAfter = dividerPosition(events, options);
    const rows: Row[] = [];
    events.forEach((event, index) => {
        if (isMessage(event)) {
            const draft = messageDraft(event, bodyOf(event, edits.get(event.event_id)), options, nameOf);
            const unreadNumber = isRedacted(event) ? 0 : numbers.get(event.event_id) ?? 0;
            rows.push({ kind: "message", item: { ...draft, unreadNumber }, timestamp: event.origin_server_ts });
        } else {
            const item = isOpening(events[index - 1], event) ? null : noticeItem(event, nameOf);
            if (item) pushNotice(rows, item, event.origin_server_ts);
        }
        if (index === dividerAfter) {
            rows.push({ kind: "other", item: { kind: "divider", key: "divider" }, timestamp: null });
        }
    });
    return rows;
}

function outboxRows(room: Room, options: TimelineOptions): Row[] {
    const arrived = new Set(room.timeline.events.map((event) => event.event_id));
    const transactions = new Set(room.timeline.events.slice(-200).map(options.transactionOf));
    return options.outbox
        .filter((entry) => entry.roomID === room.id && !transactions.has(entry.transactionID)
            && !(entry.eventID !== null && arrived.has(entry.eventID)))
        .map((entry) => {
            const body = bodyOfContent(entry.content);
            const item: Draft = {
                kind: "message",
                key: `transaction ${entry.transactionID}`,
                eventID: entry.eventID,
                transactionID: entry.transactionID,
                sender: options.ownUserID,
                senderName: "",
                isMine: true,
                bodyKind: body.kind,
                body: body.text,
                isEdited: false,
                timestamp: entry.createdAt,
                unreadNumber: 0,
                delivery: entry.status,
            };
            return { kind: "message", item, timestamp: entry.createdAt };
        });
}

function messageDraft(
    event: RoomEvent, body: MessageBody, options: TimelineOptions, nameOf: (userID: UserID) => string,
): Draft {
    const transactionID = options.transactionOf(event);
    return {
        kind: "message",
        key: transactionID === null ? event.event_id : `transaction ${transactionID}`,
        eventID: event.event_id,
        transactionID,
        sender: event.sender,
        senderName: nameOf(event.sender),
        isMine: event.sender === options.ownUserID,
        bodyKind: body.kind,
        body: body.text,
        isEdited: body.isEdited,
        timestamp: event.origin_server_ts,
        unreadNumber: 0,
        delivery: "received",
    };
}

/** That the one who made the room is in it goes without saying. */
function isOpening(before: RoomEvent | undefined, event: RoomEvent): boolean {
    return before?.type === "m.room.create" && event.type === "m.room.member" && event.sender === before.sender;
}

/** Invitations by one person in a row are told in one line. */
function pushNotice(rows: Row[], item: NoticeItem, timestamp: number): void {
    const before = rows.at(-1);
    const last = before?.kind === "other" && before.item.kind === "notice" ? before.item : null;
    const belongsTogether = last?.notice === "invited" && item.notice === "invited" && last.actor === item.actor;
    if (last && belongsTogether) {
        rows.pop();
        rows.push({ kind: "other", item: { ...last, target: `${last.target}, ${item.target}` }, timestamp });
    } else rows.push({ kind: "other", item, timestamp });
}

function noticeItem(event: RoomEvent, nameOf: (userID: UserID) => string): NoticeItem | null {
    const notice = noticeOf(event);
    if (!notice) return null;
    return {
        kind: "notice",
        key: event.event_id,
        notice: notice.kind,
        actor: nameOf(notice.actor),
        target: nameOf(notice.target),
        detail: notice.detail,
    };
}

/** After the last event read, when somebody else has written since. */
function dividerPosition(events: readonly RoomEvent[], options: TimelineOptions): number {
    const position = events.findIndex((event) => event.event_id === options.readUpTo);
    if (position < 0) return -1;
    const hasNews = events.slice(position + 1)
        .some((event) => isMessage(event) && event.sender !== options.ownUserID && !isRedacted(event));
    return hasNews ? position : -1;
}

function isSameGroup(first: Row | undefined, second: Row | undefined): boolean {
    return first?.kind === "message" && second?.kind === "message"
        && first.item.sender === second.item.sender
        && minuteOf(first.timestamp) === minuteOf(second.timestamp);
}

/** Equal rows are not drawn again. */
export function isSameItem(first: TimelineItem, second: TimelineItem): boolean {
    const before = first as unknown as Record<string, unknown>;
    const after = second as unknown as Record<string, unknown>;
    const keys = Object.keys(after);
    return keys.length === Object.keys(before).length && keys.every((key) => before[key] === after[key]);
}
