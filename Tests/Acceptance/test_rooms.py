"""Rooms: how they begin, who may come and go, who may say what, and what is taken back.

The numbers in brackets are those of the project's checklist of rules that implementers get wrong.
"""

import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.client import Client, bodies, event_ids, path, section, state_events, timeline, unique
from support.server import Server

VERSIONS = ["11", "12"]
each_version = pytest.mark.parametrize("version", VERSIONS)


def member(client, room, user):
    return client.state(room, "m.room.member", user.user_id)


# How rooms begin


@pytest.mark.parametrize(
    "preset, rule, guests", [
        ("private_chat", "invite", "can_join"), ("trusted_private_chat", "invite", "can_join"),
        ("public_chat", "public", "forbidden")])
def test_a_preset_gives_rules_visibility_and_guest_access(people, preset, rule, guests):
    [alice] = people(1)
    room = alice.create_room(preset=preset)
    assert alice.state(room, "m.room.join_rules")["join_rule"] == rule
    assert alice.state(room, "m.room.history_visibility") == {"history_visibility": "shared"}
    assert alice.state(room, "m.room.guest_access") == {"guest_access": guests}


def test_visibility_stands_in_for_a_preset(people):
    [alice] = people(1)
    assert alice.state(alice.create_room(visibility="public"), "m.room.join_rules")["join_rule"] == "public"
    assert alice.state(alice.create_room(visibility="private"), "m.room.join_rules")["join_rule"] == "invite"
    assert alice.state(alice.create_room(), "m.room.join_rules")["join_rule"] == "invite"


@each_version
def test_first_events_come_in_the_order_of_the_specification(people, version):
    """(35)"""
    alice, bob = people(2)
    room = alice.create_room(
        room_version=version, room_alias_name=unique("order"), name="Name", topic="Topic", invite=[bob.user_id],
        initial_state=[{"type": "org.example.first", "content": {}}])
    types = [event["type"] for event in alice.all_messages(room, "f")]
    assert types == [
        "m.room.create", "m.room.member", "m.room.power_levels", "m.room.canonical_alias", "m.room.join_rules",
        "m.room.history_visibility", "m.room.guest_access", "org.example.first", "m.room.name", "m.room.topic",
        "m.room.member"]
    assert alice.state(room, "m.room.create")["room_version"] == version


def test_initial_state_overrides_the_preset(people):
    """(35)"""
    [alice] = people(1)
    room = alice.create_room(
        preset="public_chat", initial_state=[
            {"type": "m.room.join_rules", "state_key": "", "content": {"join_rule": "knock"}},
            {"type": "m.room.history_visibility", "content": {"history_visibility": "joined"}},
            {"type": "org.example.keyed", "state_key": "key", "content": {"value": 1}}])
    assert alice.state(room, "m.room.join_rules")["join_rule"] == "knock"
    assert alice.state(room, "m.room.history_visibility")["history_visibility"] == "joined"
    assert alice.state(room, "org.example.keyed", "key") == {"value": 1}


def test_name_and_topic_override_initial_state(people):
    """(35)"""
    [alice] = people(1)
    room = alice.create_room(
        name="Later", initial_state=[{"type": "m.room.name", "content": {"name": "Earlier"}}])
    assert alice.state(room, "m.room.name") == {"name": "Later"}


def test_the_topic_is_written_as_text_too(people):
    [alice] = people(1)
    topic = alice.state(alice.create_room(topic="Words"), "m.room.topic")
    assert topic["topic"] == "Words"
    assert {"body": "Words"}.items() <= topic["m.topic"]["m.text"][0].items()


def test_power_levels_can_be_overridden(people):
    """(35)"""
    [alice] = people(1)
    room = alice.create_room(power_level_content_override={"events_default": 50, "events": {"m.room.name": 20}})
    levels = alice.state(room, "m.room.power_levels")
    assert (levels["events_default"], levels["events"]) == (50, {"m.room.name": 20})


def test_version_11_makes_its_creator_an_administrator(people):
    """(44)"""
    alice, bob = people(2)
    room = alice.create_room(room_version="11", preset="trusted_private_chat", invite=[bob.user_id])
    assert alice.state(room, "m.room.power_levels")["users"] == {alice.user_id: 100, bob.user_id: 100}
    assert "creator" not in alice.state(room, "m.room.create")
    assert room.endswith(":localhost")


def test_version_12_keeps_creators_out_of_the_power_levels(people):
    """(39, 40)"""
    alice, bob, carol = people(3)
    room = alice.create_room(
        room_version="12", preset="trusted_private_chat", invite=[bob.user_id],
        creation_content={"additional_creators": [carol.user_id]})
    create = alice.all_state(room)["m.room.create", ""]
    assert set(create["content"]["additional_creators"]) == {bob.user_id, carol.user_id}
    assert room == "!" + create["event_id"][1:] and ":" not in room
    levels = alice.state(room, "m.room.power_levels")
    assert not levels.get("users")
    assert levels["events"]["m.room.tombstone"] > levels["state_default"]
    # A creator's power is beyond any level.
    bob.join(room)
    bob.set_state(room, "m.room.tombstone", {"body": "moved", "replacement_room": "!elsewhere"})
    for creator in (alice, bob):
        alice.fails(
            403, "M_FORBIDDEN", "PUT", path("rooms", room, "state", "m.room.power_levels", ""),
            {**levels, "users": {creator.user_id: 100}})


