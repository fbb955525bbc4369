/** Tells the server how far this person has read: the newest position only, one request at a time. */
import type { EventID, RoomID } from "../domain/events.ts";
import type { RoomsAPI } from "../matrix/rooms.ts";

export class ReadMarker {
    private readonly wanted = new Map<RoomID, EventID>();
    private readonly told = new Map<RoomID, EventID>();
    private readonly busy = new Set<RoomID>();

    constructor(private readonly api: RoomsAPI) {}

    /** Whether this is news; the same position is told once. */
    readUpTo(roomID: RoomID, eventID: EventID): boolean {
        if (this.wanted.get(roomID) === eventID) return false;
        this.wanted.set(roomID, eventID);
        void this.tell(roomID);
        return true;
    }

    /** After a time without a connection. */
    reconnected(): void {
        for (const roomID of this.wanted.keys()) void this.tell(roomID);
    }

    private async tell(roomID: RoomID): Promise<void> {
        const eventID = this.wanted.get(roomID);
        if (eventID === undefined || this.told.get(roomID) === eventID || this.busy.has(roomID)) return;
        this.busy.add(roomID);
        let isTold = true;
        try {
            await this.api.setReadMarkers(roomID, eventID);
            this.told.set(roomID, eventID);
        } catch {
            isTold = false;
        }
        this.busy.delete(roomID);
        if (isTold) await this.tell(roomID);
    }
}
