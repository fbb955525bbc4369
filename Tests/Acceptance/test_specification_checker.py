"""The checker of the specification finds what is wrong."""

import copy
import json

import pytest

from support import checking, specification

pytestmark = pytest.mark.skipif(checking.SPECIFICATION is None, reason=specification.MISSING)
SYNC = "http://localhost/_matrix/client/v3/sync"


@pytest.fixture(scope="module")
def checker():
    return specification.Specification(specification.folder())


@pytest.fixture
def answer(pair):
    """A real answer with events in it."""
    alice, bob, room = pair
    bob.send(room, "text")
    alice.ok("POST", f"/_matrix/client/v3/rooms/{room}/receipt/m.read/{bob.send(room, 'more')}", {})
    return bob.sync()


def faults(checker, value, status=200, method="GET", url=SYNC):
    checker.check(method, url, status, "application/json", json.dumps(value))
    return checker.take_faults()


def rooms(answer):
    return next(iter(answer["rooms"]["join"].values()))


def test_what_is_right_passes(checker, answer):
    assert faults(checker, answer) == []


@pytest.mark.parametrize("spoil", [
    lambda answer: answer.pop("next_batch"),
    lambda answer: answer.update(next_batch=1),
    lambda answer: rooms(answer)["timeline"].pop("events"),
    lambda answer: rooms(answer)["timeline"]["events"][-1].pop("event_id"),
    lambda answer: rooms(answer)["timeline"]["events"][-1].update(sender="nobody"),
    lambda answer: rooms(answer)["timeline"]["events"][-1].update(origin_server_ts="now"),
    lambda answer: rooms(answer)["ephemeral"]["events"][0]["content"].update({"$event": {"m.read": 1}}),
    lambda answer: rooms(answer)["unread_notifications"].update(highlight_count="none"),
])
def test_what_is_wrong_is_found(checker, answer, spoil):
    spoiled = copy.deepcopy(answer)
    spoil(spoiled)
    assert len(faults(checker, spoiled)) >= 1


def test_errors_are_looked_at(checker):
    assert faults(checker, {"errcode": "M_FORBIDDEN", "error": "no"}, 403) == []
    assert faults(checker, {"error": "no"}, 403)
    assert faults(checker, {"errcode": "M_FORBIDDEN"}, 403)
    assert faults(checker, {"errcode": "M_LIMIT_EXCEEDED", "error": "slowly"}, 429)
    assert faults(checker, {"errcode": "M_UNKNOWN", "error": "the server failed"}, 500)


def test_an_operation_that_nobody_tried_is_listed(checker):
    join = ("POST", "/_matrix/client/v3/rooms/{roomId}/join")
    assert checker.untried({join}) == ["POST " + join[1]]
    faults(checker, {"room_id": "!a:b"}, method="POST", url="http://localhost/_matrix/client/v3/rooms/!a:b/join")
    assert checker.untried({join}) == []