def test_additional_creators_must_be_user_ids(people):
    """(40)"""
    [alice] = people(1)
    answer = alice.request(
        "POST", path("createRoom"),
        {"room_version": "12", "creation_content": {"additional_creators": ["not a user"]}})
    assert answer.status_code in (400, 403), answer.text
    assert alice.joined_rooms() == []


def test_a_room_made_for_two_says_so_in_its_invitation(people):
    """(35)"""
    alice, bob = people(2)
    room = alice.create_room(is_direct=True, invite=[bob.user_id])
    assert member(alice, room, bob)["is_direct"] is True


def test_unknown_versions_are_refused(people):
    """(35)"""
    [alice] = people(1)
    alice.fails(400, "M_UNSUPPORTED_ROOM_VERSION", "POST", path("createRoom"), {"room_version": "org.example.none"})


def test_an_alias_names_one_room(people):
    """(34)"""
    alice, bob = people(2)
    name = unique("taken")
    alice.create_room(room_alias_name=name)
    bob.fails(400, "M_ROOM_IN_USE", "POST", path("createRoom"), {"room_alias_name": name})
    assert bob.joined_rooms() == []


def test_a_refused_invitation_makes_no_room(people):
    """(35)"""
    [alice] = people(1)
    answer = alice.request(
        "POST", path("createRoom"), {"name": "half", "invite": ["@nobody-at-all:localhost"], "visibility": "public"})
    assert 400 <= answer.status_code < 500, answer.text
    assert alice.joined_rooms() == []


def test_rooms_can_be_made_at_once(people):
    """A room's id is of nobody's making but the server's, so nobody has to wait for another."""
    [alice] = people(1)
    clients = [Client(alice.server, alice.token) for _ in range(8)]

    def make(client):
        return [client.request("POST", path("createRoom"), {}) for _ in range(20)]

    with ThreadPoolExecutor(8) as pool:
        answers = [answer for some in pool.map(make, clients) for answer in some]
    assert [answer.text for answer in answers if answer.status_code != 200] == []
    assert len({answer.json()["room_id"] for answer in answers}) == 160


# Coming and going


@each_version
def test_an_invitation_lets_in(people, version):
    alice, bob, carol = people(3)
    room = alice.create_room(room_version=version)
    carol.fails(403, "M_FORBIDDEN", "POST", path("join", room), {})
    alice.invite(room, bob)
    assert member(alice, room, bob)["membership"] == "invite"
    bob.join(room)
    assert member(alice, room, bob)["membership"] == "join"
    assert bob.joined_rooms() == [room]


def test_only_members_invite(people):
    alice, bob, carol = people(3)
    room = alice.create_room()
    bob.fails(403, "M_FORBIDDEN", "POST", path("rooms", room, "invite"), {"user_id": carol.user_id})


def test_who_is_in_cannot_be_invited(pair):
    alice, bob, room = pair
    alice.fails(403, "M_FORBIDDEN", "POST", path("rooms", room, "invite"), {"user_id": bob.user_id})


def test_the_invite_level_counts(people):
    alice, bob, carol = people(3)
    room = alice.room_with(bob, power_level_content_override={"invite": 50})
    bob.fails(403, "M_FORBIDDEN", "POST", path("rooms", room, "invite"), {"user_id": carol.user_id})


def test_reasons_are_written_down(people):
    alice, bob = people(2)
    room = alice.public_room()
    alice.membership("invite", room, bob, reason="do come")
    assert member(alice, room, bob)["reason"] == "do come"
    bob.ok("POST", path("rooms", room, "join"), {"reason": "gladly"})
    assert member(alice, room, bob)["reason"] == "gladly"
    bob.ok("POST", path("rooms", room, "leave"), {"reason": "tired"})
    assert member(alice, room, bob)["reason"] == "tired"


def test_bodies_of_join_and_leave_may_be_left_out(people):
    """(3)"""
    alice, bob = people(2)
    room = alice.public_room()
    assert bob.ok("POST", path("rooms", room, "join")) == {"room_id": room}
    assert bob.ok("POST", path("rooms", room, "leave")) == {}


def test_joining_twice_changes_nothing(pair):
    """(46)"""
    alice, bob, room = pair
    before = alice.all_state(room)["m.room.member", bob.user_id]["event_id"]
    bob.join(room)
    assert alice.all_state(room)["m.room.member", bob.user_id]["event_id"] == before


