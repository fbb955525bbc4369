"""Whatever comes in, the answer is a refusal in the specification's words, and nothing has happened.

SEED=… repeats a run of random mutations, NARU_MUTATIONS=… says how many there are.
"""

import copy
import json
import os
import random
import re
import socket
import time
from urllib.parse import quote, urlencode

import pytest

from support.client import Client, checked_error, event_ids, path, timeline, unique
from support.raw import Connection, request_bytes
from support.requests_table import World
from support.server import REPOSITORY, Server

# https://spec.matrix.org/v1.19/client-server-api/#standard-error-response
CODES = {"M_" + code for code in """
    FORBIDDEN UNKNOWN_TOKEN MISSING_TOKEN USER_LOCKED USER_SUSPENDED BAD_JSON NOT_JSON NOT_FOUND LIMIT_EXCEEDED
    UNRECOGNIZED UNKNOWN UNAUTHORIZED USER_DEACTIVATED USER_IN_USE INVALID_USERNAME ROOM_IN_USE INVALID_ROOM_STATE
    THREEPID_IN_USE THREEPID_NOT_FOUND THREEPID_AUTH_FAILED THREEPID_DENIED SERVER_NOT_TRUSTED
    UNSUPPORTED_ROOM_VERSION INCOMPATIBLE_ROOM_VERSION BAD_STATE GUEST_ACCESS_FORBIDDEN CAPTCHA_NEEDED CAPTCHA_INVALID
    MISSING_PARAM INVALID_PARAM TOO_LARGE EXCLUSIVE RESOURCE_LIMIT_EXCEEDED CANNOT_LEAVE_SERVER_NOTICE_ROOM
    THREEPID_MEDIUM_NOT_SUPPORTED THREEPID_IN_USE WEAK_PASSWORD BAD_ALIAS DUPLICATE_ANNOTATION KEY_TOO_LARGE
    PROFILE_TOO_LARGE INVITE_BLOCKED UNABLE_TO_AUTHORISE_JOIN UNABLE_TO_GRANT_JOIN
    INVALID_SIGNATURE WRONG_ROOM_KEYS_VERSION""".split()}


@pytest.fixture(scope="module")
def target(tmp_path_factory):
    """A server of its own, that must be the same process to the end."""
    data = tmp_path_factory.mktemp("bad-input") / "data"
    with Server(data, "--registration-shared-secret", "a secret of the operator") as server:
        pid = server.pid
        yield server
        assert server.is_alive and server.pid == pid, server.log_tail()
    server.verify()


@pytest.fixture(scope="module")
def world(target):
    return World(target)


@pytest.fixture
def wire(target):
    connection = Connection(target)
    yield connection
    connection.close()


def token_of(world, request):
    return world.client(request.who).token if request.who else None


def line(request):
    return request.target + ("?" + urlencode(request.params) if request.params else "")


def refuses(answer, what, statuses=range(400, 500), codes=CODES):
    assert answer is not None, f"{what}: the connection was closed without an answer"
    assert answer.status in statuses, f"{what}: {answer}"
    body = answer.json
    assert body.get("errcode") in codes and isinstance(body.get("error"), str), f"{what}: {answer}"


# The table itself


def test_the_table_holds_every_endpoint(world):
    """An endpoint that is served needs a valid request in support/requests_table.py, so that bad ones are tried too."""
    declared = set()
    for file in (REPOSITORY / "Sources/Protocol/MatrixClientAPI").glob("*.swift"):
        declared |= set(re.findall(r'Endpoint\(\s*"(\w+)"', file.read_text()))
    assert declared - {request.operation for request in world.requests()} == set()


def test_the_requests_of_the_table_are_valid(world, wire):
    for request in world.requests():
        body = b"" if request.body is None else json.dumps(request.body).encode()
        if request.operation in ("logout", "logout_all"):
            world.eve = Client.login(world.server, world.eve.user_id)
        if request.operation == "unban":
            world.alice.membership("ban", world.room, world.dave)
        if request.operation in ("kick", "inviteUser") :
            world.alice.request("POST", path("rooms", world.room, "unban"), {"user_id": world.dave.user_id})
            if request.operation == "kick":
                world.alice.request("POST", path("rooms", world.room, "invite"), {"user_id": world.dave.user_id})
        answer = wire.request(request.method, line(request), body, token_of(world, request))
        assert answer.status == request.status, f"{request.operation}: {answer}"
    world.eve = Client.login(world.server, world.eve.user_id)


# Types


def place(body, where):
    """The container that a dotted path leads to, and the last key."""
    keys = [key.replace("\0", ".") for key in where.replace("\\.", "\0").split(".")]
    for key in keys[:-1]:
        body = body[int(key) if isinstance(body, list) else key]
    return body, int(keys[-1]) if isinstance(body, list) else keys[-1]


