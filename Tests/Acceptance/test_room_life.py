"""The life of rooms over HTTP: upgrades, spaces, delayed events, reports, presence, and what is deleted."""

import sqlite3
import time
from urllib.parse import quote

from support.client import Client, path, unique
from support.server import Server

V1 = "/_matrix/client/v1"
MSC4140 = "/_matrix/client/unstable/org.matrix.msc4140"


def delay(client, room, body, milliseconds):
    return client.ok(
        "PUT", path("rooms", room, "send", "m.room.message", unique("t")), {"msgtype": "m.text", "body": body},
        params={"org.matrix.msc4140.delay": str(milliseconds)})["delay_id"]


def bodies(client, room):
    return [event["content"]["body"] for event in client.all_messages(room, "f") if "body" in event["content"]]


def wait_for(condition, seconds=5):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it has not happened"
        time.sleep(0.05)


def test_an_upgraded_room_leads_on(people):
    """(36)"""
    alice, bob = people(2)
    alias = unique("alias")
    old = alice.public_room(room_version="11", name="Tea", room_alias_name=alias)
    bob.join(old)
    bob.ok("PUT", path("user", bob.user_id, "rooms", old, "tags", "m.favourite"), {"order": 0.5})
    new = alice.ok("POST", path("rooms", old, "upgrade"), {"new_version": "12"})["replacement_room"]
    assert bob.join(f"#{alias}:localhost") == new
    state = bob.all_state(new)
    assert state[("m.room.create", "")]["content"]["predecessor"]["room_id"] == old
    assert state[("m.room.name", "")]["content"] == {"name": "Tea"}
    tags = bob.ok("GET", path("user", bob.user_id, "rooms", new, "tags"))["tags"]
    assert tags == {"m.favourite": {"order": 0.5}}
    bob.fails(403, "M_FORBIDDEN", "PUT", path("rooms", old, "send", "m.room.message", "1"), {"body": "x"})


def test_a_space_is_walked(people):
    """(114)"""
    alice, bob = people(2)
    space = alice.public_room(creation_content={"type": "m.space"})
    rooms = [alice.public_room() for _ in range(3)]
    for order, room in zip("cab", rooms):
        alice.ok("PUT", path("rooms", space, "state", "m.space.child", room), {"via": ["localhost"], "order": order})
    answer = bob.ok("GET", f"{V1}/rooms/{quote(space)}/hierarchy")
    assert [room["room_id"] for room in answer["rooms"]] == [space, rooms[1], rooms[2], rooms[0]]
    summary = bob.ok("GET", f"{V1}/room_summary/{quote(space)}")
    assert (summary["room_type"], summary["num_joined_members"]) == ("m.space", 1)


def test_delayed_events_are_sent_by_themselves(pair):
    alice, bob, room = pair
    delay(alice, room, "sent", 300)
    cancelled = delay(alice, room, "cancelled", 300)
    alice.ok("POST", f"{MSC4140}/delayed_events/{cancelled}", {"action": "cancel"}, token=False)
    wait_for(lambda: "sent" in bodies(bob, room))
    time.sleep(0.5)
    assert bodies(bob, room).count("sent") == 1
    assert "cancelled" not in bodies(bob, room)


def test_delayed_events_survive_a_power_cut_and_come_once(own_server):
    alice = Client.register(own_server, unique("alice"))
    room = alice.create_room()
    texts = [f"text {number}" for number in range(20)]
    for number, text in enumerate(texts):
        delay(alice, room, text, 1_000 + number * 20)
    # Some before it ends, some while it is down, some after.
    time.sleep(1.1)
    own_server.kill()
    time.sleep(0.1)
    own_server.start()
    wait_for(lambda: len(bodies(alice, room)) == len(texts))
    assert bodies(alice, room) == texts
    listed = alice.ok("GET", f"{MSC4140}/delayed_events")
    assert listed["scheduled"] == []
    assert [entry["outcome"] for entry in listed["finalised"]] == ["send"] * len(texts)


def test_reports_reach_the_store(own_server):
    """(125)"""
    alice = Client.register(own_server, unique("alice"))
    bob = Client.register(own_server, unique("bob"))
    room = alice.public_room()
    bob.ok("POST", path("rooms", room, "report"), {"reason": "spam"})
    bob.ok("POST", path("rooms", "!none:localhost", "report"), {"reason": "nothing"})
    bob.ok("POST", path("users", alice.user_id, "report"), {"reason": "rude"})
    with sqlite3.connect(own_server.data / "naru.sqlite") as database:
        assert database.execute("SELECT reporter, reason FROM reports ORDER BY report").fetchall() == [
            (bob.user_id, "spam"), (bob.user_id, "rude")]


def test_blocked_invitations(people):
    """(123)"""
    alice, bob = people(2)
    bob.set_account_data("m.invite_permission_config", {"default_action": "block"})
    room = alice.create_room()
    alice.fails(403, "M_INVITE_BLOCKED", "POST", path("rooms", room, "invite"), {"user_id": bob.user_id})
    alice.fails(403, "M_INVITE_BLOCKED", "POST", path("createRoom"), {"invite": [bob.user_id]})


def test_presence_is_off_unless_the_operator_wants_it(pair):
    """(69)"""
    alice, bob, _ = pair
    bob.ok("PUT", path("presence", bob.user_id, "status"), {"presence": "online"})
    assert "presence" not in alice.sync()
    assert alice.ok("GET", path("presence", bob.user_id, "status")) == {"presence": "offline"}


def test_presence_is_told_where_it_is_on(tmp_path):
    """(128)"""
    with Server(tmp_path / "data", "--presence", "on") as server:
        alice, bob = Client.register(server, unique("alice")), Client.register(server, unique("bob"))
        alice.room_with(bob)
        since = alice.sync()["next_batch"]
        bob.ok("PUT", path("presence", bob.user_id, "status"), {"presence": "unavailable", "status_msg": "lunch"})
        events = alice.sync(since=since)["presence"]["events"]
        assert [(event["sender"], event["content"]["status_msg"]) for event in events] == [(bob.user_id, "lunch")]


def test_redacted_content_is_for_moderators(pair):
    alice, bob, room = pair
    event = bob.send(room, "oops")
    bob.ok("PUT", path("rooms", room, "redact", event, "1"), {})
    target = path("rooms", room, "event", event)
    assert alice.ok("GET", target)["content"] == {}
    seen = alice.ok("GET", target, params={"include_unredacted_content": "true"})
    assert seen["content"]["body"] == "oops"
    bob.fails(403, "M_FORBIDDEN", "GET", target, params={"include_unredacted_content": "true"})
