/** What a message says, once edits and redactions are taken into account. */
import {
    isRedacted, nonEmptyText, record, replacedEventID, text, type Content, type EventID, type RoomEvent,
} from "./events.ts";

export type BodyKind = "text" | "emote" | "notice" | "redacted" | "encrypted" | "unsupported";

export interface MessageBody {
    readonly kind: BodyKind;
    readonly text: string;
    readonly isEdited: boolean;
}

/** The newest version of each message that was edited, among events known in order. */
export function latestEdits(events: readonly RoomEvent[]): ReadonlyMap<EventID, RoomEvent> {
    const senders = new Map(events.map((event) => [event.event_id, event.sender]));
    const edits = new Map<EventID, RoomEvent>();
    for (const event of events) {
        const target = replacedEventID(event);
        // Only the one who wrote a message may change it.
        if (target === null || isRedacted(event) || senders.get(target) !== event.sender) continue;
        edits.set(target, event);
    }
    return edits;
}

export function bodyOf(event: RoomEvent, edit: RoomEvent | undefined): MessageBody {
    if (isRedacted(event)) return { kind: "redacted", text: "", isEdited: false };
    if (event.type === "m.room.encrypted") return { kind: "encrypted", text: "", isEdited: false };
    const bundled = event.unsigned?.["m.relations"]?.["m.replace"];
    const newest = edit ?? (bundled?.sender === event.sender ? bundled : undefined);
    const replacement = newest ? record(newest.content["m.new_content"]) : null;
    return bodyOfContent(replacement ?? event.content, replacement !== null);
}

export function bodyOfContent(content: Content, isEdited = false): MessageBody {
    const body = nonEmptyText(content["body"]);
    if (body === null) return { kind: "unsupported", text: "", isEdited };
    switch (text(content["msgtype"])) {
        case "m.emote": return { kind: "emote", text: body, isEdited };
        case "m.notice": return { kind: "notice", text: body, isEdited };
        default: return { kind: "text", text: withoutReplyFallback(content, body), isEdited };
    }
}

/** Older clients quote the message that they answer in front of their own words. */
function withoutReplyFallback(content: Content, body: string): string {
    const relation = record(content["m.relates_to"]);
    if (!record(relation?.["m.in_reply_to"]) || !body.startsWith("> ")) return body;
    const lines = body.split("\n");
    const firstOwn = lines.findIndex((line) => !line.startsWith("> "));
    if (firstOwn < 0) return body;
    return lines.slice(lines[firstOwn] === "" ? firstOwn + 1 : firstOwn).join("\n") || body;
}
