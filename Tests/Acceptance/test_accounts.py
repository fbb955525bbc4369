"""Signing up, in and out; devices, tokens, profiles and who may sign up at all.

The numbers in brackets are those of the project's checklist of rules that implementers get wrong.
"""

import sqlite3
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from support.client import PASSWORD, Client, checked_error, path, unique
from support.server import Server, binary, environment, free_port, run

PASSWORD_STAGE = "m.login.password"


def password_auth(client, session, password=PASSWORD):
    return {
        "type": PASSWORD_STAGE, "session": session, "password": password,
        "identifier": {"type": "m.id.user", "user": client.user_id}}


def is_signed_in(client):
    answer = client.request("GET", path("account", "whoami"))
    assert answer.status_code in (200, 401), answer.text
    return answer.status_code == 200


# What the server says of itself


def test_versions_are_each_named(server):
    """(18) The third of the facts that clients depend on."""
    versions = Client(server).ok("GET", "/_matrix/client/versions")["versions"]
    assert versions == [f"v1.{minor}" for minor in range(1, 20)]


def test_the_server_tells_where_it_is(server):
    found = Client(server).ok("GET", "/.well-known/matrix/client")
    assert found["m.homeserver"]["base_url"].rstrip("/") == server.url


def test_browsers_may_call_everything(server):
    """(2)"""
    client = Client(server)
    for target in (path("sync"), path("login"), "/_matrix/client/versions", path("rooms", "!x", "send", "t", "1")):
        answer = client.request("OPTIONS", target, headers={"Origin": "https://example.org"})
        assert answer.status_code in (200, 204)
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        methods = answer.headers["Access-Control-Allow-Methods"].replace(" ", "").split(",")
        assert {"GET", "POST", "PUT", "DELETE", "OPTIONS"} <= set(methods)
        headers = answer.headers["Access-Control-Allow-Headers"].replace(" ", "").split(",")
        assert {"X-Requested-With", "Content-Type", "Authorization"} <= set(headers)
    refused = client.request("GET", path("account", "whoami"))
    assert refused.headers["Access-Control-Allow-Origin"] == "*"


def test_capabilities_name_the_room_versions(people):
    [alice] = people(1)
    capabilities = alice.ok("GET", path("capabilities"))["capabilities"]
    versions = capabilities["m.room_versions"]
    assert versions["available"][versions["default"]] == "stable"
    for version in versions["available"]:
        room = alice.create_room(room_version=version)
        assert alice.state(room, "m.room.create").get("room_version", "1") == version


# Signing up


def test_signing_up_asks_for_its_stages(server):
    """(12)"""
    client = Client(server)
    name = unique("new")
    body = {"username": name, "password": PASSWORD}
    answer = client.request("POST", path("register"), body)
    assert answer.status_code == 401
    challenge = answer.json()
    assert challenge["flows"] == [{"stages": ["m.login.dummy"]}] and challenge["params"] == {}
    # The session alone asks how far things are (13), and a wrong stage keeps it.
    again = client.request("POST", path("register"), {**body, "auth": {"session": challenge["session"]}})
    assert again.status_code == 401 and again.json()["session"] == challenge["session"]
    client.fails(400, "M_INVALID_PARAM", "POST", path("register"), {
        **body, "auth": {"type": "m.login.none", "session": challenge["session"]}})
    auth = {"type": "m.login.dummy", "session": challenge["session"]}
    done = client.ok("POST", path("register"), {**body, "auth": auth})
    assert done["user_id"] == f"@{name}:localhost"
    assert done.keys() >= {"access_token", "device_id"} and "refresh_token" not in done  # (8)
    # The session has ended with it.
    answer = client.request("POST", path("register"), {"username": unique("x"), "password": PASSWORD, "auth": auth})
    assert answer.status_code in (400, 401, 403)


def test_a_body_of_the_first_request_counts(server):
    """(12)"""
    client = Client(server)
    name = unique("left-out")
    session = client.request("POST", path("register"), {"username": name, "password": PASSWORD}).json()["session"]
    done = client.ok("POST", path("register"), {"auth": {"type": "m.login.dummy", "session": session}})
    assert done["user_id"] == f"@{name}:localhost"


