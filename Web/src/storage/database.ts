/** What a device keeps of a session over a reload: rooms as last known, and messages not yet sent. */
import type { Room } from "../domain/room.ts";
import type { RoomID, UserID } from "../domain/events.ts";
import type { OutboxEntry } from "../domain/outbox.ts";

/** To be raised when the shape of what is kept changes: it is dropped then and asked for anew. */
const shapeVersion = 1;

export interface Snapshot {
    readonly nextBatch: string;
    readonly directRooms: ReadonlyMap<UserID, readonly RoomID[]>;
}

interface StoredSnapshot extends Snapshot {
    readonly shapeVersion: number;
}

export interface SnapshotChange extends Snapshot {
    readonly changedRooms: readonly Room[];
    readonly removedRooms: readonly RoomID[];
}

export class Database {
    /** Nothing is kept once it is closed: another tab is signing out then, or this one. */
    private isOpen = true;

    private constructor(private readonly database: IDBDatabase) {}

    /** Null where the browser keeps nothing, as some do in private windows. */
    static async open(userID: UserID): Promise<Database | null> {
        try {
            const request = indexedDB.open(databaseName(userID), 1);
            request.onupgradeneeded = () => {
                request.result.createObjectStore("rooms", { keyPath: "id" });
                request.result.createObjectStore("outbox", { keyPath: "transactionID" });
                request.result.createObjectStore("snapshot");
            };
            const database = await finished(request);
            // Another tab is signing out: it must not have to wait for us.
            const opened = new Database(database);
            database.onversionchange = () => opened.close();
            return opened;
        } catch {
            return null;
        }
    }

    static async delete(userID: UserID): Promise<void> {
        await finished(indexedDB.deleteDatabase(databaseName(userID))).catch(() => undefined);
    }

    close(): void {
        this.isOpen = false;
        this.database.close();
    }

    async load(): Promise<{ snapshot: Snapshot; rooms: readonly Room[] } | null> {
        const transaction = this.database.transaction(["rooms", "snapshot"]);
        const [snapshot, rooms] = await Promise.all([
            finished<StoredSnapshot | undefined>(transaction.objectStore("snapshot").get("latest")),
            finished<Room[]>(transaction.objectStore("rooms").getAll()),
        ]);
        return snapshot?.shapeVersion === shapeVersion ? { snapshot, rooms } : null;
    }

    /** Rooms and position change together, so that what is read back fits the position. */
    async save(change: SnapshotChange): Promise<void> {
        if (!this.isOpen) return;
        const transaction = this.database.transaction(["rooms", "snapshot"], "readwrite");
        const rooms = transaction.objectStore("rooms");
        for (const room of change.changedRooms) rooms.put(room);
        for (const roomID of change.removedRooms) rooms.delete(roomID);
        const { nextBatch, directRooms } = change;
        transaction.objectStore("snapshot").put({ shapeVersion, nextBatch, directRooms }, "latest");
        transaction.commit();
        await completed(transaction);
    }

    async clearRooms(): Promise<void> {
        if (!this.isOpen) return;
        const transaction = this.database.transaction(["rooms", "snapshot"], "readwrite");
        transaction.objectStore("rooms").clear();
        transaction.objectStore("snapshot").clear();
        await completed(transaction);
    }

    async loadOutbox(): Promise<OutboxEntry[]> {
        const entries = await finished<OutboxEntry[]>(
            this.database.transaction("outbox").objectStore("outbox").getAll());
        return entries.sort((first, second) => first.createdAt - second.createdAt
            || (first.transactionID < second.transactionID ? -1 : 1));
    }

    saveOutboxEntry(entry: OutboxEntry): void {
        if (!this.isOpen) return;
        const transaction = this.database.transaction("outbox", "readwrite", { durability: "strict" });
        transaction.objectStore("outbox").put(entry);
        transaction.commit();
    }

    deleteOutboxEntry(transactionID: string): void {
        if (!this.isOpen) return;
        this.database.transaction("outbox", "readwrite").objectStore("outbox").delete(transactionID);
    }
}

function databaseName(userID: UserID): string {
    return `naru ${userID}`;
}

function finished<Result>(request: IDBRequest<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
}

function completed(transaction: IDBTransaction): Promise<void> {
    return new Promise((resolve, reject) => {
        transaction.oncomplete = () => resolve();
        transaction.onerror = () => reject(transaction.error);
        transaction.onabort = () => reject(transaction.error);
    });
}
