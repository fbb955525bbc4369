"""A valid request for each endpoint that is served, to be made invalid."""

from dataclasses import dataclass, field

from support.client import PASSWORD, Client, path, unique


@dataclass
class Request:
    operation: str
    method: str
    target: str
    body: dict | None = None
    # The members of the body whose types the specification gives; the rest is free. Dots lead into objects, a number
    # into an array.
    typed: tuple = ()
    params: dict = field(default_factory=dict)
    # Whose token; None for an endpoint without.
    who: str | None = "alice"
    # What the valid request is answered with.
    status: int = 200


class World:
    """Users and rooms that the requests are about."""

    def __init__(self, server):
        self.server = server
        self.alice = Client.register(server, unique("alice"), refresh_token=True)
        self.bob = Client.register(server, unique("bob"))
        self.carol = Client.register(server, unique("carol"))
        self.dave = Client.register(server, unique("dave"))
        self.eve = Client.register(server, unique("eve"))
        self.watcher = self.alice.another_device()
        self.alias = unique("alias")
        self.room = self.alice.room_with(self.bob, preset="public_chat", name="Room", room_alias_name=self.alias)
        self.knockable = self.alice.room_with(self.bob, initial_state=[
            {"type": "m.room.join_rules", "content": {"join_rule": "knock"}}])
        self.event = self.alice.send(self.room, "an event")
        self.gone = self.alice.send(self.room, "gone")
        self.filter = self.alice.ok("POST", path("user", self.alice.user_id, "filter"), {})["filter_id"]
        self.alice.set_account_data("org.example.type", {"a": 1})
        self.alice.set_account_data("org.example.type", {"a": 1}, self.room)
        self.alice.ok("PUT", path("profile", self.alice.user_id, "org.example.field"), {"org.example.field": 1})
        self.token = self.alice.sync()["next_batch"]

    def client(self, who):
        return getattr(self, who) if who else None

    def snapshot(self):
        """What the second user sees of the rooms, and which rooms the first is in."""
        rooms = {}
        for room in (self.room, self.knockable):
            rooms[room] = (
                {key: event["event_id"] for key, event in self.bob.all_state(room).items()},
                [event["event_id"] for event in self.bob.all_messages(room, limit=500)])
        return rooms, sorted(self.watcher.joined_rooms()), sorted(self.dave.sync().get("rooms", {}).get("invite", {}))

    def requests(self):
        alice, room, event = self.alice.user_id, self.room, self.event
        alias = f"#{self.alias}:localhost"
        target = {"user_id": self.dave.user_id, "reason": "why"}
        identifier = {"type": "m.id.user", "user": self.eve.user_id}
        password = {"type": "m.login.password", "identifier": identifier, "password": PASSWORD}
        message = {"msgtype": "m.text", "body": "text", "org.example.extra": {"a": [1, {"b": None}]}}
        filter_ = {
            "event_fields": ["type"], "account_data": {"types": ["*"], "not_types": [], "limit": 10},
            "room": {"include_leave": True, "rooms": [room], "not_rooms": [], "timeline": {
                "limit": 5, "types": ["m.*"], "senders": [alice], "not_senders": [], "contains_url": False,
                "lazy_load_members": True}, "state": {}, "ephemeral": {}, "account_data": {}}}
        v1 = "/_matrix/client/v1"
        serial = unique("r")
        return [
            Request("getVersions", "GET", "/_matrix/client/versions", who=None),
            Request("getWellknown", "GET", "/.well-known/matrix/client", who=None),
            Request("getCapabilities", "GET", path("capabilities")),
            Request("register", "POST", path("register"), {
                "username": serial, "password": PASSWORD, "device_id": "D", "initial_device_display_name": "name",
                "inhibit_login": False, "refresh_token": True, "auth": {"type": "m.login.dummy"}},
                typed=("username", "password", "device_id", "initial_device_display_name", "inhibit_login",
                       "refresh_token", "auth", "auth.type"), who=None),
            Request("checkUsernameAvailability", "GET", path("register", "available"), params={"username": serial + "-x"},
                    who=None),
            Request("registrationTokenValidity", "GET", v1 + "/register/m.login.registration_token/validity",
                    params={"token": "x"}, who=None),
            Request("getLoginFlows", "GET", path("login"), who=None),
            Request("login", "POST", path("login"), {**password, "device_id": "EVE", "refresh_token": False,
                                                     "initial_device_display_name": "name"},
                    typed=("type", "identifier", "identifier.type", "identifier.user", "password", "device_id",
                           "refresh_token", "initial_device_display_name"), who=None),
            Request("refresh", "POST", path("refresh"), {"refresh_token": self.alice.refresh_token},
                    typed=("refresh_token",), who=None),
            Request("logout", "POST", path("logout"), {}, who="eve"),
            Request("logout_all", "POST", path("logout", "all"), {}, who="eve"),
            Request("getTokenOwner", "GET", path("account", "whoami")),
            Request("getDevices", "GET", path("devices")),
            Request("getDevice", "GET", path("devices", self.alice.device_id)),
            Request("updateDevice", "PUT", path("devices", self.alice.device_id), {"display_name": "name"},
                    typed=("display_name",)),
            Request("deleteDevice", "DELETE", path("devices", "NONE"), {
                "auth": {**password, "identifier": {**identifier, "user": alice}}},
                typed=("auth", "auth.type", "auth.identifier", "auth.identifier.user", "auth.password")),
            Request("deleteDevices", "POST", path("delete_devices"), {
                "devices": ["NONE"], "auth": {**password, "identifier": {**identifier, "user": alice}}},
                typed=("devices", "devices.0", "auth", "auth.session")),
            Request("createRoom", "POST", path("createRoom"), {
                "name": "name", "topic": "topic", "preset": "private_chat", "visibility": "private",
                "room_version": "12", "invite": [self.dave.user_id], "is_direct": True, "creation_content": {"n": serial},
                "initial_state": [{"type": "org.example", "state_key": "key", "content": {"a": 1}}],
                "invite_3pid": [], "room_alias_name": serial,
                "power_level_content_override": {"ban": 50, "users": {}, "events": {"m.room.name": 50}}},
                typed=("name", "topic", "preset", "visibility", "room_version", "invite", "invite.0", "is_direct",
                       "creation_content", "initial_state", "initial_state.0", "initial_state.0.type",
                       "initial_state.0.state_key", "initial_state.0.content", "invite_3pid", "room_alias_name",
                       "power_level_content_override", "power_level_content_override.ban",
                       "power_level_content_override.users", "power_level_content_override.events",
                       "power_level_content_override.events.m\\.room\\.name")),
            Request("getJoinedRooms", "GET", path("joined_rooms")),
            Request("inviteUser", "POST", path("rooms", room, "invite"), target, typed=("user_id", "reason")),
            Request("joinRoomById", "POST", path("rooms", room, "join"), {"reason": "why"}, typed=("reason",),
                    who="carol"),
            Request("joinRoom", "POST", path("join", alias), {"reason": "why"}, typed=("reason",), who="carol"),
            Request("kick", "POST", path("rooms", room, "kick"), target, typed=("user_id", "reason")),
            Request("ban", "POST", path("rooms", room, "ban"), target, typed=("user_id", "reason")),
            Request("unban", "POST", path("rooms", room, "unban"), target, typed=("user_id", "reason")),
            Request("knockRoom", "POST", path("knock", self.knockable), {"reason": "why"}, typed=("reason",),
                    who="carol"),
            Request("leaveRoom", "POST", path("rooms", room, "leave"), {"reason": "why"}, typed=("reason",),
                    who="carol"),
            Request("forgetRoom", "POST", path("rooms", room, "forget"), {}, who="carol"),
            Request("sendMessage", "PUT", path("rooms", room, "send", "m.room.message", serial), message),
            Request("setRoomStateWithKey", "PUT", path("rooms", room, "state", "m.room.topic", ""),
                    {"topic": "topic"}),
            Request("redactEvent", "PUT", path("rooms", room, "redact", self.gone, serial),
                    {"reason": "why"}, typed=("reason",)),
            Request("getOneRoomEvent", "GET", path("rooms", room, "event", event)),
            Request("getRoomState", "GET", path("rooms", room, "state")),
            Request("getRoomStateWithKey", "GET", path("rooms", room, "state", "m.room.name", ""),
                    params={"format": "event"}),
            Request("getMembersByRoom", "GET", path("rooms", room, "members"),
                    params={"at": self.token, "membership": "join", "not_membership": "ban"}),
            Request("getJoinedMembersByRoom", "GET", path("rooms", room, "joined_members")),
            Request("getRoomEvents", "GET", path("rooms", room, "messages"), params={
                "dir": "b", "limit": "5", "from": self.token, "to": "s1", "filter": '{"types":["m.room.message"]}'}),
            Request("getEventContext", "GET", path("rooms", room, "context", event), params={
                "limit": "5", "filter": '{"lazy_load_members":true}'}),
            Request("setTyping", "PUT", path("rooms", room, "typing", alice), {"typing": True, "timeout": 20_000},
                    typed=("typing", "timeout")),
            Request("postReceipt", "POST", path("rooms", room, "receipt", "m.read", event), {"thread_id": "main"},
                    typed=("thread_id",)),
            Request("setReadMarker", "POST", path("rooms", room, "read_markers"), {
                "m.fully_read": event, "m.read": event, "m.read.private": event},
                typed=("m\\.fully_read", "m\\.read", "m\\.read\\.private")),
            Request("setRoomAlias", "PUT", path("directory", "room", f"#{serial}-alias:localhost"), {"room_id": room},
                    typed=("room_id",)),
            Request("getRoomIdByAlias", "GET", path("directory", "room", alias), who=None),
            Request("deleteRoomAlias", "DELETE", path("directory", "room", f"#{serial}-alias:localhost")),
            Request("getLocalAliases", "GET", path("rooms", room, "aliases")),
            Request("getRoomVisibilityOnDirectory", "GET", path("directory", "list", "room", room), who=None),
            Request("setRoomVisibilityOnDirectory", "PUT", path("directory", "list", "room", room),
                    {"visibility": "public"}, typed=("visibility",)),
            Request("getPublicRooms", "GET", path("publicRooms"), params={"limit": "5", "since": "0"}, who=None),
            Request("queryPublicRooms", "POST", path("publicRooms"), {
                "limit": 5, "since": "0", "filter": {"generic_search_term": "x", "room_types": ["m.space", None]}},
                typed=("limit", "since", "filter", "filter.generic_search_term", "filter.room_types")),
            Request("setProfileField", "PUT", path("profile", alice, "displayname"), {"displayname": "Alice"},
                    typed=("displayname",)),
            Request("getProfileField", "GET", path("profile", alice, "displayname"), who=None),
            Request("deleteProfileField", "DELETE", path("profile", alice, "org.example.none")),
            Request("getUserProfile", "GET", path("profile", alice), who=None),
            Request("searchUserDirectory", "POST", path("user_directory", "search"), {
                "search_term": "bob", "limit": 5}, typed=("search_term", "limit")),
            Request("search", "POST", path("search"), {"search_categories": {"room_events": {
                "search_term": "event", "keys": ["content.body"], "order_by": "recent", "include_state": True,
                "filter": {"limit": 5, "rooms": [room]}, "groupings": {"group_by": [{"key": "room_id"}]},
                "event_context": {"before_limit": 1, "after_limit": 1, "include_profile": True}}}},
                params={"next_batch": "5_0_5"}, typed=(
                    "search_categories", "search_categories.room_events",
                    *(f"search_categories.room_events.{key}" for key in (
                        "search_term", "keys", "keys.0", "order_by", "include_state", "filter", "filter.limit",
                        "filter.rooms", "groupings", "groupings.group_by", "groupings.group_by.0",
                        "groupings.group_by.0.key", "event_context", "event_context.before_limit",
                        "event_context.after_limit", "event_context.include_profile")))),
            Request("setAccountData", "PUT", path("user", alice, "account_data", "org.example.type"), {"a": [1.5]}),
            Request("getAccountData", "GET", path("user", alice, "account_data", "org.example.type")),
            Request("setAccountDataPerRoom", "PUT",
                    path("user", alice, "rooms", room, "account_data", "org.example.type"), {"a": [1.5]}),
            Request("getAccountDataPerRoom", "GET",
                    path("user", alice, "rooms", room, "account_data", "org.example.type")),
            Request("setRoomTag", "PUT", path("user", alice, "rooms", room, "tags", "u.tag"), {"order": 0.5}),
            Request("getRoomTags", "GET", path("user", alice, "rooms", room, "tags")),
            Request("deleteRoomTag", "DELETE", path("user", alice, "rooms", room, "tags", "u.tag")),
            Request("defineFilter", "POST", path("user", alice, "filter"), filter_, typed=(
                "account_data", "account_data.types", "account_data.types.0",
                "account_data.limit", "room", "room.rooms", "room.rooms.0", "room.not_rooms", "room.include_leave",
                "room.timeline", "room.timeline.limit", "room.timeline.types", "room.timeline.senders",
                "room.timeline.not_senders", "room.timeline.contains_url", "room.timeline.lazy_load_members",
                "room.state", "room.ephemeral", "room.account_data")),
            Request("getFilter", "GET", path("user", alice, "filter", self.filter)),
            Request("sync", "GET", path("sync"), params={
                "since": self.token, "timeout": "0", "full_state": "false", "filter": self.filter,
                "use_state_after": "true", "set_presence": "offline"}),
            Request("getPushRules", "GET", path("pushrules", "")),
            Request("getPushRulesGlobal", "GET", path("pushrules", "global", "")),
            Request("getPushRule", "GET", path("pushrules", "global", "override", ".m.rule.master")),
            Request("isPushRuleEnabled", "GET", path("pushrules", "global", "override", ".m.rule.master", "enabled")),
            Request("getPushRuleActions", "GET",
                    path("pushrules", "global", "override", ".m.rule.master", "actions")),
        ]
