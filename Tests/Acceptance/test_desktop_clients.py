"""Desktop clients that others wrote, used with mouse and keyboard: signed in, a message sent and one seen.

NARU_PICTURES names a folder for what was on their screens.
"""

import os
import shutil
import time
from pathlib import Path

import pytest

from support.client import PASSWORD, ephemeral, path
from support.desktop import Screen, missing


@pytest.fixture
def screen(tmp_path, request):
    screens = []

    def open_screen(*command, settings=None):
        screens.append(Screen(tmp_path, command, settings or {}))
        return screens[0]

    yield open_screen
    for screen in screens:
        screen.close()
        if folder := os.environ.get("NARU_PICTURES"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            for picture in tmp_path.glob("*.png"):
                shutil.copy(picture, Path(folder) / f"{request.node.name}-{picture.name}")


@pytest.fixture
def bob_and_room(people):
    """Bob, who will sign in on his desktop, and a room in which Alice has written to him."""
    alice, bob = people(2)
    room = alice.room_with(bob, name="나루터")
    alice.send(room, "안녕하세요, desktop 👋")
    return alice, bob, room


def until(condition, seconds, what):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.3)
    raise AssertionError(f"{what} did not come to pass within {seconds} s")


def has_signed_in(bob):
    return lambda: len(bob.ok("GET", path("devices"))["devices"]) > 1


def has_cross_signing_keys(bob):
    query = {"device_keys": {bob.user_id: []}}
    return lambda: bob.ok("POST", path("keys", "query"), query)["master_keys"]


def has_read(alice, bob, room):
    """Whether Bob's receipt stands at the latest message."""

    def check():
        receipts = ephemeral(alice.sync(), room, "m.receipt")
        readers = [users for content in receipts for mark in content.values() for users in mark.values()]
        return any(bob.user_id in users for users in readers)

    return check


def has_written(alice, room, text):
    return lambda: text in [event["content"].get("body") for event in alice.messages(room, limit=10)["chunk"]]


def homeserver(server):
    return f"http://localhost:{server.port}"


@pytest.mark.skipif(missing("nheko") is not None, reason=missing("nheko") or "")
def test_nheko(server, bob_and_room, screen):
    alice, bob, room = bob_and_room
    desktop = screen("nheko", "--log-level", "debug", "--log-type", "stderr", settings={
        "nheko/nheko.conf": "[General]\nrun_without_secure_secrets_service=true\n"})
    window = desktop.window("nheko")
    desktop.place(window, 100, 130, 1066, 600)
    time.sleep(2)
    desktop.picture("1-welcome")
    desktop.click(712, 592)
    time.sleep(1)
    desktop.picture("2-login")
    desktop.click(633, 402)
    desktop.type(bob.user_id)
    desktop.do("key", "Tab", "sleep", 3)
    desktop.type(PASSWORD)
    desktop.do("key", "Tab", "sleep", 0.5, "key", "Tab", "sleep", 0.5, "key", "ctrl+a")
    desktop.type(homeserver(server))
    desktop.do("key", "Tab", "sleep", 3)
    desktop.picture("3-filled")
    desktop.do("key", "Return", "sleep", 0.5)
    desktop.picture("4-signing-in")
    until(has_signed_in(bob), 30, "nheko's login")
    time.sleep(6)
    desktop.picture("5-signed-in")
    desktop.click(1014, 691)
    until(has_cross_signing_keys(bob), 30, "nheko's setting up of encryption")
    time.sleep(3)
    desktop.picture("5-recovery-key")
    desktop.click(1112, 465)
    time.sleep(1)
    desktop.click(260, 232)
    until(has_read(alice, bob, room), 30, "the receipt of what nheko shows")
    desktop.click(760, 732)
    desktop.type("hello from nheko")
    desktop.do("key", "Return")
    until(has_written(alice, room, "hello from nheko"), 30, "what was written in nheko")
    alice.send(room, "and one while nheko waits")
    time.sleep(1)
    desktop.picture("6-conversation")


@pytest.mark.skipif(missing("quaternion") is not None, reason=missing("quaternion") or "")
def test_quaternion(server, bob_and_room, screen):
    alice, bob, room = bob_and_room
    desktop = screen("quaternion")
    desktop.window("Quaternion")
    login = desktop.window("Login — Quaternion")
    desktop.do("windowactivate", "--sync", login, "sleep", 0.5)
    desktop.picture("1-login")
    desktop.click(473, 46)
    desktop.type(bob.user_id)
    desktop.do("key", "Tab", "sleep", 1)
    desktop.type(PASSWORD)
    desktop.click(473, 142)
    desktop.do("key", "ctrl+a")
    desktop.type(homeserver(server))
    desktop.do("key", "Tab", "sleep", 2)
    desktop.picture("2-filled")
    desktop.click(496, 204)
    until(has_signed_in(bob), 30, "quaternion's login")
    time.sleep(4)
    desktop.picture("3-signed-in")
    desktop.click(258, 376)
    desktop.click(660, 567)
    desktop.type("hello from quaternion")
    desktop.do("key", "Return")
    until(has_written(alice, room, "hello from quaternion"), 30, "what was written in quaternion")
    alice.send(room, "and one while quaternion waits")
    time.sleep(1)
    desktop.picture("4-conversation")
