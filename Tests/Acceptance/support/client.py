"""A client of the API that hides nothing: each call is one request, and its answer is checked."""

import itertools
import json as jsonlib
import time
from urllib.parse import quote

import requests

V3 = "/_matrix/client/v3"
PASSWORD = "correct horse battery"

_serial = itertools.count(1)


def unique(word):
    """A name that no other test of this run uses."""
    return f"{word}{next(_serial)}.{int(time.time() * 1000) % 100_000_000}"


def path(*segments):
    """A path below v3, each segment percent-encoded."""
    return V3 + "".join("/" + quote(segment, safe="") for segment in segments)


def checked_error(answer, status, code):
    """Asserts that the answer refuses in the specification's form, and gives its body."""
    body = answer.json()
    assert (answer.status_code, body.get("errcode")) == (status, code), f"{answer.status_code} {answer.text[:500]}"
    assert isinstance(body.get("error"), str)
    return body


class Client:
    def __init__(self, server, token=None):
        self.server = server
        self.token = token
        self.user_id = None
        self.device_id = None
        self.http = requests.Session()

    # Requests

    def request(self, method, target, body=None, params=None, token=True, timeout=15, data=None, headers=None):
        """One request as it is; the answer is not looked at."""
        sent = dict(headers or {})
        if token and self.token and "Authorization" not in sent:
            sent["Authorization"] = f"Bearer {self.token}"
        if body is not None:
            data = jsonlib.dumps(body)
        if data is not None:
            sent.setdefault("Content-Type", "application/json")
        return self.http.request(
            method, self.server.url + target, data=data, params=params, headers=sent, timeout=timeout)

    def ok(self, method, target, body=None, **options):
        answer = self.request(method, target, body, **options)
        assert answer.status_code == 200, f"{method} {target}: {answer.status_code} {answer.text[:500]}"
        return answer.json()

    def fails(self, status, code, method, target, body=None, **options):
        return checked_error(self.request(method, target, body, **options), status, code)

    # Accounts

    @classmethod
    def register(cls, server, name=None, **fields):
        client = cls(server)
        body = {"username": name or unique("user"), "password": PASSWORD, **fields}
        challenge = client.request("POST", path("register"), body)
        assert challenge.status_code == 401, challenge.text
        auth = {"type": "m.login.dummy", "session": challenge.json()["session"]}
        client._adopt(client.ok("POST", path("register"), {**body, "auth": auth}))
        return client

    @classmethod
    def login(cls, server, user_id, password=PASSWORD, **fields):
        client = cls(server)
        body = {
            "type": "m.login.password", "identifier": {"type": "m.id.user", "user": user_id}, "password": password}
        client._adopt(client.ok("POST", path("login"), {**body, **fields}))
        return client

    def another_device(self, **fields):
        return Client.login(self.server, self.user_id, **fields)

    def _adopt(self, credentials):
        self.token = credentials["access_token"]
        self.user_id = credentials["user_id"]
        self.device_id = credentials["device_id"]
        self.refresh_token = credentials.get("refresh_token")

    @property
    def localpart(self):
        return self.user_id[1:].split(":", 1)[0]

    # Rooms

    def create_room(self, **body):
        """Tries again when it is told to, as clients do."""
        for _ in range(5):
            answer = self.request("POST", path("createRoom"), body)
            if answer.status_code != 429:
                break
            time.sleep(answer.json()["retry_after_ms"] / 1000)
        assert answer.status_code == 200, answer.text
        return answer.json()["room_id"]

    def public_room(self, **body):
        return self.create_room(preset="public_chat", **body)

    def room_with(self, *others, **body):
        """A room that the others have joined by invitation."""
        room = self.create_room(invite=[other.user_id for other in others], **body)
        for other in others:
            other.join(room)
        return room

    def join(self, room):
        return self.ok("POST", path("join", room), {})["room_id"]

    def leave(self, room):
        return self.ok("POST", path("rooms", room, "leave"), {})

    def forget(self, room):
        return self.ok("POST", path("rooms", room, "forget"), {})

    def knock(self, room, **body):
        return self.ok("POST", path("knock", room), body)

    def membership(self, action, room, user, **body):
        """`invite`, `kick`, `ban` or `unban`."""
        return self.ok("POST", path("rooms", room, action), {"user_id": getattr(user, "user_id", user), **body})

    def invite(self, room, user):
        return self.membership("invite", room, user)

    def joined_rooms(self):
        return self.ok("GET", path("joined_rooms"))["joined_rooms"]

    # Events

    def send(self, room, text="hello", type="m.room.message", txn=None, content=None):
        content = content if content is not None else {"msgtype": "m.text", "body": text}
        return self.ok("PUT", path("rooms", room, "send", type, txn or unique("t")), content)["event_id"]

    def send_many(self, room, count, word="message"):
        return [self.send(room, f"{word} {number}") for number in range(count)]

    def set_state(self, room, type, content, key=""):
        return self.ok("PUT", path("rooms", room, "state", type, key), content)["event_id"]

    def state(self, room, type, key=""):
        return self.ok("GET", path("rooms", room, "state", type, key))

    def all_state(self, room):
        events = self.ok("GET", path("rooms", room, "state"))
        return {(event["type"], event["state_key"]): event for event in events}

    def event(self, room, event_id):
        return self.ok("GET", path("rooms", room, "event", event_id))

    def redact(self, room, event_id, **body):
        return self.ok("PUT", path("rooms", room, "redact", event_id, unique("t")), body)["event_id"]

    def messages(self, room, direction="b", **params):
        return self.ok("GET", path("rooms", room, "messages"), params={"dir": direction, **params})

    def all_messages(self, room, direction="b", limit=50, **params):
        """Every event that /messages gives, page by page."""
        events, page = [], self.messages(room, direction, limit=limit, **params)
        while True:
            events += page["chunk"]
            if "end" not in page:
                return events
            page = self.messages(room, direction, **{**params, "from": page["end"], "limit": limit})

    def receipt(self, room, event_id, type="m.read", **body):
        return self.ok("POST", path("rooms", room, "receipt", type, event_id), body)

    def typing(self, room, is_typing=True, timeout=20_000):
        body = {"typing": is_typing, "timeout": timeout} if is_typing else {"typing": False}
        return self.ok("PUT", path("rooms", room, "typing", self.user_id), body)

    # Account data

    def set_account_data(self, type, content, room=None):
        where = ("rooms", room) if room else ()
        return self.ok("PUT", path("user", self.user_id, *where, "account_data", type), content)

    def account_data(self, type, room=None):
        where = ("rooms", room) if room else ()
        return self.ok("GET", path("user", self.user_id, *where, "account_data", type))

    def ignore(self, *users):
        self.set_account_data(
            "m.ignored_user_list", {"ignored_users": {user.user_id: {} for user in users}})

    # Sync

    def sync(self, since=None, timeout=0, filter=None, **params):
        if since:
            params["since"] = since
        if filter is not None:
            params["filter"] = filter if isinstance(filter, str) else jsonlib.dumps(filter)
        params["timeout"] = timeout
        return self.ok("GET", path("sync"), params=params, timeout=timeout / 1000 + 15)

    def token_now(self):
        return self.sync(filter={"room": {"rooms": []}})["next_batch"]

    def sync_until(self, wanted, since=None, seconds=5, **options):
        """Syncs on until `wanted` gives something for an answer; gives that."""
        deadline = time.monotonic() + seconds
        while True:
            answer = self.sync(since, timeout=500 if since else 0, **options)
            found = wanted(answer)
            if found:
                return found
            assert time.monotonic() < deadline, f"what was waited for did not come; last: {answer}"
            since = answer["next_batch"]


# Reading the answers of /sync


def joined(answer, room):
    return answer.get("rooms", {}).get("join", {}).get(room)


def section(answer, membership, room):
    return answer.get("rooms", {}).get(membership, {}).get(room)


def timeline(answer, room, membership="join"):
    return ((section(answer, membership, room) or {}).get("timeline") or {}).get("events", [])


def event_ids(events):
    return [event["event_id"] for event in events]


def bodies(events):
    return [event["content"]["body"] for event in events if "body" in event["content"]]


def ephemeral(answer, room, type):
    events = ((joined(answer, room) or {}).get("ephemeral") or {}).get("events", [])
    return [event["content"] for event in events if event["type"] == type]


def account_data_events(answer, room=None):
    part = joined(answer, room) if room else answer
    return {event["type"]: event["content"] for event in (part or {}).get("account_data", {}).get("events", [])}


def state_events(answer, room, key="state", membership="join"):
    part = section(answer, membership, room) or {}
    return {(event["type"], event["state_key"]): event for event in part.get(key, {}).get("events", [])}
