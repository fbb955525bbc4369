/**
 * The events of a room that are known without a gap, oldest first.
 *
 * Every batch brings a token to ask for what came before it; `marks` keeps them, so that a long timeline can be cut
 * at one of them and paged back again from there.
 */
import { isRedacted, text, type EventID, type RoomEvent } from "./events.ts";

export interface Mark {
    readonly firstEventID: EventID;
    readonly token: string;
}

export interface Timeline {
    readonly events: readonly RoomEvent[];
    readonly marks: readonly Mark[];
    /** Where older events are asked for; null when the first event of the room is there. */
    readonly backwardToken: string | null;
}

export interface TimelineBatch {
    readonly events: readonly RoomEvent[];
    /** Pages back from before the first event of the batch. */
    readonly backwardToken: string | null;
}

export const emptyTimeline: Timeline = { events: [], marks: [], backwardToken: null };

/** What came in now; `isGap` says that events between the known ones and these are missing. */
export function withNewer(timeline: Timeline, batch: TimelineBatch, isGap: boolean): Timeline {
    const base = isGap || timeline.events.length === 0
        ? { events: [], marks: [], backwardToken: batch.backwardToken }
        : timeline;
    const fresh = unknownEvents(base, batch.events);
    if (fresh.length === 0) return base === timeline ? timeline : { ...base };
    return {
        events: withRedactions([...base.events, ...fresh], fresh),
        marks: withMark(base.marks, fresh[0], batch.backwardToken, "newer"),
        backwardToken: base.backwardToken,
    };
}

/** A page of history, given oldest first. */
export function withOlder(timeline: Timeline, batch: TimelineBatch): Timeline {
    const fresh = unknownEvents(timeline, batch.events);
    const redactions = timeline.events.filter((event) => event.type === "m.room.redaction");
    return {
        events: withRedactions([...fresh, ...timeline.events], [...fresh, ...redactions]),
        marks: withMark(timeline.marks, fresh[0], batch.backwardToken, "older"),
        backwardToken: batch.backwardToken,
    };
}

/** At least the newest `count` events, cut where older ones can be asked for again. */
export function newestPart(timeline: Timeline, count: number): Timeline {
    const wanted = timeline.events.length - count;
    if (wanted <= 0) return timeline;
    const positions = new Map(timeline.events.map((event, index) => [event.event_id, index]));
    for (const mark of [...timeline.marks].reverse()) {
        const position = positions.get(mark.firstEventID);
        if (position === undefined || position > wanted || position === 0) continue;
        return {
            events: timeline.events.slice(position),
            marks: timeline.marks.filter((other) => (positions.get(other.firstEventID) ?? -1) >= position),
            backwardToken: mark.token,
        };
    }
    return timeline;
}

function unknownEvents(timeline: Timeline, events: readonly RoomEvent[]): RoomEvent[] {
    const known = new Set(timeline.events.map((event) => event.event_id));
    return events.filter((event) => {
        const isNew = !known.has(event.event_id);
        known.add(event.event_id);
        return isNew;
    });
}

function withMark(
    marks: readonly Mark[], first: RoomEvent | undefined, token: string | null, side: "newer" | "older",
): readonly Mark[] {
    if (first === undefined || token === null) return marks;
    const mark = { firstEventID: first.event_id, token };
    return side === "newer" ? [...marks, mark] : [mark, ...marks];
}

function withRedactions(events: readonly RoomEvent[], candidates: readonly RoomEvent[]): readonly RoomEvent[] {
    const redactions = new Map<EventID, RoomEvent>();
    for (const event of candidates) {
        // The key moved into the content with room version 11.
        const target = text(event.content["redacts"]) ?? event.redacts ?? null;
        if (event.type === "m.room.redaction" && target !== null) redactions.set(target, event);
    }
    if (redactions.size === 0) return events;
    return events.map((event) => {
        const redaction = redactions.get(event.event_id);
        return redaction && !isRedacted(event) ? redacted(event, redaction) : event;
    });
}

function redacted(event: RoomEvent, redaction: RoomEvent): RoomEvent {
    const content = event.type === "m.room.member" ? { membership: event.content["membership"] } : {};
    return { ...event, content, unsigned: { ...event.unsigned, redacted_because: redaction } };
}
