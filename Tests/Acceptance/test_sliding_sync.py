"""Sliding sync over HTTP, with the requests that Element X sends, and in the form that has been accepted.

The numbers in brackets are those of the project's checklist of rules that implementers get wrong.
"""

import threading
import time

import pytest

from support.client import Client, path, unique

UNSTABLE = "/_matrix/client/unstable/org.matrix.simplified_msc3575/sync"
V4 = "/_matrix/client/v4/sync"

# crates/matrix-sdk-ui/src/room_list_service/mod.rs of matrix-rust-sdk
REQUIRED_STATE = [
    ["m.room.name", ""], ["m.room.encryption", ""], ["m.room.member", "$LAZY"], ["m.room.member", "$ME"],
    ["m.room.topic", ""], ["m.room.avatar", ""], ["m.room.canonical_alias", ""], ["m.room.power_levels", ""],
    ["org.matrix.msc3401.call.member", "*"], ["m.room.join_rules", ""], ["m.room.tombstone", ""],
    ["m.room.create", ""], ["m.room.history_visibility", ""], ["io.element.functional_members", ""],
    ["m.space.parent", "*"], ["m.space.child", "*"], ["org.matrix.msc3672.beacon_info", "*"]]
SUBSCRIPTION = {"required_state": REQUIRED_STATE + [["m.room.pinned_events", ""]], "timeline_limit": 20}


def room_list(last=19, **subscriptions):
    return {
        "conn_id": "room-list",
        "lists": {"all_rooms": {
            "ranges": [[0, last]], "timeline_limit": 1, "required_state": REQUIRED_STATE,
            "filters": {"not_room_types": ["m.space"]}}},
        "room_subscriptions": subscriptions,
        "extensions": {
            "account_data": {"enabled": True}, "receipts": {"enabled": True, "rooms": ["*"]},
            "typing": {"enabled": True}}}


ENCRYPTION = {"conn_id": "encryption", "extensions": {"to_device": {"enabled": True}, "e2ee": {"enabled": True}}}
NOTIFICATIONS = {
    "conn_id": "notifications",
    "lists": {"invites": {
        "ranges": [[0, 16]], "timeline_limit": 0, "required_state": [["m.room.member", "$LAZY"], ["m.room.name", ""]],
        "filters": {"is_invite": True}}},
    "extensions": {"account_data": {"enabled": True}}}


def sliding(client, body, pos=None, timeout=0, **options):
    params = {"timeout": timeout, **({"pos": pos} if pos else {})}
    return client.ok("POST", UNSTABLE, body, params=params, **options)


def bodies(room):
    return [event["content"].get("body") for event in room.get("timeline", []) if event["type"] == "m.room.message"]


class Waiting:
    """A long poll in a thread of its own, on a connection of its own."""

    def __init__(self, client, body, pos, timeout=10_000):
        own = Client(client.server, client.token)
        self.thread = threading.Thread(target=self._run, args=(own, body, pos, timeout), daemon=True)
        self.thread.start()

    def _run(self, client, body, pos, timeout):
        self.answer = sliding(client, body, pos, timeout)

    def result(self):
        self.thread.join(20)
        assert not self.thread.is_alive(), "the sync did not end"
        return self.answer


def test_clients_are_told_of_it(people):
    [alice] = people(1)
    features = alice.ok("GET", "/_matrix/client/versions")["unstable_features"]
    assert features["org.matrix.simplified_msc3575"] is True


def test_the_room_list_of_element_x(pair):
    alice, bob, room = pair
    alice.set_state(room, "m.room.name", {"name": "tea"})
    alice.send(room, "hello")
    first = sliding(bob, room_list())
    assert first["lists"]["all_rooms"]["count"] == len(bob.joined_rooms())
    shown = first["rooms"][room]
    assert shown["name"] == "tea"
    assert shown["initial"] is True and shown["limited"] is True
    assert bodies(shown) == ["hello"]
    assert shown["num_live"] == 0
    assert (shown["joined_count"], shown["invited_count"]) == (2, 0)
    assert shown["notification_count"] >= 1
    members = {event["state_key"] for event in shown["required_state"] if event["type"] == "m.room.member"}
    assert members == {alice.user_id, bob.user_id}
    types = {event["type"] for event in first["extensions"]["account_data"]["global"]}
    assert "m.push_rules" in types

    # Opening the room: what was there before, at once.
    opened = sliding(bob, room_list(**{room: SUBSCRIPTION}), first["pos"], timeout=30_000)
    assert opened["rooms"][room]["unstable_expanded_timeline"] is True
    assert len(opened["rooms"][room]["timeline"]) > 1
    waiting = Waiting(bob, room_list(**{room: SUBSCRIPTION}), opened["pos"])
    alice.typing(room)
    typing = waiting.result()
    assert typing["extensions"]["typing"]["rooms"][room]["content"]["user_ids"] == [alice.user_id]
    waiting = Waiting(bob, room_list(**{room: SUBSCRIPTION}), typing["pos"])
    event = alice.send(room, "again")
    said = waiting.result()
    while "rooms" not in said or room not in said["rooms"]:
        said = sliding(bob, room_list(**{room: SUBSCRIPTION}), said["pos"], timeout=5_000)
    assert bodies(said["rooms"][room]) == ["again"]
    assert said["rooms"][room]["num_live"] == 1
    alice.receipt(room, event)
    read = sliding(bob, room_list(**{room: SUBSCRIPTION}), said["pos"], timeout=5_000)
    while room not in read["extensions"].get("receipts", {}).get("rooms", {}):
        read = sliding(bob, room_list(**{room: SUBSCRIPTION}), read["pos"], timeout=5_000)
    assert alice.user_id in read["extensions"]["receipts"]["rooms"][room]["content"][event]["m.read"]


