import assert from "node:assert/strict";
import { test } from "node:test";
import { unreadCount, unreadNumbers } from "../../../Web/src/domain/unread-numbers.ts";
import { member, message, read, roomWith } from "./rooms.ts";

const everybody = ["@a:x", "@b:x", "@c:x", "@d:x"].map((userID) => member(userID, "join"));

test("the sender is not counted, and everybody else is until they read", () => {
    const hello = message("@a:x", "hello");
    let room = roomWith([...everybody, hello]);
    const number = (): number | undefined => unreadNumbers(room).get(hello.event_id);
    assert.equal(number(), 3);
    room = read(room, "@b:x", hello.event_id);
    assert.equal(number(), 2);
    room = read(room, "@c:x", hello.event_id);
    room = read(room, "@d:x", hello.event_id);
    assert.equal(number(), 0);
});

test("a receipt at a later event covers the earlier ones, by order in the timeline", () => {
    const first = message("@a:x", "one", { origin_server_ts: 9 });
    const second = message("@a:x", "two", { origin_server_ts: 1 });
    const room = read(roomWith([...everybody, first, second]), "@b:x", second.event_id);
    assert.deepEqual([...unreadNumbers(room).values()], [2, 2]);
});

test("who writes has read what came before, but not what comes after", () => {
    const first = message("@a:x", "one");
    const answer = message("@b:x", "two");
    const third = message("@a:x", "three");
    const numbers = unreadNumbers(roomWith([...everybody, first, answer, third]));
    assert.deepEqual([first, answer, third].map((one) => numbers.get(one.event_id)), [2, 2, 3]);
});

test("who joined later is not counted for what was said before", () => {
    const early = message("@a:x", "early");
    const late = message("@a:x", "late");
    const room = roomWith([...everybody, early, member("@e:x", "join", "invite"), late]);
    const numbers = unreadNumbers(room);
    assert.equal(numbers.get(early.event_id), 3);
    assert.equal(numbers.get(late.event_id), 4);
});

test("who left drops out, and who came back counts where they were there", () => {
    const before = message("@a:x", "before");
    const between = message("@a:x", "between");
    const after = message("@a:x", "after");
    const events = [...everybody, before, member("@d:x", "leave", "join"), between];
    assert.equal(unreadNumbers(roomWith(events)).get(before.event_id), 2);
    const numbers = unreadNumbers(roomWith([...events, member("@d:x", "join", "leave"), after]));
    assert.deepEqual([before, between, after].map((one) => numbers.get(one.event_id)), [3, 2, 3]);
});

test("a new name is not a new membership", () => {
    const hello = message("@a:x", "hello");
    const numbers = unreadNumbers(roomWith([...everybody, hello, member("@b:x", "join", "join")]));
    assert.equal(numbers.get(hello.event_id), 3);
});

test("the badge counts messages of others after one's own position", () => {
    const events = [...everybody, message("@b:x", "1"), message("@b:x", "2"), message("@c:x", "3")];
    let room = roomWith(events);
    assert.equal(unreadCount(room, "@a:x"), 3);
    room = read(room, "@a:x", events.at(-2)?.event_id ?? "", "m.read.private");
    assert.equal(unreadCount(room, "@a:x"), 1);
    room = roomWith([message("@a:x", "mine")], room);
    assert.equal(unreadCount(room, "@a:x"), 0);
});
