"""matrix-nio, a client that others wrote, does what it does against any homeserver."""

import asyncio
import contextlib

import nio
import pytest

from support.client import PASSWORD, Client, path, unique
from support.coroutines import asynchronous
from support.server import Server


@contextlib.asynccontextmanager
async def users(server, *names):
    clients = []
    try:
        for name in names:
            client = nio.AsyncClient(server.url, unique(name))
            clients.append(client)
            good(await client.register(client.user, PASSWORD, f"{name}'s phone"), nio.RegisterResponse)
        yield clients
    finally:
        for client in clients:
            await client.close()


def good(response, kind):
    assert isinstance(response, kind), response
    return response


async def sync(client, timeout=0, **options):
    return good(await client.sync(timeout=timeout, **options), nio.SyncResponse)


async def sync_until(client, wanted):
    """Syncs on from the last token, as sync_forever does, until `wanted` gives something."""
    while True:
        found = wanted(await sync(client, timeout=2000))
        if found:
            return found


async def room_of(owner, *others, **options):
    room = good(
        await owner.room_create(invite=[other.user_id for other in others], **options),
        nio.RoomCreateResponse).room_id
    for other in others:
        good(await other.join(room), nio.JoinResponse)
    return room


async def say(client, room, text, **options):
    content = {"msgtype": "m.text", "body": text}
    sent = await client.room_send(room, "m.room.message", content, **options)
    return good(sent, nio.RoomSendResponse).event_id


def texts(events):
    return [event.body for event in events if isinstance(event, nio.RoomMessageText)]


@asynchronous
async def test_logs_in_lists_devices_and_logs_out(server):
    async with users(server, "ann") as [ann]:
        again = nio.AsyncClient(server.url, ann.user_id)
        good(await again.login_info(), nio.LoginInfoResponse)
        login = good(await again.login(PASSWORD, device_name="tablet"), nio.LoginResponse)
        assert login.user_id == ann.user_id and login.device_id != ann.device_id
        assert good(await again.whoami(), nio.WhoamiResponse).device_id == login.device_id
        names = {device.display_name for device in good(await ann.devices(), nio.DevicesResponse).devices}
        assert names == {"ann's phone", "tablet"}
        good(await ann.update_device(login.device_id, {"display_name": "slate"}), nio.UpdateDeviceResponse)
        names = {device.display_name for device in good(await ann.devices(), nio.DevicesResponse).devices}
        assert names == {"ann's phone", "slate"}

        good(await again.logout(), nio.LogoutResponse)
        again.access_token = login.access_token
        assert (await again.whoami()).status_code == "M_UNKNOWN_TOKEN"
        await again.close()
        assert len(good(await ann.devices(), nio.DevicesResponse).devices) == 1


@asynchronous
async def test_refuses_a_wrong_password(server):
    async with users(server, "ann") as [ann]:
        stranger = nio.AsyncClient(server.url, ann.user_id)
        refusal = good(await stranger.login("wrong password"), nio.LoginError)
        assert refusal.status_code == "M_FORBIDDEN"
        await stranger.close()


@asynchronous
async def test_deletes_a_device_with_its_password(server):
    async with users(server, "ann") as [ann]:
        other = nio.AsyncClient(server.url, ann.user_id)
        device = good(await other.login(PASSWORD), nio.LoginResponse).device_id
        await other.close()
        asked = good(await ann.delete_devices([device]), nio.DeleteDevicesAuthResponse)
        auth = {
            "type": "m.login.password", "session": asked.session,
            "identifier": {"type": "m.id.user", "user": ann.user_id}, "password": PASSWORD}
        good(await ann.delete_devices([device], auth), nio.DeleteDevicesResponse)
        assert [left.id for left in good(await ann.devices(), nio.DevicesResponse).devices] == [ann.device_id]


@asynchronous
async def test_signs_up_with_a_registration_token(tmp_path):
    """nio goes on with m.login.dummy after the token, as the flows of other homeservers ask."""
    with Server(tmp_path / "data", "--registration", "token", "--registration-token", "sesame") as server:
        client = nio.AsyncClient(server.url, "ann")
        try:
            good(await client.register_with_token("ann", PASSWORD, "sesame"), nio.RegisterResponse)
        finally:
            await client.close()


