/** Writes the rooms down from time to time, so that the next start shows them at once. */
import type { Room } from "../domain/room.ts";
import type { RoomID } from "../domain/events.ts";
import { newestPart } from "../domain/timeline.ts";
import type { Database } from "../storage/database.ts";
import type { RoomStore } from "./room-store.ts";

const pauseMilliseconds = 1500;
const eventsKept = 60;

export class SnapshotKeeper {
    private saved: ReadonlyMap<RoomID, Room> = new Map();
    private nextBatch: string | null = null;
    private timer: ReturnType<typeof setTimeout> | null = null;
    /** Only one tab writes; it becomes this one when those before it are closed. */
    private isWriter = false;

    constructor(private readonly database: Database, private readonly store: RoomStore) {}

    becomeWriter(): void {
        this.isWriter = true;
        // What another tab wrote may be older or newer than what we have: write all of ours.
        this.saved = new Map();
        this.schedule();
    }

    changed(nextBatch: string): void {
        this.nextBatch = nextBatch;
        this.schedule();
    }

    /** Forgets the position, since the server does not know it any more. */
    async clear(): Promise<void> {
        this.nextBatch = null;
        this.saved = new Map();
        await this.database.clearRooms();
    }

    flush(): void {
        if (this.timer !== null) clearTimeout(this.timer);
        this.timer = null;
        if (!this.isWriter || this.nextBatch === null) return;
        const rooms = this.store.rooms.peek();
        const changedRooms = [...rooms.values()].filter((room) => this.saved.get(room.id) !== room).map(shortened);
        const removedRooms = [...this.saved.keys()].filter((roomID) => !rooms.has(roomID));
        this.saved = rooms;
        const directRooms = this.store.directRooms.peek();
        this.database.save({ nextBatch: this.nextBatch, directRooms, changedRooms, removedRooms }).catch(() => {
            // A full disk: the next start asks the server for everything, which is slower but right.
            this.saved = new Map();
        });
    }

    stop(): void {
        if (this.timer !== null) clearTimeout(this.timer);
        this.isWriter = false;
    }

    private schedule(): void {
        if (!this.isWriter || this.timer !== null) return;
        this.timer = setTimeout(() => this.flush(), pauseMilliseconds);
    }
}

function shortened(room: Room): Room {
    return { ...room, typing: [], timeline: newestPart(room.timeline, eventsKept) };
}