def test_the_same_position_is_answered_again(pair):
    """(76)"""
    alice, bob, room = pair
    first = sliding(bob, room_list())
    alice.send(room, "hello")
    answers = [sliding(bob, room_list(), first["pos"]) for _ in range(3)]
    for answer in answers:
        for event in answer["rooms"][room]["timeline"]:
            event["unsigned"].pop("age")
        for event in answer["rooms"][room].get("required_state", []):
            event["unsigned"].pop("age")
    assert answers[0]["rooms"] == answers[1]["rooms"] == answers[2]["rooms"]
    assert sliding(bob, room_list(), answers[2]["pos"])["rooms"] == {}
    bob.fails(400, "M_UNKNOWN_POS", "POST", UNSTABLE, room_list(), params={"pos": first["pos"]})


def test_positions_do_not_survive_a_restart(own_server):
    """(76)"""
    alice = Client.register(own_server)
    alice.create_room()
    first = sliding(alice, room_list())
    own_server.restart()
    alice.fails(400, "M_UNKNOWN_POS", "POST", UNSTABLE, room_list(), params={"pos": first["pos"]})
    assert len(sliding(alice, room_list())["rooms"]) == 1


@pytest.mark.parametrize("pos", ["", "x", "s1", "s1~~", "s1~a~1", "s-1~a~1", "~~~", "s99999999999999999999~a~1", "\u00e9"])
def test_what_is_no_position_is_unknown(people, pos):
    """(76)"""
    [alice] = people(1)
    sliding(alice, room_list())
    alice.fails(400, "M_UNKNOWN_POS", "POST", UNSTABLE, room_list(), params={"pos": pos})


def test_a_position_is_a_token_for_messages(pair):
    alice, bob, room = pair
    alice.send(room, "hello")
    pos = sliding(bob, room_list())["pos"]
    alice.send(room, "later")
    chunk = bob.messages(room, limit=1, **{"from": pos})["chunk"]
    assert chunk[0]["content"]["body"] == "hello"


def test_the_encryption_connection_waits(people):
    """It has no lists, and what happens in rooms does not end its wait."""
    alice, bob = people(2)
    room = alice.room_with(bob)
    first = sliding(bob, ENCRYPTION)
    assert first["rooms"] == {}
    began = time.monotonic()
    waiting = Waiting(bob, ENCRYPTION, first["pos"], timeout=700)
    alice.send(room, "hello")
    assert waiting.result()["rooms"] == {}
    assert time.monotonic() - began > 0.6


def test_the_notification_process_sees_an_invitation(people):
    alice, bob = people(2)
    room = alice.create_room(name="tea", invite=[bob.user_id])
    alice.send(room, "for members")
    answer = sliding(bob, {**NOTIFICATIONS, "room_subscriptions": {room: SUBSCRIPTION}})
    assert answer["lists"]["invites"]["count"] == 1
    shown = answer["rooms"][room]
    stripped = {event["type"]: event for event in shown["invite_state"]}
    assert stripped["m.room.name"]["content"]["name"] == "tea"
    assert stripped["m.room.member"]["state_key"] == bob.user_id
    assert "timeline" not in shown


def test_who_is_kicked_is_told_and_hears_no_more(pair):
    """(79)"""
    alice, bob, room = pair
    first = sliding(bob, room_list())
    waiting = Waiting(bob, room_list(), first["pos"])
    alice.membership("kick", room, bob)
    alice.send(room, "unheard")
    answer = waiting.result()
    own = [event for event in answer["rooms"][room]["required_state"] if event.get("state_key") == bob.user_id]
    assert own[-1]["content"]["membership"] == "leave"
    later = sliding(bob, room_list(), answer["pos"])
    assert "unheard" not in str(answer) + str(later)


def test_the_accepted_form(pair):
    alice, bob, room = pair
    alice.send_many(room, 3)
    body = {
        "conn_id": "main", "timeout": 0,
        "lists": {"all": {
            "range": [0, 9], "timeline_limit": 2,
            "required_state": {"include": [{}], "exclude": [{"type": "m.room.create"}], "lazy_members": True}}}}
    first = bob.ok("POST", V4, body)
    shown = first["rooms"][room]
    assert shown["membership"] == "join" and shown["lists"] == ["all"]
    assert len(shown["timeline"]) == 2
    types = {event["type"] for event in shown["required_state"]}
    assert "m.room.create" not in types and "m.room.join_rules" in types
    assert "notification_count" not in shown
    alice.send(room, "hello")
    assert bodies(bob.ok("POST", V4, {**body, "pos": first["pos"], "timeout": 5_000})["rooms"][room]) == ["hello"]
    bob.fails(400, "M_UNKNOWN_POS", "POST", V4, {**body, "pos": "nothing"})
    bob.fails(400, "M_INVALID_PARAM", "POST", V4, {**body, "set_presence": "asleep"})


def test_a_growing_window_shows_every_room_once(people):
    """(75)"""
    [alice] = people(1)
    rooms = {alice.create_room(name=unique("room")) for _ in range(12)}
    seen, pos, last = [], None, 2
    while last < 20:
        answer = sliding(alice, room_list(last), pos)
        assert answer["lists"]["all_rooms"]["count"] == len(rooms)
        seen += answer["rooms"]
        pos, last = answer["pos"], last + 4
    assert sorted(seen) == sorted(rooms)
    assert alice.ok("GET", path("joined_rooms"))["joined_rooms"]
