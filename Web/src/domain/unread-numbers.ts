/** The number beside a message: how many members have not read it yet. */
import { isMessage, membership, type EventID, type RoomEvent, type UserID } from "./events.ts";
import { joinedMembers, type Room } from "./room.ts";

/**
 * Counted for a message are the members who were there when it was sent and still are, without its sender. They have
 * read it when their receipt stands at it or later, or when they have written something later themselves.
 */
export function unreadNumbers(room: Room): ReadonlyMap<EventID, number> {
    const events = room.timeline.events;
    const readPositions = positionsRead(room);
    const waiting = new Set<UserID>();
    const numbers = new Map<EventID, number>();
    // Walked from the newest event back, taking memberships back to what they were.
    const present = new Set(joinedMembers(room).map((member) => member.userID));
    const joined = new Set(present);
    const position = (userID: UserID): number => readPositions.get(userID) ?? -1;

    const leavingAt = new Map<number, UserID[]>();
    for (const userID of present) {
        const at = Math.min(position(userID), events.length - 1);
        leavingAt.set(at, [...(leavingAt.get(at) ?? []), userID]);
        waiting.add(userID);
    }
    for (let index = events.length - 1; index >= 0; index -= 1) {
        const event = events[index] as RoomEvent;
        for (const userID of leavingAt.get(index) ?? []) waiting.delete(userID);
        if (isMessage(event)) numbers.set(event.event_id, waiting.size - (waiting.has(event.sender) ? 1 : 0));
        if (event.type !== "m.room.member") continue;
        const userID = event.state_key ?? "";
        if (!present.has(userID)) continue;
        const wasJoined = membership(event.unsigned?.prev_content?.["membership"]) === "join";
        if (wasJoined && !joined.has(userID)) {
            joined.add(userID);
            if (position(userID) < index) waiting.add(userID);
        } else if (!wasJoined) {
            joined.delete(userID);
            waiting.delete(userID);
        }
    }
    return numbers;
}

/** How far each member has read, as a position in the timeline; -1 when it lies before what is known. */
export function positionsRead(room: Room): Map<UserID, number> {
    const indexOf = new Map(room.timeline.events.map((event, index) => [event.event_id, index]));
    const positions = new Map<UserID, number>();
    for (const [userID, eventID] of room.receipts) positions.set(userID, indexOf.get(eventID) ?? -1);
    room.timeline.events.forEach((event, index) => {
        if (!isMessage(event)) return;
        if (index > (positions.get(event.sender) ?? -1)) positions.set(event.sender, index);
    });
    return positions;
}

/** How many messages of others this person has not read. */
export function unreadCount(room: Room, ownUserID: UserID): number {
    const events = room.timeline.events;
    let position = positionsRead(room).get(ownUserID) ?? -1;
    const fullyRead = events.findIndex((event) => event.event_id === room.fullyRead);
    position = Math.max(position, fullyRead);
    // Someone who came in later has nothing to catch up on from before.
    events.forEach((event, index) => {
        const isOwnJoin = event.type === "m.room.member" && event.state_key === ownUserID
            && event.content["membership"] === "join" && event.unsigned?.prev_content?.["membership"] !== "join";
        if (isOwnJoin) position = Math.max(position, index);
    });
    if (position < 0 && room.timeline.backwardToken !== null) return room.notificationCount;
    const unread = events.slice(position + 1).filter((event) => isMessage(event) && event.sender !== ownUserID
        && event.unsigned?.redacted_because === undefined);
    return unread.length;
}
