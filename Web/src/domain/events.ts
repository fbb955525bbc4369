/** The shapes of events as the client-server API sends them; content is untrusted until read with the functions below. */

export type UserID = string;
export type RoomID = string;
export type EventID = string;

export type Content = Readonly<Record<string, unknown>>;

export interface StrippedEvent {
    readonly type: string;
    readonly sender: UserID;
    readonly state_key?: string;
    readonly content: Content;
}

export interface RoomEvent extends StrippedEvent {
    readonly event_id: EventID;
    readonly origin_server_ts: number;
    readonly redacts?: EventID;
    readonly unsigned?: {
        readonly transaction_id?: string;
        readonly prev_content?: Content;
        readonly redacted_because?: RoomEvent;
        readonly "m.relations"?: { readonly "m.replace"?: RoomEvent };
    };
}

/** Ephemeral events and account data have neither a sender nor an id. */
export interface BasicEvent {
    readonly type: string;
    readonly content: Content;
}

export type Membership = "join" | "invite" | "leave" | "ban" | "knock";

export function isStateEvent(event: RoomEvent): event is RoomEvent & { readonly state_key: string } {
    return typeof event.state_key === "string";
}

/** What a person sent to be read, as opposed to what changes the room. */
export function isMessage(event: RoomEvent): boolean {
    if (isStateEvent(event) || replacedEventID(event) !== null) return false;
    return event.type === "m.room.message" || event.type === "m.room.encrypted" || event.type === "m.sticker";
}

export function isRedacted(event: RoomEvent): boolean {
    return event.unsigned?.redacted_because !== undefined;
}

/** The message that this event is a newer version of. */
export function replacedEventID(event: RoomEvent): EventID | null {
    const relation = record(event.content["m.relates_to"]);
    return relation?.["rel_type"] === "m.replace" ? text(relation["event_id"]) : null;
}

export function record(value: unknown): Content | null {
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value as Content : null;
}

export function text(value: unknown): string | null {
    return typeof value === "string" ? value : null;
}

export function nonEmptyText(value: unknown): string | null {
    return typeof value === "string" && value.trim() !== "" ? value : null;
}

export function membership(value: unknown): Membership {
    return value === "join" || value === "invite" || value === "ban" || value === "knock" ? value : "leave";
}
