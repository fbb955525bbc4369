/** Says that this person is typing, seldom enough not to be a burden, and that they have stopped. */
import type { RoomID } from "../domain/events.ts";
import type { RoomsAPI } from "../matrix/rooms.ts";

const validMilliseconds = 12_000;
const repeatMilliseconds = 8_000;
const idleMilliseconds = 6_000;

export class TypingNotifier {
    private roomID: RoomID | null = null;
    private toldAt = 0;
    private idleTimer: ReturnType<typeof setTimeout> | null = null;

    constructor(private readonly api: RoomsAPI, private readonly now: () => number = () => Date.now()) {}

    typed(roomID: RoomID): void {
        if (this.roomID !== roomID) this.stopped();
        const isDue = this.roomID !== roomID || this.now() - this.toldAt > repeatMilliseconds;
        this.roomID = roomID;
        if (isDue) {
            this.toldAt = this.now();
            this.tell(roomID, true);
        }
        if (this.idleTimer !== null) clearTimeout(this.idleTimer);
        this.idleTimer = setTimeout(() => this.stopped(), idleMilliseconds);
    }

    stopped(): void {
        if (this.idleTimer !== null) clearTimeout(this.idleTimer);
        this.idleTimer = null;
        if (this.roomID !== null) this.tell(this.roomID, false);
        this.roomID = null;
    }

    private tell(roomID: RoomID, isTyping: boolean): void {
        // Nobody misses a typing notice that did not arrive.
        this.api.setTyping(roomID, isTyping, validMilliseconds).catch(() => undefined);
    }
}
