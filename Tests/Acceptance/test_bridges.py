"""Application services: a bridge made with mautrix's own module finds everything that it calls, and is told everything."""

import asyncio
import contextlib
import secrets
import time

import pytest
import requests
from mautrix.appservice import AppService
from mautrix.appservice.state_store import ASStateStore
from mautrix.client.state_store import MemoryStateStore
from mautrix.errors import MExclusive, MForbidden
from mautrix.types import EventType, Membership, RoomCreatePreset

from support.client import PASSWORD, Client, path, unique
from support.coroutines import asynchronous
from support.server import Server, free_port, run

DOMAIN = "localhost"


class StateStore(MemoryStateStore, ASStateStore):
    """What the bridge remembers, in memory."""

    def __init__(self):
        ASStateStore.__init__(self)
        MemoryStateStore.__init__(self)


class Registration:
    def __init__(self, folder, name="irc", **changes):
        self.name, self.port = name, free_port()
        self.as_token, self.hs_token = secrets.token_hex(32), secrets.token_hex(32)
        self.path = folder / f"{name}.yaml"
        lines = {
            "id": name, "url": f"http://127.0.0.1:{self.port}", "as_token": self.as_token, "hs_token": self.hs_token,
            "sender_localpart": f"_{name}_bot", "rate_limited": "false", "receive_ephemeral": "true", **changes}
        self.path.write_text("".join(f"{key}: {value}\n" for key, value in lines.items()) + f"""\
namespaces:
  users:
    - exclusive: true
      regex: "@_{name}_.+:{DOMAIN}"
  aliases:
    - exclusive: true
      regex: "#_{name}_.+:{DOMAIN}"
  rooms: []
""")

    @property
    def headers(self):
        return {"Authorization": f"Bearer {self.as_token}"}


class Bridge:
    """What the other network's side of a bridge does: answers the server and remembers what it is told."""

    def __init__(self, server, registration):
        self.registration = registration
        self.events, self.ephemeral, self.transactions = [], [], []
        self.service = AppService(
            server=server.url, domain=DOMAIN, id=registration.name, as_token=registration.as_token,
            hs_token=registration.hs_token, bot_localpart=f"_{registration.name}_bot", state_store=StateStore(),
            ephemeral_events=True, aiohttp_params={"client_max_size": 4 << 20},
            query_user=self.query_user, query_alias=self.query_alias)
        self.service.matrix_event_handler(self.handle)
        handle_transaction = self.service.handle_transaction

        async def noting(txn_id, **arguments):
            self.transactions.append(txn_id)
            return await handle_transaction(txn_id, **arguments)

        self.service.handle_transaction = noting

    async def handle(self, event):
        ephemeral = event.type.is_ephemeral
        (self.ephemeral if ephemeral else self.events).append(event)

    async def query_user(self, user_id):
        if "nobody" in user_id:
            return None
        await self.service.intent.user(user_id).ensure_registered()
        return {"made": True}  # mautrix takes an empty object for none

    async def query_alias(self, alias):
        if "nowhere" in alias:
            return None
        await self.service.intent.create_room(
            alias_localpart=alias[1:].split(":")[0], preset=RoomCreatePreset.PUBLIC)
        return {"made": True}

    @property
    def bodies(self):
        return [event.content.body for event in self.events if event.type == EventType.ROOM_MESSAGE]

    async def told(self, wanted, seconds=15):
        deadline = time.monotonic() + seconds
        while not wanted():
            assert time.monotonic() < deadline, f"the bridge was told only {self.events} and {self.ephemeral}"
            await asyncio.sleep(0.02)

    async def __aenter__(self):
        await self.service.start("127.0.0.1", self.registration.port)
        await self.service.intent.ensure_registered()
        return self

    async def __aexit__(self, *error):
        await self.service.stop()


@pytest.fixture
def bridged(tmp_path):
    """A server, and the registration of the bridge that it knows."""
    registration = Registration(tmp_path)
    with Server(tmp_path / "data", "--application-services", str(registration.path)) as server:
        yield server, registration
    if server.process is None:
        server.verify()


async def to_thread(function, *arguments, **options):
    """Blocking calls, while the bridge goes on answering."""
    return await asyncio.to_thread(function, *arguments, **options)


