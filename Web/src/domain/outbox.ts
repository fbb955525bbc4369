/**
 * Messages on their way: kept in order for each room, sent one after the other, tried again with the same
 * transaction id, so that the server takes each exactly once.
 */
import type { Content, EventID, RoomID } from "./events.ts";

export type OutboxStatus =
    /** Its turn has not come, or the connection is away and it will be tried again. */
    | "queued"
    | "sending"
    /** Taken by the server; shown until it comes back in the timeline. */
    | "sent"
    /** Refused: only the person can decide what to do. */
    | "failed";

export interface OutboxEntry {
    readonly transactionID: string;
    readonly roomID: RoomID;
    readonly eventType: string;
    readonly content: Content;
    readonly createdAt: number;
    readonly status: OutboxStatus;
    readonly attempts: number;
    /** Not before this time. */
    readonly retryAt: number;
    readonly eventID: EventID | null;
}

export type Outbox = readonly OutboxEntry[];

export type OutboxEvent =
    | { readonly kind: "added"; readonly entry: OutboxEntry }
    | { readonly kind: "started"; readonly transactionID: string }
    | { readonly kind: "accepted"; readonly transactionID: string; readonly eventID: EventID }
    /** No answer, or one that may be another in a while. */
    | {
        readonly kind: "delayed"; readonly transactionID: string; readonly now: number;
        readonly retryAfterMilliseconds: number | null;
    }
    | { readonly kind: "refused"; readonly transactionID: string }
    | { readonly kind: "retried"; readonly transactionID: string }
    | { readonly kind: "removed"; readonly transactionID: string }
    /** The connection is back: nobody needs to wait any longer. */
    | { readonly kind: "reconnected" };

export type OutboxAction =
    | { readonly kind: "send"; readonly entry: OutboxEntry }
    | { readonly kind: "wait"; readonly until: number }
    | { readonly kind: "rest" };

export function newEntry(
    transactionID: string, roomID: RoomID, eventType: string, content: Content, createdAt: number,
): OutboxEntry {
    return {
        transactionID, roomID, eventType, content, createdAt, status: "queued", attempts: 0, retryAt: 0, eventID: null,
    };
}

export function reduceOutbox(outbox: Outbox, event: OutboxEvent): Outbox {
    switch (event.kind) {
        case "added":
            return outbox.some((entry) => entry.transactionID === event.entry.transactionID)
                ? outbox
                : [...outbox, event.entry];
        case "started":
            return change(outbox, event.transactionID, (entry) => ({ status: "sending", attempts: entry.attempts + 1 }));
        case "accepted":
            return change(outbox, event.transactionID, () => ({ status: "sent", eventID: event.eventID }));
        case "delayed":
            return change(outbox, event.transactionID, (entry) => ({
                status: "queued",
                retryAt: event.now + (event.retryAfterMilliseconds ?? backOffMilliseconds(entry.attempts)),
            }));
        case "refused":
            return change(outbox, event.transactionID, () => ({ status: "failed" }));
        case "retried":
            return change(outbox, event.transactionID, () => ({ status: "queued", attempts: 0, retryAt: 0 }));
        case "removed":
            return outbox.filter((entry) => entry.transactionID !== event.transactionID);
        case "reconnected":
            return outbox.map((entry) => entry.status === "queued" ? { ...entry, retryAt: 0 } : entry);
    }
}

/** What is to be done for a room now. A message that was refused does not hold up those after it. */
export function nextAction(outbox: Outbox, roomID: RoomID, now: number): OutboxAction {
    const open = outbox.filter((entry) => entry.roomID === roomID
        && (entry.status === "queued" || entry.status === "sending"));
    const first = open[0];
    if (!first || open.some((entry) => entry.status === "sending")) return { kind: "rest" };
    return first.retryAt > now ? { kind: "wait", until: first.retryAt } : { kind: "send", entry: first };
}

/** As found after a reload: whether the request went out is not known, so it is sent again under its old id. */
export function afterReload(entry: OutboxEntry): OutboxEntry {
    return entry.status === "failed" ? entry : { ...entry, status: "queued", attempts: 0, retryAt: 0 };
}

export function backOffMilliseconds(attempts: number): number {
    return Math.min(30_000, 500 * 2 ** Math.max(0, attempts - 1));
}

function change(
    outbox: Outbox, transactionID: string, changes: (entry: OutboxEntry) => Partial<OutboxEntry>,
): Outbox {
    return outbox.map((entry) => entry.transactionID === transactionID ? { ...entry, ...changes(entry) } : entry);
}
