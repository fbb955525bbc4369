"""Relations, threads, edits and reactions; counts of threads; finding events by time; the deprecated ways to read.

The numbers in brackets are those of the project's checklist of rules that implementers get wrong.
"""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest

from support.client import bodies, event_ids, joined, path, timeline, unique

V1 = "/_matrix/client/v1/rooms/"


def relate(client, room, parent, rel_type, type="m.room.message", key=None, **content):
    relation = {"rel_type": rel_type, "event_id": parent}
    if key is not None:
        relation["key"] = key
    return client.send(room, type=type, content={**content, "m.relates_to": relation})


def reply(client, room, root, text="reply"):
    return relate(client, room, root, "m.thread", msgtype="m.text", body=text)


def edit(client, room, original, text):
    return relate(client, room, original, "m.replace", msgtype="m.text", body="* " + text, **{
        "m.new_content": {"msgtype": "m.text", "body": text}})


def react(client, room, parent, key):
    return relate(client, room, parent, "m.annotation", type="m.reaction", key=key)


def relations(client, room, parent, *more, **params):
    return client.ok("GET", V1 + "/".join(
        [quote(room), "relations", quote(parent), *(quote(part) for part in more)]), params=params)


def threads(client, room, **params):
    return client.ok("GET", V1 + quote(room) + "/threads", params=params)


def bundle(event):
    return event.get("unsigned", {}).get("m.relations", {})


# Reactions


def test_a_second_equal_reaction_is_refused(pair):
    """(107)"""
    alice, bob, room = pair
    event = alice.send(room)
    first = react(bob, room, event, "👍")
    content = {"m.relates_to": {"rel_type": "m.annotation", "event_id": event, "key": "👍"}}
    bob.fails(400, "M_DUPLICATE_ANNOTATION", "PUT", path("rooms", room, "send", "m.reaction", unique("t")), content)
    react(bob, room, event, "🎉")
    react(alice, room, event, "👍")
    bob.redact(room, first)
    react(bob, room, event, "👍")


def test_of_many_equal_reactions_at_once_one_is_sent(pair):
    """(107)"""
    alice, bob, room = pair
    event = alice.send(room)
    content = {"m.relates_to": {"rel_type": "m.annotation", "event_id": event, "key": "👍"}}
    clients = [bob.another_device() for _ in range(6)]
    with ThreadPoolExecutor(len(clients)) as pool:
        answers = list(pool.map(lambda client: client.request(
            "PUT", path("rooms", room, "send", "m.reaction", unique("t")), content).status_code, clients))
    assert sorted(answers) == [200] + [400] * 5
    assert len(relations(alice, room, event, "m.annotation")["chunk"]) == 1


def test_a_repeated_transaction_is_no_second_reaction(pair):
    """(23, 107)"""
    alice, bob, room = pair
    content = {"m.relates_to": {"rel_type": "m.annotation", "event_id": alice.send(room), "key": "👍"}}
    txn = unique("t")
    assert bob.send(room, type="m.reaction", txn=txn, content=content) == bob.send(
        room, type="m.reaction", txn=txn, content=content)


def test_reactions_are_not_aggregated(pair):
    """(107)"""
    alice, bob, room = pair
    event = alice.send(room)
    react(bob, room, event, "👍")
    assert bundle(alice.event(room, event)) == {}


# Edits


def test_the_latest_edit_is_shown_beside_the_content(pair):
    """(105)"""
    alice, bob, room = pair
    event = alice.send(room, "original")
    edit(alice, room, event, "one")
    time.sleep(0.005)
    second = edit(alice, room, event, "two")
    edit(bob, room, event, "forged")
    shown = bob.event(room, event)
    assert shown["content"]["body"] == "original"
    replacement = bundle(shown)["m.replace"]
    assert replacement["event_id"] == second
    assert replacement["content"]["m.new_content"]["body"] == "two"
    assert replacement["sender"] == alice.user_id and replacement["room_id"] == room
    alice.redact(room, second)
    assert bundle(bob.event(room, event))["m.replace"]["content"]["m.new_content"]["body"] == "one"


def test_redaction_takes_the_edits_away(pair):
    """(32)"""
    alice, bob, room = pair
    event = alice.send(room, "secret")
    edit(alice, room, event, "still secret")
    alice.redact(room, event)
    shown = bob.event(room, event)
    assert shown["content"] == {} and bundle(shown) == {}


