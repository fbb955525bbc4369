/** Carries out what the outbox decides: sends, waits, and writes down what is still to be sent. */
import type { Content, RoomID } from "../domain/events.ts";
import {
    afterReload, newEntry, nextAction, reduceOutbox, type Outbox, type OutboxEntry, type OutboxEvent,
} from "../domain/outbox.ts";
import { signal } from "../reactive/signal.ts";
import { MatrixError } from "./http.ts";
import type { RoomsAPI } from "./rooms.ts";

export interface OutboxStorage {
    saveOutboxEntry(entry: OutboxEntry): void;
    deleteOutboxEntry(transactionID: string): void;
}

export class SendQueue {
    readonly outbox = signal<Outbox>([]);
    private readonly timers = new Map<RoomID, ReturnType<typeof setTimeout>>();
    private stopped = false;

    constructor(
        private readonly rooms: RoomsAPI,
        private readonly storage: OutboxStorage,
        private readonly newTransactionID: () => string,
        private readonly now: () => number = () => Date.now(),
    ) {}

    send(roomID: RoomID, eventType: string, content: Content): void {
        const entry = newEntry(this.newTransactionID(), roomID, eventType, content, this.now());
        this.storage.saveOutboxEntry(entry);
        this.apply({ kind: "added", entry });
        this.advance(roomID);
    }

    /** What was on its way when the page was closed. */
    adopt(entries: readonly OutboxEntry[]): void {
        for (const entry of entries) this.apply({ kind: "added", entry: afterReload(entry) });
        for (const roomID of new Set(entries.map((entry) => entry.roomID))) this.advance(roomID);
    }

    retry(transactionID: string): void {
        this.apply({ kind: "retried", transactionID });
        const entry = this.find(transactionID);
        if (entry) this.advance(entry.roomID);
    }

    discard(transactionID: string): void {
        this.storage.deleteOutboxEntry(transactionID);
        this.apply({ kind: "removed", transactionID });
    }

    /** The message is in the timeline now. */
    arrived(transactionID: string): void {
        if (this.find(transactionID)) this.discard(transactionID);
    }

    reconnected(): void {
        this.apply({ kind: "reconnected" });
        for (const roomID of new Set(this.outbox.peek().map((entry) => entry.roomID))) this.advance(roomID);
    }

    stop(): void {
        this.stopped = true;
        for (const timer of this.timers.values()) clearTimeout(timer);
    }

    private advance(roomID: RoomID): void {
        clearTimeout(this.timers.get(roomID));
        this.timers.delete(roomID);
        if (this.stopped) return;
        const action = nextAction(this.outbox.peek(), roomID, this.now());
        switch (action.kind) {
            case "rest":
                return;
            case "wait":
                this.timers.set(roomID, setTimeout(() => this.advance(roomID), action.until - this.now()));
                return;
            case "send":
                void this.deliver(action.entry);
        }
    }

    private async deliver(entry: OutboxEntry): Promise<void> {
        const { transactionID, roomID } = entry;
        this.apply({ kind: "started", transactionID });
        try {
            const eventID = await this.rooms.sendMessage(roomID, entry.eventType, transactionID, entry.content);
            this.storage.deleteOutboxEntry(transactionID);
            this.apply({ kind: "accepted", transactionID, eventID });
        } catch (error) {
            // A token that is no longer good says nothing about the message.
            const isRefused = error instanceof MatrixError && !error.isTemporary && error.status !== 401;
            if (isRefused) {
                this.apply({ kind: "refused", transactionID });
                const refused = this.find(transactionID);
                if (refused) this.storage.saveOutboxEntry(refused);
            } else {
                const retryAfterMilliseconds = error instanceof MatrixError ? error.retryAfterMilliseconds : null;
                this.apply({ kind: "delayed", transactionID, now: this.now(), retryAfterMilliseconds });
            }
        }
        this.advance(roomID);
    }

    private apply(event: OutboxEvent): void {
        this.outbox.value = reduceOutbox(this.outbox.peek(), event);
    }

    private find(transactionID: string): OutboxEntry | undefined {
        return this.outbox.peek().find((entry) => entry.transactionID === transactionID);
    }
}

