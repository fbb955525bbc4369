"""What /sync says, when, and to whom; and how /messages, /context and /members go on from it.

The numbers in brackets are those of the project's checklist of rules that implementers get wrong.
"""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.client import (
    Client, account_data_events, bodies, ephemeral, event_ids, joined, path, section, state_events, timeline, unique)

STATE_AFTER = [("use_state_after", "state_after"), ("org.matrix.msc4222.use_state_after",
                                                    "org.matrix.msc4222.state_after")]


def counts(answer, room):
    part = joined(answer, room)["unread_notifications"]
    return part["notification_count"], part["highlight_count"]


def limited_to(limit, **timeline):
    return {"room": {"timeline": {"limit": limit, **timeline}}}


class Waiting:
    """A long poll in a thread of its own."""

    def __init__(self, client, since, timeout=10_000, **options):
        self.client = Client(client.server, client.token)
        self.answer = None
        self.thread = threading.Thread(
            target=self._run, args=(since, timeout), kwargs=options, daemon=True)
        self.thread.start()

    def _run(self, since, timeout, **options):
        self.answer = self.client.sync(since, timeout=timeout, **options)
        self.ended = time.monotonic()

    def result(self):
        self.thread.join(20)
        assert not self.thread.is_alive(), "the sync did not end"
        return self.answer