def test_encrypted_events_are_edited_by_encrypted_ones(pair):
    """(105)"""
    alice, bob, room = pair
    event = alice.send(room, type="m.room.encrypted", content={"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "a"})
    edit(alice, room, event, "in the clear")
    assert bundle(bob.event(room, event)) == {}
    hidden = relate(alice, room, event, "m.replace", type="m.room.encrypted", ciphertext="b")
    assert bundle(bob.event(room, event))["m.replace"]["event_id"] == hidden


# Threads


def test_a_thread_is_shown_with_its_root(pair):
    """(106)"""
    alice, bob, room = pair
    root = alice.send(room, "root")
    reply(alice, room, root, "one")
    last = reply(alice, room, root, "two")
    edited = edit(alice, room, last, "three")
    thread = bundle(bob.event(room, root))["m.thread"]
    assert thread["count"] == 2 and thread["current_user_participated"] is False
    assert thread["latest_event"]["event_id"] == last
    assert bundle(thread["latest_event"])["m.replace"]["event_id"] == edited
    assert bundle(alice.event(room, root))["m.thread"]["current_user_participated"] is True
    bob.ignore(alice)
    assert "m.thread" not in bundle(bob.event(room, root))


def test_a_thread_cannot_begin_at_a_related_event(pair):
    """(106)"""
    alice, _, room = pair
    root = alice.send(room)
    for parent in (reply(alice, room, root), react(alice, room, root, "👍")):
        alice.fails(400, "M_UNKNOWN", "PUT", path("rooms", room, "send", "m.room.message", unique("t")), {
            "msgtype": "m.text", "body": "x", "m.relates_to": {"rel_type": "m.thread", "event_id": parent}})
    answer = alice.send(room, content={
        "msgtype": "m.text", "body": "x", "m.relates_to": {"m.in_reply_to": {"event_id": root}}})
    reply(alice, room, answer)


def test_threads_are_ordered_by_their_latest_reply(pair):
    """(109)"""
    alice, bob, room = pair
    roots = alice.send_many(room, 3)
    for root in [roots[0], roots[1], roots[2], roots[0]]:
        reply(alice, room, root)
    assert event_ids(threads(bob, room)["chunk"]) == [roots[0], roots[2], roots[1]]
    reply(bob, room, roots[1])
    assert event_ids(threads(bob, room, include="participated")["chunk"]) == [roots[1]]
    found, params = [], {"limit": 1}
    while True:
        page = threads(bob, room, **params)
        found += event_ids(page["chunk"])
        if "next_batch" not in page:
            break
        params["from"] = page["next_batch"]
    assert found == [roots[1], roots[0], roots[2]]
    bob.fails(400, "M_INVALID_PARAM", "GET", V1 + quote(room) + "/threads", params={"from": "nothing"})


def test_relations_are_found_page_by_page(pair):
    """(108)"""
    alice, bob, room = pair
    root = alice.send(room)
    replies = [reply(alice, room, root, str(number)) for number in range(5)]
    reaction = react(bob, room, replies[2], "👍")
    assert event_ids(relations(bob, room, root)["chunk"]) == replies[::-1]
    assert event_ids(relations(bob, room, root, "m.thread", "m.room.message", dir="f")["chunk"]) == replies
    first = relations(bob, room, root, limit=2)
    second = relations(bob, room, root, limit=2, **{"from": first["next_batch"]})
    assert event_ids(first["chunk"] + second["chunk"]) == replies[:0:-1]
    assert second["prev_batch"] == first["next_batch"] and "prev_batch" not in first
    recursive = relations(bob, room, root, recurse="true")
    assert reaction in event_ids(recursive["chunk"]) and recursive["recursion_depth"] == 3
    bob.fails(404, "M_NOT_FOUND", "GET", V1 + quote(room) + "/relations/" + quote("$" + "x" * 43))


def test_relations_of_another_room_are_ignored(people):
    """(108)"""
    [alice] = people(1)
    room, other = alice.create_room(), alice.create_room()
    root = alice.send(room)
    child = reply(alice, other, root)
    assert relations(alice, room, root)["chunk"] == []
    assert alice.event(other, child)["content"]["m.relates_to"]["event_id"] == root


def test_what_is_related_survives_a_crash(tmp_path):
    """(32, 105, 106): what was answered is there after the server was killed."""
    from support.client import Client
    from support.server import Server
    with Server(tmp_path / "data") as server:
        alice = Client.register(server)
        room = alice.create_room()
        root = alice.send(room)
        kept, gone = reply(alice, room, root), reply(alice, room, root)
        changed = edit(alice, room, root, "changed")
        alice.redact(room, gone)
        server.kill()
        server.start()
        shown = bundle(alice.event(room, root))
        assert shown["m.thread"]["latest_event"]["event_id"] == kept and shown["m.thread"]["count"] == 1
        assert shown["m.replace"]["event_id"] == changed
        assert event_ids(relations(alice, room, root)["chunk"]) == [changed, kept]


# Sync


def test_a_limited_timeline_is_aggregated(pair):
    """(105, 106)"""
    alice, bob, room = pair
    root = alice.send(room, "root")
    edited = edit(alice, room, root, "edited")
    reply(alice, room, root)
    events = timeline(bob.sync(filter={"room": {"timeline": {"limit": 3}}}), room)
    shown = bundle(next(event for event in events if event["event_id"] == root))
    assert shown["m.replace"]["event_id"] == edited and "room_id" not in shown["m.replace"]
    assert shown["m.thread"]["count"] == 1


BY_THREAD = {"room": {"timeline": {"unread_thread_notifications": True}}}


def counts(client, room):
    part = joined(client.sync(filter=BY_THREAD), room)
    return part["unread_notifications"]["notification_count"], {
        root: count["notification_count"] for root, count in part.get("unread_thread_notifications", {}).items()}


def test_threads_are_counted_apart(pair):
    """(68, 98, 104)"""
    alice, bob, room = pair
    root = alice.send(room, "root")
    bob.receipt(room, root)
    first, second = reply(alice, room, root), reply(alice, room, root)
    late = alice.send(room, "late")
    assert counts(bob, room) == (1, {root: 2})
    assert joined(bob.sync(), room)["unread_notifications"]["notification_count"] == 3
    bob.receipt(room, late, thread_id="main")
    assert counts(bob, room) == (0, {root: 2})
    bob.receipt(room, first, type="m.read.private", thread_id=root)
    assert counts(bob, room) == (0, {root: 1})
    alice.redact(room, second)
    assert counts(bob, room) == (0, {})
    reply(alice, room, root)
    assert counts(bob, room) == (0, {root: 1})
    reply(bob, room, root, "mine")
    assert counts(bob, room) == (0, {})
    reply(alice, room, root)
    alice.send(room)
    bob.receipt(room, reply(alice, room, root))
    assert counts(bob, room) == (0, {})


def test_marked_unread_is_account_data(pair):
    """(101)"""
    alice, _, room = pair
    alice.set_account_data("m.marked_unread", {"unread": True}, room)
    assert alice.account_data("m.marked_unread", room) == {"unread": True}


# Events by time


def test_events_are_found_by_their_time(pair):
    """(33)"""
    alice, bob, room = pair
    events = []
    for number in range(3):
        events.append(alice.send(room, str(number)))
        time.sleep(0.01)
    stamps = [bob.event(room, event)["origin_server_ts"] for event in events]

    def found(stamp, direction):
        return bob.request(
            "GET", V1 + quote(room) + "/timestamp_to_event", params={"ts": stamp, "dir": direction}).json()

    assert found(stamps[1], "f") == {"event_id": events[1], "origin_server_ts": stamps[1]}
    assert found(stamps[1], "b")["event_id"] == events[1]
    assert found(stamps[1] + 1, "f")["event_id"] == events[2]
    assert found(stamps[1] - 1, "b")["event_id"] == events[0]
    assert found(stamps[2] + 1, "f")["errcode"] == "M_NOT_FOUND"
    assert found(0, "b")["errcode"] == "M_NOT_FOUND"


# Reading as of old


def test_a_peeker_is_told_of_new_events(people):
    alice, bob = people(2)
    room = alice.create_room(initial_state=[
        {"type": "m.room.history_visibility", "content": {"history_visibility": "world_readable"}}])
    start = bob.ok("GET", path("events"), params={"room_id": room})["end"]
    found = {}

    def peek():
        found.update(bob.ok("GET", path("events"), params={"room_id": room, "from": start, "timeout": 10_000}))

    peeking = threading.Thread(target=peek)
    peeking.start()
    time.sleep(0.2)
    event = alice.send(room)
    peeking.join(10)
    assert event_ids(found["chunk"]) == [event]
    closed = alice.create_room()
    bob.fails(403, "M_FORBIDDEN", "GET", path("events"), params={"room_id": closed})


def test_the_stream_goes_on_from_the_first_sync(pair):
    alice, bob, room = pair
    alice.send(room, "before")
    whole = bob.ok("GET", path("initialSync"), params={"limit": 1})
    [shown] = [part for part in whole["rooms"] if part["room_id"] == room]
    assert bodies(shown["messages"]["chunk"]) == ["before"] and shown["membership"] == "join"
    event = alice.send(room, "after")
    stream = bob.ok("GET", path("events"), params={"from": whole["end"], "timeout": 1000})
    assert event_ids(stream["chunk"]) == [event] and stream["chunk"][0]["room_id"] == room
    assert bob.ok("GET", path("events", event))["content"]["body"] == "after"
    again = bob.ok("GET", path("rooms", room, "initialSync"), params={"limit": 1})
    assert bodies(again["messages"]["chunk"]) == ["after"]


@pytest.mark.parametrize("parameters", [{"limit": "0"}, {"limit": "x"}, {"archived": "1"}])
def test_bad_parameters_of_old_are_refused(people, parameters):
    [alice] = people(1)
    alice.fails(400, "M_INVALID_PARAM", "GET", path("initialSync"), params=parameters)