def test_signing_up_without_signing_in(server):
    client = Client(server)
    body = {"username": unique("quiet"), "password": PASSWORD, "inhibit_login": True,
            "auth": {"type": "m.login.dummy"}}
    assert client.ok("POST", path("register"), body).keys() == {"user_id"}


def test_signing_up_names_the_device(server):
    alice = Client.register(server, device_id="PHONE", initial_device_display_name="my phone")
    assert alice.device_id == "PHONE"
    assert alice.ok("GET", path("devices", "PHONE"))["display_name"] == "my phone"


def test_the_server_makes_up_a_name_if_need_be(server):
    client = Client(server)
    done = client.ok("POST", path("register"), {"password": PASSWORD, "auth": {"type": "m.login.dummy"}})
    assert done["user_id"].startswith("@") and done["user_id"].endswith(":localhost")


@pytest.mark.parametrize("name", ["UPPER", "with space", "ümlaut", "colon:", "a" * 250, "", "@at", "emoji😀", "a\u0000"])
def test_names_keep_to_the_grammar(server, name):
    """(16)"""
    client = Client(server)
    client.fails(400, "M_INVALID_USERNAME", "POST", path("register"), {"username": name, "password": PASSWORD})
    client.fails(400, "M_INVALID_USERNAME", "GET", path("register", "available"), params={"username": name})


@pytest.mark.parametrize("name", ["a._=-/+9", "0", "x" * 200])
def test_names_may_hold_what_the_grammar_allows(server, name):
    """(16)"""
    client = Client(server)
    assert client.ok("GET", path("register", "available"), params={"username": name}) == {"available": True}


def test_a_name_is_taken_once(server):
    """(16)"""
    alice = Client.register(server)
    client = Client(server)
    client.fails(400, "M_USER_IN_USE", "GET", path("register", "available"), params={"username": alice.localpart})
    client.fails(400, "M_USER_IN_USE", "POST", path("register"), {
        "username": alice.localpart, "password": PASSWORD, "auth": {"type": "m.login.dummy"}})


def test_a_name_that_many_want_at_once_is_given_once(server):
    body = {"username": unique("wanted"), "password": PASSWORD, "auth": {"type": "m.login.dummy"}}
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: Client(server).request("POST", path("register"), body), range(6)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 5
    assert {answer.json().get("errcode") for answer in answers} == {None, "M_USER_IN_USE"}


def test_a_weak_password_is_refused(server):
    Client(server).fails(400, "M_WEAK_PASSWORD", "POST", path("register"), {
        "username": unique("weak"), "password": "short", "auth": {"type": "m.login.dummy"}})


def test_guests_are_not_let_in(server):
    Client(server).fails(
        403, "M_GUEST_ACCESS_FORBIDDEN", "POST", path("register"), {}, params={"kind": "guest"})


@pytest.mark.parametrize("device", [{"device_id": ""}, {"device_id": "x" * 300},
                                    {"initial_device_display_name": "x" * 300}, {"inhibit_login": 7}])
def test_a_refused_sign_up_makes_no_account(server, device):
    client = Client(server)
    body = {"username": unique("half"), "password": PASSWORD, "auth": {"type": "m.login.dummy"}}
    answer = client.request("POST", path("register"), {**body, **device})
    assert 400 <= answer.status_code < 500
    client.ok("POST", path("register"), body)


# Signing in


def test_signing_in_by_name_and_by_id(server):
    alice = Client.register(server)
    client = Client(server)
    assert {"type": PASSWORD_STAGE} in client.ok("GET", path("login"))["flows"]
    for user in (alice.user_id, alice.localpart):
        for named in ({"identifier": {"type": "m.id.user", "user": user}}, {"user": user}):
            done = client.ok("POST", path("login"), {"type": PASSWORD_STAGE, "password": PASSWORD, **named})
            assert done["user_id"] == alice.user_id


def test_wrong_credentials_are_forbidden(server):
    """(5)"""
    alice = Client.register(server)
    client = Client(server)
    for user, password in ((alice.user_id, "wrong password"), ("@nobody:localhost", PASSWORD), (alice.user_id, ""),
                           (alice.user_id, PASSWORD.upper()), ("@a:elsewhere.example", PASSWORD),
                           (alice.user_id, PASSWORD + " ")):
        client.fails(403, "M_FORBIDDEN", "POST", path("login"), {
            "type": PASSWORD_STAGE, "identifier": {"type": "m.id.user", "user": user}, "password": password})
    client.fails(400, "M_UNKNOWN", "POST", path("login"), {"type": "m.login.none"})