@asynchronous
async def test_joins_by_alias_and_talks(server):
    async with users(server, "ann", "ben") as [ann, ben]:
        name = unique("lounge")
        room = good(
            await ann.room_create(
                visibility=nio.RoomVisibility.public, preset=nio.RoomPreset.public_chat, alias=name, name="Lounge",
                topic="Talk"),
            nio.RoomCreateResponse).room_id
        alias = f"#{name}:localhost"
        assert good(await ben.room_resolve_alias(alias), nio.RoomResolveAliasResponse).room_id == room
        assert good(await ben.join(alias), nio.JoinResponse).room_id == room

        await sync(ann)
        await sync(ben)
        seen = ben.rooms[room]
        assert (seen.name, seen.topic, seen.canonical_alias) == ("Lounge", "Talk", alias)
        assert set(seen.users) == {ann.user_id, ben.user_id}

        await say(ann, room, "hello ben")
        got = await sync_until(ben, lambda answer: texts(answer.rooms.join[room].timeline.events)
                               if room in answer.rooms.join else None)
        assert got == ["hello ben"]
        await say(ben, room, "hello ann")
        got = await sync_until(
            ann, lambda answer: "hello ann" in texts(answer.rooms.join[room].timeline.events)
            if room in answer.rooms.join else None)
        assert room in good(await ben.joined_rooms(), nio.JoinedRoomsResponse).rooms
        members = good(await ann.joined_members(room), nio.JoinedMembersResponse).members
        assert {member.user_id for member in members} == {ann.user_id, ben.user_id}


@asynchronous
async def test_sync_forever_hears_everything_once(server):
    async with users(server, "ann", "ben") as [ann, ben]:
        room = await room_of(ann, ben)
        await sync(ben)
        heard = []
        done = asyncio.Event()

        def listen(_, event):
            heard.append(event.body)
            if len(heard) == 30:
                done.set()

        ben.add_event_callback(listen, nio.RoomMessageText)
        loop = asyncio.create_task(ben.sync_forever(timeout=5000))
        for number in range(30):
            await say(ann, room, f"line {number}")
        await asyncio.wait_for(done.wait(), 20)
        ben.stop_sync_forever()
        loop.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await loop
        assert heard == [f"line {number}" for number in range(30)]


@asynchronous
async def test_full_state_gives_the_state_again(server):
    async with users(server, "ann") as [ann]:
        room = await room_of(ann, name="Named")
        await sync(ann)
        nothing = await sync(ann)
        assert room not in nothing.rooms.join
        whole = await sync(ann, full_state=True)
        kinds = {type(event) for event in whole.rooms.join[room].state + whole.rooms.join[room].timeline.events}
        assert {nio.RoomCreateEvent, nio.RoomNameEvent, nio.RoomMemberEvent, nio.PowerLevelsEvent} <= kinds


@asynchronous
async def test_invites_are_seen_taken_and_turned_down(server):
    async with users(server, "ann", "ben") as [ann, ben]:
        room = good(await ann.room_create(name="Den"), nio.RoomCreateResponse).room_id
        await sync(ben)
        good(await ann.room_invite(room, ben.user_id), nio.RoomInviteResponse)
        invitation = await sync_until(ben, lambda answer: answer.rooms.invite.get(room))
        own = [event for event in invitation.invite_state if isinstance(event, nio.InviteMemberEvent)
               and event.state_key == ben.user_id]
        assert own and own[0].membership == "invite" and own[0].sender == ann.user_id
        assert ben.invited_rooms[room].name == "Den"
        good(await ben.room_leave(room), nio.RoomLeaveResponse)
        await sync_until(ben, lambda answer: room in answer.rooms.leave)
        good(await ben.room_forget(room), nio.RoomForgetResponse)

        good(await ann.room_invite(room, ben.user_id), nio.RoomInviteResponse)
        await sync_until(ben, lambda answer: room in answer.rooms.invite)
        good(await ben.join(room), nio.JoinResponse)
        await sync_until(ben, lambda answer: room in answer.rooms.join)
        good(await ben.room_leave(room), nio.RoomLeaveResponse)
        await sync_until(ben, lambda answer: room in answer.rooms.leave)