@asynchronous
async def test_ghosts_speak_and_hear(bridged):
    """(17)"""
    server, registration = bridged
    alice = await to_thread(Client.register, server, unique("alice"))
    async with Bridge(server, registration) as bridge:
        bot = bridge.service.intent
        assert (await bot.whoami()).user_id == f"@_irc_bot:{DOMAIN}"
        ghost = bot.user(f"@_irc_bob:{DOMAIN}")
        await ghost.set_displayname("Bob (IRC)")
        room = await bot.create_room(name="#swift", invitees=[alice.user_id, ghost.mxid])
        await ghost.ensure_joined(room)
        await to_thread(alice.join, room)
        await ghost.send_text(room, "hello from IRC")
        await to_thread(alice.send, room, "안녕, IRC")
        await bridge.told(lambda: "안녕, IRC" in bridge.bodies)
        assert bridge.bodies == ["hello from IRC", "안녕, IRC"]
        heard = [event for event in bridge.events if event.type == EventType.ROOM_MESSAGE]
        assert [event.sender for event in heard] == [ghost.mxid, alice.user_id]
        assert all(event.room_id == room for event in bridge.events)
        members = [
            (event.state_key, event.content.membership) for event in bridge.events
            if event.type == EventType.ROOM_MEMBER]
        assert (alice.user_id, Membership.JOIN) in members
        await to_thread(alice.typing, room)
        await bridge.told(lambda: any(event.type == EventType.TYPING for event in bridge.ephemeral))
        await to_thread(alice.receipt, room, heard[0].event_id)
        await bridge.told(lambda: any(event.type == EventType.RECEIPT for event in bridge.ephemeral))
        with pytest.raises(MForbidden):
            await bot.user(alice.user_id).whoami()


@asynchronous
async def test_a_message_has_the_time_that_the_bridge_says(bridged):
    server, registration = bridged
    async with Bridge(server, registration) as bridge:
        room = await bridge.service.intent.create_room()
        sent = await bridge.service.intent.send_text(room, "long ago", timestamp=1_500_000_000_000)
        assert (await bridge.service.intent.get_event(room, sent)).timestamp == 1_500_000_000_000


@asynchronous
async def test_rooms_and_users_are_made_when_they_are_asked_for(bridged):
    server, registration = bridged
    alice = await to_thread(Client.register, server, unique("alice"))
    async with Bridge(server, registration):
        joined = await to_thread(alice.ok, "POST", path("join", f"#_irc_swift:{DOMAIN}"), {})
        nowhere = path("join", f"#_irc_nowhere:{DOMAIN}")
        await to_thread(alice.fails, 404, "M_NOT_FOUND", "POST", nowhere, {})
        own = await to_thread(alice.room_with)
        assert joined["room_id"] != own
        await to_thread(alice.invite, own, f"@_irc_carol:{DOMAIN}")
        body = {"user_id": f"@_irc_nobody:{DOMAIN}"}
        await to_thread(alice.fails, 404, "M_NOT_FOUND", "POST", path("rooms", own, "invite"), body)


@asynchronous
async def test_what_is_the_bridges_is_nobody_elses(bridged):
    """(17)"""
    server, registration = bridged
    alice = await to_thread(Client.register, server, unique("alice"))
    answer = await to_thread(
        requests.post, f"{server.url}/_matrix/client/v3/register",
        json={"username": "_irc_mallory", "password": PASSWORD, "auth": {"type": "m.login.dummy"}})
    assert (answer.status_code, answer.json()["errcode"]) == (400, "M_EXCLUSIVE")
    await to_thread(
        alice.fails, 400, "M_EXCLUSIVE", "POST", path("createRoom"), {"room_alias_name": "_irc_room"})
    async with Bridge(server, registration) as bridge:
        room = await bridge.service.intent.create_room()
        with pytest.raises(MExclusive):
            await bridge.service.intent.add_room_alias(room, "outside")
        await bridge.service.intent.add_room_alias(room, "_irc_inside")


