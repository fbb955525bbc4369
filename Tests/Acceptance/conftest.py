"""The acceptance tests: a real server on loopback, driven as its clients drive it.

    python3 -m venv .build/venv && .build/venv/bin/pip install -r Tests/requirements.txt
    .build/venv/bin/pytest Tests/Acceptance

The program is .build/release/naru, or what NARU names. NARU_KILLS and NARU_MUTATIONS say how long the longer tests
are, SEED repeats a run of mutations.
"""

import pytest

from support import checking
from support.client import Client, unique
from support.server import Server


def pytest_configure():
    checking.watch()


@pytest.fixture(autouse=True)
def specification_holds():
    """Fails a test that was given an answer which the specification does not allow."""
    yield
    if checking.SPECIFICATION:
        faults = checking.SPECIFICATION.take_faults()
        assert not faults, "answers that the specification does not allow:\n" + "\n".join(faults)


def pytest_terminal_summary(terminalreporter):
    terminalreporter.section("the specification")
    for line in checking.summary():
        terminalreporter.line(line)


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """The server that most tests share; each test has users and rooms of its own."""
    with Server(tmp_path_factory.mktemp("shared") / "data") as server:
        yield server
    server.verify()


@pytest.fixture
def own_server(tmp_path):
    """A server that a test may stop, kill or configure."""
    with Server(tmp_path / "data") as server:
        yield server


@pytest.fixture
def people(server):
    """`alice, bob = people(2)`: users who have just signed up."""
    names = ["alice", "bob", "carol", "dave", "erin", "frank"]

    def make(count):
        return [Client.register(server, unique(names[number])) for number in range(count)]

    return make


@pytest.fixture
def pair(people):
    """Two users in a room that the first has made."""
    alice, bob = people(2)
    return alice, bob, alice.room_with(bob)