def test_signing_in_on_a_known_device_ends_its_tokens(people):
    """(9)"""
    [alice] = people(1)
    room = alice.create_room()
    again = alice.another_device(device_id=alice.device_id)
    assert again.device_id == alice.device_id and not is_signed_in(alice)
    assert [device["device_id"] for device in again.ok("GET", path("devices"))["devices"]] == [alice.device_id]
    other = again.another_device(device_id="CHOSEN")
    assert other.device_id == "CHOSEN" and is_signed_in(again)
    assert other.joined_rooms() == [room]


def test_devices_of_one_name_belong_to_their_users(people):
    alice, bob = people(2)
    alice.another_device(device_id="SAME")
    bobs = bob.another_device(device_id="SAME")
    hers = alice.another_device(device_id="SAME")
    assert is_signed_in(bobs) and is_signed_in(hers)


# Signing out


def test_signing_out_ends_one_device(people):
    """(6)"""
    [alice] = people(1)
    other = alice.another_device()
    other.ok("POST", path("logout"))
    refused = other.fails(401, "M_UNKNOWN_TOKEN", "GET", path("account", "whoami"))
    assert not refused.get("soft_logout")
    assert is_signed_in(alice)
    assert len(alice.ok("GET", path("devices"))["devices"]) == 1


def test_signing_out_everywhere(people):
    """(11)"""
    alice, bob = people(2)
    others = [alice.another_device() for _ in range(3)]
    others[0].ok("POST", path("logout", "all"), {})
    for client in [alice, *others]:
        client.fails(401, "M_UNKNOWN_TOKEN", "GET", path("account", "whoami"))
    assert is_signed_in(bob)
    assert len(alice.another_device().ok("GET", path("devices"))["devices"]) == 1


def test_signing_out_ends_a_waiting_sync(people):
    """A device that is signed out hears no more, not even on a poll that it has open."""
    alice, bob = people(2)
    room = alice.room_with(bob)
    token = alice.sync()["next_batch"]
    alice.another_device().ok("POST", path("logout", "all"))
    bob.send(room, "after")
    alice.fails(401, "M_UNKNOWN_TOKEN", "GET", path("sync"), params={"since": token, "timeout": 0})


# Tokens


@pytest.mark.parametrize("target", ["account/whoami", "sync", "joined_rooms", "devices"])
def test_tokens_are_asked_for(server, target):
    """(5)"""
    client = Client(server)
    client.fails(401, "M_MISSING_TOKEN", "GET", f"{path()}/{target}")
    for value in ("Bearer nonsense", "Bearer naru_a_AAAA"):
        refused = client.fails(401, "M_UNKNOWN_TOKEN", "GET", f"{path()}/{target}", headers={"Authorization": value})
        assert not refused.get("soft_logout")
    for value in ("", "Bearer", "Bearer ", "Basic abc", "nonsense"):
        answer = client.request("GET", f"{path()}/{target}", headers={"Authorization": value})
        assert answer.status_code == 401
        assert answer.json()["errcode"] in ("M_MISSING_TOKEN", "M_UNKNOWN_TOKEN")


def test_tokens_survive_a_restart(own_server):
    """(7)"""
    alice = Client.register(own_server, "alice", refresh_token=True)
    bob = Client.register(own_server, "bob")
    own_server.restart()
    for client in (alice, bob):
        assert client.ok("GET", path("account", "whoami"))["device_id"] == client.device_id
    fresh = alice.ok("POST", path("refresh"), {"refresh_token": alice.refresh_token})
    alice.token = fresh["access_token"]
    assert is_signed_in(alice)


def test_tokens_do_not_stand_in_the_database(own_server):
    alice = Client.register(own_server, "alice", refresh_token=True)
    bytes_ = b"".join(file.read_bytes() for file in own_server.data.iterdir() if file.is_file())
    assert alice.token.encode() not in bytes_ and alice.refresh_token.encode() not in bytes_
    assert PASSWORD.encode() not in bytes_
    assert alice.token not in own_server.log_tail()


