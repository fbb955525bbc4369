/** Names of rooms and people in the language of the reader. */
import type { RoomName } from "../domain/room-name.ts";
import type { RoomSummary } from "../domain/room-summary.ts";
import { memberName, type Room } from "../domain/room.ts";
import { texts } from "../platform/language.ts";
import type { Face } from "./avatar.ts";

export function roomTitle(name: RoomName): string {
    const room = texts().room;
    switch (name.kind) {
        case "named": return name.name;
        case "members": {
            const names = name.names.join(", ");
            return name.othersCount > 0 ? room.othersMore(names, name.othersCount) : names;
        }
        case "left": return room.formerMember(name.name);
        case "empty": return room.empty;
    }
}

/** A named group stands for itself; otherwise its people are its picture. */
export function roomFace(room: Room | undefined, summary: RoomSummary): readonly Face[] {
    if (summary.name.kind === "named" || summary.faces.length === 0 || !room) {
        return [{ id: summary.isGroup ? summary.id : summary.faces[0] ?? summary.id, name: roomTitle(summary.name) }];
    }
    return summary.faces.map((userID) => ({ id: userID, name: memberName(room, userID) }));
}
