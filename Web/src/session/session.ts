/** One person signed in on this device: everything that lives from signing in until signing out. */
import type { EventID, RoomEvent, RoomID, UserID } from "../domain/events.ts";
import { serverNameOf } from "../domain/identifiers.ts";
import { signOut, type Credentials } from "../matrix/accounts.ts";
import { MatrixHTTP } from "../matrix/http.ts";
import { ProfilesAPI } from "../matrix/profiles.ts";
import { RoomsAPI } from "../matrix/rooms.ts";
import { SendQueue } from "../matrix/send-queue.ts";
import { SyncLoop, type Connection, type SyncListener, type SyncResponse } from "../matrix/sync-loop.ts";
import { batch, signal } from "../reactive/signal.ts";
import { Database } from "../storage/database.ts";
import { Conversations } from "./conversations.ts";
import { ReadMarker } from "./read-marker.ts";
import { RoomStore } from "./room-store.ts";
import { SnapshotKeeper } from "./snapshot-keeper.ts";
import { TypingNotifier } from "./typing-notifier.ts";

export type EndReason = "byPerson" | "byServer";

export class Session implements SyncListener {
    readonly userID: UserID;
    readonly serverName: string;
    readonly connection = signal<Connection>({ kind: "connecting" });
    readonly displayName = signal<string | null>(null);

    readonly roomsAPI: RoomsAPI;
    readonly profiles: ProfilesAPI;
    readonly sendQueue: SendQueue;
    readonly store: RoomStore;
    readonly conversations: Conversations;
    readonly typing: TypingNotifier;

    private readonly http: MatrixHTTP;
    private readonly readMarker: ReadMarker;
    private readonly transactions = new Map<EventID, string>();
    private database: Database | null = null;
    private keeper: SnapshotKeeper | null = null;
    private loop: SyncLoop | null = null;
    private releaseLock: (() => void) | null = null;

    constructor(
        credentials: Credentials,
        origin: string,
        private readonly whenSignedOut: (reason: EndReason) => void,
    ) {
        this.userID = credentials.userID;
        this.serverName = serverNameOf(credentials.userID);
        this.http = new MatrixHTTP(origin, credentials.accessToken);
        this.roomsAPI = new RoomsAPI(this.http, this.userID);
        this.profiles = new ProfilesAPI(this.http, this.userID);
        this.sendQueue = new SendQueue(this.roomsAPI, {
            saveOutboxEntry: (entry) => this.database?.saveOutboxEntry(entry),
            deleteOutboxEntry: (transactionID) => this.database?.deleteOutboxEntry(transactionID),
        }, newTransactionID);
        this.store = new RoomStore(this.userID, this.sendQueue.outbox, this.roomsAPI);
        this.conversations = new Conversations(this.store, this.roomsAPI, this.profiles);
        this.typing = new TypingNotifier(this.roomsAPI);
        this.readMarker = new ReadMarker(this.roomsAPI);
    }

    async start(): Promise<void> {
        this.database = await Database.open(this.userID);
        const stored = await this.database?.load().catch(() => null) ?? null;
        if (stored) this.store.restore(stored.rooms, stored.snapshot.directRooms);
        if (this.database) {
            this.keeper = new SnapshotKeeper(this.database, this.store);
            void this.becomeMainTab();
        }
        this.loop = new SyncLoop(this.http, this, stored?.snapshot.nextBatch ?? null);
        addEventListener("online", this.retryNow);
        addEventListener("pagehide", this.flush);
        document.addEventListener("visibilitychange", this.flushWhenHidden);
        void this.refreshDisplayName();
        await this.loop.run();
    }

    /** The name may have been changed from another device. */
    async refreshDisplayName(): Promise<void> {
        this.displayName.value = await this.profiles.displayName(this.userID).catch(() => this.displayName.peek());
    }

    /** Ends the session on the server, and forgets it here even if the server can not be told. */
    async signOut(): Promise<void> {
        await signOut(this.http).catch(() => undefined);
        await this.end("byPerson");
    }