def test_old_tokens_last_until_the_new_ones_are_used(server):
    """(7)"""
    alice = Client.register(server, refresh_token=True)
    old = Client(server, alice.token)
    first = alice.ok("POST", path("refresh"), {"refresh_token": alice.refresh_token}, token=False)
    assert first["access_token"] != old.token and first["refresh_token"] != alice.refresh_token
    assert first["expires_in_ms"] > 0
    assert is_signed_in(old)
    # The answer got lost: the old refresh token still works, the tokens it gave are void.
    second = alice.ok("POST", path("refresh"), {"refresh_token": alice.refresh_token}, token=False)
    new = Client(server, second["access_token"])
    assert is_signed_in(new)
    assert not is_signed_in(old) and not is_signed_in(Client(server, first["access_token"]))
    # Using the new refresh token counts as use as well.
    third = alice.ok("POST", path("refresh"), {"refresh_token": second["refresh_token"]}, token=False)
    newest = Client(server, third["access_token"])
    assert is_signed_in(new) and is_signed_in(newest) and not is_signed_in(new)
    # Whoever shows the first one now has stolen it, or the newest were given to a thief: the session ends.
    alice.fails(401, "M_UNKNOWN_TOKEN", "POST", path("refresh"), {"refresh_token": alice.refresh_token})
    assert not is_signed_in(newest)
    alice.fails(401, "M_UNKNOWN_TOKEN", "POST", path("refresh"), {"refresh_token": third["refresh_token"]})


def test_unknown_refresh_tokens_are_refused(server):
    """(7)"""
    client = Client(server)
    client.fails(401, "M_UNKNOWN_TOKEN", "POST", path("refresh"), {"refresh_token": "nonsense"})
    alice = Client.register(server, refresh_token=True)
    client.fails(401, "M_UNKNOWN_TOKEN", "POST", path("refresh"), {"refresh_token": alice.token})
    alice.fails(401, "M_UNKNOWN_TOKEN", "GET", path("account", "whoami"),
                headers={"Authorization": f"Bearer {alice.refresh_token}"})
    alice.ok("POST", path("logout"))
    client.fails(401, "M_UNKNOWN_TOKEN", "POST", path("refresh"), {"refresh_token": alice.refresh_token})


def expire_tokens(server):
    """Moves the end of all tokens that have one into the past; the server does not run meanwhile."""
    server.stop()
    with sqlite3.connect(server.data / "naru.sqlite") as database:
        for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
            if "expires_at" in columns:
                database.execute(f"UPDATE {table} SET expires_at = 1 WHERE expires_at IS NOT NULL")
    server.start()


def test_an_expired_token_is_a_soft_logout(own_server):
    """(6)"""
    alice = Client.register(own_server, "alice", refresh_token=True)
    other = alice.another_device()
    expire_tokens(own_server)
    refused = alice.fails(401, "M_UNKNOWN_TOKEN", "GET", path("account", "whoami"))
    assert refused["soft_logout"] is True
    assert is_signed_in(other)
    fresh = alice.ok("POST", path("refresh"), {"refresh_token": alice.refresh_token}, token=False)
    renewed = Client(own_server, fresh["access_token"])
    assert renewed.ok("GET", path("account", "whoami"))["device_id"] == alice.device_id
    # Once the device is gone there is nothing to come back to.
    renewed.ok("POST", path("logout"))
    refused = alice.fails(401, "M_UNKNOWN_TOKEN", "GET", path("account", "whoami"))
    assert not refused.get("soft_logout")


# Devices


def test_devices_are_listed_and_renamed(people):
    [alice] = people(1)
    other = alice.another_device(device_id="TABLET", initial_device_display_name="tablet")
    devices = {device["device_id"]: device for device in alice.ok("GET", path("devices"))["devices"]}
    assert set(devices) == {alice.device_id, "TABLET"}
    assert devices["TABLET"]["display_name"] == "tablet"
    assert is_signed_in(other)
    seen = alice.ok("GET", path("devices", "TABLET"))
    assert abs(seen["last_seen_ts"] / 1000 - time.time()) < 60 and seen["last_seen_ip"] == "127.0.0.1"
    alice.ok("PUT", path("devices", "TABLET"), {"display_name": "slate"})
    assert other.ok("GET", path("devices", "TABLET"))["display_name"] == "slate"
    alice.fails(404, "M_NOT_FOUND", "GET", path("devices", "NONE"))
    alice.fails(404, "M_NOT_FOUND", "PUT", path("devices", "NONE"), {"display_name": "x"})