def test_wrong_types_of_every_field_are_refused(world, wire):
    """Each typed member of each body in turn is replaced by a value of every other type."""
    values = [True, 7, 1.5, "text", [], [1], {}, {"a": 1}]
    before = world.snapshot()
    tried = 0
    wrong = []
    for request in world.requests():
        for where in request.typed:
            container, key = place(request.body, where) if not where.endswith("auth.session") else (None, None)
            original = container[key] if container is not None else "text"
            for value in values:
                if type(value) is type(original):
                    continue
                body = copy.deepcopy(request.body)
                container, key = place(body, where)
                container[key] = value
                if request.operation == "register" and where != "username":
                    body["username"] = unique("typed")
                answer = wire.request(
                    request.method, line(request), json.dumps(body).encode(), token_of(world, request))
                tried += 1
                try:
                    refuses(answer, f"{request.operation} {where}={value!r}", [400, 403],
                            {"M_BAD_JSON", "M_INVALID_PARAM", "M_FORBIDDEN"})
                except AssertionError as error:
                    wrong.append(str(error).split("\n")[0])
    assert not wrong, "\n".join(wrong)
    assert tried > 500
    assert world.snapshot() == before


@pytest.mark.parametrize("value", [True, 7, "text", {}, [1], [[]]])
def test_fields_of_a_filter_are_a_list_of_strings(world, value):
    world.alice.fails(
        400, "M_BAD_JSON", "POST", path("user", world.alice.user_id, "filter"), {"event_fields": value})


def test_bodies_that_are_no_objects_are_refused(world, wire):
    """(22)"""
    before = world.snapshot()
    for request in world.requests():
        if request.body is None or request.operation in ("logout", "logout_all", "forgetRoom"):
            continue
        for body, code in ((b"[]", "M_BAD_JSON"), (b'"text"', "M_BAD_JSON"), (b"1", "M_BAD_JSON"),
                           (b"null", "M_BAD_JSON"), (b"true", "M_BAD_JSON"), (b"{", "M_NOT_JSON"),
                           (b"{}}", "M_NOT_JSON"), (b"not json", "M_NOT_JSON"), (b"{'a':1}", "M_NOT_JSON"),
                           (b'{"a":1,}', "M_NOT_JSON"), (b'{"a":NaN}', "M_NOT_JSON"), (b'{"a":01}', "M_NOT_JSON"),
                           (b"\xef\xbb\xbf{}", "M_NOT_JSON"), (b'{"a":"\xff"}', "M_NOT_JSON"),
                           (b'{"a":"\xc0\xaf"}', "M_NOT_JSON"), (b'{"a":"\xed\xa0\x80"}', "M_NOT_JSON"),
                           (b'{"a":"\x01"}', "M_NOT_JSON"), (b'{"a":"\\x"}', "M_NOT_JSON"), (b"\x00", "M_NOT_JSON")):
            answer = wire.request(request.method, line(request), body, token_of(world, request))
            refuses(answer, f"{request.operation} {body!r}", [400], {code})
    assert world.snapshot() == before


@pytest.mark.parametrize("name, body", [
    ("lone high surrogate", b'{"a":"\\ud800"}'), ("lone low surrogate", b'{"a":"\\udc00"}'),
    ("surrogates the wrong way", b'{"a":"\\udc00\\ud800"}'), ("half a pair", b'{"a":"\\ud83dx"}'),
    ("lone surrogate in a key", b'{"\\ud800":1}'), ("duplicate key", b'{"a":1,"a":1}'),
    ("duplicate key, escaped", b'{"a":1,"\\u0061":2}'), ("duplicate key, inside", b'{"b":[{"a":1,"a":2}]}'),
    ("too deep", b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}"),
    ("too deep, objects", b'{"a":' * 5000 + b"1" + b"}" * 5000)])
