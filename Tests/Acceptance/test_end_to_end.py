"""End-to-end encryption with real cryptography: libolm's, by itself and in matrix-nio.

The numbers in the names are those of the project's checklist of rules that implementers get wrong.
"""

import json
from concurrent.futures import ThreadPoolExecutor

import nio
import olm

from support.client import PASSWORD, Client, path, unique
from support.coroutines import asynchronous
from support.signing import canonical, cross_signing_keys, signed
from support.server import Server

MEGOLM = "m.megolm.v1.aes-sha2"
DEHYDRATED = "/_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device"


class Device:
    """A client's device with an Olm account."""

    def __init__(self, client):
        self.client = client
        self.account = olm.Account()
        self.user_id, self.device_id = client.user_id, client.device_id

    @property
    def identity(self):
        return self.account.identity_keys["curve25519"]

    def sign(self, value):
        return signed(value, self.user_id, self.device_id, self.account.sign(canonical(value)))

    def device_keys(self):
        keys = {f"{name}:{self.device_id}": key for name, key in self.account.identity_keys.items()}
        return self.sign({
            "user_id": self.user_id, "device_id": self.device_id, "keys": keys,
            "algorithms": ["m.olm.v1.curve25519-aes-sha2", MEGOLM]})

    def one_time_keys(self, count):
        self.account.generate_one_time_keys(count)
        keys = {
            f"signed_curve25519:{name}": self.sign({"key": key})
            for name, key in self.account.one_time_keys["curve25519"].items()}
        self.account.mark_keys_as_published()
        return keys

    def publish(self, count=5):
        return self.client.ok("POST", path("keys", "upload"), {
            "device_keys": self.device_keys(), "one_time_keys": self.one_time_keys(count)})["one_time_key_counts"]

    def claim(self, other):
        """A one-time key of another device, its signature checked."""
        answer = self.client.ok("POST", path("keys", "claim"), {
            "one_time_keys": {other.user_id: {other.device_id: "signed_curve25519"}}})
        [(name, key)] = answer["one_time_keys"][other.user_id][other.device_id].items()
        signature = key["signatures"][other.user_id][f"ed25519:{other.device_id}"]
        olm.ed25519_verify(other.account.identity_keys["ed25519"], canonical(key), signature)
        return name, key["key"]

    def send(self, other, text, txn=None):
        session = olm.OutboundSession(self.account, other.identity, self.claim(other)[1])
        message = session.encrypt(text)
        content = {
            "algorithm": "m.olm.v1.curve25519-aes-sha2", "sender_key": self.identity,
            "ciphertext": {other.identity: {"type": message.message_type, "body": message.ciphertext}}}
        self.client.ok("PUT", path("sendToDevice", "m.room.encrypted", txn or unique("t")), {
            "messages": {other.user_id: {other.device_id: content}}})

    def decrypt(self, event):
        part = event["content"]["ciphertext"][self.identity]
        session = olm.InboundSession(self.account, olm.OlmPreKeyMessage(part["body"]))
        text = session.decrypt(olm.OlmPreKeyMessage(part["body"]))
        self.account.remove_one_time_keys(session)
        return text


def test_olm_messages_arrive_in_order_and_once(people):  # rules 80, 81, 87
    alice, bob = [Device(client) for client in people(2)]
    alice.publish()
    assert bob.publish(3) == {"signed_curve25519": 3}
    since = bob.client.sync()["next_batch"]
    for text in ("one", "two", "three"):
        alice.send(bob, text)
    answer = bob.client.sync(since)
    assert answer["device_one_time_keys_count"] == {"signed_curve25519": 0}
    assert [bob.decrypt(event) for event in answer["to_device"]["events"]] == ["one", "two", "three"]
    assert all(event["sender"] == alice.user_id for event in answer["to_device"]["events"])
    assert "to_device" not in bob.client.sync(answer["next_batch"])
    assert "to_device" not in bob.client.sync(since)


