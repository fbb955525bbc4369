"""mautrix, the library beneath many bridges and bots, finds everything that it calls."""

import asyncio
import contextlib

import pytest
from mautrix.client import Client as Mautrix
from mautrix.client.state_store import MemoryStateStore, MemorySyncStore
from mautrix.errors import MForbidden, MNotFound
from mautrix.types import (
    EventType, Filter, Membership, MessageType, PaginationDirection, PresenceState, PushActionType, PushRuleKind,
    PushRuleScope, RoomCreatePreset, RoomDirectoryVisibility, RoomEventFilter, RoomFilter, RoomTagInfo,
    TextMessageEventContent)

from support.client import PASSWORD, Client, unique
from support.coroutines import asynchronous


@contextlib.asynccontextmanager
async def people(server, *names):
    clients = []
    try:
        for name in names:
            user_id = Client.register(server, unique(name)).user_id
            client = Mautrix(
                mxid=user_id, base_url=server.url, sync_store=MemorySyncStore(), state_store=MemoryStateStore())
            clients.append(client)
            answer = await client.login(identifier=user_id, password=PASSWORD, device_name=f"{name}'s bot")
            client.device_id = answer.device_id
        yield clients
    finally:
        for client in clients:
            client.stop()
            await client.api.session.close()


async def room_of(owner, *others, **options):
    room = await owner.create_room(invitees=[other.mxid for other in others], **options)
    for other in others:
        await other.join_room(room)
    return room


async def heard(client, event_type, wanted):
    """What the client's own sync loop hands to its handlers, until `wanted` is true of an event."""
    found = asyncio.get_running_loop().create_future()

    async def handle(event):
        if not found.done() and wanted(event):
            found.set_result(event)

    client.add_event_handler(event_type, handle)
    try:
        return await asyncio.wait_for(found, 20)
    finally:
        client.remove_event_handler(event_type, handle)


@asynchronous
async def test_who_am_i_and_what_is_this(server):
    async with people(server, "alice") as (alice,):
        assert "v1.11" in [str(version) for version in (await alice.versions()).versions]
        me = await alice.whoami()
        assert (me.user_id, me.device_id) == (alice.mxid, alice.device_id)
        flows = await alice.get_login_flows()
        assert any(str(flow.type) == "m.login.password" for flow in flows.flows)


@asynchronous
async def test_a_conversation_through_its_sync_loop(server):
    async with people(server, "alice", "bob") as (alice, bob):
        room = await room_of(alice, bob, name="Bots")
        alice.start(None)
        bob.start(None)
        arrival = asyncio.create_task(
            heard(bob, EventType.ROOM_MESSAGE, lambda event: event.content.body == "안녕, 봇"))
        sent = await alice.send_text(room, "안녕, 봇")
        assert (await arrival).event_id == sent
        reaction = asyncio.create_task(heard(alice, EventType.REACTION, lambda event: True))
        await bob.react(room, sent, "👍")
        relation = (await reaction).content.relates_to
        assert (relation.event_id, relation.key) == (sent, "👍")
        redaction = asyncio.create_task(heard(bob, EventType.ROOM_REDACTION, lambda event: True))
        await alice.redact(room, sent, reason="typo")
        await redaction
        assert not (await bob.get_event(room, sent)).content.serialize().get("body")


@asynchronous
async def test_an_invitation_reaches_a_bot_that_waits(server):
    async with people(server, "alice", "bot") as (alice, bot):
        bot.start(None)
        invited = asyncio.create_task(heard(
            bot, EventType.ROOM_MEMBER,
            lambda event: event.state_key == bot.mxid and event.content.membership == Membership.INVITE))
        room = await alice.create_room(invitees=[bot.mxid])
        assert (await invited).room_id == room
        assert await bot.join_room(room) == room
        assert room in await bot.get_joined_rooms()


@asynchronous
async def test_edits_and_replies(server):
    async with people(server, "alice", "bob") as (alice, bob):
        room = await room_of(alice, bob)
        first = await alice.send_text(room, "frist")
        content = TextMessageEventContent(msgtype=MessageType.TEXT, body="first")
        content.set_edit(first)
        await alice.send_message(room, content)
        answer = TextMessageEventContent(msgtype=MessageType.TEXT, body="yes")
        answer.set_reply(await bob.get_event(room, first))
        await bob.send_message(room, answer)
        threaded = TextMessageEventContent(msgtype=MessageType.TEXT, body="aside")
        threaded.set_thread_parent(first)
        await bob.send_message(room, threaded)
        chunk = (await bob.get_messages(room, PaginationDirection.BACKWARD, limit=10)).events
        assert [event.content.body for event in chunk if event.type == EventType.ROOM_MESSAGE][:2] == ["aside", "yes"]


@asynchronous
async def test_state_members_and_power(server):
    async with people(server, "alice", "bob") as (alice, bob):
        room = await room_of(alice, bob, topic="before", preset=RoomCreatePreset.PRIVATE)
        levels = await alice.get_state_event(room, EventType.ROOM_POWER_LEVELS)
        levels.users[bob.mxid] = 50
        await alice.send_state_event(room, EventType.ROOM_POWER_LEVELS, levels)
        topic = await bob.get_state_event(room, EventType.ROOM_TOPIC)
        topic.topic = "after"
        await bob.send_state_event(room, EventType.ROOM_TOPIC, topic)
        assert (await alice.get_state_event(room, EventType.ROOM_TOPIC)).topic == "after"
        assert {str(event.type) for event in await alice.get_state(room)} >= {"m.room.create", "m.room.topic"}
        assert set(await alice.get_joined_members(room)) == {alice.mxid, bob.mxid}
        joined = await alice.get_members(room, membership=Membership.JOIN)
        assert {event.state_key for event in joined} == {alice.mxid, bob.mxid}


