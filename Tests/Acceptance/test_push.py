"""Notifications reach a gateway over HTTP, whatever happens to it or to the server.

The numbers in brackets are those of the project's checklist of rules that implementers get wrong.
"""

import pytest

from support.client import Client, path, unique
from support.gateway import Gateway
from support.server import Server

ALLOWED = ("--outgoing-allowed-ranges", "127.0.0.0/8")


def set_pusher(client, gateway, pushkey="key", **fields):
    data = {"url": gateway.url, **fields.pop("data", {})}
    client.ok("POST", path("pushers", "set"), {
        "pushkey": pushkey, "kind": "http", "app_id": "org.example.app", "app_display_name": "App",
        "device_display_name": "Phone", "lang": "ko", "data": data, **fields})


def pushkeys(client):
    return [pusher["pushkey"] for pusher in client.ok("GET", path("pushers"))["pushers"]]


def told(gateway):
    """The events that the gateway has taken, each once, in order."""
    return list(dict.fromkeys(n["event_id"] for n in gateway.taken() if "event_id" in n))


@pytest.fixture
def server(tmp_path):
    with Server(tmp_path / "data", *ALLOWED) as server:
        yield server


@pytest.fixture
def gateway():
    with Gateway() as gateway:
        yield gateway


@pytest.fixture
def pair(server):
    alice, bob = (Client.register(server, unique(name)) for name in ("alice", "bob"))
    return alice, bob, alice.room_with(bob, name="Tea")


def test_a_message_reaches_the_gateway(pair, gateway):
    alice, bob, room = pair
    set_pusher(bob, gateway, data={"brand": "naru"})
    event = alice.send(room, "안녕")
    gateway.wait(lambda: gateway.taken())
    [notification] = gateway.taken()
    [device] = notification.pop("devices")
    assert notification == {
        "event_id": event, "room_id": room, "type": "m.room.message", "sender": alice.user_id,
        "sender_display_name": alice.localpart, "room_name": "Tea", "prio": "high", "counts": {"unread": 1},
        "content": {"msgtype": "m.text", "body": "안녕"}}
    assert isinstance(device.pop("pushkey_ts"), int)
    assert device == {
        "app_id": "org.example.app", "pushkey": "key", "data": {"brand": "naru"}, "tweaks": {"sound": "default"}}
    # What is read elsewhere is told with the count alone (103).
    bob.receipt(room, event)
    gateway.wait(lambda: len(gateway.taken()) == 2)
    assert gateway.taken()[1]["counts"] == {"unread": 0}
    assert "event_id" not in gateway.taken()[1]


def test_what_fails_is_tried_again(pair, gateway):
    """(103)"""
    alice, bob, room = pair
    set_pusher(bob, gateway, data={"format": "event_id_only"})
    gateway.status = 502
    events = [alice.send(room, f"message {number}") for number in range(3)]
    gateway.wait(lambda: len(gateway.notifications) >= 2)
    assert {notification["event_id"] for _, notification in gateway.notifications} == {events[0]}
    gateway.status = 200
    gateway.wait(lambda: told(gateway) == events)
    assert set(gateway.taken()[-1]) == {"event_id", "room_id", "counts", "prio", "devices"}


def test_a_gateway_that_comes_back_gets_what_it_missed(pair, gateway):
    alice, bob, room = pair
    set_pusher(bob, gateway)
    gateway.close()
    event = alice.send(room, "nobody there")
    with Gateway(gateway.port) as again:
        again.wait(lambda: told(again) == [event])


def test_a_kill_loses_no_notification(server, pair, gateway):
    alice, bob, room = pair
    set_pusher(bob, gateway)
    events = [alice.send(room, "before the trouble")]
    gateway.wait(lambda: told(gateway) == events)
    gateway.status = 500
    for kill in range(3):
        # The last acknowledged message is killed before anything else can be done about it.
        events += [alice.send(room, f"{kill} {number}") for number in range(5)]
        server.kill()
        server.start()
    gateway.status = 200
    gateway.wait(lambda: set(told(gateway)) == set(events), seconds=30)
    assert told(gateway) == events
    # And the server goes on.
    events.append(alice.send(room, "after the trouble"))
    gateway.wait(lambda: told(gateway) == events)