def test_an_event_wakes_who_waits_within_100_ms(pair):
    """(65)"""
    alice, bob, room = pair
    best = []
    token = bob.sync()["next_batch"]
    for number in range(5):
        waiting = Waiting(bob, token)
        # The server has the poll when it has answered later requests on another connection.
        for _ in range(10):
            alice.ok("GET", path("account", "whoami"))
        began = time.monotonic()
        event = alice.send(room, f"wake {number}")
        answer = waiting.result()
        best.append(waiting.ended - began)
        assert event_ids(timeline(answer, room)) == [event]
        token = answer["next_batch"]
    assert sorted(best)[len(best) // 2] < 0.1, best


@pytest.mark.parametrize("timeout", [0, 300, 1500])
def test_a_timeout_is_kept(people, timeout):
    """(65)"""
    [alice] = people(1)
    token = alice.sync()["next_batch"]
    began = time.monotonic()
    answer = alice.sync(token, timeout=timeout)
    assert abs(time.monotonic() - began - timeout / 1000) < 0.3
    assert "rooms" not in answer
    assert alice.sync(answer["next_batch"]).keys() >= {"next_batch"}


def test_what_the_filter_hides_wakes_nobody(pair):
    """(65)"""
    alice, bob, room = pair
    wanted = limited_to(10, types=["org.example.wanted"])
    token = bob.sync(filter=wanted)["next_batch"]
    waiting = Waiting(bob, token, filter=wanted)
    alice.send(room, "not wanted")
    wake = alice.send(room, type="org.example.wanted")
    assert event_ids(timeline(waiting.result(), room)) == [wake]


def test_a_first_sync_waits_for_nothing(people):
    """(65)"""
    [alice] = people(1)
    began = time.monotonic()
    alice.sync(timeout=10_000)
    alice.sync(alice.token_now(), timeout=10_000, full_state="true")
    assert time.monotonic() - began < 3


def test_a_limited_timeline_is_filled_by_messages_without_gap_or_overlap(pair):
    """(56, 110)"""
    alice, bob, room = pair
    token = bob.sync()["next_batch"]
    sent = alice.send_many(room, 37)
    answer = bob.sync(token, filter=limited_to(5))
    part = joined(answer, room)["timeline"]
    assert part["limited"] is True and event_ids(part["events"]) == sent[-5:]
    filled = bob.all_messages(room, "b", limit=7, **{"from": part["prev_batch"], "to": token})
    assert event_ids(reversed(filled)) + event_ids(part["events"]) == sent
    # And without a lower end down to the room's beginning.
    older = bob.all_messages(room, "b", limit=7, **{"from": part["prev_batch"]})
    whole = event_ids(reversed(older)) + event_ids(part["events"])
    assert whole == event_ids(bob.all_messages(room, "f", limit=9))
    # Forward from the earlier token, the same again.
    assert event_ids(bob.all_messages(room, "f", limit=7, **{"from": token})) == sent
    more = alice.send(room, "one more")
    following = joined(bob.sync(answer["next_batch"]), room)["timeline"]
    assert (following["limited"], event_ids(following["events"])) == (False, [more])


def test_a_timeline_that_just_fits_is_not_limited(pair):
    """(56)"""
    alice, bob, room = pair
    token = bob.sync()["next_batch"]
    sent = alice.send_many(room, 5)
    part = joined(bob.sync(token, filter=limited_to(5)), room)["timeline"]
    assert (part["limited"], event_ids(part["events"])) == (False, sent)
    part = joined(bob.sync(token, filter=limited_to(4)), room)["timeline"]
    assert (part["limited"], event_ids(part["events"])) == (True, sent[1:])
    whole = joined(bob.sync(filter=limited_to(100)), room)["timeline"]
    assert whole["limited"] is False and whole["events"][0]["type"] == "m.room.create"


def test_pages_are_seamless_under_a_filter(pair):
    """(56, 67): what the filter hides is skipped, not what it shows."""
    alice, bob, room = pair
    token = bob.sync()["next_batch"]
    wanted = []
    for number in range(24):
        event = alice.send(room, f"line {number}", type="org.example.odd" if number % 2 else "m.room.message")
        if number % 2:
            wanted.append(event)
    only = limited_to(4, types=["org.example.odd"])
    part = joined(bob.sync(token, filter=only), room)["timeline"]
    assert part["limited"] is True
    older = bob.all_messages(room, "b", limit=3, **{
        "from": part["prev_batch"], "to": token, "filter": '{"types":["org.example.odd"]}'})
    assert event_ids(reversed(older)) + event_ids(part["events"]) == wanted


def test_limit_zero_gives_an_empty_timeline(pair):
    """(67)"""
    alice, bob, room = pair
    token = bob.sync()["next_batch"]
    sent = alice.send_many(room, 3)
    answer = bob.sync(filter=limited_to(0))
    assert timeline(answer, room) == []
    assert ("m.room.create", "") in state_events(answer, room)
    part = joined(bob.sync(token, filter=limited_to(0)), room)
    if part:  # An answer without the room would say the same.
        assert part["timeline"]["limited"] is True
        filled = bob.all_messages(room, "b", **{"from": part["timeline"]["prev_batch"], "to": token})
        assert event_ids(reversed(filled)) == sent


def test_an_empty_token_is_none(pair):
    """(110) libQuotient asks with `from=` when it has none."""
    alice, _, room = pair
    assert event_ids(alice.messages(room, **{"from": ""})["chunk"]) == event_ids(alice.messages(room)["chunk"])
    alice.fails(400, "M_INVALID_PARAM", "GET", path("rooms", room, "messages"), params={"dir": "b", "from": "x"})


def test_messages_end_where_the_room_begins(pair):
    """(110)"""
    alice, bob, room = pair
    alice.send_many(room, 3)
    page = bob.messages(room, limit=100)
    assert "end" not in page and page["chunk"][-1]["type"] == "m.room.create"
    assert all(event["room_id"] == room for event in page["chunk"])
    token = bob.sync()["next_batch"]
    assert bob.messages(room, "f", **{"from": token})["chunk"] == []


def test_a_page_of_nothing_is_empty(pair):
    """(110)"""
    alice, _, room = pair
    assert alice.messages(room, limit=0)["chunk"] == []


def test_a_page_says_where_it_began(pair):
    """(110): start is the same as the from that was given."""
    alice, bob, room = pair
    bob.typing(room)
    token = alice.sync()["next_batch"]
    assert alice.messages(room, "f", **{"from": token})["start"] == token


def test_sync_leaves_the_room_id_out(pair):
    """(72)"""
    alice, bob, room = pair
    alice.send(room)
    assert all("room_id" not in event for event in timeline(bob.sync(), room))


# State


def test_state_stands_before_the_timeline_begins(pair):
    """(57)"""
    alice, bob, room = pair
    alice.set_state(room, "m.room.name", {"name": "One"})
    token = bob.sync()["next_batch"]
    two = alice.set_state(room, "m.room.name", {"name": "Two"})
    alice.send_many(room, 3)
    three = alice.set_state(room, "m.room.name", {"name": "Three"})
    answer = bob.sync(token, filter=limited_to(2))
    assert state_events(answer, room)["m.room.name", ""]["event_id"] == two
    assert event_ids(timeline(answer, room))[-1] == three
    # All of it in the timeline: nothing stands before.
    answer = bob.sync(token, filter=limited_to(50))
    assert state_events(answer, room) == {}
    first = bob.sync(filter=limited_to(1))
    assert state_events(first, room)["m.room.name", ""]["event_id"] == two


@pytest.mark.parametrize("parameter, key", STATE_AFTER)
def test_state_after_stands_at_the_end_of_the_timeline(pair, parameter, key):
    """(57)"""
    alice, bob, room = pair
    alice.set_state(room, "m.room.name", {"name": "One"})
    token = bob.sync()["next_batch"]
    alice.set_state(room, "m.room.name", {"name": "Two"})
    three = alice.set_state(room, "m.room.name", {"name": "Three"})
    alice.send_many(room, 3)
    for limit in (2, 50):
        answer = bob.sync(token, filter=limited_to(limit), **{parameter: "true"})
        assert "state" not in joined(answer, room)
        assert {name: event["event_id"] for name, event in state_events(answer, room, key).items()} == {
            ("m.room.name", ""): three}
    whole = bob.sync(**{parameter: "true"})
    assert state_events(whole, room, key)["m.room.name", ""]["event_id"] == three
    assert set(state_events(whole, room, key)) == set(bob.all_state(room))
    alice.send(room)
    quiet = bob.sync(whole["next_batch"], **{parameter: "true"})
    assert state_events(quiet, room, key) == {}


def test_full_state_gives_the_state_with_new_events_only(pair):
    """(64)"""
    alice, bob, room = pair
    token = bob.sync()["next_batch"]
    event = alice.send(room)
    answer = bob.sync(token, full_state="true", timeout=10_000)
    assert event_ids(timeline(answer, room)) == [event]
    assert set(state_events(answer, room)) == set(bob.all_state(room))
    # Where nothing is new the state is there nevertheless.
    answer = bob.sync(answer["next_batch"], full_state="true", timeout=10_000)
    assert timeline(answer, room) == [] and set(state_events(answer, room)) == set(bob.all_state(room))


def test_a_room_joined_since_is_given_whole(people):
    """(58)"""
    alice, bob = people(2)
    room = alice.public_room(name="Old")
    alice.send_many(room, 20)
    token = bob.sync()["next_batch"]
    bob.join(room)
    answer = bob.sync(token, filter=limited_to(3))
    part = joined(answer, room)["timeline"]
    assert part["limited"] is True and part["events"][-1]["state_key"] == bob.user_id
    whole = {**state_events(answer, room),
             **{(event["type"], event["state_key"]): event for event in part["events"] if "state_key" in event}}
    assert set(whole) == set(alice.all_state(room))
    assert joined(answer, room)["summary"]["m.joined_member_count"] == 2
    assert joined(bob.sync(answer["next_batch"]), room) is None


def test_a_room_left_and_joined_again_is_given_whole(pair):
    """(58)"""
    alice, bob, room = pair
    alice.set_state(room, "m.room.join_rules", {"join_rule": "public"})
    token = bob.sync()["next_batch"]
    bob.leave(room)
    alice.set_state(room, "m.room.name", {"name": "New"})
    alice.send_many(room, 12)
    bob.join(room)
    answer = bob.sync(token, filter=limited_to(3))
    assert section(answer, "leave", room) is None
    state = state_events(answer, room)
    assert state["m.room.name", ""]["content"] == {"name": "New"} and ("m.room.create", "") in state
    assert joined(answer, room)["timeline"]["limited"] is True


# Coming and going


def test_a_leave_is_seen_once(pair):
    """(61)"""
    alice, bob, room = pair
    token = bob.sync()["next_batch"]
    before = alice.send(room, "before")
    bob.leave(room)
    alice.send(room, "after")
    answer = bob.sync(token)
    assert joined(answer, room) is None
    events = timeline(answer, room, "leave")
    assert events[0]["event_id"] == before
    assert (events[-1]["state_key"], events[-1]["content"]["membership"]) == (bob.user_id, "leave")
    assert len(events) == 2
    alice.send(room, "later")
    assert section(bob.sync(answer["next_batch"]), "leave", room) is None
    assert section(bob.sync(), "leave", room) is None
    kept = section(bob.sync(filter={"room": {"include_leave": True}}), "leave", room)
    assert kept["timeline"]["events"][-1]["state_key"] == bob.user_id
    assert "after" not in bodies(kept["timeline"]["events"])


@pytest.mark.parametrize("action, membership", [("kick", "leave"), ("ban", "ban")])
def test_who_is_put_out_sees_it_once(pair, action, membership):
    """(61)"""
    alice, bob, room = pair
    token = bob.sync()["next_batch"]
    waiting = Waiting(bob, token)
    alice.membership(action, room, bob, reason="noise")
    answer = waiting.result()
    [event] = timeline(answer, room, "leave")
    assert event["content"] == {"membership": membership, "reason": "noise"}
    assert section(bob.sync(answer["next_batch"]), "leave", room) is None


def test_an_invitation_shows_what_the_room_is(people):
    """(62)"""
    alice, bob = people(2)
    token = bob.sync()["next_batch"]
    waiting = Waiting(bob, token)
    room = alice.create_room(
        name="Salon", topic="All", room_alias_name=unique("salon"), invite=[bob.user_id], initial_state=[
            {"type": "m.room.avatar", "content": {"url": "mxc://localhost/salon"}},
            {"type": "m.room.encryption", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}])
    answer = waiting.result()
    events = section(answer, "invite", room)["invite_state"]["events"]
    shown = {(event["type"], event["state_key"]): event for event in events}
    assert set(shown) >= {
        ("m.room.create", ""), ("m.room.join_rules", ""), ("m.room.name", ""), ("m.room.avatar", ""),
        ("m.room.canonical_alias", ""), ("m.room.encryption", ""), ("m.room.topic", ""),
        ("m.room.member", bob.user_id), ("m.room.member", alice.user_id)}
    for event in events:
        assert event.keys() >= {"type", "state_key", "content", "sender"}
        if event["type"] != "m.room.create":
            assert "event_id" not in event and "unsigned" not in event
    assert shown["m.room.member", bob.user_id]["content"]["membership"] == "invite"
    assert shown["m.room.member", bob.user_id]["sender"] == alice.user_id
    # Once is enough, until somebody syncs anew.
    assert section(bob.sync(answer["next_batch"]), "invite", room) is None
    assert section(bob.sync(), "invite", room)


def test_a_declined_invitation_comes_down_as_left(people):
    """(61)"""
    alice, bob = people(2)
    other = bob.another_device()
    room = alice.create_room()
    alice.send(room, "secret")
    alice.invite(room, bob)
    token = other.sync()["next_batch"]
    bob.leave(room)
    answer = other.sync(token)
    events = timeline(answer, room, "leave")
    assert [(event["state_key"], event["content"]["membership"]) for event in events] == [(bob.user_id, "leave")]
    assert section(other.sync(answer["next_batch"]), "leave", room) is None
    assert section(other.sync(), "invite", room) is None


def test_a_withdrawn_invitation_comes_down_as_left(people):
    """(61)"""
    alice, bob = people(2)
    room = alice.create_room(invite=[bob.user_id])
    token = bob.sync()["next_batch"]
    alice.membership("kick", room, bob)
    assert section(bob.sync(token), "leave", room)["timeline"]["events"][-1]["content"]["membership"] == "leave"
    assert section(bob.sync(), "invite", room) is None


def test_summaries_count_and_name(people):
    """(60)"""
    alice, bob, carol = people(3)
    room = alice.room_with(bob)
    alice.invite(room, carol)
    answer = alice.sync()
    assert joined(answer, room)["summary"] == {
        "m.heroes": [bob.user_id, carol.user_id], "m.joined_member_count": 2, "m.invited_member_count": 1}
    alice.send(room)
    quiet = alice.sync(answer["next_batch"])
    assert not joined(quiet, room).get("summary")
    carol.join(room)
    told = joined(alice.sync(quiet["next_batch"]), room)["summary"]
    assert (told["m.joined_member_count"], told["m.invited_member_count"]) == (3, 0)
    bob.leave(room)
    carol.leave(room)
    assert set(joined(alice.sync(), room)["summary"]["m.heroes"]) == {bob.user_id, carol.user_id}


# Filters


def test_filters_choose_types_senders_and_rooms(people):
    """(67)"""
    alice, bob, carol = people(3)
    room, other = alice.room_with(bob, carol), alice.room_with(bob, carol)
    alice.send(room, "from alice")
    bob.send(room, "from bob")
    alice.send(room, type="org.example.a", content={"body": "typed a"})
    alice.send(room, type="org.example.b", content={"body": "typed b"})
    alice.send(room, content={"msgtype": "m.image", "body": "picture", "url": "mxc://localhost/x"})

    def seen(part, where=room):
        return bodies(timeline(carol.sync(filter={"room": part}), where))

    assert seen({"timeline": {"types": ["org.example.*"]}}) == ["typed a", "typed b"]
    assert seen({"timeline": {"types": ["org.example.*"], "not_types": ["*.b"]}}) == ["typed a"]
    assert seen({"timeline": {"not_types": ["*"]}}) == []
    assert seen({"timeline": {"senders": [bob.user_id]}}) == ["from bob"]
    assert seen({"timeline": {"not_senders": [alice.user_id]}}) == ["from bob"]
    assert seen({"timeline": {"contains_url": True}}) == ["picture"]
    assert "picture" not in seen({"timeline": {"contains_url": False}})
    assert seen({"timeline": {"types": []}}) == []
    answer = carol.sync(filter={"room": {"rooms": [other]}})
    assert joined(answer, room) is None and joined(answer, other)
    answer = carol.sync(filter={"room": {"not_rooms": [other]}})
    assert joined(answer, other) is None and joined(answer, room)
    answer = carol.sync(filter={"room": {"state": {"types": ["m.room.create"]}, "timeline": {"limit": 1}}})
    assert set(state_events(answer, room)) == {("m.room.create", "")}


def test_filters_of_a_section_choose_rooms(people):
    """(67)"""
    [alice] = people(1)
    room, other = alice.create_room(), alice.create_room()
    for part in ({"not_rooms": [room]}, {"rooms": [other]}):
        alice.send(room, "hidden")
        assert bodies(timeline(alice.sync(filter={"room": {"timeline": part}}), room)) == []
        shown = alice.sync(filter={"room": {"state": part, "timeline": {"limit": 1}}})
        assert state_events(shown, room) == {} and state_events(shown, other) != {}


def test_filters_choose_fields(pair):
    """(67)"""
    alice, bob, room = pair
    alice.send(room, "short")
    events = timeline(bob.sync(filter={"event_fields": ["type", "content.body"], **limited_to(1)}), room)
    assert events == [{"type": "m.room.message", "content": {"body": "short"}}]


def test_filters_are_kept_for_their_owner(people):
    """(67)"""
    alice, bob = people(2)
    room = alice.room_with(bob)
    alice.send_many(room, 5)
    wanted = {"room": {"timeline": {"limit": 2}}, "org.example.unknown": {"kept": True}}
    stored = bob.ok("POST", path("user", bob.user_id, "filter"), wanted)["filter_id"]
    assert not stored.startswith("{")
    assert bob.ok("GET", path("user", bob.user_id, "filter", stored)) == wanted
    assert len(timeline(bob.sync(filter=stored), room)) == 2
    bob.fails(404, "M_NOT_FOUND", "GET", path("user", bob.user_id, "filter", "none"))
    answer = alice.request("GET", path("sync"), params={"filter": "none"})
    assert 400 <= answer.status_code < 500
    alice.fails(403, "M_FORBIDDEN", "GET", path("user", bob.user_id, "filter", stored))


def test_lazy_loading_gives_the_members_of_the_timeline(people):
    """(59)"""
    alice, bob, carol, dave = people(4)
    room = alice.room_with(bob, carol, dave, name="Named")
    lazy = {"room": {"state": {"lazy_load_members": True}, "timeline": {"limit": 1}}}
    bob.send(room, "from bob")
    answer = dave.sync(filter=lazy)

    def members(answer):
        return {key for type, key in state_events(answer, room) if type == "m.room.member"}

    assert members(answer) == {bob.user_id, dave.user_id}
    carol.send(room, "from carol")
    answer = dave.sync(answer["next_batch"], filter=lazy)
    assert carol.user_id in members(answer) and alice.user_id not in members(answer)
    page = dave.messages(room, limit=2, filter='{"lazy_load_members":true}')
    assert {event["state_key"] for event in page["state"]} == {carol.user_id, bob.user_id}


# Tokens


def test_bad_tokens_are_refused(pair):
    """(66)"""
    alice, _, room = pair
    for token in ("nonsense", "", "s", "s-1", "s1_", "sx", "s99999999999999999999", "\u0000"):
        for target, name in ((path("sync"), "since"), (path("rooms", room, "messages"), "from")):
            answer = alice.request("GET", target, params={name: token, "dir": "b"})
            assert answer.status_code == 400 or token == "" and answer.status_code == 200, (name, token, answer.text)
            if answer.status_code == 400:
                assert answer.json()["errcode"] in ("M_INVALID_PARAM", "M_UNKNOWN")


def test_old_tokens_work_after_a_restart(own_server):
    """(66)"""
    alice = Client.register(own_server, "alice")
    room = alice.create_room()
    tokens, sent = [], []
    for number in range(4):
        tokens.append(alice.sync()["next_batch"])
        sent.append(alice.send(room, f"line {number}"))
    own_server.restart()
    for number, token in enumerate(tokens):
        assert event_ids(timeline(alice.sync(token), room)) == sent[number:]
    sent.append(alice.send(room, "after"))
    assert event_ids(timeline(alice.sync(tokens[0]), room)) == sent


def test_a_token_from_the_future_does_not_lose_events(pair):
    """(66): as after a database was restored from a backup."""
    alice, bob, room = pair
    answer = bob.request("GET", path("sync"), params={"since": "s999999999", "timeout": 0})
    assert answer.status_code in (200, 400), answer.text
    if answer.status_code == 200:
        event = alice.send(room, "not lost")
        following = bob.sync(answer.json()["next_batch"])
        assert event in event_ids(timeline(following, room))


def test_two_clients_of_a_user_see_the_same(pair):
    alice, bob, room = pair
    other = bob.another_device()
    tokens = [client.sync()["next_batch"] for client in (bob, other)]
    waiting = [Waiting(client, token) for client, token in zip((bob, other), tokens)]
    event = alice.send(room)
    for poll in waiting:
        assert event_ids(timeline(poll.result(), room)) == [event]
    mine = bob.send(room, "mine")
    assert event_ids(timeline(other.sync(waiting[1].answer["next_batch"]), room)) == [mine]


def test_syncs_under_load_see_each_event_once_and_in_order(people):
    """(56, 74)"""
    users = people(3)
    reader = users[0]
    room = reader.room_with(*users[1:])
    token = reader.sync()["next_batch"]
    with ThreadPoolExecutor(2) as pool:
        sending = [pool.submit(user.send_many, room, 60) for user in users[1:]]
        seen = []
        deadline = time.monotonic() + 20
        while len(seen) < 120:
            assert time.monotonic() < deadline, len(seen)
            answer = reader.sync(token, timeout=1000, filter=limited_to(3))
            part = (joined(answer, room) or {}).get("timeline")
            if part:
                events = part["events"]
                if part["limited"]:
                    gap = reader.all_messages(room, "b", **{"from": part["prev_batch"], "to": token})
                    events = list(reversed(gap)) + events
                seen += event_ids(events)
            token = answer["next_batch"]
        sent = [future.result() for future in sending]
    assert len(seen) == len(set(seen)) == 120
    for one in sent:
        assert [event for event in seen if event in set(one)] == one
    assert seen == event_ids(reversed(reader.messages(room, limit=120)["chunk"]))


class Follower:
    """Keeps a room's state and timeline as a client does, by what incremental syncs say and nothing else."""

    def __init__(self, client, room, state_after=None):
        self.client, self.room, self.since = client, room, None
        self.options = {state_after[0]: "true"} if state_after else {}
        self.key = state_after[1] if state_after else "state"
        self.state, self.seen = None, []

    def sync(self, limit):
        answer = self.client.sync(self.since, filter=limited_to(limit), **self.options)
        part = joined(answer, self.room)
        if section(answer, "leave", self.room) or section(answer, "invite", self.room):
            self.state = None
        if part:
            events = part["timeline"]["events"]
            if self.state is None:
                self.state = {}
            for event in part.get(self.key, {}).get("events", []):
                self.state[event["type"], event["state_key"]] = event["event_id"]
            for event in events:
                if self.key == "state" and "state_key" in event:
                    self.state[event["type"], event["state_key"]] = event["event_id"]
            if part["timeline"]["limited"] and self.since and "prev_batch" in part["timeline"]:
                gap = self.client.all_messages(
                    self.room, "b", **{"from": part["timeline"]["prev_batch"], "to": self.since})
                self.seen += event_ids(reversed(gap))
            self.seen += event_ids(events)
        self.since = answer["next_batch"]


@pytest.mark.parametrize("state_after", [None, STATE_AFTER[0]], ids=["state", "state_after"])
@pytest.mark.parametrize("seed", range(3))
def test_who_follows_has_the_rooms_state_and_every_event(people, seed, state_after):
    """(56, 57, 58, 61): whatever happens, and however much of it at once."""
    alice, bob, carol = people(3)
    room = alice.public_room()
    bob.join(room)
    chance = random.Random(seed)
    constant, restless = Follower(bob, room, state_after), Follower(carol, room, state_after)
    levels = alice.state(room, "m.room.power_levels")
    alice.set_state(room, "m.room.power_levels", {**levels, "state_default": 0})

    def happen():
        kind = chance.randrange(9)
        if kind <= 2:
            chance.choice([alice, bob]).send_many(room, chance.randrange(1, 6))
        elif kind <= 4:
            chance.choice([alice, bob]).set_state(
                room, f"org.example.{chance.randrange(3)}", {"n": chance.random() > 0.5}, str(chance.randrange(2)))
        elif kind == 5:
            bob.ok("PUT", path("profile", bob.user_id, "displayname"), {"displayname": f"Bob {chance.random()}"})
        else:
            action = chance.choice(["join", "leave", "kick", "ban", "unban", "invite"])
            if action in ("join", "leave"):
                carol.request("POST", path("rooms", room, action), {})
            else:
                alice.request("POST", path("rooms", room, action), {"user_id": carol.user_id})

    for step in range(60):
        for _ in range(chance.randrange(1, 4)):
            happen()
        limit = chance.choice([1, 2, 5, 20])
        constant.sync(limit)
        truth = {key: event["event_id"] for key, event in bob.all_state(room).items()}
        assert constant.state == truth, f"step {step}, limit {limit}"
        if chance.random() < 0.6:
            restless.sync(limit)
            if room in carol.joined_rooms():
                assert restless.state == truth, f"step {step}, limit {limit}, who comes and goes"
            else:
                assert restless.state is None, f"step {step}: the leave was not told"
    whole = event_ids(bob.all_messages(room, "f"))
    assert constant.seen == whole[whole.index(constant.seen[0]):]


# Ignored users


def test_ignored_users_are_silent(people):
    """(63)"""
    alice, bob, carol = people(3)
    room = alice.room_with(bob, carol)
    token = carol.sync()["next_batch"]
    carol.ignore(bob)
    bob.send(room, "ignored")
    alice.send(room, "heard")
    levels = alice.state(room, "m.room.power_levels")
    state = alice.set_state(room, "m.room.power_levels", {**levels, "state_default": 0})
    named = bob.set_state(room, "org.example.state", {})
    bob.typing(room)
    answer = carol.sync(token)
    assert bodies(timeline(answer, room)) == ["heard"]
    assert event_ids(timeline(answer, room))[-2:] == [state, named]
    assert all(bob.user_id not in content["user_ids"] for content in ephemeral(answer, room, "m.typing"))
    invitation = bob.create_room(invite=[carol.user_id])
    assert section(carol.sync(token), "invite", invitation) is None
    assert section(carol.sync(), "invite", invitation) is None
    carol.ignore()
    assert "ignored" in bodies(timeline(carol.sync(), room))


def test_words_of_ignored_users_are_not_counted(people):
    """(63)"""
    alice, bob, carol = people(3)
    room = alice.room_with(bob, carol)
    carol.ignore(bob)
    bob.send(room, "ignored")
    assert counts(carol.sync(), room) == (0, 0)


def test_words_of_ignored_users_are_not_in_messages(people):
    """(63): whoever pages back does not meet them either."""
    alice, bob, carol = people(3)
    room = alice.room_with(bob, carol)
    carol.ignore(bob)
    bob.send(room, "ignored")
    alice.send(room, "heard")
    assert bodies(carol.all_messages(room)) == ["heard"]


# Typing and receipts


def test_typing_begins_and_ends(pair):
    """(71)"""
    alice, bob, room = pair
    token = bob.sync()["next_batch"]
    waiting = Waiting(bob, token)
    alice.typing(room)
    answer = waiting.result()
    assert ephemeral(answer, room, "m.typing") == [{"user_ids": [alice.user_id]}]
    token = answer["next_batch"]
    alice.typing(room)  # Going on changes nothing.
    assert joined(bob.sync(token), room) is None
    bob.typing(room)
    answer = bob.sync(token)
    assert ephemeral(answer, room, "m.typing") == [{"user_ids": sorted([alice.user_id, bob.user_id])}]
    alice.typing(room, False)
    answer = bob.sync(answer["next_batch"])
    assert ephemeral(answer, room, "m.typing") == [{"user_ids": [bob.user_id]}]
    bob.send(room, "sent")
    assert ephemeral(bob.sync(answer["next_batch"]), room, "m.typing") == [{"user_ids": []}]


def test_typing_times_out(pair):
    """(71)"""
    alice, bob, room = pair
    token = bob.sync()["next_batch"]
    alice.typing(room, timeout=300)
    answer = bob.sync(token)
    assert ephemeral(answer, room, "m.typing") == [{"user_ids": [alice.user_id]}]
    began = time.monotonic()
    ended = bob.sync(answer["next_batch"], timeout=5000)
    assert ephemeral(ended, room, "m.typing") == [{"user_ids": []}]
    assert time.monotonic() - began < 1.5


def test_who_leaves_types_no_more(pair):
    """(71)"""
    alice, bob, room = pair
    bob.typing(room)
    token = alice.sync()["next_batch"]
    bob.leave(room)
    shown = ephemeral(alice.sync(token), room, "m.typing") + ephemeral(alice.sync(), room, "m.typing")
    assert all(bob.user_id not in content["user_ids"] for content in shown) and shown


def test_a_public_receipt_is_shown_to_all(pair):
    """(99)"""
    alice, bob, room = pair
    event = alice.send(room)
    token = alice.sync()["next_batch"]
    waiting = Waiting(alice, token)
    bob.receipt(room, event)
    [content] = ephemeral(waiting.result(), room, "m.receipt")
    assert content.keys() == {event} and content[event].keys() == {"m.read"}
    assert abs(content[event]["m.read"][bob.user_id]["ts"] / 1000 - time.time()) < 60
    [again] = ephemeral(Client(alice.server, alice.token).sync(), room, "m.receipt")
    assert again == content


def test_a_private_receipt_is_shown_to_nobody_else(pair):
    """(99)"""
    alice, bob, room = pair
    other = bob.another_device()
    event = alice.send(room)
    tokens = {client: client.sync()["next_batch"] for client in (alice, other)}
    bob.receipt(room, event, "m.read.private")
    [content] = ephemeral(other.sync(tokens[other]), room, "m.receipt")
    assert content == {event: {"m.read.private": {bob.user_id: content[event]["m.read.private"][bob.user_id]}}}
    marker = alice.send(room, "afterwards")
    answer = alice.sync(tokens[alice])
    assert event_ids(timeline(answer, room)) == [marker]
    assert ephemeral(answer, room, "m.receipt") == [] == ephemeral(alice.sync(), room, "m.receipt")


def test_receipts_only_move_forward(pair):
    """(99)"""
    alice, bob, room = pair
    early, late = alice.send(room, "early"), alice.send(room, "late")
    bob.receipt(room, late)
    bob.receipt(room, early)
    [content] = ephemeral(alice.sync(), room, "m.receipt")
    assert set(content) == {late}
    bob.ok("POST", path("rooms", room, "read_markers"), {"m.fully_read": late, "m.read": early})
    bob.ok("POST", path("rooms", room, "read_markers"), {"m.fully_read": early})
    assert bob.account_data("m.fully_read", room) == {"event_id": late}


def test_receipts_of_threads_stand_by_themselves(pair):
    """(98, 99, 100)"""
    alice, bob, room = pair
    root = alice.send(room, "root")
    reply = alice.send(room, content={
        "msgtype": "m.text", "body": "reply", "m.relates_to": {"rel_type": "m.thread", "event_id": root}})
    bob.receipt(room, reply, thread_id=root)
    bob.receipt(room, root, thread_id="main")
    bob.receipt(room, root, thread_id=root)
    bob.receipt(room, root)
    contents = ephemeral(alice.sync(), room, "m.receipt")
    marks = {(event, marks["m.read"][bob.user_id].get("thread_id"))
             for content in contents for event, marks in content.items()}
    # Two threads may have their receipts at one event, so that they do not fit into one content.
    assert marks == {(reply, root), (root, "main"), (root, None)}


@pytest.mark.parametrize("body", [{"thread_id": 1}, {"thread_id": ""}, {"thread_id": []}, {"thread_id": "no event"}])
def test_threads_of_receipts_are_main_or_an_event(pair, body):
    """(100)"""
    alice, _, room = pair
    event = alice.send(room)
    alice.fails(400, "M_INVALID_PARAM", "POST", path("rooms", room, "receipt", "m.read", event), body)


def test_a_receipts_event_belongs_to_its_thread(pair):
    """(100)"""
    alice, _, room = pair
    event, other = alice.send(room), alice.send(room)
    alice.fails(
        400, "M_INVALID_PARAM", "POST", path("rooms", room, "receipt", "m.read", event), {"thread_id": other})


def test_markers_have_no_threads(pair):
    """(100)"""
    alice, _, room = pair
    event = alice.send(room)
    alice.fails(400, "M_INVALID_PARAM", "POST", path("rooms", room, "receipt", "m.fully_read", event),
                {"thread_id": "main"})
    alice.ok("POST", path("rooms", room, "receipt", "m.fully_read", event))
    assert alice.account_data("m.fully_read", room) == {"event_id": event}


def test_read_markers_set_all_three(pair):
    """(99)"""
    alice, bob, room = pair
    event = alice.send(room)
    token = bob.sync()["next_batch"]
    bob.ok("POST", path("rooms", room, "read_markers"),
           {"m.fully_read": event, "m.read": event, "m.read.private": event})
    answer = bob.sync(token)
    assert account_data_events(answer, room)["m.fully_read"] == {"event_id": event}
    [content] = ephemeral(answer, room, "m.receipt")
    assert content[event].keys() == {"m.read", "m.read.private"}


# Unread counts


def test_messages_are_counted_until_they_are_read(pair):
    """(98, 99)"""
    alice, bob, room = pair
    bob.receipt(room, alice.send(room, "old"))
    events = alice.send_many(room, 3)
    answer = bob.sync()
    assert counts(answer, room) == (3, 0)
    bob.receipt(room, events[1])
    answer = bob.sync(answer["next_batch"])
    assert counts(answer, room) == (1, 0)
    bob.receipt(room, events[2], "m.read.private")
    assert counts(bob.sync(answer["next_batch"]), room) == (0, 0)
    assert counts(bob.sync(), room) == (0, 0)


def test_mentions_are_highlighted(people):
    """(94)"""
    alice, bob, carol = people(3)
    room = alice.room_with(bob, carol)
    alice.send(room, content={"msgtype": "m.text", "body": "you", "m.mentions": {"user_ids": [bob.user_id]}})
    assert counts(bob.sync(), room) == (1, 1)
    assert counts(carol.sync(), room) == (1, 0)
    alice.send(room, content={"msgtype": "m.text", "body": "all", "m.mentions": {"room": True}})
    assert (counts(bob.sync(), room), counts(carol.sync(), room)) == ((2, 2), (2, 1))
    # Whoever may not notify the room does not.
    bob.send(room, content={"msgtype": "m.text", "body": "all", "m.mentions": {"room": True}})
    assert counts(carol.sync(), room) == (3, 1)


def test_what_stays_quiet_is_not_counted(pair):
    """(94)"""
    alice, bob, room = pair
    bob.receipt(room, alice.send(room))
    alice.send(room, content={"msgtype": "m.notice", "body": "robot"})
    alice.send(room, type="m.reaction", content={})
    alice.send(room, content={"msgtype": "m.text", "body": "* edit", "m.relates_to": {
        "rel_type": "m.replace", "event_id": "$" + "x" * 43}})
    alice.set_state(room, "m.room.name", {"name": "New"})
    alice.ok("PUT", path("profile", alice.user_id, "displayname"), {"displayname": "Alicia"})
    assert counts(bob.sync(), room) == (0, 0)


def test_own_words_are_read(pair):
    """(93, 104)"""
    alice, bob, room = pair
    alice.send_many(room, 2)
    answer = bob.sync()
    assert counts(answer, room) == (2, 0)
    bob.send(room, "answer")
    answer = bob.sync(answer["next_batch"])
    assert counts(answer, room) == (0, 0)
    alice.send(room)
    assert counts(bob.sync(answer["next_batch"]), room) == (1, 0)


def test_what_was_redacted_is_not_counted(pair):
    """(32)"""
    alice, bob, room = pair
    bob.receipt(room, alice.send(room))
    alice.redact(room, alice.send(room))
    assert counts(bob.sync(), room) == (0, 0)


def test_counts_survive_a_restart(own_server):
    """(98)"""
    alice, bob = Client.register(own_server, "alice"), Client.register(own_server, "bob")
    room = alice.room_with(bob)
    bob.receipt(room, alice.send(room))
    alice.send_many(room, 3)
    alice.send(room, content={"msgtype": "m.text", "body": "you", "m.mentions": {"user_ids": [bob.user_id]}})
    own_server.restart()
    assert counts(bob.sync(), room) == (4, 1)


# Account data and profiles


def test_account_data_echoes_to_all_devices(people):
    """(70)"""
    [alice] = people(1)
    other = alice.another_device()
    room = alice.create_room()
    token = other.sync()["next_batch"]
    waiting = Waiting(other, token)
    alice.set_account_data("org.example.global", {"a": 1})
    answer = waiting.result()
    assert account_data_events(answer) == {"org.example.global": {"a": 1}}
    alice.set_account_data("org.example.room", {"b": 2}, room)
    alice.ok("PUT", path("user", alice.user_id, "rooms", room, "tags", "m.favourite"), {"order": 0.5})
    answer = other.sync(answer["next_batch"])
    assert account_data_events(answer, room) == {
        "org.example.room": {"b": 2}, "m.tag": {"tags": {"m.favourite": {"order": 0.5}}}}
    assert account_data_events(answer) == {}
    assert account_data_events(other.sync())["org.example.global"] == {"a": 1}
    assert "m.push_rules" in account_data_events(other.sync())
    alice.ok("DELETE", path("user", alice.user_id, "rooms", room, "tags", "m.favourite"))
    assert account_data_events(other.sync(answer["next_batch"]), room) == {"m.tag": {"tags": {}}}


def test_account_data_is_nobody_elses(people):
    alice, bob = people(2)
    alice.set_account_data("org.example.own", {"a": 1})
    room = alice.room_with(bob)
    for segments in (("account_data", "org.example.own"), ("rooms", room, "account_data", "x"), ("rooms", room, "tags")):
        bob.fails(403, "M_FORBIDDEN", "GET", path("user", alice.user_id, *segments))
    bob.fails(403, "M_FORBIDDEN", "PUT", path("user", alice.user_id, "account_data", "org.example.own"), {})
    assert alice.account_data("org.example.own") == {"a": 1}
    assert "org.example.own" not in account_data_events(bob.sync())
    alice.fails(404, "M_NOT_FOUND", "GET", path("user", alice.user_id, "account_data", "org.example.none"))


@pytest.mark.parametrize("type", ["m.fully_read", "m.push_rules"])
def test_what_the_server_keeps_is_not_set_as_account_data(people, type):
    """(101)"""
    [alice] = people(1)
    room = alice.create_room()
    alice.fails(405, "M_BAD_JSON", "PUT", path("user", alice.user_id, "account_data", type), {})
    alice.fails(405, "M_BAD_JSON", "PUT", path("user", alice.user_id, "rooms", room, "account_data", type), {})


def test_a_new_name_wakes_the_room(pair):
    """(117)"""
    alice, bob, room = pair
    token = alice.sync()["next_batch"]
    waiting = Waiting(alice, token)
    bob.ok("PUT", path("profile", bob.user_id, "displayname"), {"displayname": "Robert"})
    [event] = timeline(waiting.result(), room)
    assert (event["state_key"], event["content"]["displayname"], event["content"]["membership"]) == (
        bob.user_id, "Robert", "join")
    assert event["unsigned"]["prev_content"]["displayname"] == bob.localpart
    assert alice.ok("GET", path("rooms", room, "joined_members"))["joined"][bob.user_id]["display_name"] == "Robert"


# Who may see what was said before


def test_shared_history_is_there_for_who_joins_later(people):
    """(73)"""
    alice, bob = people(2)
    room = alice.public_room()
    alice.send(room, "before")
    bob.join(room)
    assert "before" in bodies(bob.all_messages(room))
    assert "before" in bodies(timeline(bob.sync(), room))


@pytest.mark.parametrize("visibility, seen", [
    ("joined", ["after join"]), ("invited", ["after invite", "after join"]),
    ("shared", ["before", "after invite", "after join"]),
    ("world_readable", ["before", "after invite", "after join"])])
def test_history_is_visible_as_the_room_says(people, visibility, seen):
    """(73)"""
    alice, bob, carol = people(3)
    room = alice.create_room(initial_state=[
        {"type": "m.room.history_visibility", "content": {"history_visibility": visibility}}])
    events = [alice.send(room, "before")]
    alice.invite(room, bob)
    events.append(alice.send(room, "after invite"))
    bob.join(room)
    events.append(alice.send(room, "after join"))
    assert bodies(reversed(bob.all_messages(room))) == seen
    assert bodies(timeline(bob.sync(filter=limited_to(100)), room)) == seen
    for event, text in zip(events, ["before", "after invite", "after join"]):
        answer = bob.request("GET", path("rooms", room, "event", event))
        assert (answer.status_code == 200) == (text in seen)
        around = bob.request("GET", path("rooms", room, "context", event))
        assert (around.status_code == 200) == (text in seen)
    # A stranger sees what is open to the world.
    answer = carol.request("GET", path("rooms", room, "messages"), params={"dir": "b"})
    assert answer.status_code == (200 if visibility == "world_readable" else 403)


def test_visibility_is_that_of_the_event(people):
    """(73)"""
    alice, bob = people(2)
    room = alice.public_room()
    alice.send(room, "open")
    alice.set_state(room, "m.room.history_visibility", {"history_visibility": "joined"})
    alice.send(room, "closed")
    alice.set_state(room, "m.room.history_visibility", {"history_visibility": "shared"})
    alice.send(room, "open again")
    bob.join(room)
    assert bodies(reversed(bob.all_messages(room))) == ["open", "open again"]
    assert bodies(timeline(bob.sync(filter=limited_to(100)), room)) == ["open", "open again"]


def test_what_was_said_in_absence_stays_hidden(pair):
    """(73)"""
    alice, bob, room = pair
    alice.set_state(room, "m.room.history_visibility", {"history_visibility": "joined"})
    alice.set_state(room, "m.room.join_rules", {"join_rule": "public"})
    alice.send(room, "with bob")
    token = bob.sync()["next_batch"]
    bob.leave(room)
    alice.send(room, "without bob")
    bob.join(room)
    alice.send(room, "with bob again")
    assert bodies(reversed(bob.all_messages(room))) == ["with bob", "with bob again"]
    assert "without bob" not in bodies(timeline(bob.sync(token), room))


# Members and contexts


def test_members_at_a_token(people):
    """(112)"""
    alice, bob, carol = people(3)
    room = alice.room_with(bob)
    token = alice.sync()["next_batch"]
    alice.invite(room, carol)
    bob.leave(room)

    def members(**params):
        chunk = alice.ok("GET", path("rooms", room, "members"), params=params)["chunk"]
        return {event["state_key"]: event["content"]["membership"] for event in chunk}

    assert members(at=token) == {alice.user_id: "join", bob.user_id: "join"}
    assert members() == {alice.user_id: "join", bob.user_id: "leave", carol.user_id: "invite"}
    assert members(membership="join") == {alice.user_id: "join"}
    assert members(not_membership="leave") == {alice.user_id: "join", carol.user_id: "invite"}
    assert set(alice.ok("GET", path("rooms", room, "joined_members"))["joined"]) == {alice.user_id}
    alice.fails(400, "M_INVALID_PARAM", "GET", path("rooms", room, "members"), params={"membership": "guest"})


def test_a_context_stands_around_its_event(pair):
    """(111)"""
    alice, bob, room = pair
    alice.set_state(room, "m.room.name", {"name": "Then"})
    events = alice.send_many(room, 20)
    alice.set_state(room, "m.room.name", {"name": "Now"})
    context = bob.ok("GET", path("rooms", room, "context", events[10]), params={"limit": 6})
    assert context["event"]["event_id"] == events[10]
    before, after = event_ids(context["events_before"]), event_ids(context["events_after"])
    assert before == events[7:10][::-1] and after == events[11:14]
    state = {(event["type"], event["state_key"]): event["content"] for event in context["state"]}
    assert state["m.room.name", ""] == {"name": "Then"}
    older = bob.messages(room, "b", limit=3, **{"from": context["start"]})
    assert event_ids(older["chunk"]) == events[4:7][::-1]
    newer = bob.messages(room, "f", limit=3, **{"from": context["end"]})
    assert event_ids(newer["chunk"]) == events[14:17]
    bob.fails(404, "M_NOT_FOUND", "GET", path("rooms", room, "context", "$" + "x" * 43))


def test_a_context_keeps_to_its_limit(pair):
    """(111)"""
    alice, _, room = pair
    events = alice.send_many(room, 5)
    for limit in range(4):
        context = alice.ok("GET", path("rooms", room, "context", events[2]), params={"limit": limit})
        assert len(context["events_before"] + context["events_after"]) == limit
