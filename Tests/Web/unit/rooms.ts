/** Rooms for tests, built event by event. */
import type { Content, EventID, RoomEvent, UserID } from "../../../Web/src/domain/events.ts";
import type { Room } from "../../../Web/src/domain/room.ts";
import { withJoinedUpdate } from "../../../Web/src/domain/sync-update.ts";

/** 2026-11-20 15:00 in Seoul. */
export const start = Date.UTC(2026, 10, 20, 6, 0);
export const minute = 60_000;

let count = 0;

export function event(sender: UserID, type: string, content: Content, more: Partial<RoomEvent> = {}): RoomEvent {
    count += 1;
    return { event_id: `$event${count}`, sender, type, content, origin_server_ts: start, ...more };
}

export function message(sender: UserID, body: string, more: Partial<RoomEvent> = {}): RoomEvent {
    return event(sender, "m.room.message", { msgtype: "m.text", body }, more);
}

export function member(userID: UserID, membership: string, before?: string, sender = userID): RoomEvent {
    const unsigned = before === undefined ? {} : { unsigned: { prev_content: { membership: before } } };
    return event(sender, "m.room.member", { membership }, { state_key: userID, ...unsigned });
}

export function roomWith(events: readonly RoomEvent[], known?: Room): Room {
    return withJoinedUpdate(known, "!room:example.org", { timeline: { events, prev_batch: "token" } });
}

export function read(room: Room, userID: UserID, eventID: EventID, type = "m.read"): Room {
    return withJoinedUpdate(room, room.id, {
        ephemeral: { events: [{ type: "m.receipt", content: { [eventID]: { [type]: { [userID]: { ts: start } } } } }] },
    });
}

export function redaction(sender: UserID, target: EventID): RoomEvent {
    return event(sender, "m.room.redaction", { redacts: target });
}