@asynchronous
async def test_kicks_bans_and_unbans(server):
    async with users(server, "ann", "ben") as [ann, ben]:
        room = await room_of(ann, ben, preset=nio.RoomPreset.public_chat)
        await sync(ben)
        good(await ann.room_kick(room, ben.user_id, "enough"), nio.RoomKickResponse)
        gone = await sync_until(ben, lambda answer: answer.rooms.leave.get(room))
        last = gone.timeline.events[-1]
        assert (last.membership, last.content["reason"]) == ("leave", "enough")
        good(await ben.join(room), nio.JoinResponse)
        good(await ann.room_ban(room, ben.user_id), nio.RoomBanResponse)
        assert good(await ben.join(room), nio.JoinError).status_code == "M_FORBIDDEN"
        good(await ann.room_unban(room, ben.user_id), nio.RoomUnbanResponse)
        good(await ben.join(room), nio.JoinResponse)


@asynchronous
async def test_sees_others_typing_and_reading(server):
    async with users(server, "ann", "ben") as [ann, ben]:
        room = await room_of(ann, ben)
        await sync(ann)
        good(await ben.room_typing(room, True, 20_000), nio.RoomTypingResponse)

        def of(kind):
            def wanted(answer):
                events = answer.rooms.join[room].ephemeral if room in answer.rooms.join else []
                return [event for event in events if isinstance(event, kind)]

            return wanted

        [typing] = await sync_until(ann, of(nio.TypingNoticeEvent))
        assert typing.users == [ben.user_id]
        event = await say(ann, room, "read this")
        await sync(ann)
        good(await ben.update_receipt_marker(room, event, nio.ReceiptType.read), nio.UpdateReceiptMarkerResponse)
        [receipts] = await sync_until(ann, of(nio.ReceiptEvent))
        assert [(receipt.event_id, receipt.user_id) for receipt in receipts.receipts] == [(event, ben.user_id)]

        later = await say(ann, room, "and this")
        await sync(ben)
        good(await ben.room_read_markers(room, later, later), nio.RoomReadMarkersResponse)

        def marker(answer):
            events = answer.rooms.join[room].account_data if room in answer.rooms.join else []
            return [event.event_id for event in events if isinstance(event, nio.FullyReadEvent)]

        assert await sync_until(ben, marker) == [later]


@asynchronous
async def test_reads_back_over_several_pages(server):
    async with users(server, "ann", "ben") as [ann, ben]:
        room = await room_of(ann, ben)
        for number in range(60):
            await say(ann, room, f"line {number}")
        latest = (await sync(ben)).rooms.join[room].timeline
        assert latest.limited
        collected = texts(latest.events)
        token, pages = latest.prev_batch, 0
        while token:
            page = good(await ben.room_messages(room, token, limit=20), nio.RoomMessagesResponse)
            assert page.start == token
            collected = texts(reversed(page.chunk)) + collected
            token, pages = page.end, pages + 1
        assert collected == [f"line {number}" for number in range(60)]
        assert pages >= 3


@asynchronous
async def test_reads_state_events_and_context(server):
    async with users(server, "ann", "ben") as [ann, ben]:
        room = await room_of(ann, ben, name="Before")
        good(await ann.room_put_state(room, "m.room.name", {"name": "After"}), nio.RoomPutStateResponse)
        content = good(await ben.room_get_state_event(room, "m.room.name"), nio.RoomGetStateEventResponse).content
        assert content == {"name": "After"}
        state = good(await ben.room_get_state(room), nio.RoomGetStateResponse).events
        assert {event["type"] for event in state} >= {"m.room.create", "m.room.member", "m.room.name"}
        events = [await say(ann, room, f"line {number}") for number in range(5)]
        context = good(await ben.room_context(room, events[2], limit=4), nio.RoomContextResponse)
        assert context.event.event_id == events[2]
        assert [event.event_id for event in context.events_before] == [events[1], events[0]]
        assert [event.event_id for event in context.events_after] == events[3:]
        one = good(await ben.room_get_event(room, events[0]), nio.RoomGetEventResponse).event
        assert one.body == "line 0"