def test_a_key_is_claimed_once_by_many_at_the_same_time(people):  # rule 80
    alice, bob = [Device(client) for client in people(2)]
    bob.publish(40)
    with ThreadPoolExecutor(8) as pool:
        clients = [alice.client.another_device() for _ in range(8)]
        claims = pool.map(lambda number: Device(clients[number % 8]).claim(bob), range(40))
        assert len(set(claims)) == 40


def test_waiting_syncs_are_woken(pair):  # rules 84, 87
    alice, bob, _ = pair
    since = bob.sync()["next_batch"]
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(bob.sync, since, timeout=10_000)
        Device(alice).publish()
        answer = waiting.result()
        assert answer["device_lists"]["changed"] == [alice.user_id]
        waiting = pool.submit(bob.sync, answer["next_batch"], timeout=10_000)
        alice.ok("PUT", path("sendToDevice", "m.test", unique("t")), {"messages": {bob.user_id: {"*": {"n": 1}}}})
        assert waiting.result()["to_device"]["events"] == [
            {"sender": alice.user_id, "type": "m.test", "content": {"n": 1}}]


def test_what_is_acknowledged_survives_a_kill(tmp_path):  # rule 87
    with Server(tmp_path / "data") as server:
        alice, bob = [Device(Client.register(server, name)) for name in ("alice", "bob")]
        bob.publish(2)
        alice.send(bob, "before", txn="t")
        server.kill()
        server.start()
        alice.client.ok("PUT", path("sendToDevice", "m.room.encrypted", "t"), {
            "messages": {bob.user_id: {bob.device_id: {"again": 1}}}})
        answer = bob.client.sync()
        assert [bob.decrypt(event) for event in answer["to_device"]["events"]] == ["before"]
        assert answer["device_one_time_keys_count"] == {"signed_curve25519": 1}


def test_cross_signing(people):  # rules 14, 83, 86
    alice, bob = people(2)
    phone = Device(alice)
    phone.publish()
    keys, body = cross_signing_keys(alice)
    upload = path("keys", "device_signing", "upload")
    alice.ok("POST", upload, body)
    alice.ok("POST", upload, body)
    self_signing = keys["self_signing"]
    device = phone.device_keys()
    signature = self_signing.sign(canonical(device))
    failures = alice.ok("POST", path("keys", "signatures", "upload"), {
        alice.user_id: {phone.device_id: signed(device, alice.user_id, self_signing.public_key, signature)}})["failures"]
    assert failures == {}
    seen = bob.ok("POST", path("keys", "query"), {"device_keys": {alice.user_id: []}})
    shown = seen["device_keys"][alice.user_id][phone.device_id]
    olm.ed25519_verify(
        self_signing.public_key, canonical(shown),
        shown["signatures"][alice.user_id][f"ed25519:{self_signing.public_key}"])
    assert seen["user_signing_keys"] == {}

    # Others need the password, and the session of the challenge is enough to go on with.
    _, other = cross_signing_keys(alice)
    challenge = alice.request("POST", upload, other)
    assert challenge.status_code == 401 and challenge.json()["flows"] == [{"stages": ["m.login.password"]}]
    auth = {"type": "m.login.password", "session": challenge.json()["session"], "password": PASSWORD,
            "identifier": {"type": "m.id.user", "user": alice.user_id}}
    alice.ok("POST", upload, {"auth": auth})
    seen = bob.ok("POST", path("keys", "query"), {"device_keys": {alice.user_id: []}})
    assert seen["master_keys"][alice.user_id]["keys"] == other["master_key"]["keys"]
    assert self_signing.public_key not in json.dumps(seen)


