"""One talks in the web client, the other with a client that others wrote."""

import asyncio
import concurrent.futures
import secrets
import types

import nio
import pytest
from playwright.sync_api import expect


class NioPerson:
    """A person on matrix-nio. Its coroutines run on a thread of their own, since playwright has this one's loop."""

    def __init__(self, origin, name):
        self.loop = asyncio.new_event_loop()
        self.thread = concurrent.futures.ThreadPoolExecutor(1)
        self.thread.submit(asyncio.set_event_loop, self.loop).result()
        self.client = nio.AsyncClient(origin, f"{name}.{secrets.token_hex(4)}")
        self.run(self.client.register(self.client.user, "correct horse battery"), nio.RegisterResponse)

    def run(self, coroutine, kind):
        answer = self.thread.submit(self.loop.run_until_complete, asyncio.wait_for(coroutine, 20)).result()
        assert isinstance(answer, kind), answer
        return answer

    def sync_until(self, room, kind):
        """Syncs on until something of that kind is in the room."""
        for _ in range(20):
            info = self.run(self.client.sync(timeout=2000), nio.SyncResponse).rooms.join.get(room)
            events = (info.timeline.events + info.ephemeral) if info else []
            found = [event for event in events if isinstance(event, kind)]
            if found:
                return found
        raise AssertionError(f"no {kind.__name__} has come")

    def close(self):
        self.thread.submit(self.loop.run_until_complete, self.client.close()).result()
        self.thread.shutdown()


@pytest.fixture
def nio_person(origin):
    person = NioPerson(origin, "sam")
    yield person
    person.close()


def test_typing_receipts_and_words_cross_between_clients(new_person, nio_person):
    minji = new_person("minji")
    room = minji.start_direct(types.SimpleNamespace(username=nio_person.client.user, user_id=nio_person.client.user_id))
    nio_person.run(nio_person.client.sync(), nio.SyncResponse)
    nio_person.run(nio_person.client.join(room), nio.JoinResponse)

    minji.field.press_sequentially("음…")
    [typing] = nio_person.sync_until(room, nio.TypingNoticeEvent)
    assert typing.users == [minji.user_id]
    minji.field.press("Enter")
    [message] = nio_person.sync_until(room, nio.RoomMessageText)
    assert (message.sender, message.body) == (minji.user_id, "음…")

    sent = nio_person.run(
        nio_person.client.room_send(room, "m.room.message", {"msgtype": "m.text", "body": "nice to meet you"}),
        nio.RoomSendResponse)
    minji.bubble("nice to meet you").wait_for()
    expect(minji.row("음…").locator(".unread-number")).to_have_count(0)
    while True:
        [receipts] = nio_person.sync_until(room, nio.ReceiptEvent)
        read = [(receipt.event_id, receipt.user_id) for receipt in receipts.receipts]
        if (sent.event_id, minji.user_id) in read:
            break