def test_a_knock_asks_to_be_let_in(people):
    alice, bob, carol = people(3)
    room = alice.create_room(
        name="Closed", initial_state=[{"type": "m.room.join_rules", "content": {"join_rule": "knock"}}])
    bob.fails(403, "M_FORBIDDEN", "POST", path("join", room), {})
    bob.knock(room, reason="please")
    assert member(alice, room, bob) == {
        "membership": "knock", "displayname": bob.localpart, "reason": "please"}
    knocked = section(bob.sync(), "knock", room)["knock_state"]["events"]
    assert "m.room.name" in [event["type"] for event in knocked]
    bob.fails(403, "M_FORBIDDEN", "GET", path("rooms", room, "messages"), params={"dir": "b"})
    alice.invite(room, bob)
    bob.join(room)
    # A knock can be taken back, and refused.
    carol.knock(room)
    carol.leave(room)
    assert member(alice, room, carol)["membership"] == "leave"
    carol.knock(room)
    alice.membership("kick", room, carol)
    assert member(alice, room, carol)["membership"] == "leave"
    alice.membership("ban", room, carol)
    carol.fails(403, "M_FORBIDDEN", "POST", path("knock", room), {})


def test_a_knock_needs_a_rule_that_allows_it(people):
    alice, bob = people(2)
    for preset in ("private_chat", "public_chat"):
        bob.fails(403, "M_FORBIDDEN", "POST", path("knock", alice.create_room(preset=preset)), {})


@each_version
@pytest.mark.parametrize("rule", ["restricted", "knock_restricted"])
def test_members_of_another_room_may_join_a_restricted_room(people, version, rule):
    """(45)"""
    alice, bob, carol, dave = people(4)
    club = alice.room_with(bob)
    room = alice.create_room(
        room_version=version, initial_state=[{
            "type": "m.room.join_rules", "content": {
                "join_rule": rule, "allow": [{"type": "m.room_membership", "room_id": club}]}}])
    bob.join(room)
    joined = member(alice, room, bob)
    assert joined["join_authorised_via_users_server"] == alice.user_id
    carol.fails(403, "M_FORBIDDEN", "POST", path("join", room), {})
    # Who is invited needs no other room, and nobody to speak for him.
    alice.invite(room, dave)
    dave.join(room)
    assert "join_authorised_via_users_server" not in member(alice, room, dave)
    if rule == "knock_restricted":
        carol.knock(room)
    else:
        carol.fails(403, "M_FORBIDDEN", "POST", path("knock", room), {})


def test_a_new_name_works_in_a_restricted_room(people):
    """(45): a member who changes his profile needs nobody to speak for him."""
    alice, bob = people(2)
    club = alice.room_with(bob)
    room = alice.create_room(initial_state=[{
        "type": "m.room.join_rules",
        "content": {"join_rule": "restricted", "allow": [{"type": "m.room_membership", "room_id": club}]}}])
    bob.join(room)
    bob.leave(club)
    bob.ok("PUT", path("profile", bob.user_id, "displayname"), {"displayname": "Robert"})
    assert member(alice, room, bob)["displayname"] == "Robert"


def test_changed_join_rules_leave_members_in(people):
    """(46)"""
    alice, bob, carol = people(3)
    room = alice.public_room()
    bob.join(room)
    alice.set_state(room, "m.room.join_rules", {"join_rule": "invite"})
    bob.send(room, "still here")
    carol.fails(403, "M_FORBIDDEN", "POST", path("join", room), {})


@each_version
def test_a_kick_needs_more_power_than_its_target_has(people, version):
    """(43)"""
    alice, bob, carol = people(3)
    users = {bob.user_id: 50, carol.user_id: 50}
    if version == "11":
        users[alice.user_id] = 100
    room = alice.room_with(bob, carol, room_version=version, power_level_content_override={"users": users})
    for action in ("kick", "ban"):
        bob.fails(403, "M_FORBIDDEN", "POST", path("rooms", room, action), {"user_id": carol.user_id})
        bob.fails(403, "M_FORBIDDEN", "POST", path("rooms", room, action), {"user_id": alice.user_id})
    alice.membership("kick", room, bob, reason="out")
    assert member(alice, room, bob) == {"membership": "leave", "reason": "out"}
    carol.fails(403, "M_FORBIDDEN", "POST", path("rooms", room, "kick"), {"user_id": alice.user_id})
    alice.fails(403, "M_FORBIDDEN", "POST", path("rooms", room, "kick"), {"user_id": bob.user_id})


@each_version
def test_a_ban_keeps_out_until_it_ends(people, version):
    """(43)"""
    alice, bob, carol = people(3)
    room = alice.room_with(bob, carol, room_version=version, preset="public_chat")
    alice.membership("ban", room, bob)
    assert bob.joined_rooms() == []
    bob.fails(403, "M_FORBIDDEN", "POST", path("join", room), {})
    bob.fails(403, "M_FORBIDDEN", "POST", path("rooms", room, "leave"), {})
    alice.fails(403, "M_FORBIDDEN", "POST", path("rooms", room, "invite"), {"user_id": bob.user_id})
    carol.fails(403, "M_FORBIDDEN", "POST", path("rooms", room, "unban"), {"user_id": bob.user_id})
    assert member(alice, room, bob)["membership"] == "ban"
    alice.membership("unban", room, bob)
    assert member(alice, room, bob)["membership"] == "leave"
    bob.join(room)


