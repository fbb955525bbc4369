import assert from "node:assert/strict";
import { test } from "node:test";
import type { RoomEvent } from "../../../Web/src/domain/events.ts";
import { newEntry } from "../../../Web/src/domain/outbox.ts";
import type { Room } from "../../../Web/src/domain/room.ts";
import { timelineItems, type MessageItem, type TimelineItem } from "../../../Web/src/domain/timeline-items.ts";
import { emptyTimeline, newestPart, withNewer, withOlder } from "../../../Web/src/domain/timeline.ts";
import { event, member, message, minute, redaction, roomWith, start } from "./rooms.ts";

const options = {
    ownUserID: "@a:x", readUpTo: null, outbox: [],
    transactionOf: (one: RoomEvent) => one.unsigned?.transaction_id ?? null,
};

function messages(items: readonly TimelineItem[]): MessageItem[] {
    return items.filter((item): item is MessageItem => item.kind === "message");
}

function itemsOf(room: Room, more: Partial<Parameters<typeof timelineItems>[1]> = {}): TimelineItem[] {
    return timelineItems(room, { ...options, ...more });
}

test("messages of one sender in one minute are one group", () => {
    const room = roomWith([
        message("@b:x", "1", { origin_server_ts: start }),
        message("@b:x", "2", { origin_server_ts: start + 30_000 }),
        message("@b:x", "3", { origin_server_ts: start + minute }),
        message("@c:x", "4", { origin_server_ts: start + minute }),
    ]);
    assert.deepEqual(messages(itemsOf(room)).map((item) => [item.isFirst, item.isLast]),
        [[true, false], [false, true], [true, true], [true, true]]);
});

test("a day begins at midnight here, not elsewhere", () => {
    const midnight = Date.UTC(2026, 10, 20, 15, 0);
    const room = roomWith([
        message("@b:x", "1", { origin_server_ts: midnight - 1 }),
        message("@b:x", "2", { origin_server_ts: midnight }),
    ]);
    assert.deepEqual(itemsOf(room).map((item) => item.kind), ["day", "message", "day", "message"]);
});

test("the divider stands after the last event read, if others wrote since", () => {
    const read = message("@b:x", "old");
    const mine = roomWith([read, message("@a:x", "mine")]);
    assert.ok(!itemsOf(mine, { readUpTo: read.event_id }).some((item) => item.kind === "divider"));
    const theirs = roomWith([read, message("@b:x", "new")]);
    assert.deepEqual(itemsOf(theirs, { readUpTo: read.event_id }).map((item) => item.kind),
        ["day", "message", "divider", "message"]);
});

test("an edit changes the message and has no row of its own; a stranger's edit changes nothing", () => {
    const original = message("@b:x", "helo");
    const edit = (sender: string, body: string): RoomEvent => event(sender, "m.room.message", {
        msgtype: "m.text", body: `* ${body}`, "m.new_content": { msgtype: "m.text", body },
        "m.relates_to": { rel_type: "m.replace", event_id: original.event_id },
    });
    const items = messages(itemsOf(roomWith([original, edit("@b:x", "hello"), edit("@c:x", "forged")])));
    assert.deepEqual(items.map((item) => [item.body, item.isEdited]), [["hello", true]]);
});

test("a redacted message leaves a placeholder, wherever the redaction comes", () => {
    const original = message("@b:x", "secret");
    const later = roomWith([redaction("@b:x", original.event_id)], roomWith([original]));
    assert.deepEqual(messages(itemsOf(later)).map((item) => [item.bodyKind, item.body]), [["redacted", ""]]);
    const paged = withOlder(
        withNewer(emptyTimeline, { events: [redaction("@b:x", original.event_id)], backwardToken: "t" }, true),
        { events: [original], backwardToken: null });
    assert.equal(paged.events[0]?.content["body"], undefined);
});

test("a message on its way keeps its row when it arrives, and is never there twice", () => {
    const entry = newEntry("t1", "!room:example.org", "m.room.message", { msgtype: "m.text", body: "hi" }, start);
    const before = messages(itemsOf(roomWith([]), { outbox: [entry] }));
    const arrived = roomWith([message("@a:x", "hi", { unsigned: { transaction_id: "t1" } })]);
    const after = messages(itemsOf(arrived, { outbox: [entry] }));
    assert.equal(before.length, 1);
    assert.deepEqual(after.map((item) => item.key), before.map((item) => item.key));
});

test("invitations in a row are one notice, and who made the room does not also join it", () => {
    const room = roomWith([
        event("@a:x", "m.room.create", {}, { state_key: "" }), member("@a:x", "join"),
        member("@b:x", "invite", undefined, "@a:x"), member("@c:x", "invite", undefined, "@a:x"),
    ]);
    const notices = itemsOf(room).filter((item) => item.kind === "notice");
    assert.deepEqual(notices.map((item) => [item.notice, item.target]), [["created", "a"], ["invited", "b, c"]]);
});

test("what is known twice is kept once, and a gap begins anew", () => {
    const [one, two, three] = [message("@b:x", "1"), message("@b:x", "2"), message("@b:x", "3")];
    let timeline = withNewer(emptyTimeline, { events: [one, two], backwardToken: "t1" }, false);
    timeline = withNewer(timeline, { events: [two, three], backwardToken: "t2" }, false);
    assert.deepEqual(timeline.events.map((each) => each.content["body"]), ["1", "2", "3"]);
    timeline = withNewer(timeline, { events: [message("@b:x", "9")], backwardToken: "t9" }, true);
    assert.deepEqual([timeline.events.length, timeline.backwardToken], [1, "t9"]);
});

test("a long timeline is cut where it can be paged back from", () => {
    let timeline = emptyTimeline;
    for (let batch = 0; batch < 10; batch += 1) {
        const events = [message("@b:x", "x"), message("@b:x", "y"), message("@b:x", "z")];
        timeline = withNewer(timeline, { events, backwardToken: `t${batch}` }, false);
    }
    const part = newestPart(timeline, 5);
    assert.deepEqual([part.events.length, part.backwardToken], [6, "t8"]);
    assert.equal(newestPart(timeline, 100), timeline);
});
