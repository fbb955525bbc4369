/** A room as this person sees it: a value that is replaced whenever the server says something new. */
import {
    membership, nonEmptyText, text,
    type Content, type EventID, type Membership, type RoomEvent, type RoomID, type StrippedEvent, type UserID,
} from "./events.ts";
import { emptyTimeline, type Timeline } from "./timeline.ts";

export interface Member {
    readonly userID: UserID;
    readonly membership: Membership;
    readonly displayName: string | null;
    /** Who made it so: the inviter for an invited member. */
    readonly sender: UserID;
    readonly isDirect: boolean;
}

export interface Room {
    readonly id: RoomID;
    readonly membership: Membership;
    /** The content of the current state, under `stateKey(type, key)`; members stand apart. */
    readonly state: ReadonlyMap<string, Content>;
    readonly members: ReadonlyMap<UserID, Member>;
    readonly timeline: Timeline;
    /** The newest event that each person has read, out of public receipts. */
    readonly receipts: ReadonlyMap<UserID, EventID>;
    readonly fullyRead: EventID | null;
    readonly typing: readonly UserID[];
    readonly notificationCount: number;
    /** When an invitation came in; the server gives it no time. */
    readonly invitedAt: number;
}

export function emptyRoom(id: RoomID, ownMembership: Membership): Room {
    return {
        id,
        membership: ownMembership,
        state: new Map(),
        members: new Map(),
        timeline: emptyTimeline,
        receipts: new Map(),
        fullyRead: null,
        typing: [],
        notificationCount: 0,
        invitedAt: 0,
    };
}

export function stateKey(type: string, key = ""): string {
    return `${type}\u0000${key}`;
}

export function stateText(room: Room, type: string, field: string): string | null {
    return nonEmptyText(room.state.get(stateKey(type))?.[field]);
}

export function memberFrom(event: StrippedEvent): Member {
    return {
        userID: event.state_key ?? event.sender,
        membership: membership(event.content["membership"]),
        displayName: nonEmptyText(event.content["displayname"]),
        sender: event.sender,
        isDirect: event.content["is_direct"] === true,
    };
}

/** The room with these state events applied in order. */
export function withState(room: Room, events: readonly StrippedEvent[]): Room {
    const changes = events.filter((event) => typeof event.state_key === "string");
    if (changes.length === 0) return room;
    const state = new Map(room.state);
    const members = new Map(room.members);
    for (const event of changes) {
        if (event.type === "m.room.member") members.set(event.state_key ?? "", memberFrom(event));
        else state.set(stateKey(event.type, event.state_key), event.content);
    }
    return { ...room, state, members };
}

export function joinedMembers(room: Room): Member[] {
    return [...room.members.values()].filter((member) => member.membership === "join");
}

export function isJoinedByLink(room: Room): boolean {
    return text(room.state.get(stateKey("m.room.join_rules"))?.["join_rule"]) === "public";
}

/** The name of a person in this room: two people of one name are told apart by their ids. */
export function memberName(room: Room, userID: UserID): string {
    const name = room.members.get(userID)?.displayName ?? null;
    if (name === null) return localpart(userID);
    for (const other of room.members.values()) {
        const isNamesake = other.userID !== userID && other.displayName === name && isPresent(other);
        if (isNamesake) return `${name} (${localpart(userID)})`;
    }
    return name;
}

export function isPresent(member: Member): boolean {
    return member.membership === "join" || member.membership === "invite";
}

export function localpart(userID: UserID): string {
    const colon = userID.indexOf(":");
    return userID.startsWith("@") && colon > 1 ? userID.slice(1, colon) : userID;
}

export function newestEvent(room: Room): RoomEvent | null {
    return room.timeline.events.at(-1) ?? null;
}