def test_others_devices_are_out_of_reach(people):
    alice, bob = people(2)
    bob.fails(404, "M_NOT_FOUND", "GET", path("devices", alice.device_id))
    bob.fails(404, "M_NOT_FOUND", "PUT", path("devices", alice.device_id), {"display_name": "x"})
    challenge = bob.request("POST", path("delete_devices"), {"devices": [alice.device_id]})
    assert challenge.status_code == 401
    auth = password_auth(bob, challenge.json()["session"])
    bob.ok("POST", path("delete_devices"), {"devices": [alice.device_id], "auth": auth})
    assert is_signed_in(alice)


def test_deleting_a_device_asks_for_the_password(people):
    """(10, 12)"""
    [alice] = people(1)
    other = alice.another_device(device_id="LOST")
    target = path("devices", "LOST")
    answer = alice.request("DELETE", target)
    assert answer.status_code == 401
    challenge = answer.json()
    assert {"stages": [PASSWORD_STAGE]} in challenge["flows"]
    wrong = alice.request("DELETE", target, {"auth": password_auth(alice, challenge["session"], "wrong password")})
    body = checked_error(wrong, 401, "M_FORBIDDEN")
    assert body["session"] == challenge["session"] and body["flows"] == challenge["flows"]
    assert is_signed_in(other)
    alice.ok("DELETE", target, {"auth": password_auth(alice, challenge["session"])})
    assert not is_signed_in(other) and is_signed_in(alice)


def test_a_session_opens_only_what_it_was_begun_for(people):
    """(12)"""
    alice, bob = people(2)
    other = alice.another_device()
    session = alice.request("POST", path("delete_devices"), {"devices": ["NONE"]}).json()["session"]
    answer = alice.request(
        "POST", path("delete_devices"),
        {"devices": [other.device_id], "auth": password_auth(alice, session)})
    assert answer.status_code in (400, 401, 403)
    answer = alice.request("DELETE", path("devices", other.device_id), {"auth": password_auth(alice, session)})
    assert answer.status_code in (400, 401, 403)
    # Somebody else's password and session do not help either.
    session = alice.request("DELETE", path("devices", other.device_id)).json()["session"]
    answer = alice.request("DELETE", path("devices", other.device_id), {"auth": password_auth(bob, session)})
    assert answer.status_code in (400, 401, 403)
    answer = bob.request("DELETE", path("devices", other.device_id), {"auth": password_auth(bob, session)})
    assert answer.status_code in (400, 401, 403)
    assert is_signed_in(other)


def test_several_devices_go_at_once(people):
    """(10, 12)"""
    [alice] = people(1)
    others = [alice.another_device() for _ in range(3)]
    ids = [other.device_id for other in others]
    session = alice.request("POST", path("delete_devices"), {"devices": ids}).json()["session"]
    alice.ok("POST", path("delete_devices"), {"auth": password_auth(alice, session)})
    assert not any(map(is_signed_in, others)) and is_signed_in(alice)


# Profiles


def test_profiles_are_read_by_all_and_written_by_their_owner(people):
    """(117)"""
    alice, bob = people(2)
    assert alice.ok("GET", path("profile", alice.user_id), token=False) == {"displayname": alice.localpart}
    alice.ok("PUT", path("profile", alice.user_id, "displayname"), {"displayname": "Alice 🦊"})
    alice.ok("PUT", path("profile", alice.user_id, "avatar_url"), {"avatar_url": "mxc://localhost/a"})
    alice.ok("PUT", path("profile", alice.user_id, "org.example.field"), {"org.example.field": {"a": [1]}})
    assert bob.ok("GET", path("profile", alice.user_id)) == {
        "displayname": "Alice 🦊", "avatar_url": "mxc://localhost/a", "org.example.field": {"a": [1]}}
    assert bob.ok("GET", path("profile", alice.user_id, "org.example.field")) == {"org.example.field": {"a": [1]}}
    bob.fails(403, "M_FORBIDDEN", "PUT", path("profile", alice.user_id, "displayname"), {"displayname": "x"})
    bob.fails(403, "M_FORBIDDEN", "DELETE", path("profile", alice.user_id, "displayname"))
    alice.ok("DELETE", path("profile", alice.user_id, "org.example.field"))
    bob.fails(404, "M_NOT_FOUND", "GET", path("profile", alice.user_id, "org.example.field"))
    bob.fails(404, "M_NOT_FOUND", "GET", path("profile", "@nobody:localhost"))
    bob.fails(404, "M_NOT_FOUND", "GET", path("profile", "@nobody:localhost", "displayname"))


