"""A person who uses the client in a browser of their own, and the same account over the HTTP interface."""

import itertools
import json
import time
import urllib.parse
import urllib.request

PASSWORD = "seven seals 7"
#: Other runs may have used the same server.
RUN = f"{int(time.time() * 1000) % 10**9:x}"
_counter = itertools.count(1)

#: What a browser writes into the console for an answer that the client expects (the question which stages there are,
#: an id that is taken), and for a request that a test has stopped.
EXPECTED = ("the server responded with a status of 4", "net::ERR_FAILED", "NS_ERROR")


class Person:
    def __init__(self, context, origin, name):
        self.context = context
        self.origin = origin
        self.username = f"{name}.{RUN}.{next(_counter)}"
        self.problems = []
        self.page = context.new_page()
        self.page.set_default_timeout(15_000)
        self.page.on("pageerror", lambda error: self.problems.append(f"{self.username}: {error}"))
        self.page.on("console", self._heard)

    def _heard(self, message):
        expected = any(part in message.text for part in EXPECTED)
        if message.type == "error" and not expected:
            self.problems.append(f"{self.username}: {message.text}")

    # In the browser

    def sign_up(self):
        page = self.page
        page.goto(self.origin)
        page.locator("naru-welcome .primary").click()
        page.fill("#field-username", self.username)
        page.fill("#field-password", PASSWORD)
        page.locator("form [type=submit]").click()
        page.wait_for_selector("naru-chat-list")
        stored = page.evaluate("JSON.parse(localStorage.getItem('naru.credentials'))")
        self.user_id, self.token = stored["userID"], stored["accessToken"]

    def start_direct(self, other):
        self.page.locator(".new-chat:visible").click()
        self.page.fill("#field-person", other.username)
        self.page.locator("dialog .submit").click()
        self.page.wait_for_selector("naru-room")
        return self.room_id()

    def accept_invitation(self):
        self.page.locator(".chat-row a:has(.invitation-badge)").first.click()
        self.page.locator(".accept").click()
        self.page.wait_for_selector("naru-room")
        return self.room_id()

    def room_id(self):
        return urllib.parse.unquote(self.page.url.split("#/room/")[1])

    def open_room(self, room_id):
        # Only who has the focus reads, and a browser gives it to one window at a time.
        self.page.bring_to_front()
        self.page.locator(f'.chat-row a[data-room-id="{room_id}"]').click()
        self.page.wait_for_selector("naru-room")

    @property
    def field(self):
        return self.page.locator("naru-composer textarea")

    def say(self, text):
        self.field.fill(text)
        self.field.press("Enter")

    def bubble(self, text):
        return self.page.locator(".bubble", has_text=text)

    def row(self, text):
        return self.page.locator(".message", has=self.bubble(text))

    def screenshot(self, path):
        before = len(self.problems)
        self.page.screenshot(path=path)
        self.page.wait_for_timeout(50)
        # Firefox's driver tries to hide the caret by a style element, which the page's policy rightly refuses.
        added = [problem for problem in self.problems[before:] if "inline style (style-src-elem)" not in problem]
        self.problems[before:] = added

    # Over the HTTP interface

    def request(self, method, path, body=None):
        request = urllib.request.Request(
            self.origin + path, method=method, data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def create_room(self, **options):
        return self.request("POST", "/_matrix/client/v3/createRoom", options)["room_id"]

    def join(self, room_id):
        self.request("POST", f"/_matrix/client/v3/join/{urllib.parse.quote(room_id)}", {})

    def send(self, room_id, body, **content):
        path = f"/_matrix/client/v3/rooms/{urllib.parse.quote(room_id)}/send/m.room.message/api{next(_counter)}"
        return self.request("PUT", path, {"msgtype": "m.text", "body": body, **content})["event_id"]

    def set_name(self, name):
        path = f"/_matrix/client/v3/profile/{urllib.parse.quote(self.user_id)}/displayname"
        self.request("PUT", path, {"displayname": name})

    def messages(self, room_id):
        """The texts of the room, oldest first, as the server has them."""
        path = f"/_matrix/client/v3/rooms/{urllib.parse.quote(room_id)}/messages?dir=b&limit=100"
        events = self.request("GET", path)["chunk"]
        return [event["content"].get("body") for event in reversed(events) if event["type"] == "m.room.message"]
