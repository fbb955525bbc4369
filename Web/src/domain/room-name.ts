/** What a room is called when nobody gave it a name. */
import type { UserID } from "./events.ts";
import { isPresent, memberName, stateText, type Room } from "./room.ts";

export type RoomName =
    | { readonly kind: "named"; readonly name: string }
    | { readonly kind: "members"; readonly names: readonly string[]; readonly othersCount: number }
    /** Nobody else is here any more. */
    | { readonly kind: "left"; readonly name: string }
    | { readonly kind: "empty" };

const namesShown = 4;

export function roomName(room: Room, ownUserID: UserID): RoomName {
    const given = stateText(room, "m.room.name", "name") ?? stateText(room, "m.room.canonical_alias", "alias");
    if (given !== null) return { kind: "named", name: given };
    const others = [...room.members.values()].filter((member) => member.userID !== ownUserID);
    const present = others.filter(isPresent);
    if (present.length > 0) {
        const names = present.slice(0, namesShown).map((member) => memberName(room, member.userID));
        return { kind: "members", names, othersCount: Math.max(0, present.length - namesShown) };
    }
    const former = others[0];
    return former ? { kind: "left", name: memberName(room, former.userID) } : { kind: "empty" };
}

/** Whose picture stands for the room: the other people, at most four. */
export function roomFaces(room: Room, ownUserID: UserID): UserID[] {
    const others = [...room.members.values()].filter((member) => member.userID !== ownUserID);
    const present = others.filter(isPresent);
    return (present.length > 0 ? present : others).slice(0, 4).map((member) => member.userID);
}

/** The person on the other side, when the room is a conversation of two. */
export function counterpart(room: Room, ownUserID: UserID): UserID | null {
    const others = [...room.members.values()].filter((member) => member.userID !== ownUserID);
    const present = others.filter(isPresent);
    const candidates = present.length > 0 ? present : others;
    return candidates.length === 1 ? candidates[0]?.userID ?? null : null;
}