    markRead(roomID: RoomID, eventID: EventID): void {
        if (this.readMarker.readUpTo(roomID, eventID)) this.store.markRead(roomID, eventID);
    }

    sendText(roomID: RoomID, body: string): void {
        this.typing.stopped();
        this.sendQueue.send(roomID, "m.room.message", { msgtype: "m.text", body });
    }

    async redact(roomID: RoomID, eventID: EventID): Promise<void> {
        await this.roomsAPI.redactEvent(roomID, eventID, newTransactionID());
    }

    async setDisplayName(name: string): Promise<void> {
        await this.profiles.setDisplayName(name);
        this.displayName.value = name;
    }

    /** The transaction that an own event came from, if it was sent from here. */
    readonly transactionOf = (event: RoomEvent): string | null =>
        event.sender === this.userID
            ? event.unsigned?.transaction_id ?? this.transactions.get(event.event_id) ?? null
            : null;

    readonly retryNow = (): void => {
        this.loop?.retryNow();
    };

    received(response: SyncResponse, isInitial: boolean): void {
        batch(() => {
            if (isInitial) this.store.clear();
            this.rememberTransactions();
            this.store.apply(response);
            this.clearOutbox(response);
        });
        this.keeper?.changed(response.next_batch);
    }

    connectionChanged(connection: Connection): void {
        const wasLost = this.connection.peek().kind === "lost";
        this.connection.value = connection;
        if (wasLost && connection.kind === "live") {
            this.sendQueue.reconnected();
            this.readMarker.reconnected();
        }
    }

    signedOut(): void {
        void this.end("byServer");
    }

    positionLost(): void {
        void this.keeper?.clear();
    }

    private readonly flush = (): void => {
        this.keeper?.flush();
    };

    private readonly flushWhenHidden = (): void => {
        if (document.visibilityState === "hidden") this.flush();
    };

    private async end(reason: EndReason): Promise<void> {
        this.loop?.stop();
        this.sendQueue.stop();
        this.keeper?.stop();
        removeEventListener("online", this.retryNow);
        removeEventListener("pagehide", this.flush);
        document.removeEventListener("visibilitychange", this.flushWhenHidden);
        this.database?.close();
        this.releaseLock?.();
        this.whenSignedOut(reason);
        await Database.delete(this.userID);
    }

    /** Of several tabs one writes to the database and sends what an earlier page could not. */
    private async becomeMainTab(): Promise<void> {
        const begin = async (): Promise<void> => {
            this.keeper?.becomeWriter();
            this.sendQueue.adopt(await this.database?.loadOutbox().catch(() => []) ?? []);
        };
        if (!("locks" in navigator)) return await begin();
        await navigator.locks.request(`naru ${this.userID}`, async () => {
            await begin();
            await new Promise<void>((resolve) => {
                this.releaseLock = resolve;
            });
        });
    }

    /** So that a row keeps its identity when its event comes without the transaction's id. */
    private rememberTransactions(): void {
        for (const entry of this.sendQueue.outbox.peek()) {
            if (entry.eventID !== null) this.transactions.set(entry.eventID, entry.transactionID);
        }
    }

    private clearOutbox(response: SyncResponse): void {
        for (const update of Object.values(response.rooms?.join ?? {})) {
            for (const event of update.timeline?.events ?? []) {
                const transactionID = this.transactionOf(event);
                if (transactionID === null) continue;
                this.transactions.set(event.event_id, transactionID);
                this.sendQueue.arrived(transactionID);
            }
        }
    }
}

let transactionCount = 0;

/** Ordered by time, and unlike any other of this device. */
function newTransactionID(): string {
    transactionCount += 1;
    const random = crypto.getRandomValues(new Uint32Array(2));
    const count = String(transactionCount).padStart(6, "0");
    return `m${Date.now()}.${count}.${[...random].map((part) => part.toString(36)).join("")}`;
}