def test_a_kill_while_all_is_well_loses_none_either(server, pair, gateway):
    alice, bob, room = pair
    set_pusher(bob, gateway)
    events = []
    for kill in range(4):
        events += [alice.send(room, f"{kill} {number}") for number in range(10)]
        server.kill()
        server.start()
    gateway.wait(lambda: set(told(gateway)) == set(events), seconds=30)
    assert told(gateway) == events


def test_rejected_pushkeys_are_removed(pair, gateway):
    """(102)"""
    alice, bob, room = pair
    set_pusher(bob, gateway, "stale")
    set_pusher(bob, gateway, "good")
    gateway.rejected = ["stale"]
    alice.send(room, "hello")
    gateway.wait(lambda: len(gateway.taken()) == 2)
    deadline = 100
    while pushkeys(bob) != ["good"] and deadline:
        deadline -= 1
    assert pushkeys(bob) == ["good"]


def test_a_pusher_goes_with_its_device(pair, gateway):
    """(10, 11, 102)"""
    alice, bob, room = pair
    other = bob.another_device()
    set_pusher(bob, gateway, "phone")
    set_pusher(other, gateway, "tablet")
    other.ok("POST", path("logout"), {})
    assert pushkeys(bob) == ["phone"]
    alice.send(room, "hello")
    gateway.wait(lambda: gateway.taken())
    assert [notification["devices"][0]["pushkey"] for notification in gateway.taken()] == ["phone"]


def test_addresses_that_are_not_public_are_refused(tmp_path, gateway):
    """Whoever may set a pusher must not reach what only the server can reach."""
    with Server(tmp_path / "closed") as server:
        alice = Client.register(server, "alice")
        for url in [gateway.url, "https://127.0.0.1/notify", "http://example.org/_matrix/push/v1/notify"]:
            answer = alice.fails(400, "M_INVALID_PARAM", "POST", path("pushers", "set"), {
                "pushkey": "key", "kind": "http", "app_id": "org.example.app", "app_display_name": "App",
                "device_display_name": "Phone", "lang": "en", "data": {"url": url}})
            assert "data.url" in answer["error"]


def test_notifications_are_listed(pair):
    alice, bob, room = pair
    first = alice.send(room, "first")
    bob.receipt(room, first)
    second = alice.send(room, "second")
    page = bob.ok("GET", path("notifications"), params={"limit": 1})
    assert [item["event"]["event_id"] for item in page["notifications"]] == [second]
    assert page["notifications"][0]["read"] is False
    rest = bob.ok("GET", path("notifications"), params={"from": page["next_token"]})
    assert [item["event"]["event_id"] for item in rest["notifications"]][0] == first
    assert rest["notifications"][0]["read"] is True
    assert "next_token" not in rest


def test_push_rules_are_changed(pair, gateway):
    """(70, 93, 96)"""
    alice, bob, room = pair
    set_pusher(bob, gateway)
    token = bob.sync()["next_batch"]
    rule = path("pushrules", "global", "room", room)
    bob.ok("PUT", rule, {"actions": []})
    [event] = bob.sync(token)["account_data"]["events"]
    assert event["type"] == "m.push_rules"
    assert event["content"]["global"]["room"][0]["rule_id"] == room
    alice.send(room, "muted")
    bob.ok("PUT", rule + "/enabled", {"enabled": False})
    assert bob.ok("GET", rule + "/enabled") == {"enabled": False}
    heard = alice.send(room, "heard")
    gateway.wait(lambda: told(gateway) == [heard])
    bob.ok("PUT", rule + "/actions", {"actions": ["notify", {"set_tweak": "sound", "value": "bell"}]})
    bob.ok("PUT", rule + "/enabled", {"enabled": True})
    alice.send(room, "loud")
    gateway.wait(lambda: len(told(gateway)) == 2)
    assert gateway.taken()[-1]["devices"][0]["tweaks"] == {"sound": "bell"}
    bob.ok("DELETE", rule)
    bob.fails(404, "M_NOT_FOUND", "GET", rule)