def test_who_was_never_there_can_be_banned(people):
    alice, bob = people(2)
    room = alice.public_room()
    alice.membership("ban", room, bob)
    bob.fails(403, "M_FORBIDDEN", "POST", path("join", room), {})


def test_an_unban_needs_both_levels(people):
    """(43)"""
    alice, bob, carol = people(3)
    room = alice.room_with(
        bob, carol, power_level_content_override={"ban": 60, "kick": 50, "users": {bob.user_id: 50}})
    alice.membership("ban", room, carol)
    bob.fails(403, "M_FORBIDDEN", "POST", path("rooms", room, "unban"), {"user_id": carol.user_id})


def test_an_unban_is_for_the_banned(pair):
    alice, bob, room = pair
    alice.fails(403, "M_FORBIDDEN", "POST", path("rooms", room, "unban"), {"user_id": bob.user_id})
    assert member(alice, room, bob)["membership"] == "join"


def test_forgetting_needs_leaving_and_hides_the_room(pair):
    """(127)"""
    alice, bob, room = pair
    alice.send(room, "before")
    bob.fails(400, "M_UNKNOWN", "POST", path("rooms", room, "forget"), {})
    bob.leave(room)
    assert "before" in bodies(bob.all_messages(room))
    bob.forget(room)
    bob.fails(403, "M_FORBIDDEN", "GET", path("rooms", room, "messages"), params={"dir": "b"})
    assert section(bob.sync(filter={"room": {"include_leave": True}}), "leave", room) is None
    # Coming back ends the forgetting.
    alice.invite(room, bob)
    bob.join(room)
    assert "before" in bodies(bob.all_messages(room))
    bob.leave(room)
    assert section(bob.sync(filter={"room": {"include_leave": True}}), "leave", room)


def test_who_left_reads_up_to_the_leave_and_no_further(pair):
    """(61, 112)"""
    alice, bob, room = pair
    alice.send(room, "before")
    bob.leave(room)
    after = alice.send(room, "after")
    alice.set_state(room, "m.room.name", {"name": "after"})
    assert "after" not in bodies(bob.all_messages(room))
    assert "before" in bodies(bob.all_messages(room))
    bob.fails(404, "M_NOT_FOUND", "GET", path("rooms", room, "event", after))
    bob.fails(404, "M_NOT_FOUND", "GET", path("rooms", room, "state", "m.room.name"))
    bob.fails(403, "M_FORBIDDEN", "PUT", path("rooms", room, "send", "m.room.message", "t"), {"body": "x"})


# Power


def test_levels_decide_who_sends_what(pair):
    """(44)"""
    alice, bob, room = pair
    bob.fails(403, "M_FORBIDDEN", "PUT", path("rooms", room, "state", "m.room.topic", ""), {"topic": "mine"})
    levels = alice.state(room, "m.room.power_levels")
    alice.set_state(room, "m.room.power_levels", {**levels, "events": {**levels["events"], "m.room.topic": 0,
                                                                      "m.room.message": 10}})
    bob.set_state(room, "m.room.topic", {"topic": "ours"})
    bob.fails(403, "M_FORBIDDEN", "PUT", path("rooms", room, "send", "m.room.message", "t"), {"body": "x"})
    bob.send(room, type="org.example.other")


def test_nobody_gives_more_power_than_he_has(people):
    """(42)"""
    alice, bob, carol = people(3)
    room = alice.room_with(
        bob, carol, room_version="11",
        power_level_content_override={"users": {alice.user_id: 100, bob.user_id: 60, carol.user_id: 60},
                                      "events": {"m.room.power_levels": 50}})
    levels = alice.state(room, "m.room.power_levels")

    def refused(change):
        bob.fails(403, "M_FORBIDDEN", "PUT", path("rooms", room, "state", "m.room.power_levels", ""), change)

    users = levels["users"]
    refused({**levels, "users": {**users, bob.user_id: 61}})
    refused({**levels, "users": {**users, carol.user_id: 0}})
    refused({**levels, "users": {key: value for key, value in users.items() if key != carol.user_id}})
    refused({**levels, "users": {**users, alice.user_id: 50}})
    refused({**levels, "ban": 61})
    refused({**levels, "events": {**levels["events"], "m.room.name": 61}})
    refused({key: value for key, value in levels.items() if key != "users"})
    users = {**users, "@new:localhost": 60}
    bob.set_state(room, "m.room.power_levels", {**levels, "users": users})
    refused({**levels, "users": {**users, "@new:localhost": 0}})
    bob.set_state(room, "m.room.power_levels", {**levels, "users": {**users, bob.user_id: 10}})