@asynchronous
async def test_moderation(server):
    async with people(server, "alice", "bob") as (alice, bob):
        room = await room_of(alice, bob)
        await alice.kick_user(room, bob.mxid, reason="enough")
        with pytest.raises(MForbidden):
            await bob.send_text(room, "still here")
        await alice.ban_user(room, bob.mxid)
        with pytest.raises(MForbidden):
            await bob.join_room(room, max_retries=0)
        await alice.unban_user(room, bob.mxid)
        await alice.invite_user(room, bob.mxid)
        await bob.join_room(room)
        await bob.leave_room(room)
        await bob.forget_room(room)


@asynchronous
async def test_history_context_and_filters(server):
    async with people(server, "alice") as (alice,):
        room = await room_of(alice)
        ids = [await alice.send_text(room, str(number)) for number in range(12)]
        context = await alice.get_event_context(room, ids[6], limit=4)
        assert context.event.event_id == ids[6]
        page = await alice.get_messages(
            room, PaginationDirection.BACKWARD, limit=5, filter_json=RoomEventFilter(types=[EventType.ROOM_MESSAGE]))
        assert [event.event_id for event in page.events] == ids[:-6:-1]
        rest = await alice.get_messages(room, PaginationDirection.BACKWARD, from_token=page.end, limit=50)
        assert ids[0] in [event.event_id for event in rest.events]
        made = await alice.create_filter(Filter(room=RoomFilter(timeline=RoomEventFilter(limit=3))))
        answer = await alice.sync(timeout=0, filter_id=made)
        assert len(answer["rooms"]["join"][room]["timeline"]["events"]) == 3


@asynchronous
async def test_receipts_typing_and_presence(server):
    async with people(server, "alice", "bob") as (alice, bob):
        room = await room_of(alice, bob)
        sent = await alice.send_text(room, "read me")
        await bob.send_receipt(room, sent)
        await bob.set_fully_read_marker(room, sent, sent)
        await bob.set_typing(room, timeout=5000)
        answer = await alice.sync(timeout=0)
        ephemeral = answer["rooms"]["join"][room]["ephemeral"]["events"]
        assert {event["type"] for event in ephemeral} >= {"m.receipt", "m.typing"}
        await bob.set_presence(PresenceState.ONLINE, status="산책 중")
        assert await alice.get_presence(bob.mxid)


@asynchronous
async def test_names_profiles_and_the_directory(server):
    async with people(server, "alice", "bob") as (alice, bob):
        await alice.set_displayname("앨리스")
        assert (await bob.get_profile(alice.mxid)).displayname == "앨리스"
        room = await alice.create_room(preset=RoomCreatePreset.PUBLIC, name="Square")
        alias = unique("square")
        await alice.add_room_alias(room, alias)
        full = f"#{alias}:{alice.mxid.split(':', 1)[1]}"
        assert (await bob.resolve_room_alias(full)).room_id == room
        await alice.set_room_directory_visibility(room, RoomDirectoryVisibility.PUBLIC)
        assert await bob.get_room_directory_visibility(room) == RoomDirectoryVisibility.PUBLIC
        listed = await bob.get_room_directory(search_query="Square", limit=50)
        assert room in [entry.room_id for entry in listed.chunk]
        assert await bob.join_room(full) == room
        found = await bob.search_users("앨리스")
        assert alice.mxid in [user.user_id for user in found.results]
        await alice.remove_room_alias(alias)
        with pytest.raises(MNotFound):
            await bob.resolve_room_alias(full)


@asynchronous
async def test_tags_account_data_and_push_rules(server):
    async with people(server, "alice") as (alice,):
        room = await room_of(alice)
        await alice.set_room_tag(room, "m.favourite", RoomTagInfo(order=0.5))
        assert (await alice.get_room_tags(room)).tags["m.favourite"].order == 0.5
        await alice.remove_room_tag(room, "m.favourite")
        await alice.set_account_data("org.example.bot", {"a": 1})
        assert await alice.get_account_data("org.example.bot") == {"a": 1}
        await alice.set_push_rule(
            PushRuleScope.GLOBAL, PushRuleKind.CONTENT, "naru", actions=[PushActionType.NOTIFY], pattern="나루")
        assert (await alice.get_push_rule(PushRuleScope.GLOBAL, PushRuleKind.CONTENT, "naru")).pattern == "나루"
        await alice.remove_push_rule(PushRuleScope.GLOBAL, PushRuleKind.CONTENT, "naru")
        with pytest.raises(MNotFound):
            await alice.get_push_rule(PushRuleScope.GLOBAL, PushRuleKind.CONTENT, "naru")


@asynchronous
async def test_messages_between_devices(server):
    async with people(server, "alice", "bob") as (alice, bob):
        kind = EventType.find("org.example.ping", EventType.Class.TO_DEVICE)
        await bob.sync(timeout=0)
        await alice.send_to_one_device(kind, bob.mxid, bob.device_id, {"n": 1})
        events = (await bob.sync(timeout=2000))["to_device"]["events"]
        assert [event["content"] for event in events if event["type"] == "org.example.ping"] == [{"n": 1}]


@asynchronous
async def test_logging_out(server):
    async with people(server, "alice") as (alice,):
        await alice.logout(clear_access_token=False)
        with pytest.raises(Exception, match="(?i)token"):
            await alice.whoami()
