import assert from "node:assert/strict";
import { test } from "node:test";
import {
    afterReload, newEntry, nextAction, reduceOutbox, type Outbox, type OutboxEvent,
} from "../../../Web/src/domain/outbox.ts";

const room = "!room:x";

function outboxAfter(...events: OutboxEvent[]): Outbox {
    const entries = ["t1", "t2"].map((id) => newEntry(id, room, "m.room.message", { body: id }, 0));
    const added: Outbox = entries.reduce<Outbox>((outbox, entry) => reduceOutbox(outbox, { kind: "added", entry }), []);
    return events.reduce(reduceOutbox, added);
}

function next(outbox: Outbox, now = 0): string {
    const action = nextAction(outbox, room, now);
    return action.kind === "send" ? `send ${action.entry.transactionID}`
        : action.kind === "wait" ? `wait ${action.until}` : "rest";
}

test("one after the other, in the order of writing", () => {
    assert.equal(next(outboxAfter()), "send t1");
    assert.equal(next(outboxAfter({ kind: "started", transactionID: "t1" })), "rest");
    assert.equal(next(outboxAfter(
        { kind: "started", transactionID: "t1" }, { kind: "accepted", transactionID: "t1", eventID: "$1" })), "send t2");
});

test("without an answer the same message is tried again, later each time, before those after it", () => {
    const started: OutboxEvent = { kind: "started", transactionID: "t1" };
    const delayed: OutboxEvent = { kind: "delayed", transactionID: "t1", now: 1000, retryAfterMilliseconds: null };
    assert.equal(next(outboxAfter(started, delayed), 1000), "wait 1500");
    assert.equal(next(outboxAfter(started, delayed, started, delayed), 1000), "wait 2000");
    assert.equal(next(outboxAfter(started, delayed), 1500), "send t1");
    assert.equal(next(outboxAfter(started, delayed, { kind: "reconnected" }), 1000), "send t1");
});

test("the server may say how long to wait", () => {
    const outbox = outboxAfter({ kind: "started", transactionID: "t1" },
        { kind: "delayed", transactionID: "t1", now: 1000, retryAfterMilliseconds: 7000 });
    assert.equal(next(outbox, 1000), "wait 8000");
});

test("a refused message waits for the person and lets the next one pass", () => {
    const refused = outboxAfter({ kind: "started", transactionID: "t1" }, { kind: "refused", transactionID: "t1" });
    assert.equal(next(refused), "send t2");
    assert.equal(next(reduceOutbox(refused, { kind: "retried", transactionID: "t1" })), "send t1");
    assert.equal(reduceOutbox(refused, { kind: "removed", transactionID: "t1" }).length, 1);
});

test("after a reload what was on its way goes out again under its old id", () => {
    const [first] = outboxAfter({ kind: "started", transactionID: "t1" });
    assert.ok(first);
    assert.deepEqual([afterReload(first).status, afterReload(first).transactionID], ["queued", "t1"]);
});