def test_json_that_machines_read_in_different_ways_is_refused(world, wire, name, body):
    before = world.snapshot()
    for request in world.requests():
        if request.body is None or request.operation in ("logout", "logout_all", "forgetRoom"):
            continue
        answer = wire.request(request.method, line(request), body, token_of(world, request))
        refuses(answer, f"{request.operation}: {name}", [400], {"M_BAD_JSON", "M_NOT_JSON"})
    assert world.snapshot() == before


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_depth_costs_nothing(world, wire, opening):
    """As deep as a body may be long, and never closed."""
    body = b'{"a":' + opening * (1_000_000 // len(opening))
    answer = wire.request("PUT", path("rooms", world.room, "send", "t", "deep"), body, world.alice.token)
    refuses(answer, "deep", [400], {"M_BAD_JSON", "M_NOT_JSON"})


# Event content


@pytest.mark.parametrize("literal", [
    "1.0", "1.5", "1e3", "1E3", "0.0", "-0", "-0.0", "9007199254740992", "-9007199254740992",
    "123456789012345678901234567890", "1e400", "0e0"])
@pytest.mark.parametrize("where", ['{"a":%s}', '{"a":[1,{"b":[%s]}]}'])
def test_events_hold_canonical_integers_only(world, wire, literal, where):
    """(22)"""
    before = world.snapshot()
    body = (where % literal).encode()
    for target in (path("rooms", world.room, "send", "org.example", unique("t")),
                   path("rooms", world.room, "state", "org.example", "")):
        refuses(wire.request("PUT", target, body, world.alice.token), literal, [400], {"M_BAD_JSON"})
    create = b'{"initial_state":[{"type":"org.example","content":%s}]}' % body
    refuses(wire.request("POST", path("createRoom"), create, world.alice.token), literal, [400], {"M_BAD_JSON"})
    create = b'{"creation_content":%s}' % body
    refuses(wire.request("POST", path("createRoom"), create, world.alice.token), literal, [400], {"M_BAD_JSON"})
    assert world.snapshot() == before


@pytest.mark.parametrize("literal", ["0", "-1", "9007199254740991", "-9007199254740991"])
def test_events_hold_every_canonical_integer(world, literal):
    """(22)"""
    event = world.alice.send(world.room, content={"a": int(literal)}, type="org.example")
    assert world.bob.event(world.room, event)["content"] == {"a": int(literal)}


def test_unicode_is_kept_as_it_came(world):
    """(22): nothing is normalised, and what only looks the same stays two."""
    content = {
        "\u00e9": "composed", "e\u0301": "decomposed", "\u1100\u1161": "jamo", "\uac00": "syllable",
        "\U0001f468\u200d\U0001f469\u200d\U0001f467": "family", "\u0000": "nul \u0000", "\"\\/\b\f\n\r\t": "\u2028\u2029",
        "": "empty", "\uffff\U0010ffff": "\ufeff", "values": ["\u00e9", "e\u0301", "\u212b", "\u00c5"]}
    event = world.alice.send(world.room, content=content, type="org.example")
    for found in (world.bob.event(world.room, event), timeline(world.bob.sync(), world.room)[-1]):
        assert found["content"] == content
        assert list(map(len, found["content"]["values"])) == [1, 2, 1, 1]
    state = [world.alice.set_state(world.room, "org.example.key", {"key": key}, key) for key in ("\u00e9", "e\u0301")]
    assert state[0] != state[1]
    assert world.bob.state(world.room, "org.example.key", "\u00e9") == {"key": "\u00e9"}
    assert world.bob.state(world.room, "org.example.key", "e\u0301") == {"key": "e\u0301"}



@pytest.mark.parametrize("type, key", [("org.example", "key\0more"), ("org.example\0more", "key")])
def test_names_with_a_nul_are_kept_apart(tmp_path, type, key):
    """(22): U+0000 is a character like any other; or it is refused, but it ends nothing."""
    with Server(tmp_path / "data") as server:
        alice = Client.register(server, "alice")
        room = alice.create_room()
        first = alice.set_state(room, "org.example", {"first": True}, "key")
        answer = alice.request("PUT", path("rooms", room, "state", type, key), {"second": True})
        assert answer.status_code == 200 or 400 <= answer.status_code < 500
        before = alice.all_state(room).keys()
        server.restart()
        assert alice.all_state(room).keys() == before
        assert alice.all_state(room)["org.example", "key"]["event_id"] == first
        assert alice.state(room, "org.example", "key") == {"first": True}
    server.verify()


def test_a_nul_gives_nobody_power(tmp_path):
    """A type that only begins like m.room.power_levels asks for less power than that."""
    with Server(tmp_path / "data") as server:
        alice, bob = Client.register(server, "alice"), Client.register(server, "bob")
        room = alice.room_with(bob, power_level_content_override={"users": {"@bob:localhost": 50}})
        levels = alice.state(room, "m.room.power_levels")
        stolen = {**levels, "users": {bob.user_id: 100}}
        bob.fails(403, "M_FORBIDDEN", "PUT", path("rooms", room, "state", "m.room.power_levels", ""), stolen)
        bob.request("PUT", path("rooms", room, "state", "m.room.power_levels\0x", ""), stolen)
        server.restart()
        assert alice.state(room, "m.room.power_levels") == levels


def test_account_data_with_a_nul_is_kept_apart(world):
    alice = world.alice
    alice.set_account_data("org.example.nul", {"first": True})
    target = path("user", alice.user_id, "account_data", "org.example.nul\0more")
    answer = alice.request("PUT", target, {"second": True})
    assert answer.status_code == 200 or 400 <= answer.status_code < 500
    assert alice.account_data("org.example.nul") == {"first": True}


def test_transactions_are_told_apart_by_bytes(world):
    """(23)"""
    first = world.alice.send(world.room, txn="\u00e9")
    assert world.alice.send(world.room, txn="e\u0301") != first
    assert world.alice.send(world.room, txn="\u00e9") == first


def test_account_data_may_hold_fractions_and_unknown_members(world):
    content = {"order": 0.25, "big": 1e300, "unknown": [None, {"a": -0.5}]}
    world.alice.set_account_data("org.example.free", content)
    assert world.alice.account_data("org.example.free") == content


def test_unknown_members_do_no_harm(world, wire):
    for request in world.requests():
        if not request.typed or request.operation in ("createRoom", "register", "kick", "unban", "redactEvent",
                                                      "setRoomAlias", "leaveRoom", "knockRoom"):
            continue
        world.alice.request("POST", path("rooms", world.room, "unban"), {"user_id": world.dave.user_id})
        body = {**request.body, "org.example.unknown": {"a": [1, None]}, "unknown": 1.5}
        answer = wire.request(request.method, line(request), json.dumps(body).encode(), token_of(world, request))
        assert answer.status == request.status, f"{request.operation}: {answer}"
    world.alice.request("POST", path("rooms", world.room, "unban"), {"user_id": world.dave.user_id})


# Sizes


def test_a_body_over_the_limit_is_too_large(world, target):
    before = world.snapshot()
    for request in world.requests():
        if request.body is None:
            continue
        connection = Connection(target)
        body = b'{"a":"' + b"x" * (2 << 20) + b'"}'
        answer = connection.request(request.method, line(request), body, token_of(world, request))
        connection.close()
        refuses(answer, request.operation, [413], {"M_TOO_LARGE"})
        if request.operation == "createRoom":
            break
    assert world.snapshot() == before


def test_a_body_without_end_is_cut_off(world, target):
    """Chunked, without a length, for ever."""
    with socket.create_connection(("127.0.0.1", target.port), timeout=10) as stream:
        head = request_bytes("PUT", path("rooms", world.room, "send", "t", "endless"), token=world.alice.token)
        stream.sendall(head.replace(b"Content-Length: 0", b"Transfer-Encoding: chunked"))
        chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        sent = 0
        try:
            while sent < 64 << 20:
                stream.sendall(chunk)
                sent += len(chunk)
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert sent < 64 << 20, "the server took 64 MiB of one request"
    assert target.is_alive


def test_an_event_has_at_most_65536_bytes(world):
    """(21)"""
    before = world.snapshot()
    for size in (65_536, 70_000, 500_000):
        for target_ in (path("rooms", world.room, "send", "m.room.message", unique("t")),
                        path("rooms", world.room, "state", "org.example.big", "")):
            world.alice.fails(413, "M_TOO_LARGE", "PUT", target_, {"body": "x" * size})
    for size in (65_536, 500_000):
        world.alice.fails(413, "M_TOO_LARGE", "POST", path("createRoom"), {"topic": "x" * size})
        world.alice.fails(413, "M_TOO_LARGE", "POST", path("rooms", world.room, "invite"), {
            "user_id": world.dave.user_id, "reason": "x" * size})
    assert world.snapshot() == before
    world.alice.send(world.room, "x" * 60_000)
    # What is measured is the event in its federation form, to the byte.
    low, high = 60_000, 65_536
    while high - low > 1:
        middle = (low + high) // 2
        content = {"body": "x" * middle}
        answer = world.alice.request("PUT", path("rooms", world.room, "send", "m.room.message", unique("t")), content)
        assert answer.status_code in (200, 413)
        low, high = (middle, high) if answer.status_code == 200 else (low, middle)
    assert 64_500 < low < 65_536


def test_identifiers_have_at_most_255_bytes(world):
    """(21)"""
    before = world.snapshot()
    long, wide = "x" * 256, "\u00e9" * 128
    for word in (long, wide):
        world.alice.fails(413, "M_TOO_LARGE", "PUT", path("rooms", world.room, "send", word, unique("t")), {})
        world.alice.fails(413, "M_TOO_LARGE", "PUT", path("rooms", world.room, "state", word, ""), {})
        world.alice.fails(413, "M_TOO_LARGE", "PUT", path("rooms", world.room, "state", "org.example", word), {})
    assert world.snapshot() == before
    world.alice.send(world.room, type="x" * 255)
    world.alice.set_state(world.room, "org.example", {}, "\u00e9" * 127)
    for identifier in ("!" + "x" * 300, "#" + "x" * 300 + ":localhost", "@" + "x" * 300 + ":localhost", "$" + "x" * 300):
        for target_ in (path("join", identifier), path("rooms", identifier, "join"), path("rooms", identifier, "leave")):
            answer = world.alice.request("POST", target_, {})
            assert 400 <= answer.status_code < 500
        answer = world.alice.request("GET", path("profile", identifier))
        assert 400 <= answer.status_code < 500


# Whose, which, and how


def test_every_endpoint_asks_for_its_token(world, wire):
    """(5)"""
    for request in world.requests():
        if not request.who:
            continue
        body = b"" if request.body is None else json.dumps(request.body).encode()
        refuses(wire.request(request.method, line(request), body), request.operation, [401], {"M_MISSING_TOKEN"})
        refuses(wire.request(request.method, line(request), body, "foreign"), request.operation, [401],
                {"M_UNKNOWN_TOKEN"})


def test_others_ids_in_a_path_are_forbidden(world, wire):
    alice, mallory = world.alice.user_id, world.carol
    before = world.snapshot()
    tried = 0
    for request in world.requests():
        if not request.who or quote(alice, safe="") not in request.target:
            continue
        tried += 1
        body = b"" if request.body is None else json.dumps(request.body).encode()
        refuses(wire.request(request.method, line(request), body, mallory.token), request.operation, [403],
                {"M_FORBIDDEN"})
    assert tried > 10
    assert world.snapshot() == before


UNKNOWN_ROOMS = ["!" + "A" * 43, "!unknown:localhost", "!unknown:elsewhere.example"]


def test_unknown_rooms_are_refused(world, wire):
    room = quote(world.room, safe="")
    for request in world.requests():
        for unknown in UNKNOWN_ROOMS:
            # Reports do not tell what there is; keys are backed up of any room, also of one that was left.
            exempt = request.operation in ("reportRoom", "reportEvent") or "/room_keys/" in request.target
            if room not in request.target or exempt:
                continue
            body = b"" if request.body is None else json.dumps(request.body).encode()
            answer = wire.request(request.method, line(request).replace(room, quote(unknown, safe="")), body,
                                  token_of(world, request))
            refuses(answer, f"{request.operation} {unknown}", [403, 404], {"M_FORBIDDEN", "M_NOT_FOUND"})


SEGMENTS = ["", "%", "%zz", "%00", "%ff%fe", "..", "%2e%2e", "%2F", "!", "#", "@", "$", ":", "@:", "!:", "%20", "é",
            "%ED%A0%80", "x" * 3000, "'", '"', "<script>", "{roomId}", "*", "%25", "null", "-1", "%F0%9F%A6%8A"]


def test_garbage_in_paths_is_refused_or_not_found(world, wire):
    before = world.snapshot()
    for request in world.requests():
        parts = request.target.split("/")
        for index in range(4, len(parts)):
            for segment in SEGMENTS:
                changed = "/".join([*parts[:index], segment.replace("#", "%23"), *parts[index + 1:]])
                if request.method != "GET" and parts[index - 1] in ("send", "state", "account_data", "tags", "profile") \
                        or index == len(parts) - 1 and request.method in ("PUT", "DELETE"):
                    continue  # Any name is good there; writing is the table's business.
                body = b"" if request.body is None else json.dumps(request.body).encode()
                answer = wire.exchange(request_bytes(
                    request.method, changed + ("?" + urlencode(request.params) if request.params else ""), body,
                    token_of(world, request)).replace("é".encode(), b"\xe9"))
                assert answer is not None, (request.operation, changed)
                if answer.status != 200 and answer.body:
                    refuses(answer, f"{request.operation} {changed}")
                else:
                    assert answer.status in (200, 400), f"{request.operation} {changed}: {answer}"
    world.eve = Client.login(world.server, world.eve.user_id)
    state, _ = before[0][world.room]
    assert {key: value for key, value in world.snapshot()[0][world.room][0].items() if key in state and
            key[0] != "m.room.member"}.items() <= state.items()


def test_garbage_in_queries_is_refused(world, wire):
    values = ["", "-1", "1.5", "abc", "99999999999999999999999", "%00", "%ff", "{", "{}", "[]", "null", "true",
              "s-1", "x" * 5000]
    free = {"checkUsernameAvailability", "registrationTokenValidity", "getRoomStateWithKey"}
    for request in world.requests():
        for name in request.params:
            for value in values:
                params = {key: quote(text, safe="") for key, text in request.params.items()} | {name: value}
                query = "&".join(f"{key}={text}" for key, text in params.items())
                answer = wire.request(request.method, f"{request.target}?{query}", b"", token_of(world, request))
                what = f"{request.operation} {name}={value[:30]}"
                if request.operation in free or answer.status != 200:
                    if answer.status != 200:
                        refuses(answer, what)
                elif value in ("abc", "1.5", "{", "[]"):
                    assert name in ("set_presence",), f"{what} was taken: {answer}"


LARGEST = ["9223372036854775807", "9223372036854775800", "-9223372036854775808", "9007199254740991"]


def test_the_largest_integers_do_no_harm(world, wire):
    for request in world.requests():
        for name, text in request.params.items():
            if "ublicRooms" in request.operation:
                continue
            for value in LARGEST:
                prefix = text[0] if text[:1] == "s" else ""
                params = request.params | {name: prefix + value}
                if name in ("timeout",):
                    params.pop("since", None)  # It would really wait.
                answer = wire.request(
                    request.method, f"{request.target}?{urlencode(params)}", b"", token_of(world, request))
                assert answer is not None and answer.status in (200, 400, 404), f"{request.operation} {params}: {answer}"


@pytest.mark.parametrize("value", LARGEST[:2])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_page_of_the_directory_may_lie_far_beyond_its_end(tmp_path, method, value):
    with Server(tmp_path / "data") as server:
        alice = Client.register(server, "alice")
        alice.create_room(visibility="public")
        options = {"params": {"since": value}} if method == "GET" else {"body": {"since": value, "limit": 2 ** 53 - 1}}
        answer = alice.request(method, path("publicRooms"), **options)
        assert answer.status_code in (200, 400)


def test_wrong_methods_are_not_allowed(world, wire):
    """(1)"""
    requests = world.requests()
    shape = {request.operation: re.sub(r"[!@$#%][^/]*", "x", request.target) for request in requests}
    known = {}
    for request in requests:
        known.setdefault(shape[request.operation], set()).add(request.method)
    # Sending and reading state have the same path, whatever they are about here.
    for request in requests:
        methods = known[shape[request.operation]]
        if request.operation in ("setRoomStateWithKey", "getRoomStateWithKey"):
            methods = {"GET", "PUT"}
        if request.operation.endswith("ProfileField"):
            methods = {"GET", "PUT", "DELETE"}
        if request.operation.endswith("RoomTag"):
            methods = {"PUT", "DELETE"}
        if request.operation in ("setRoomAlias", "getRoomIdByAlias", "deleteRoomAlias"):
            methods = {"GET", "PUT", "DELETE"}
        if request.operation in ("getDevice", "updateDevice", "deleteDevice"):
            methods = {"GET", "PUT", "DELETE"}
        if request.operation in ("getPushRule", "setPushRule", "deletePushRule"):
            methods = {"GET", "PUT", "DELETE"}
        if request.operation.endswith("PushRuleEnabled") or request.operation.endswith("PushRuleActions"):
            methods = {"GET", "PUT"}
        for method in {"GET", "POST", "PUT", "DELETE", "PATCH", "PROPFIND"} - methods:
            answer = wire.request(method, request.target, b"{}", token_of(world, request))
            refuses(answer, f"{method} {request.target}", [405], {"M_UNRECOGNIZED"})


@pytest.mark.parametrize("target_", [
    "/_matrix/client/v3/nothing", "/_matrix/client/v9/sync", "/_matrix/client/v3", "/_matrix/client/", "/_matrix",
    "/_matrix/client/v3/sync/more", "/_matrix/client/v3/rooms", "/_matrix/client/unstable/org.example/x",
    "/_matrix/client/v3//sync", "/_matrix/client/V3/sync", "/_matrix/federation/v1/nothing", "/_matrix/key/v9/server",
    "/_matrix/client/v3/rooms/!x/send/t"])
def test_unknown_endpoints_are_unrecognized(world, wire, target_):
    """(1)"""
    for method in ("GET", "POST", "PUT", "DELETE"):
        for token in (None, world.alice.token):
            refuses(wire.request(method, target_, b"", token), f"{method} {target_}", [404], {"M_UNRECOGNIZED"})


# Below HTTP


def served(target):
    """The server serves others as if nothing were."""
    began = time.monotonic()
    Client(target).ok("GET", "/_matrix/client/versions")
    assert time.monotonic() - began < 2


def say(target, data, seconds=5):
    """Sends the bytes and ends; gives what comes back until the server closes."""
    with socket.create_connection(("127.0.0.1", target.port), timeout=seconds) as stream:
        received = b""
        try:
            stream.sendall(data)
            stream.shutdown(socket.SHUT_WR)
            while part := stream.recv(65_536):
                received += part
        except OSError:
            pass  # The server may close before it has been told everything.
        return received


@pytest.mark.parametrize("data", [
    b"\r\n\r\n", b"GET\r\n\r\n", b"GET /\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"get / http/1.1\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x00" * 1000,
    b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
    b"GET / HTTP/1.1\r\n: empty\r\n\r\n", b"GET  /  HTTP/1.1\r\n\r\n", b"CONNECT a:1 HTTP/1.1\r\n\r\n",
    b"GET http://elsewhere/ HTTP/1.1\r\nHost: elsewhere\r\n\r\n", b"GET * HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /\x00 HTTP/1.1\r\nHost: a\r\n\r\n", b"GET /\xff\xfe HTTP/1.1\r\nHost: a\r\n\r\n", b"\xff" * 5000,
    b"POST /_matrix/client/v3/login HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{", b"POST /_matrix/cli",
    b"GET /_matrix/client/v3/sync HTTP/1.1\r\nAuthorization: Bearer \xff\xfe\x00\r\n\r\n"], ids=range(25))
def test_nonsense_on_the_wire_ends_the_connection_only(target, data):
    received = say(target, data)
    if received:
        assert received.startswith(b"HTTP/1.") and b" 50" not in received.split(b"\r\n")[0], received[:200]
    served(target)


def test_headers_have_bounds(target):
    for head in (b"X: " + b"x" * (4 << 20), b"".join(b"X%d: y\r\n" % number for number in range(300_000)),
                 b"x" * (4 << 20)):
        received = say(target, b"GET /_matrix/client/versions HTTP/1.1\r\nHost: a\r\n" + head + b"\r\n\r\n")
        assert not received or received.split(b" ")[1] in (b"400", b"413", b"431"), received[:100]
    received = say(target, b"GET /" + b"x" * (4 << 20) + b" HTTP/1.1\r\nHost: a\r\n\r\n")
    assert not received or received.split(b" ")[1] in (b"400", b"404", b"413", b"414", b"431"), received[:100]
    served(target)


def test_pipelined_requests_are_answered_in_order(target, world):
    requests = [request_bytes("GET", path("account", "whoami"), token=world.alice.token),
                request_bytes("GET", path("account", "whoami")),
                request_bytes("GET", path("account", "whoami"), token=world.bob.token)]
    with socket.create_connection(("127.0.0.1", target.port), timeout=10) as stream:
        stream.sendall(b"".join(requests))
        received = b""
        while received.count(b"HTTP/1.1 ") < 3 or not received.endswith(b"}"):
            part = stream.recv(65_536)
            assert part, received
            received += part
    statuses = re.findall(rb"HTTP/1.1 (\d+)", received)
    assert statuses == [b"200", b"401", b"200"]
    assert received.index(world.alice.user_id.encode()) < received.index(world.bob.user_id.encode())


@pytest.fixture(scope="module")
def slow_senders(target):
    """Sends requests a byte at a time for 45 s; gives how many were cut off, by the part that they were slow with."""
    head = request_bytes("POST", path("login"), b"x" * 100)[:-99]
    slow = [(part, socket.create_connection(("127.0.0.1", target.port), timeout=1))
            for part in ("head", "body") for _ in range(25)]
    cut_off = {"head": 0, "body": 0}
    try:
        for part, stream in slow:
            stream.sendall(head if part == "body" else b"POST /_matrix")
        deadline = time.monotonic() + 45
        while slow and time.monotonic() < deadline:
            served(target)
            for part, stream in list(slow):
                try:
                    stream.sendall(b"x")
                    stream.settimeout(0.001)
                    if stream.recv(1000) == b"":
                        raise ConnectionResetError
                except TimeoutError:
                    continue
                except OSError:
                    stream.close()
                    slow.remove((part, stream))
                    cut_off[part] += 1
            time.sleep(0.5)  # The pace of those who send, not a wait for anything.
    finally:
        for _, stream in slow:
            stream.close()
    served(target)
    return cut_off


def test_slow_bodies_are_cut_off_and_hold_nobody_up(slow_senders):
    assert slow_senders["body"] == 25


def test_slow_heads_are_cut_off_and_hold_nobody_up(slow_senders):
    assert slow_senders["head"] == 25


# At random


class Mutator:
    """Spoils valid requests, the same way for the same seed."""

    STRINGS = ["", "a\0b", "\u00e9", "e\u0301", "x" * 300, "@a:b", "!a:b", "#a:b", "$a", "m.room.member",
               "m.room.power_levels", "m.fully_read", "null", "\ud83e\udd8a", "../..", "%ff", "-1", "s1_1", "{}"]
    VALUES = [None, True, False, 0, -1, 1.5, 2 ** 53, -(2 ** 63), 10 ** 30, [], {}, [[]], [None], {"": {}}]

    def __init__(self, seed):
        self.random = random.Random(seed)

    def value(self):
        return copy.deepcopy(self.random.choice(self.VALUES + self.STRINGS))

    def change_json(self, value, depth=0):
        """Changes one place of a JSON value."""
        random = self.random
        if isinstance(value, dict) and value and random.random() < 0.85:
            key = random.choice(list(value))
            how = random.randrange(5 if depth else 4)
            if how == 0:
                del value[key]
            elif how == 1:
                value[random.choice(self.STRINGS)] = self.value()
            else:
                value[key] = self.change_json(value[key], depth + 1)
            return value
        if isinstance(value, list) and value and random.random() < 0.7:
            index = random.randrange(len(value))
            value[index] = self.change_json(value[index], depth + 1)
            return value
        if isinstance(value, str) and value and random.random() < 0.5:
            index = random.randrange(len(value))
            return value[:index] + random.choice(["", ":", "@", " ", "\u00e9", "x" * 500]) + value[index + 1:]
        return self.value()

    def change_bytes(self, data):
        random = self.random
        data = bytearray(data)
        for _ in range(random.randint(1, 3)):
            index = random.randrange(len(data) + 1)
            how = random.randrange(4)
            if how == 0 and index < len(data):
                data[index] = random.randrange(256)
            elif how == 1:
                data[index:index] = bytes(random.randrange(256) for _ in range(random.randint(1, 4)))
            elif how == 2:
                del data[index:index + random.randint(1, 10)]
            else:
                data[index:index] = random.choice([b'"', b"{", b"[", b"}", b",", b"\\u", b"\\ud800", b"1e9", b"-0"])
        return bytes(data)

    def change_target(self, target):
        random = self.random
        letters = "abcXYZ019-._~!$&'()*+,;=:@%/?"
        parts = target.split("/")
        index = random.randrange(1, len(parts))
        how = random.randrange(4)
        if how == 0:
            parts[index] = "".join(random.choice(letters) for _ in range(random.randint(0, 12)))
        elif how == 1:
            parts[index] = quote(random.choice(self.STRINGS), safe="", errors="surrogatepass")
        elif how == 2:
            del parts[index]
        else:
            parts[index] += "%" + random.choice("123456789abcdefXz") + random.choice("0123456789abcdefXz")
        return "/" + "/".join(parts[1:])

    def mutate(self, request, token):
        random = self.random
        method, target, params = request.method, request.target, dict(request.params)
        body = copy.deepcopy(request.body)
        data = None
        kinds = ["json"] * 8 * (body is not None) + ["bytes"] * 4 * (body is not None) + ["target"] * 3 + [
            "params"] * 4 * bool(params) + ["method", "token"]
        for kind in random.choices(kinds, k=random.choice([1, 1, 1, 2, 3])):
            if kind == "json":
                body = self.change_json(body)
            elif kind == "bytes":
                data = self.change_bytes(json.dumps(body).encode() if data is None else data)
            elif kind == "target":
                target = self.change_target(target)
            elif kind == "params":
                name = random.choice(list(params))
                params[name] = random.choice(["", self.change_json(params[name])])
            elif kind == "method":
                method = random.choice(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"])
            else:
                token = random.choice([None, "", "x", (token or "")[:-1], (token or "") + "a"])
        if data is None:
            data = b"" if body is None else json.dumps(body).encode()
        if params:
            query = urlencode({name: value if isinstance(value, str) else json.dumps(value)
                               for name, value in params.items()}, errors="replace")
            target += ("&" if "?" in target else "?") + query
        return method, target, data, token


class Watch:
    """Sees whether anything has happened in the rooms, or to the account."""

    QUIET = '{"room":{"timeline":{"limit":1},"ephemeral":{"not_types":["*"]}}}'

    def __init__(self, client):
        self.client = client
        self.connection = Connection(client.server)
        self.since = client.sync()["next_batch"]

    def news(self):
        query = urlencode({"since": self.since, "filter": self.QUIET, "timeout": 0})
        answer = self.connection.request("GET", f"{path('sync')}?{query}", token=self.client.token).json
        self.since = answer.pop("next_batch")
        # Those stand in every sync.
        answer.pop("device_one_time_keys_count")
        answer.pop("device_unused_fallback_key_types")
        return answer


def test_random_mutations_are_refused_or_harmless(target, capsys):
    count = int(os.environ.get("NARU_MUTATIONS", "10000"))
    seed = int(os.environ.get("SEED", random.SystemRandom().randrange(10 ** 9)))
    with capsys.disabled():
        print(f"\n  SEED={seed} NARU_MUTATIONS={count}", end=" ", flush=True)
    mutator = Mutator(seed)
    world = World(target)
    watch = Watch(world.watcher)
    wire = Connection(target)
    requests = world.requests()
    pid, statuses, began = target.pid, {}, time.monotonic()
    for number in range(count):
        if number % 500 == 499:
            requests = world.requests()
            watch.news()
        # Those with a body have more that can be wrong with them.
        request = mutator.random.choice(requests + [one for one in requests if one.body] * 2)
        method, line_, data, token = mutator.mutate(request, token_of(world, request))
        what = f"mutation {number} of SEED={seed}: {method} {line_[:300]} {data[:500]!r}"
        answer = wire.request(method, line_, data, token)
        assert answer is not None, what
        statuses[answer.status] = statuses.get(answer.status, 0) + 1
        if answer.status < 400:
            if request.operation in ("logout", "logout_all"):
                world.eve = Client.login(target, world.eve.user_id)
            elif request.operation == "changePassword":
                # To what, a mutation has decided.
                world.eve = Client.register(target, unique("eve"))
                requests = world.requests()
            elif request.operation == "refresh":
                refreshed = answer.json
                world.alice.token, world.alice.refresh_token = refreshed["access_token"], refreshed["refresh_token"]
                requests = world.requests()
            watch.news()
            continue
        if method != "HEAD" and not (answer.status == 401 and "flows" in answer.json):
            refuses(answer, what)
        assert answer.status < 500, f"{what}: {answer}"
        news = watch.news()
        assert news == {}, f"{what} was refused with {answer}, but there is {news}"
    assert target.is_alive and target.pid == pid
    served(target)
    with capsys.disabled():
        print(f"{dict(sorted(statuses.items()))} {time.monotonic() - began:.1f} s", end=" ")