@asynchronous
async def test_what_happened_while_the_bridge_was_away_is_told_once_and_in_order(bridged):
    server, registration = bridged
    alice = await to_thread(Client.register, server, unique("alice"))
    async with Bridge(server, registration) as bridge:
        room = await bridge.service.intent.create_room(invitees=[alice.user_id])
        await to_thread(alice.join, room)
        await to_thread(alice.send, room, "0")
        await bridge.told(lambda: bridge.bodies == ["0"])
    for number in range(1, 6):
        await to_thread(alice.send, room, str(number))
    await to_thread(server.kill)
    await to_thread(server.start)
    for number in range(6, 9):
        await to_thread(alice.send, room, str(number))
    async with Bridge(server, registration) as bridge:
        # The bridge that is back has itself called, which ends the pause.
        answer = await to_thread(
            requests.post, f"{server.url}/_matrix/client/v1/appservice/irc/ping", json={"transaction_id": "t"},
            headers=registration.headers)
        assert answer.status_code == 200 and answer.json()["duration_ms"] >= 0
        await bridge.told(lambda: "8" in bridge.bodies)
        assert bridge.bodies == [str(number) for number in range(1, 9)]
        assert len(set(bridge.transactions)) == len(bridge.transactions)
    await to_thread(server.stop)


def test_a_ghosts_device_signs_in_and_syncs(bridged):
    """(9)"""
    server, registration = bridged
    base = f"{server.url}/_matrix/client/v3"
    made = requests.post(
        f"{base}/register", headers=registration.headers,
        json={"type": "m.login.application_service", "username": "_irc_dora", "inhibit_login": True})
    assert made.json() == {"user_id": f"@_irc_dora:{DOMAIN}"}
    flows = requests.get(f"{base}/login").json()["flows"]
    assert {"type": "m.login.application_service"} in flows
    signed_in = requests.post(
        f"{base}/login", headers=registration.headers,
        json={"type": "m.login.application_service", "identifier": {"type": "m.id.user", "user": "_irc_dora"},
              "device_id": "PHONE"}).json()
    token = {"Authorization": f"Bearer {signed_in['access_token']}"}
    assert requests.get(f"{base}/sync", headers=token).status_code == 200
    masquerading = {"user_id": f"@_irc_dora:{DOMAIN}", "device_id": "PHONE"}
    me = requests.get(f"{base}/account/whoami", headers=registration.headers, params=masquerading).json()
    assert me == {"user_id": f"@_irc_dora:{DOMAIN}", "device_id": "PHONE", "is_guest": False}
    synced = requests.get(f"{base}/sync", headers=registration.headers, params=masquerading)
    assert synced.status_code == 200 and synced.json()["device_one_time_keys_count"] == {"signed_curve25519": 0}
    without = requests.get(
        f"{base}/sync", headers=registration.headers, params={"user_id": f"@_irc_dora:{DOMAIN}"})
    assert without.status_code == 200


def test_a_wrong_registration_is_named(tmp_path):
    registration = Registration(tmp_path, url="ftp://nowhere")
    arguments = ["--data", str(tmp_path / "data"), "--application-services", str(registration.path)]
    for command in (["serve", "--check"], ["serve"]):
        done = run(*command, *arguments)
        assert done.returncode == 78
        assert "irc.yaml" in done.stderr and "'url'" in done.stderr
        assert registration.as_token not in done.stdout + done.stderr
    fine = Registration(tmp_path, name="fine")
    done = run("serve", "--check", "--data", str(tmp_path / "data"), "--application-services", str(fine.path))
    assert done.returncode == 0 and "bridges          fine" in done.stdout


def test_notices_of_the_operator(own_server):
    alice = Client.register(own_server, unique("alice"))
    done = run("admin", "notice", "--data", str(own_server.data), "--user", alice.user_id, "Back at noon")
    assert done.returncode == 0, done.stderr
    done = run("admin", "notice", "--data", str(own_server.data), "--everybody", "Back again")
    assert "sent to 1 users" in done.stdout
    room = list(alice.sync()["rooms"]["invite"])[0]
    alice.join(room)
    events = alice.sync()["rooms"]["join"][room]["timeline"]["events"]
    notices = [event["content"] for event in events if event["type"] == "m.room.message"]
    assert [notice["body"] for notice in notices] == ["Back at noon", "Back again"]
    assert {notice["msgtype"] for notice in notices} == {"m.server_notice"}
    assert run("admin", "notice", "--data", str(own_server.data), "nobody").returncode != 0
