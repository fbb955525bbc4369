/** What one answer of `/sync` does to a room. */
import {
    nonEmptyText, record, text, type BasicEvent, type EventID, type RoomEvent, type RoomID, type StrippedEvent,
    type UserID,
} from "./events.ts";
import { emptyRoom, withState, type Room } from "./room.ts";
import { withNewer } from "./timeline.ts";

export interface JoinedRoomUpdate {
    readonly state?: { readonly events?: readonly RoomEvent[] };
    readonly timeline?: {
        readonly events?: readonly RoomEvent[];
        readonly limited?: boolean;
        readonly prev_batch?: string;
    };
    readonly ephemeral?: { readonly events?: readonly BasicEvent[] };
    readonly account_data?: { readonly events?: readonly BasicEvent[] };
    readonly unread_notifications?: { readonly notification_count?: number };
}

export interface InvitedRoomUpdate {
    readonly invite_state?: { readonly events?: readonly StrippedEvent[] };
}

export function withJoinedUpdate(known: Room | undefined, id: RoomID, update: JoinedRoomUpdate): Room {
    // An invitation's stripped state is only an excerpt: the join brings the whole state.
    let room = known?.membership === "join" ? known : emptyRoom(id, "join");
    const events = update.timeline?.events ?? [];
    room = withState(room, [...(update.state?.events ?? []), ...events]);
    const timeline = withNewer(
        room.timeline,
        { events, backwardToken: update.timeline?.prev_batch ?? null },
        update.timeline?.limited === true,
    );
    const notificationCount = update.unread_notifications?.notification_count ?? room.notificationCount;
    room = { ...room, timeline, notificationCount };
    for (const event of update.ephemeral?.events ?? []) room = withEphemeral(room, event);
    for (const event of update.account_data?.events ?? []) {
        if (event.type === "m.fully_read") room = { ...room, fullyRead: text(event.content["event_id"]) };
    }
    return withoutTypingOfSenders(room, events);
}

export function withInvitation(
    known: Room | undefined, id: RoomID, update: InvitedRoomUpdate, nowMilliseconds: number,
): Room {
    const invitedAt = known?.membership === "invite" ? known.invitedAt : nowMilliseconds;
    return { ...withState(emptyRoom(id, "invite"), update.invite_state?.events ?? []), invitedAt };
}

/** As the server will say it in a moment: this person has read up to here. */
export function withOwnReceipt(room: Room, ownUserID: UserID, eventID: EventID): Room {
    const receipts = new Map(room.receipts).set(ownUserID, eventID);
    return { ...room, receipts, fullyRead: eventID, notificationCount: 0 };
}

function withEphemeral(room: Room, event: BasicEvent): Room {
    if (event.type === "m.typing") {
        const users = event.content["user_ids"];
        return { ...room, typing: Array.isArray(users) ? users.filter((user) => typeof user === "string") : [] };
    }
    return event.type === "m.receipt" ? { ...room, receipts: withReceipts(room.receipts, event) } : room;
}

/** A message ends the typing that led to it, even when the server says so only in the next answer. */
function withoutTypingOfSenders(room: Room, events: readonly RoomEvent[]): Room {
    const senders = new Set(events.filter((event) => event.type === "m.room.message").map((event) => event.sender));
    if (!room.typing.some((user) => senders.has(user))) return room;
    return { ...room, typing: room.typing.filter((user) => !senders.has(user)) };
}

function withReceipts(receipts: ReadonlyMap<UserID, EventID>, event: BasicEvent): ReadonlyMap<UserID, EventID> {
    const changed = new Map(receipts);
    for (const [eventID, types] of Object.entries(event.content)) {
        // One's own private receipt comes to one's own devices only.
        for (const type of ["m.read.private", "m.read"]) {
            for (const [userID, receipt] of Object.entries(record(record(types)?.[type]) ?? {})) {
                const thread = nonEmptyText(record(receipt)?.["thread_id"]);
                if (thread === null || thread === "main") changed.set(userID, eventID);
            }
        }
    }
    return changed;
}