@pytest.mark.parametrize("value", ["50", None, True, [50], {"level": 50}])
def test_levels_are_integers(people, value):
    """(41)"""
    [alice] = people(1)
    room = alice.create_room()
    levels = alice.state(room, "m.room.power_levels")
    for change in ({"ban": value}, {"users": {"@a:localhost": value}}, {"events": {"m.room.name": value}}):
        answer = alice.request(
            "PUT", path("rooms", room, "state", "m.room.power_levels", ""), {**levels, **change})
        assert (answer.status_code, answer.json()["errcode"]) in [(400, "M_BAD_JSON"), (403, "M_FORBIDDEN")], answer.text
    assert alice.state(room, "m.room.power_levels") == levels


def test_a_state_key_that_is_a_user_is_the_senders(pair):
    """(27)"""
    alice, bob, room = pair
    alice.fails(403, "M_FORBIDDEN", "PUT", path("rooms", room, "state", "org.example.own", bob.user_id), {})
    alice.set_state(room, "org.example.own", {}, key=alice.user_id)
    alice.set_state(room, "org.example.own", {}, key="_" + bob.user_id)


@pytest.mark.parametrize("version", ["11", "12"])
def test_another_create_event_is_refused(tmp_path, version):
    """(39)"""
    with Server(tmp_path / "data") as server:
        alice = Client.register(server, "alice")
        room = alice.create_room(room_version=version)
        for segments in (("state", "m.room.create", ""), ("state", "m.room.create", "key"),
                         ("send", "m.room.create", "t")):
            alice.fails(403, "M_FORBIDDEN", "PUT", path("rooms", room, *segments), {"room_version": "10"})
        answer = alice.request(
            "POST", path("createRoom"),
            {"room_version": version, "initial_state": [{"type": "m.room.create", "content": {"second": True}}]})
        assert answer.status_code in (400, 403)
        assert alice.joined_rooms() == [room]


def test_strangers_see_and_send_nothing(people):
    alice, bob = people(2)
    room = alice.create_room()
    event = alice.send(room)
    for method, *segments in [
            ("GET", "state"), ("GET", "members"), ("GET", "joined_members"), ("GET", "aliases"),
            ("GET", "state", "m.room.name")]:
        bob.fails(403, "M_FORBIDDEN", method, path("rooms", room, *segments))
    bob.fails(404, "M_NOT_FOUND", "GET", path("rooms", room, "event", event))
    bob.fails(403, "M_FORBIDDEN", "PUT", path("rooms", room, "send", "m.room.message", "t"), {})
    bob.fails(403, "M_FORBIDDEN", "PUT", path("rooms", room, "typing", bob.user_id), {"typing": True})
    bob.fails(403, "M_FORBIDDEN", "POST", path("rooms", room, "receipt", "m.read", event), {})


# State and transactions


def test_the_same_state_again_is_the_same_event(people):
    """(26)"""
    [alice] = people(1)
    room = alice.create_room()
    first = alice.set_state(room, "org.example.state", {"a": 1, "b": [1, 2]})
    assert alice.set_state(room, "org.example.state", {"b": [1, 2], "a": 1}) == first
    assert alice.set_state(room, "org.example.state", {"a": 2}) != first
    assert alice.set_state(room, "org.example.state", {"a": 1, "b": [1, 2]}) != first


def test_state_without_a_key_has_an_empty_one(people):
    [alice] = people(1)
    room = alice.create_room()
    put = alice.ok("PUT", path("rooms", room, "state", "org.example.state"), {"a": 1})["event_id"]
    assert alice.ok("PUT", path("rooms", room, "state", "org.example.state", ""), {"a": 1})["event_id"] == put
    for target in (path("rooms", room, "state", "org.example.state"),
                   path("rooms", room, "state", "org.example.state", "")):
        assert alice.ok("GET", target) == {"a": 1}
    event = alice.ok("GET", path("rooms", room, "state", "org.example.state"), params={"format": "event"})
    assert (event["event_id"], event["state_key"], event["content"]) == (put, "", {"a": 1})


def test_a_repeated_transaction_is_the_same_event(pair):
    """(23)"""
    alice, bob, room = pair
    first = alice.send(room, "once", txn="one")
    assert alice.send(room, "once", txn="one") == first
    assert bodies(bob.all_messages(room)) == ["once"]
    # The path is part of it: another type, room or device begins anew.
    assert alice.send(room, "once", type="org.example.other", txn="one") != first
    assert alice.another_device().send(room, "once", txn="one") != first
    assert bob.send(room, "once", txn="one") != first
    other = alice.create_room()
    assert alice.send(other, "once", txn="one") != first


def test_a_transaction_survives_new_tokens(server):
    """(23)"""
    alice = Client.register(server, refresh_token=True)
    room = alice.create_room()
    first = alice.send(room, "once", txn="one")
    alice.token = alice.ok("POST", path("refresh"), {"refresh_token": alice.refresh_token})["access_token"]
    assert alice.send(room, "once", txn="one") == first


