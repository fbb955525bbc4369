"""The load generator's scenarios hold against the server: each checks what it was answered."""

import json

import pytest

from support.server import run

SCENARIOS = [
    ["register", "--users", "6"],
    ["initial-sync", "--rooms", "12", "--messages", "8", "--repeats", "2", "--empty", "10"],
    ["initial-sync", "--sliding", "--rooms", "25", "--messages", "3", "--repeats", "2", "--empty", "10"],
    ["history", "--messages", "250", "--page", "60"],
    ["join-large", "--sizes", "4", "12", "--sample", "3"],
    ["mixed", "--users", "8", "--groups", "4", "--rate", "20", "--seconds", "3", "--warm-up", "0.5"],
]


@pytest.mark.parametrize("arguments", SCENARIOS, ids=lambda arguments: " ".join(arguments[:2]))
def test_a_scenario_holds(server, arguments):
    done = run("bench", *arguments, "--url", server.url, "--server-pid", str(server.pid), "--json", timeout=120)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["failure"] is None
    assert report.get("errors", 0) == 0


def test_a_server_that_is_not_there_is_said_so():
    done = run("bench", "history", "--url", "http://127.0.0.1:1")
    assert done.returncode != 0
    assert "cannot connect to http://127.0.0.1:1" in done.stderr
