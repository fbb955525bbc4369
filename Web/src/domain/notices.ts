/** State events that a reader wants to know of, as who did what; the words are the messages' business. */
import { isRedacted, isStateEvent, membership, nonEmptyText, type RoomEvent } from "./events.ts";

export type NoticeKind =
    | "created" | "joined" | "left" | "invited" | "declined" | "withdrawn" | "removed" | "banned" | "knocked"
    | "renamedSelf" | "renamedRoom" | "changedTopic" | "upgraded";

export interface Notice {
    readonly kind: NoticeKind;
    readonly actor: string;
    readonly target: string;
    /** The new name, where there is one. */
    readonly detail: string;
}

export function noticeOf(event: RoomEvent): Notice | null {
    if (!isStateEvent(event) || isRedacted(event)) return null;
    const notice = (kind: NoticeKind, target = event.sender, detail = ""): Notice =>
        ({ kind, actor: event.sender, target, detail });
    switch (event.type) {
        case "m.room.create": return notice("created");
        case "m.room.member": return memberNotice(event, notice);
        case "m.room.name": {
            const name = nonEmptyText(event.content["name"]);
            return name === null ? null : notice("renamedRoom", event.sender, name);
        }
        case "m.room.topic": {
            const topic = nonEmptyText(event.content["topic"]);
            return topic === null ? null : notice("changedTopic", event.sender, topic);
        }
        case "m.room.tombstone": return notice("upgraded");
        default: return null;
    }
}

function memberNotice(
    event: RoomEvent, notice: (kind: NoticeKind, target?: string, detail?: string) => Notice,
): Notice | null {
    const target = event.state_key ?? event.sender;
    const before = membership(event.unsigned?.prev_content?.["membership"]);
    const after = membership(event.content["membership"]);
    const bySelf = event.sender === target;
    switch (after) {
        case "join": {
            if (before !== "join") return notice("joined", target);
            const name = nonEmptyText(event.content["displayname"]);
            const isRenamed = name !== nonEmptyText(event.unsigned?.prev_content?.["displayname"]);
            return isRenamed && name !== null ? notice("renamedSelf", target, name) : null;
        }
        case "invite": return notice("invited", target);
        case "knock": return notice("knocked", target);
        case "ban": return notice("banned", target);
        case "leave":
            if (before === "invite") return notice(bySelf ? "declined" : "withdrawn", target);
            if (before === "join") return notice(bySelf ? "left" : "removed", target);
            return null;
    }
}