def test_a_transaction_repeated_at_once_is_one_event(pair):
    """(23)"""
    alice, bob, room = pair
    clients = [Client(alice.server, alice.token) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        for number in range(10):
            ids = set(pool.map(lambda client: client.send(room, f"line {number}", txn=f"same {number}"), clients))
            assert len(ids) == 1
    assert bodies(reversed(bob.all_messages(room))) == [f"line {number}" for number in range(10)]


def test_redactions_have_transactions(pair):
    """(23)"""
    alice, _, room = pair
    event = alice.send(room)
    target = path("rooms", room, "redact", event, "same")
    assert alice.ok("PUT", target, {}) == alice.ok("PUT", target, {})


def test_concurrent_senders_are_all_kept_in_one_order(people):
    users = people(4)
    room = users[0].room_with(*users[1:])
    with ThreadPoolExecutor(4) as pool:
        sent = [event for some in pool.map(lambda user: user.send_many(room, 25, user.user_id), users)
                for event in some]
    orders = []
    for user in users:
        events = [event for event in user.all_messages(room, "f", limit=17) if event["type"] == "m.room.message"]
        assert sorted(event_ids(events)) == sorted(sent)
        orders.append(event_ids(events))
        for sender in users:
            assert bodies([event for event in events if event["sender"] == sender.user_id]) == [
                f"{sender.user_id} {number}" for number in range(25)]
    assert all(order == orders[0] for order in orders)


# Redaction


def occurrences(server, text):
    """In how many places of the data folder's files the text stands."""
    return sum(file.read_bytes().count(text.encode()) for file in server.data.iterdir() if file.is_file())


@each_version
def test_a_redaction_takes_the_content_away_everywhere(pair, people, version):
    """(29, 30, 32)"""
    alice, bob = people(2)
    room = alice.room_with(bob, room_version=version)
    token = bob.sync()["next_batch"]
    event = alice.send(room, "a very private remark")
    redaction = alice.redact(room, event, reason="regret")
    shown = bob.event(room, event)
    assert shown["content"] == {}
    because = shown["unsigned"]["redacted_because"]
    assert (because["event_id"], because["content"]["reason"]) == (redaction, "regret")
    assert because["content"]["redacts"] == event
    for events in (
            bob.all_messages(room), timeline(bob.sync(token), room), timeline(bob.sync(), room),
            bob.ok("GET", path("rooms", room, "context", redaction))["events_before"]):
        [found] = [one for one in events if one["event_id"] == event]
        assert found["content"] == {} and "redacted_because" in found["unsigned"]
    told = bob.event(room, redaction)
    assert (told["content"]["redacts"], told.get("redacts")) == (event, event)  # (28)


def test_redacted_content_leaves_the_disk(tmp_path):
    """(32): not in the database, not in its log, when the operator keeps nothing for the moderators."""
    with Server(tmp_path / "data", "--redacted-content-days", "0") as server:
        check_that_redacted_content_leaves_the_disk(server)


def check_that_redacted_content_leaves_the_disk(own_server):
    alice = Client.register(own_server, "alice")
    room = alice.create_room()
    word = "Rumpelstilzchen" + unique("x")
    event = alice.send(room, word)
    state = alice.set_state(room, "org.example.state", {"word": word})
    other = alice.send(room, "the rest stays: Dornroeschen")
    assert occurrences(own_server, word) > 0
    alice.redact(room, event)
    alice.redact(room, state)
    own_server.stop()
    with sqlite3.connect(f"file:{own_server.data}/naru.sqlite?mode=ro", uri=True) as database:
        dump = "\n".join(database.iterdump())
    own_server.start()
    assert word not in dump and word.encode().hex().upper() not in dump.upper()
    assert "Dornroeschen" in dump or "Dornroeschen".encode().hex().upper() in dump.upper()
    assert occurrences(own_server, word) == 0
    assert alice.event(room, event)["content"] == {}
    assert alice.event(room, other)["content"]["body"].endswith("Dornroeschen")


def test_others_words_are_redacted_with_power_only(pair):
    """(29)"""
    alice, bob, room = pair
    event = alice.send(room, "mine")
    bob.fails(403, "M_FORBIDDEN", "PUT", path("rooms", room, "redact", event, "t"), {})
    assert bob.event(room, event)["content"]["body"] == "mine"
    theirs = bob.send(room, "theirs")
    alice.redact(room, theirs)
    assert bob.event(room, theirs)["content"] == {}


def test_a_redaction_may_come_by_send(pair):
    """(28)"""
    alice, bob, room = pair
    event = alice.send(room, "mine")
    target = path("rooms", room, "send", "m.room.redaction", "t")
    bob.fails(403, "M_FORBIDDEN", "PUT", target, {"redacts": event})
    alice.ok("PUT", target, {"redacts": event})
    assert bob.event(room, event)["content"] == {}


def test_own_words_need_the_level_of_redactions(pair):
    """(29)"""
    alice, bob, room = pair
    levels = alice.state(room, "m.room.power_levels")
    event = bob.send(room, "mine")
    alice.set_state(
        room, "m.room.power_levels", {**levels, "events": {**levels["events"], "m.room.redaction": 50}})
    bob.fails(403, "M_FORBIDDEN", "PUT", path("rooms", room, "redact", event, "t"), {})


def test_what_is_not_there_cannot_be_redacted(pair):
    alice, _, room = pair
    elsewhere = alice.send(alice.create_room())
    for event in (elsewhere, "$" + "x" * 43):
        alice.fails(404, "M_NOT_FOUND", "PUT", path("rooms", room, "redact", event, unique("t")), {})


def test_a_redacted_state_stays_the_state(people):
    """(31)"""
    alice, bob = people(2)
    room = alice.room_with(bob)
    event = alice.all_state(room)["m.room.member", bob.user_id]["event_id"]
    alice.redact(room, event)
    assert member(alice, room, bob) == {"membership": "join"}
    assert bob.joined_rooms() == [room]
    bob.send(room, "still here")
    name = alice.set_state(room, "m.room.name", {"name": "Secret"})
    alice.redact(room, name)
    assert bob.state(room, "m.room.name") == {}


@each_version
def test_redaction_keeps_what_rooms_live_by(people, version):
    """(30)"""
    [alice] = people(1)
    room = alice.create_room(room_version=version)
    state = alice.all_state(room)
    levels = state["m.room.power_levels", ""]
    alice.redact(room, levels["event_id"])
    assert alice.state(room, "m.room.power_levels") == levels["content"]
    rules = alice.set_state(room, "m.room.join_rules", {"join_rule": "invite", "allow": [], "extra": 1})
    alice.redact(room, rules)
    assert alice.state(room, "m.room.join_rules") == {"join_rule": "invite", "allow": []}
    visibility = alice.set_state(room, "m.room.history_visibility", {"history_visibility": "joined", "extra": 1})
    alice.redact(room, visibility)
    assert alice.state(room, "m.room.history_visibility") == {"history_visibility": "joined"}


# Aliases and the directory


def alias_path(name):
    return path("directory", "room", f"#{name}:localhost")


def test_aliases_are_made_read_and_deleted(pair, people):
    """(34)"""
    alice, bob, room = pair
    name = unique("alias")
    bob.fails(404, "M_NOT_FOUND", "GET", alias_path(name))
    bob.ok("PUT", alias_path(name), {"room_id": room})
    assert alice.ok("GET", alias_path(name), token=False)["room_id"] == room
    assert alice.ok("GET", path("rooms", room, "aliases")) == {"aliases": [f"#{name}:localhost"]}
    alice.fails(409, "M_UNKNOWN", "PUT", alias_path(name), {"room_id": room})
    [carol] = people(1)
    carol.fails(403, "M_FORBIDDEN", "DELETE", alias_path(name))
    alice.ok("DELETE", alias_path(name))  # She may name the room's alias, so she may.
    alice.fails(404, "M_NOT_FOUND", "DELETE", alias_path(name))
    assert alice.ok("GET", path("rooms", room, "aliases")) == {"aliases": []}


def test_an_alias_that_many_want_at_once_is_given_once(people):
    """(34): and whoever does not get it has no room either."""
    users = people(5)
    name = unique("wanted")

    def make(user):
        return user.request("POST", path("createRoom"), {"room_alias_name": name})

    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(make, users))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 4
    assert {answer.json().get("errcode") for answer in answers} == {None, "M_ROOM_IN_USE"}
    assert sorted(len(user.joined_rooms()) for user in users) == [0] * 4 + [1]


