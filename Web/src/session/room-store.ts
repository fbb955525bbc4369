/** All rooms of the session, as values that change with every answer of the server. */
import type { BasicEvent, EventID, RoomEvent, RoomID, UserID } from "../domain/events.ts";
import type { OutboxEntry } from "../domain/outbox.ts";
import type { Room } from "../domain/room.ts";
import { inListOrder, roomSummary, type RoomSummary } from "../domain/room-summary.ts";
import { withInvitation, withJoinedUpdate, withOwnReceipt } from "../domain/sync-update.ts";
import { withOlder } from "../domain/timeline.ts";
import type { SyncResponse } from "../matrix/sync-loop.ts";
import type { RoomsAPI } from "../matrix/rooms.ts";
import { computed, signal, type Signal } from "../reactive/signal.ts";

const historyPageSize = 60;

export class RoomStore {
    readonly rooms = signal<ReadonlyMap<RoomID, Room>>(new Map());
    readonly directRooms = signal<ReadonlyMap<UserID, readonly RoomID[]>>(new Map());
    /** False until the rooms are known, from this device or from the server. */
    readonly isLoaded = signal(false);
    readonly summaries = computed(() => inListOrder(this.summarized()));
    readonly unreadTotal = computed(() =>
        this.summaries.value.reduce((total, summary) => total + summary.unreadCount, 0));

    private readonly known = new WeakMap<Room, RoomSummary>();
    private readonly loadingHistory = new Map<RoomID, Promise<void>>();

    constructor(
        readonly ownUserID: UserID,
        private readonly outbox: Signal<readonly OutboxEntry[]>,
        private readonly api: RoomsAPI,
        private readonly now: () => number = () => Date.now(),
    ) {}

    room(roomID: RoomID): Room | undefined {
        return this.rooms.value.get(roomID);
    }

    restore(rooms: readonly Room[], directRooms: ReadonlyMap<UserID, readonly RoomID[]>): void {
        this.rooms.value = new Map(rooms.map((room) => [room.id, room]));
        this.directRooms.value = directRooms;
        this.isLoaded.value = true;
    }

    clear(): void {
        this.rooms.value = new Map();
    }

    apply(response: SyncResponse): void {
        const rooms = new Map(this.rooms.peek());
        for (const [roomID, update] of Object.entries(response.rooms?.join ?? {})) {
            rooms.set(roomID, withJoinedUpdate(rooms.get(roomID), roomID, update));
        }
        for (const [roomID, update] of Object.entries(response.rooms?.invite ?? {})) {
            rooms.set(roomID, withInvitation(rooms.get(roomID), roomID, update, this.now()));
        }
        for (const roomID of Object.keys(response.rooms?.leave ?? {})) rooms.delete(roomID);
        this.rooms.value = rooms;
        for (const event of response.account_data?.events ?? []) this.applyAccountData(event);
        this.isLoaded.value = true;
    }

    /** As soon as the person reads, without waiting for the server. */
    markRead(roomID: RoomID, eventID: EventID): void {
        this.change(roomID, (room) => withOwnReceipt(room, this.ownUserID, eventID));
    }

    remove(roomID: RoomID): void {
        const rooms = new Map(this.rooms.peek());
        rooms.delete(roomID);
        this.rooms.value = rooms;
    }

    /** Asks for older messages; whoever asks while a page is on its way waits for the same page. */
    loadOlder(roomID: RoomID): Promise<void> {
        const loading = this.loadingHistory.get(roomID);
        if (loading) return loading;
        const started = this.loadPage(roomID).finally(() => this.loadingHistory.delete(roomID));
        this.loadingHistory.set(roomID, started);
        return started;
    }

    private async loadPage(roomID: RoomID): Promise<void> {
        const token = this.rooms.peek().get(roomID)?.timeline.backwardToken ?? null;
        if (token === null) return;
        const page = await this.api.messagesBefore(roomID, token, historyPageSize);
        const events: RoomEvent[] = [...page.chunk].reverse();
        this.change(roomID, (room) => {
            // The timeline may have begun anew while we waited.
            if (room.timeline.backwardToken !== token) return room;
            const backwardToken = page.end === undefined || page.end === token ? null : page.end;
            return { ...room, timeline: withOlder(room.timeline, { events, backwardToken }) };
        });
    }

    private change(roomID: RoomID, update: (room: Room) => Room): void {
        const room = this.rooms.peek().get(roomID);
        if (room) this.rooms.value = new Map(this.rooms.peek()).set(roomID, update(room));
    }

    private applyAccountData(event: BasicEvent): void {
        if (event.type !== "m.direct") return;
        const entries = Object.entries(event.content).map(([userID, rooms]): [UserID, RoomID[]] =>
            [userID, Array.isArray(rooms) ? rooms.filter((room) => typeof room === "string") : []]);
        this.directRooms.value = new Map(entries);
    }

    private summarized(): RoomSummary[] {
        const outbox = this.outbox.value;
        return [...this.rooms.value.values()].map((room) => {
            if (outbox.some((entry) => entry.roomID === room.id)) return roomSummary(room, this.ownUserID, outbox);
            let summary = this.known.get(room);
            if (!summary) {
                summary = roomSummary(room, this.ownUserID, []);
                this.known.set(room, summary);
            }
            return summary;
        });
    }
}