def test_profiles_have_bounds(people):
    """(117)"""
    [alice] = people(1)
    long = "k" * 256
    alice.fails(400, "M_KEY_TOO_LARGE", "PUT", path("profile", alice.user_id, long), {long: 1})
    alice.fails(400, "M_PROFILE_TOO_LARGE", "PUT", path("profile", alice.user_id, "org.example.big"),
                {"org.example.big": "x" * 65_536})
    alice.ok("PUT", path("profile", alice.user_id, "org.example.a"), {"org.example.a": "x" * 40_000})
    alice.fails(400, "M_PROFILE_TOO_LARGE", "PUT", path("profile", alice.user_id, "org.example.b"),
                {"org.example.b": "x" * 40_000})
    alice.fails(400, "M_MISSING_PARAM", "PUT", path("profile", alice.user_id, "org.example.c"), {"other": 1})
    assert set(alice.ok("GET", path("profile", alice.user_id))) == {"displayname", "org.example.a"}


def test_a_new_name_goes_to_new_rooms_and_old_ones(people):
    """(117)"""
    alice, bob = people(2)
    room = alice.room_with(bob)
    alice.set_state(room, "m.room.member", {"membership": "join", "displayname": "Here", "org.example": 1},
                    alice.user_id)
    other = alice.room_with(bob)
    alice.ok("PUT", path("profile", alice.user_id, "displayname"), {"displayname": "Alicia"})
    assert bob.state(other, "m.room.member", alice.user_id)["displayname"] == "Alicia"
    assert bob.state(alice.room_with(bob), "m.room.member", alice.user_id)["displayname"] == "Alicia"
    # The name that was chosen for one room stays, and what else stands there.
    assert bob.state(room, "m.room.member", alice.user_id) == {
        "membership": "join", "displayname": "Here", "org.example": 1}


def test_users_are_found_by_name(people):
    """(118)"""
    alice, bob, carol = people(3)
    word = unique("Zaunkoenig")
    bob.ok("PUT", path("profile", bob.user_id, "displayname"), {"displayname": f"{word} Bob"})

    def search(client, term, **options):
        found = client.ok("POST", path("user_directory", "search"), {"search_term": term, **options})
        return [user["user_id"] for user in found["results"]]

    assert search(alice, word) == []
    alice.room_with(bob)
    assert search(alice, word.lower()) == [bob.user_id] == search(alice, bob.localpart)
    assert search(carol, word) == []
    bob.public_room(visibility="public")
    assert search(carol, word) == [bob.user_id]


# Who may sign up


def sign_up(server, name, **auth):
    client = Client(server)
    return client.request("POST", path("register"), {
        "username": name, "password": PASSWORD, **({"auth": auth} if auth else {})})


def modes(tmp_path, option, value):
    """The same options on the command line, in the environment and in the file."""
    file = tmp_path / "naru.yaml"
    file.write_text("".join(f"{name}: {content}\n" for name, content in zip(option, value)))
    flags = [part for name, content in zip(option, value) for part in (f"--{name}", content)]
    variables = {"NARU_" + name.upper().replace("-", "_"): content for name, content in zip(option, value)}
    return {"flags": (flags, {}), "environment": ([], variables), "file": (["--config", str(file)], {}),
            "file named in the environment": ([], {"NARU_CONFIG": str(file)})}


SOURCES = ["flags", "environment", "file", "file named in the environment"]