def test_members_delete_only_their_own_aliases(pair):
    """(34)"""
    alice, bob, room = pair
    hers, his = unique("hers"), unique("his")
    alice.ok("PUT", alias_path(hers), {"room_id": room})
    bob.ok("PUT", alias_path(his), {"room_id": room})
    bob.fails(403, "M_FORBIDDEN", "DELETE", alias_path(hers))
    bob.ok("DELETE", alias_path(his))


def test_strangers_make_no_aliases(people):
    """(34)"""
    alice, bob = people(2)
    bob.fails(403, "M_FORBIDDEN", "PUT", alias_path(unique("no")), {"room_id": alice.create_room()})


def test_a_canonical_alias_must_lead_here(people):
    """(34)"""
    [alice] = people(1)
    room, other = alice.create_room(), alice.create_room()
    here, there = unique("here"), unique("there")
    alice.ok("PUT", alias_path(here), {"room_id": room})
    alice.ok("PUT", alias_path(there), {"room_id": other})
    target = path("rooms", room, "state", "m.room.canonical_alias", "")
    for content in (
            {"alias": f"#{there}:localhost"}, {"alias": f"#{unique('none')}:localhost"},
            {"alias": f"#{here}:localhost", "alt_aliases": [f"#{there}:localhost"]}):
        alice.fails(400, "M_BAD_ALIAS", "PUT", target, content)
    for content in ({"alias": "no alias"}, {"alt_aliases": ["no alias"]}):
        alice.fails(400, "M_INVALID_PARAM", "PUT", target, content)
    alice.ok("PUT", target, {"alias": f"#{here}:localhost"})
    # What is there already is not looked at again.
    alice.ok("DELETE", alias_path(there))
    alice.ok("PUT", target, {"alias": f"#{here}:localhost", "alt_aliases": [f"#{here}:localhost"]})