def test_a_backup_restores_a_session_on_another_device(pair):  # rule 89
    alice, _, room = pair
    outbound = olm.OutboundGroupSession()
    message = "the ciphertext of a message"
    inbound = olm.InboundGroupSession(outbound.session_key)
    ciphertext = outbound.encrypt(message)
    recovery = olm.PkDecryption()
    version = alice.ok("POST", path("room_keys", "version"), {
        "algorithm": "m.megolm_backup.v1.curve25519-aes-sha2", "auth_data": {"public_key": recovery.public_key}})[
        "version"]
    secret = olm.PkEncryption(recovery.public_key).encrypt(inbound.export_session(0))
    alice.ok("PUT", path("room_keys", "keys", room, outbound.id), {
        "first_message_index": 0, "forwarded_count": 0, "is_verified": True, "session_data": {
            "ciphertext": secret.ciphertext, "mac": secret.mac, "ephemeral": secret.ephemeral_key}},
        params={"version": version})
    tablet = alice.another_device()
    data = tablet.ok("GET", path("room_keys", "keys", room, outbound.id), params={"version": version})["session_data"]
    exported = recovery.decrypt(olm.PkMessage(data["ephemeral"], data["mac"], data["ciphertext"]))
    assert olm.InboundGroupSession.import_session(exported).decrypt(ciphertext)[0] == message


def test_a_dehydrated_device_is_reached_while_nobody_is_there(people):  # rule 88
    alice, bob = people(2)
    dry = Device(alice)
    dry.device_id = dry.identity
    alice.ok("PUT", DEHYDRATED, {
        "device_id": dry.device_id, "device_data": {"algorithm": "org.matrix.msc3814.v2"},
        "device_keys": dry.device_keys(), "one_time_keys": dry.one_time_keys(1)})
    sender = Device(bob)
    sender.publish()
    sender.send(dry, "for later")
    tablet = alice.another_device()
    assert tablet.ok("GET", DEHYDRATED)["device_id"] == dry.device_id
    events = f"{DEHYDRATED}/{dry.device_id.replace('/', '%2F').replace('+', '%2B')}/events"
    batch = tablet.ok("POST", events, {})
    assert [dry.decrypt(event) for event in batch["events"]] == ["for later"]
    assert tablet.ok("POST", events, {"next_batch": batch["next_batch"]})["events"] == []


# matrix-nio


async def settle(*clients):
    """Syncs, and does about keys what nio's sync_forever does, until there is nothing to do."""
    for _ in range(4):
        for client in clients:
            assert isinstance(await client.sync(timeout=0), nio.SyncResponse)
            await client.send_to_device_messages()
            if client.should_upload_keys:
                assert isinstance(await client.keys_upload(), nio.KeysUploadResponse)
            if client.should_query_keys:
                assert isinstance(await client.keys_query(), nio.KeysQueryResponse)


@asynchronous
async def test_two_clients_talk_and_the_server_cannot_read(server, tmp_path):
    people, heard = [], {}
    for name in ("ann", "ben"):
        account = Client.register(server, unique(name))
        client = nio.AsyncClient(server.url, account.user_id, store_path=str(tmp_path))
        assert isinstance(await client.login(PASSWORD), nio.LoginResponse)
        texts = heard[client.user_id] = []
        client.add_event_callback(
            lambda room, event, texts=texts: texts.append((event.sender, event.body, event.decrypted)),
            nio.RoomMessageText)
        people.append(client)
    ann, ben = people
    try:
        created = await ann.room_create(invite=[ben.user_id], initial_state=[
            {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": MEGOLM}}])
        room = created.room_id
        await ben.join(room)
        await settle(ann, ben)
        assert ann.rooms[room].encrypted
        for client, text in ((ann, "nobody else reads this"), (ben, "nor this")):
            sent = await client.room_send(
                room, "m.room.message", {"msgtype": "m.text", "body": text}, ignore_unverified_devices=True)
            assert isinstance(sent, nio.RoomSendResponse), sent
            await settle(ann, ben)
        assert (ann.user_id, "nobody else reads this", True) in heard[ben.user_id]
        assert (ben.user_id, "nor this", True) in heard[ann.user_id]
        # What the server has is ciphertext.
        watcher = Client.login(server, ann.user_id)
        stored = watcher.all_messages(room)
        assert [event["type"] for event in stored].count("m.room.encrypted") == 2
        assert "reads this" not in json.dumps(stored)
    finally:
        for client in people:
            await client.close()
