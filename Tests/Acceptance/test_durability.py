"""What was acknowledged is there after a kill, exactly once.

NARU_KILLS=10 kills more often than the three times of an ordinary run.
"""

import http.client
import json
import os
import re
import socket
import subprocess
import time

from support.client import Client, event_ids, joined, path, timeline
from support.server import Server, binary, environment, run

KILLS = int(os.environ.get("NARU_KILLS", "3"))
USERS = 8


def acknowledged(journal):
    """How many lines of the journal are whole, each an acknowledged message."""
    if not journal.exists():
        return 0
    return len(re.findall(rb'"event_id"[^\n]*\n', journal.read_bytes()))


def wait_for(seconds, wanted):
    deadline = time.monotonic() + seconds
    while not wanted():
        assert time.monotonic() < deadline, "what was waited for did not happen"
        time.sleep(0.01)


def load(server, journal, seed):
    """Starts to send as fast as it goes until the server is gone."""
    return subprocess.Popen(
        [binary(), "bench", "send", "--url", server.url, "--seed", str(seed), "--users", str(USERS), "--seconds",
         "60", "--warm-up", "0", "--event-loops", "1", "--journal", str(journal), "--until-disconnected"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment())


def test_a_kill_under_load_loses_nothing_that_was_acknowledged(tmp_path, capsys):
    began = time.monotonic()
    server = Server(tmp_path / "data").start()
    watcher = Client.register(server, "watcher")
    room = watcher.create_room()
    journals = []
    try:
        for kill in range(KILLS):
            journal = tmp_path / f"journal-{kill}.jsonl"
            journals.append(journal)
            first = watcher.send(room, f"before kill {kill}", txn=f"txn-{kill}")
            token = watcher.sync()["next_batch"]
            last = watcher.send(room, f"just before kill {kill}", txn=f"last-{kill}")

            sender = load(server, journal, seed=1000 + kill)
            try:
                # Killed at a different fill of the log each time.
                wait_for(30, lambda: acknowledged(journal) >= 1500 + 1117 * kill or sender.poll() is not None)
                assert sender.poll() is None, sender.stdout.read()
                server.kill()
                output, _ = sender.communicate(timeout=30)
            finally:
                if sender.poll() is None:
                    sender.kill()
                    sender.wait()
            assert sender.returncode == 0, output
            server.start()

            # A repeated transaction is the same event, and the token of before is good.
            assert watcher.send(room, f"before kill {kill}", txn=f"txn-{kill}") == first
            assert watcher.send(room, f"just before kill {kill}", txn=f"last-{kill}") == last
            assert event_ids(timeline(watcher.sync(token), room)) == [last]
            # Whatever earlier kills left is still there, too.
            for earlier in journals:
                check = run("bench", "verify", "--url", server.url, "--event-loops", "1", "--json", "--journal",
                            str(earlier))
                assert check.returncode == 0, f"kill {kill + 1}, {earlier.name}: {check.stdout}{check.stderr}"
                assert f'"acknowledged_sends":{acknowledged(earlier)}' in check.stdout.replace(" ", ""), check.stdout
        sent = event_ids(watcher.all_messages(room))
        assert len(sent) == len(set(sent))
        server.stop()
        server.verify()
    finally:
        if server.is_alive:
            server.kill()
    count = sum(map(acknowledged, journals))
    assert count >= 1500 * KILLS
    with capsys.disabled():
        print(f"\n  {count} messages acknowledged, {KILLS} kills, none lost, none twice, "
              f"{time.monotonic() - began:.1f} s", end=" ")


def test_a_kill_in_the_middle_of_making_rooms_leaves_whole_rooms(tmp_path):
    """A room is there with all its first events, or not at all (rule 35)."""
    server = Server(tmp_path / "data").start()
    try:
        alice = Client.register(server, "alice")
        script = (
            "import itertools,json,urllib.request\n"
            "for number in itertools.count():\n"
            "  body=json.dumps({'name':'whole','topic':'room','creation_content':{'number':number}}).encode()\n"
            f"  request=urllib.request.Request('{server.url}{path('createRoom')}',body,"
            f"{{'Authorization':'Bearer {alice.token}'}})\n"
            "  print(json.load(urllib.request.urlopen(request))['room_id'],flush=True)\n")
        maker = subprocess.Popen(
            ["python3", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        made = [maker.stdout.readline().strip() for _ in range(40)]
        server.kill()
        made += maker.communicate(timeout=20)[0].split()
        server.start()
        rooms = alice.joined_rooms()
        assert set(made) <= set(rooms)
        assert len(rooms) <= len(made) + 1
        for room in rooms:
            state = alice.all_state(room)
            assert ("m.room.name", "") in state and ("m.room.topic", "") in state, state.keys()
        server.stop()
        server.verify()
    finally:
        if server.is_alive:
            server.kill()


def test_everything_else_survives_a_kill(own_server):
    """Profile, account data, receipts, devices, aliases and filters are durable once they are acknowledged."""
    alice = Client.register(own_server, "alice")
    bob = Client.register(own_server, "bob")
    room = alice.room_with(bob, room_alias_name="lasting", visibility="public")
    event = alice.send(room, "read me")
    bob.receipt(room, event)
    bob.receipt(room, event, "m.fully_read")
    bob.set_account_data("org.example.colour", {"colour": "blue"})
    bob.ok("PUT", path("user", bob.user_id, "rooms", room, "tags", "u.work"), {"order": 0.25})
    bob.ok("PUT", path("profile", bob.user_id, "displayname"), {"displayname": "Robert"})
    stored = bob.ok("POST", path("user", bob.user_id, "filter"), {"room": {"timeline": {"limit": 3}}})["filter_id"]
    alice.membership("ban", room, "@nobody:localhost")
    before = bob.sync(full_state="true")

    own_server.kill()
    own_server.start()
    after = bob.sync(full_state="true")
    assert joined(after, room)["account_data"] == joined(before, room)["account_data"]
    assert joined(after, room)["ephemeral"] == joined(before, room)["ephemeral"]
    assert joined(after, room)["unread_notifications"] == joined(before, room)["unread_notifications"]
    assert after["account_data"] == before["account_data"]
    assert event_ids(timeline(after, room)) == event_ids(timeline(before, room))
    assert bob.account_data("org.example.colour") == {"colour": "blue"}
    assert bob.ok("GET", path("profile", bob.user_id))["displayname"] == "Robert"
    assert bob.ok("GET", path("user", bob.user_id, "filter", stored)) == {"room": {"timeline": {"limit": 3}}}
    assert bob.ok("GET", path("directory", "room", "#lasting:localhost"))["room_id"] == room
    assert bob.state(room, "m.room.member", "@nobody:localhost")["membership"] == "ban"
    assert [device["device_id"] for device in bob.ok("GET", path("devices"))["devices"]] == [bob.device_id]


def test_two_servers_do_not_share_a_folder(own_server):
    second = run("serve", "--port", "0", "--data", str(own_server.data), timeout=10)
    assert second.returncode != 0
    assert "another naru" in second.stderr
    assert own_server.is_alive


def test_sigterm_answers_waiting_syncs_and_ends_the_server(tmp_path):
    """A stop drops nobody who waits for his answer, and takes less than five seconds."""
    server = Server(tmp_path / "data").start()
    try:
        alice = Client.register(server, "alice")
        token = alice.sync()["next_batch"]
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as waiting:
            waiting.sendall(
                f"GET {path('sync')}?timeout=30000&since={token} HTTP/1.1\r\nHost: localhost\r\n"
                f"Authorization: Bearer {alice.token}\r\n\r\n".encode())
            # Answers to later requests say that the server has long had the earlier one.
            for _ in range(20):
                alice.ok("GET", path("account", "whoami"))
            server.stop()
            answer = http.client.HTTPResponse(waiting)
            answer.begin()
            assert answer.status == 200
            assert "next_batch" in json.load(answer)
    finally:
        if server.is_alive:
            server.kill()