def test_a_deleted_alias_leaves_the_canonical_alias(people):
    """(34)"""
    [alice] = people(1)
    name = unique("gone")
    room = alice.create_room(room_alias_name=name)
    assert alice.state(room, "m.room.canonical_alias") == {"alias": f"#{name}:localhost"}
    alice.ok("DELETE", alias_path(name))
    assert "alias" not in alice.state(room, "m.room.canonical_alias")


def test_public_rooms_are_listed_and_found(people):
    """(115)"""
    alice, bob = people(2)
    word = unique("Zwiebel")
    big = alice.create_room(visibility="public", name=f"{word} one", topic="of layers", room_alias_name=unique("big"))
    bob.join(big)
    small = alice.create_room(visibility="public", topic=f"about {word}")
    alice.create_room(preset="public_chat", name=f"{word} unlisted")
    space = alice.create_room(visibility="public", name=f"{word} space", creation_content={"type": "m.space"})

    def search(**options):
        found = alice.ok(
            "POST", path("publicRooms"), {"filter": {"generic_search_term": word.lower()}, **options})
        return found, [room["room_id"] for room in found["chunk"]]

    answer, found = search()
    assert set(found) == {big, small, space} and found[0] == big
    assert answer["total_room_count_estimate"] == 3
    first = answer["chunk"][0]
    assert (first["num_joined_members"], first["join_rule"], first["world_readable"], first["guest_can_join"]) == (
        2, "public", False, False)
    assert (first["name"], first["topic"]) == (f"{word} one", "of layers")
    answer, first_page = search(limit=2)
    assert first_page + search(limit=2, since=answer["next_batch"])[1] == found
    types = {"generic_search_term": word, "room_types": ["m.space"]}
    chunk = alice.ok("POST", path("publicRooms"), {"filter": types})["chunk"]
    assert [room["room_id"] for room in chunk] == [space]
    types["room_types"] = [None]
    assert len(alice.ok("POST", path("publicRooms"), {"filter": types})["chunk"]) == 2
    assert big in [room["room_id"] for room in alice.ok("GET", path("publicRooms"), token=False)["chunk"]]

    target = path("directory", "list", "room", small)
    assert alice.ok("GET", target) == {"visibility": "public"}
    bob.fails(403, "M_FORBIDDEN", "PUT", target, {"visibility": "private"})
    alice.ok("PUT", target, {"visibility": "private"})
    assert set(search()[1]) == {big, space}


# What events look like


def test_only_the_sending_device_sees_its_transaction(pair):
    """(24)"""
    alice, bob, room = pair
    other = alice.another_device()
    event = alice.send(room, txn="mine")
    for client, shown in ((alice, "mine"), (other, None), (bob, None)):
        [synced] = [one for one in timeline(client.sync(), room) if one["event_id"] == event]
        assert synced["unsigned"].get("transaction_id") == shown


def test_the_sending_device_sees_its_transaction_wherever_it_reads(pair):
    """(24)"""
    alice, bob, room = pair
    event = alice.send(room, txn="mine")
    for client, shown in ((bob, None), (alice, "mine")):
        around = client.ok("GET", path("rooms", room, "context", event))["event"]
        [paged] = [one for one in client.all_messages(room) if one["event_id"] == event]
        for found in (client.event(room, event), around, paged):
            assert found["unsigned"].get("transaction_id") == shown


def test_a_state_tells_what_it_replaced(people):
    """(25)"""
    [alice] = people(1)
    room = alice.create_room(name="Old")
    old = alice.all_state(room)["m.room.name", ""]["event_id"]
    new = alice.set_state(room, "m.room.name", {"name": "New"})
    unsigned = alice.event(room, new)["unsigned"]
    assert unsigned["prev_content"] == {"name": "Old"}
    assert unsigned["replaces_state"] == old
    assert isinstance(unsigned["age"], int) and 0 <= unsigned["age"] < 60_000


def test_events_tell_the_readers_membership(people):
    """(25)"""
    alice, bob = people(2)
    room = alice.public_room()
    early = alice.send(room, "early")
    bob.join(room)
    late = alice.send(room, "late")
    shown = {event["event_id"]: event["unsigned"]["membership"] for event in timeline(bob.sync(), room)}
    assert shown[early] == "leave"
    assert shown[late] == "join"


def test_a_state_event_by_send_is_a_message(people):
    [alice] = people(1)
    room = alice.create_room()
    event = alice.send(room, type="m.room.topic", content={"topic": "no state"})
    assert "state_key" not in alice.event(room, event)
    alice.fails(404, "M_NOT_FOUND", "GET", path("rooms", room, "state", "m.room.topic"))