@pytest.mark.parametrize("source", SOURCES)
def test_a_token_may_be_needed_to_sign_up(tmp_path, source):
    flags, variables = modes(
        tmp_path, ("registration", "registration-token", "server-name"), ("token", "sesame", "example.org"))[source]
    with Server(tmp_path / "data", *flags, variables=variables) as server:
        assert sign_up(server, "ann", type="m.login.dummy").status_code in (400, 401, 403)
        asked = sign_up(server, "ann")
        stages = [flow["stages"] for flow in asked.json()["flows"]]
        assert asked.status_code == 401 and all("m.login.registration_token" in flow for flow in stages)
        session = asked.json()["session"]
        wrong = sign_up(server, "ann", type="m.login.registration_token", token="wrong", session=session)
        assert wrong.status_code == 401 and wrong.json()["session"] == session and "errcode" in wrong.json()
        done = sign_up(server, "ann", type="m.login.registration_token", token="sesame", session=session)
        if done.status_code == 401:  # A further stage may follow.
            done = sign_up(server, "ann", type="m.login.dummy", session=session)
        assert done.status_code == 200 and done.json()["user_id"] == "@ann:example.org"
        client = Client(server)
        valid = "/_matrix/client/v1/register/m.login.registration_token/validity"
        assert client.ok("GET", valid, params={"token": "sesame"}) == {"valid": True}
        assert client.ok("GET", valid, params={"token": "wrong"}) == {"valid": False}


@pytest.mark.parametrize("source", SOURCES)
def test_signing_up_may_be_closed(tmp_path, source):
    flags, variables = modes(tmp_path, ("registration",), ("closed",))[source]
    with Server(tmp_path / "data", *flags, variables=variables) as server:
        for auth in ({}, {"type": "m.login.dummy"}, {"type": "m.login.registration_token", "token": ""}):
            checked_error(sign_up(server, "ann", **auth), 403, "M_FORBIDDEN")


def test_the_command_line_comes_first_then_the_environment_then_the_file(tmp_path):
    file = tmp_path / "naru.yaml"
    file.write_text("registration: closed\nserver-name: file.example\n")
    with Server(tmp_path / "data", "--config", str(file), "--registration", "open",
                variables={"NARU_SERVER_NAME": "environment.example", "NARU_REGISTRATION": "token"}) as server:
        done = sign_up(server, "ann", type="m.login.dummy")
        assert done.json()["user_id"] == "@ann:environment.example"


def refused_start(tmp_path, *arguments, **variables):
    """What the server says instead of starting."""
    done = subprocess.run(
        [binary(), "serve", "--port", str(free_port()), "--data", str(tmp_path / "data"), *arguments],
        capture_output=True, text=True, timeout=10, env=environment(**variables))
    assert done.returncode != 0
    return done.stderr


def test_whoever_listens_widely_must_say_who_may_sign_up(tmp_path):
    assert "--registration-token" in refused_start(tmp_path, "--address", "0.0.0.0")


def test_wrong_options_are_named(tmp_path):
    assert "'maybe'" in refused_start(tmp_path, "--registration", "maybe")
    assert "'maybe'" in refused_start(tmp_path, NARU_REGISTRATION="maybe")
    assert "--registration-token" in refused_start(tmp_path, "--address", "0.0.0.0")
    assert "no server name" in refused_start(tmp_path, "--server-name", "not a name")
    file = tmp_path / "naru.yaml"
    file.write_text("registrations: closed\n")
    assert "registrations" in refused_start(tmp_path, "--config", str(file))
    file.write_text("registration: [unclosed\n")
    assert str(file) in refused_start(tmp_path, "--config", str(file))
    assert "none.yaml" in refused_start(tmp_path, "--config", str(tmp_path / "none.yaml"))


def test_tokens_of_administrators_alone_let_people_in(tmp_path):
    with Server(tmp_path / "data", "--registration", "token") as server:
        made = run("admin", "tokens", "create", "--token", "come", "--data", str(server.data))
        assert made.returncode == 0, made.stderr
        target = f"{server.url}/_matrix/client/v3/register"
        for token, status in (("stay", 401), ("come", 200)):
            stage = {"type": "m.login.registration_token", "token": token}
            body = {"username": "alice", "password": PASSWORD, "auth": stage}
            answer = requests.post(target, json=body)
            if "session" in answer.json():
                body["auth"] = {"type": "m.login.dummy", "session": answer.json()["session"]}
                answer = requests.post(target, json=body)
            assert answer.status_code == status, answer.text
