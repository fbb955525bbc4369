import assert from "node:assert/strict";
import { test } from "node:test";
import { firstGrapheme } from "../../../Web/src/domain/avatar.ts";
import { inviteLink, linkFrom, userIDFrom, userLink } from "../../../Web/src/domain/identifiers.ts";
import { matchesName } from "../../../Web/src/domain/name-search.ts";
import { roomName } from "../../../Web/src/domain/room-name.ts";
import { RowHeights, rangeAround, rangeAtEnd } from "../../../Web/src/domain/row-window.ts";
import { isLargeEmoji, textParts } from "../../../Web/src/domain/text-parts.ts";
import { listTime, timeOfDay } from "../../../Web/src/domain/time.ts";
import { withParticle } from "../../../Web/src/messages/korean-particle.ts";
import { event, member, roomWith, start } from "./rooms.ts";

test("a person can be named by id, by whole id and by link", () => {
    assert.equal(userIDFrom(" Minji ", "x.org"), "@minji:x.org");
    assert.equal(userIDFrom("@minji:y.org", "x.org"), "@minji:y.org");
    assert.equal(userIDFrom(userLink("https://x.org", "@minji:x.org"), "x.org"), "@minji:x.org");
    assert.equal(userIDFrom("민지", "x.org"), null);
});

test("links of ours can be read back", () => {
    assert.deepEqual(linkFrom(inviteLink("https://x.org", "!a+b/c:x.org", "x.org")),
        { kind: "invite", room: "!a+b/c:x.org", via: ["x.org"] });
    assert.deepEqual(linkFrom("#/invite/%23jeju:x.org"), { kind: "invite", room: "#jeju:x.org", via: [] });
    assert.equal(linkFrom("https://x.org/#/room/!a:x.org"), null);
    assert.equal(linkFrom("#/user/javascript:alert(1)"), null);
});

test("names are found by part, by initial consonants and while a syllable is being typed", () => {
    for (const query of ["민지", "ㅁㅈ", "민ㅈ", "미", "김민", "지"]) assert.ok(matchesName("김민지", query), query);
    for (const query of ["ㅈㅁ", "수", "민자"]) assert.ok(!matchesName("김민지", query), query);
    assert.ok(matchesName("Jeju Trip", "jejut"));
});

test("a room without a name is called after its people", () => {
    const people = ["@a:x", "@b:x", "@c:x"].map((userID) => member(userID, "join"));
    assert.deepEqual(roomName(roomWith(people), "@a:x"), { kind: "members", names: ["b", "c"], othersCount: 0 });
    const named = roomWith([...people, event("@a:x", "m.room.name", { name: "제주 여행" }, { state_key: "" })]);
    assert.deepEqual(roomName(named, "@a:x"), { kind: "named", name: "제주 여행" });
    const left = roomWith([member("@a:x", "join"), member("@b:x", "leave", "join")]);
    assert.deepEqual(roomName(left, "@a:x"), { kind: "left", name: "b" });
    assert.deepEqual(roomName(roomWith([member("@a:x", "join")]), "@a:x"), { kind: "empty" });
});

test("links in texts end before the punctuation of the sentence, and only http is one", () => {
    assert.deepEqual(textParts("보세요 (https://x.org/a_(b)). 그리고").map((part) => part.link),
        [null, "https://x.org/a_(b)", null]);
    assert.deepEqual(textParts("javascript:alert(1)").map((part) => part.link), [null]);
});

test("a few emoji alone are large", () => {
    for (const text of ["😋", "👨‍👩‍👧‍👦❤️", "🇰🇷"]) assert.ok(isLargeEmoji(text), text);
    for (const text of ["😋!", "1", "", "😋😋😋😋"]) assert.ok(!isLargeEmoji(text), text);
});

test("times are said the way people say them", () => {
    const day = 24 * 60 * 60_000;
    assert.equal(timeOfDay(start, "ko"), "오후 3:00");
    assert.equal(listTime(start - day, start, "ko", "어제"), "어제");
    assert.equal(listTime(start - 3 * day, start, "ko", "어제"), "11월 17일");
    assert.equal(listTime(start - 400 * day, start, "ko", "어제"), "2025. 10. 16.");
});

test("Korean particles follow the last syllable", () => {
    assert.equal(withParticle("민지", "으로", "로"), "민지로");
    assert.equal(withParticle("사람", "으로", "로"), "사람으로");
    assert.equal(withParticle("서울", "으로", "로"), "서울로");
});

test("the picture shows the first letter as a reader sees it", () => {
    assert.deepEqual(["민지", "@wang:x", "👩🏽‍🚀 팀", "é"].map(firstGrapheme), ["민", "W", "👩🏽‍🚀", "É"]);
});

test("only rows in sight and a reserve around them are drawn", () => {
    const keys = Array.from({ length: 1000 }, (_, index) => String(index));
    const heights = new RowHeights(50);
    assert.deepEqual(rangeAtEnd(keys, heights, 500, 500), { start: 980, end: 1000 });
    assert.deepEqual(rangeAround(keys, heights, 500, 0, 500, 500), { start: 490, end: 520 });
    heights.measure("500", 5000);
    assert.ok(rangeAround(keys, heights, 500, -10, 500, 500).end === 501);
});