@asynchronous
async def test_redacts(server):
    async with users(server, "ann", "ben") as [ann, ben]:
        room = await room_of(ann, ben)
        event = await say(ann, room, "a slip of the tongue")
        await sync(ben)
        good(await ann.room_redact(room, event, "oops"), nio.RoomRedactResponse)

        def redaction(answer):
            events = answer.rooms.join[room].timeline.events if room in answer.rooms.join else []
            return [event for event in events if isinstance(event, nio.RedactionEvent)]

        [told] = await sync_until(ben, redaction)
        assert (told.redacts, told.reason) == (event, "oops")
        one = good(await ben.room_get_event(room, event), nio.RoomGetEventResponse).event
        assert isinstance(one, nio.RedactedEvent) and one.redacter == ann.user_id


@asynchronous
async def test_a_new_display_name_reaches_the_members(server):
    async with users(server, "ann", "ben") as [ann, ben]:
        room = await room_of(ann, ben)
        await sync(ann)
        good(await ben.set_displayname("Big Ben"), nio.ProfileSetDisplayNameResponse)
        good(await ben.set_avatar("mxc://localhost/ben"), nio.ProfileSetAvatarResponse)
        assert good(await ann.get_displayname(ben.user_id), nio.ProfileGetDisplayNameResponse).displayname == "Big Ben"
        profile = good(await ann.get_profile(ben.user_id), nio.ProfileGetResponse)
        assert profile.avatar_url == "mxc://localhost/ben"
        await sync_until(ann, lambda _: ann.rooms[room].user_name(ben.user_id) == "Big Ben"
                         and ann.rooms[room].avatar_url(ben.user_id) == "mxc://localhost/ben")


@asynchronous
async def test_hears_of_tags_and_direct_rooms(server):
    async with users(server, "ann", "ben") as [ann, ben]:
        room = await room_of(ann, ben, is_direct=True)
        await sync(ann)
        raw = Client(server, ann.access_token)
        raw.user_id = ann.user_id
        raw.ok("PUT", path("user", ann.user_id, "rooms", room, "tags", "m.favourite"), {"order": 0.5})
        await sync_until(ann, lambda _: ann.rooms[room].tags == {"m.favourite": {"order": 0.5}})
        raw.set_account_data("m.direct", {ben.user_id: [room]})
        assert good(await ann.list_direct_rooms(), nio.DirectRoomsResponse).rooms == {ben.user_id: [room]}


@asynchronous
async def test_uploads_a_filter_and_syncs_with_it(server):
    async with users(server, "ann", "ben") as [ann, ben]:
        room = await room_of(ann, ben)
        await say(ann, room, "hello")
        wanted = {"timeline": {"types": ["m.room.message"], "limit": 1}}
        stored = good(await ben.upload_filter(room=wanted), nio.UploadFilterResponse).filter_id
        answer = await sync(ben, sync_filter=stored)
        assert texts(answer.rooms.join[room].timeline.events) == ["hello"]


@asynchronous
async def test_knocks(server):
    async with users(server, "ann", "ben") as [ann, ben]:
        room = await room_of(ann)
        good(await ann.room_enable_knocking(room), nio.RoomPutStateResponse)
        await sync(ann)
        good(await ben.room_knock(room, "let me in"), nio.RoomKnockResponse)

        def knock(answer):
            events = answer.rooms.join[room].timeline.events if room in answer.rooms.join else []
            return [event for event in events if isinstance(event, nio.RoomMemberEvent)]

        [event] = await sync_until(ann, knock)
        assert (event.membership, event.state_key) == ("knock", ben.user_id)
        good(await ann.room_invite(room, ben.user_id), nio.RoomInviteResponse)
        good(await ben.join(room), nio.JoinResponse)


@asynchronous
async def test_finds_public_rooms(server):
    async with users(server, "ann") as [ann]:
        name = unique("Agora")
        await room_of(ann, visibility=nio.RoomVisibility.public, name=name)
        found = good(await ann.list_public_rooms(filter_generic_search_term=name), nio.responses.PublicRoomsResponse)
        assert [room.name for room in found.public_rooms] == [name]
