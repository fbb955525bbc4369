"""A valid request for each endpoint that is served, to be made invalid."""

from dataclasses import dataclass, field
from urllib.parse import quote

from support.client import PASSWORD, Client, path, unique
from support.server import run

MSC4140 = "/_matrix/client/unstable/org.matrix.msc4140"


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


DEHYDRATED = "/_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device"


def device_keys(user_id, device_id):
    return {
        "user_id": user_id, "device_id": device_id, "algorithms": ["m.megolm.v1.aes-sha2"],
        "keys": {f"ed25519:{device_id}": "a", f"curve25519:{device_id}": "b"}, "signatures": {}}


def dehydration(user_id, device_id):
    return {
        "device_id": device_id, "device_data": {"algorithm": "org.matrix.msc3814.v2"},
        "initial_device_display_name": "dry", "device_keys": device_keys(user_id, device_id)}


class World:
    """Users and rooms that the requests are about."""

    def __init__(self, server):
        self.server = server
        self.alice = Client.register(server, unique("alice"), refresh_token=True)
        self.bob = Client.register(server, unique("bob"))
        self.carol = Client.register(server, unique("carol"))
        self.dave = Client.register(server, unique("dave"))
        self.eve = Client.register(server, unique("eve"))
        self.zoe = Client.register(server, unique("zoe"))
        self.boss = Client.register(server, unique("boss"))
        done = run("admin", "users", "set-admin", self.boss.user_id, "--data", str(server.data))
        assert done.returncode == 0, done.stderr
        self.watcher = self.alice.another_device()
        self.alias = unique("alias")
        self.room = self.alice.room_with(self.bob, preset="public_chat", name="Room", room_alias_name=self.alias)
        self.knockable = self.alice.room_with(self.bob, initial_state=[
            {"type": "m.room.join_rules", "content": {"join_rule": "knock"}}])
        self.event = self.alice.send(self.room, "an event")
        self.upgradable = self.alice.public_room()
        self.delayed = self.alice.ok(
            "PUT", path("rooms", self.room, "send", "m.room.message", unique("d")), {"body": "much later"},
            params={"org.matrix.msc4140.delay": "86400000"})["delay_id"]
        self.gone = self.alice.send(self.room, "gone")
        self.filter = self.alice.ok("POST", path("user", self.alice.user_id, "filter"), {})["filter_id"]
        self.alice.set_account_data("org.example.type", {"a": 1})
        self.alice.set_account_data("org.example.type", {"a": 1}, self.room)
        self.alice.ok("PUT", path("profile", self.alice.user_id, "org.example.field"), {"org.example.field": 1})
        backup = {"algorithm": "m.megolm_backup.v1.curve25519-aes-sha2", "auth_data": {"public_key": "abc"}}
        self.backup = self.alice.ok("POST", path("room_keys", "version"), backup)["version"]
        self.alice.ok("PUT", DEHYDRATED, dehydration(self.alice.user_id, "DRY"))
        self.openid = self.alice.ok(
            "POST", path("user", self.alice.user_id, "openid", "request_token"), {})["access_token"]
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
                "lazy_load_members": True, "unread_thread_notifications": True}, "state": {}, "ephemeral": {}, "account_data": {}}}
        v1 = "/_matrix/client/v1"
        in_room = f"{v1}/rooms/{quote(room)}"
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
            Request("getAuthMetadata", "GET", v1 + "/auth_metadata", who=None),
            Request("redirectToSSO", "GET", path("login", "sso", "redirect") + "?redirectUrl=https%3A%2F%2Fapp.example",
                    who=None, status=302),
            Request("redirectToIdP", "GET", path("login", "sso", "redirect", "none"), who=None, status=404),
            Request("generateLoginToken", "POST", v1 + "/login/get_token", {
                "auth": {**password, "identifier": {**identifier, "user": alice}}},
                typed=("auth", "auth.type", "auth.identifier", "auth.identifier.user", "auth.password")),
            Request("changePassword", "POST", path("account", "password"), {
                "new_password": PASSWORD, "logout_devices": False, "auth": password},
                typed=("new_password", "logout_devices", "auth", "auth.type", "auth.identifier", "auth.password"),
                who=None),
            # Refused as far as it can be without ending anybody's account.
            Request("deactivateAccount", "POST", path("account", "deactivate"), {"erase": False}, who=None, status=401),
            Request("requestOpenIdToken", "POST", path("user", alice, "openid", "request_token"), {}),
            Request("exchangeOpenIdToken", "GET", "/_matrix/federation/v1/openid/userinfo?access_token=" + self.openid,
                    who=None),
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
            Request("inviteBy3PID", "POST", path("rooms", room, "invite"), {
                "id_server": "id.example", "id_access_token": "t", "medium": "email", "address": "a@b.example"},
                typed=("id_server", "id_access_token", "medium", "address"), status=403),
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
            Request("getRelatingEvents", "GET", f"{in_room}/relations/{event}", params={
                "dir": "f", "limit": "5", "from": "s1", "to": self.token, "recurse": "true"}),
            Request("getRelatingEventsWithRelType", "GET", f"{in_room}/relations/{event}/m.thread"),
            Request("getRelatingEventsWithRelTypeAndEventType", "GET",
                    f"{in_room}/relations/{event}/m.thread/m.room.message"),
            Request("getThreadRoots", "GET", f"{in_room}/threads", params={
                "include": "participated", "limit": "5", "from": self.token}),
            Request("getEventByTimestamp", "GET", f"{in_room}/timestamp_to_event", params={"ts": "1", "dir": "f"}),
            Request("roomInitialSync", "GET", path("rooms", room, "initialSync")),
            Request("getEvents", "GET", path("events"), params={"from": self.token}),
            Request("peekEvents", "GET", path("events"), params={"room_id": room}),
            Request("getOneEvent", "GET", path("events", event)),
            Request("initialSync", "GET", path("initialSync"), params={"limit": "2", "archived": "true"}),
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
                "room.timeline.unread_thread_notifications",
                "room.state", "room.ephemeral", "room.account_data")),
            Request("getFilter", "GET", path("user", alice, "filter", self.filter)),
            Request("slidingSync", "POST", "/_matrix/client/v4/sync", {
                "conn_id": "c", "timeout": 0, "set_presence": "online", "extensions": {"typing": {"enabled": True}},
                "lists": {"a": {"range": [0, 9], "timeline_limit": 1, "filters": {"is_dm": False},
                                "required_state": {"include": [{"type": "m.room.name"}], "lazy_members": True}}}},
                typed=("conn_id", "timeout", "set_presence", "extensions", "extensions.typing",
                       "extensions.typing.enabled", "lists", "lists.a", "lists.a.range", "lists.a.timeline_limit",
                       "lists.a.filters.is_dm", "lists.a.required_state", "lists.a.required_state.include",
                       "lists.a.required_state.lazy_members")),
            Request("slidingSyncUnstable", "POST", "/_matrix/client/unstable/org.matrix.simplified_msc3575/sync", {
                "conn_id": "c", "txn_id": "t", "lists": {"a": {
                    "ranges": [[0, 9]], "timeline_limit": 1, "filters": {"not_room_types": ["m.space"]},
                    "required_state": [["m.room.member", "$LAZY"]]}},
                "room_subscriptions": {room: {"timeline_limit": 1, "required_state": []}}},
                typed=("conn_id", "txn_id", "lists", "lists.a", "lists.a.ranges", "lists.a.ranges.0",
                       "lists.a.timeline_limit", "lists.a.required_state", "lists.a.required_state.0",
                       "lists.a.filters.not_room_types", "room_subscriptions")),
            Request("sync", "GET", path("sync"), params={
                "since": self.token, "timeout": "0", "full_state": "false", "filter": self.filter,
                "use_state_after": "true", "set_presence": "offline"}),
            *self.encryption_requests(serial),
            Request("getRoomSummary", "GET", f"{v1}/room_summary/{quote(room)}", who=None),
            Request("getSpaceHierarchy", "GET", f"{v1}/rooms/{quote(room)}/hierarchy", params={
                "limit": "5", "max_depth": "2", "suggested_only": "false"}),
            Request("getMutualRooms", "GET", v1 + "/mutual_rooms", params={"user_id": self.bob.user_id, "from": "1"}),
            Request("upgradeRoom", "POST", path("rooms", self.upgradable, "upgrade"), {
                "new_version": "12", "additional_creators": [self.bob.user_id]},
                typed=("new_version", "additional_creators", "additional_creators.0")),
            Request("reportRoom", "POST", path("rooms", room, "report"), {"reason": "why"}, typed=("reason",)),
            Request("reportEvent", "POST", path("rooms", room, "report", event), {"reason": "why"}, typed=("reason",)),
            Request("reportUser", "POST", path("users", self.bob.user_id, "report"), {"reason": "why"},
                    typed=("reason",)),
            Request("getWellknownSupport", "GET", "/.well-known/matrix/support", who=None, status=404),
            Request("getWellknownPolicy", "GET", "/.well-known/matrix/policy_server", who=None, status=404),
            Request("setPresence", "PUT", path("presence", alice, "status"), {
                "presence": "online", "status_msg": "tea"}, typed=("presence", "status_msg")),
            Request("getPresence", "GET", path("presence", self.bob.user_id, "status")),
            Request("getTurnServer", "GET", path("voip", "turnServer")),
            Request("scheduleDelayedEvent", "PUT", f"{MSC4140}/rooms/{quote(room)}/delayed_event/m.room.message/{serial}",
                    {"delay_ms": 86_400_000, "content": message}, typed=("delay_ms", "content")),
            Request("getDelayedEvents", "GET", MSC4140 + "/delayed_events", params={"status": "scheduled"}),
            Request("updateDelayedEvent", "POST", f"{MSC4140}/delayed_events/{self.delayed}", {"action": "restart"},
                    typed=("action",), who=None),
            Request("performOnDelayedEvent", "POST", f"{MSC4140}/delayed_events/{self.delayed}/restart", who=None),
            Request("getRetentionConfiguration", "GET",
                    "/_matrix/client/unstable/org.matrix.msc1763/retention/configuration"),
            # What application services may ask; see test_bridges.py.
            Request("pingAppservice", "POST", f"{v1}/appservice/irc/ping", {"transaction_id": "t"}, status=403),
            Request("updateAppserviceRoomDirectoryVisibility", "PUT",
                    path("directory", "list", "appservice", "irc", room), {"visibility": "public"}, status=403),
            Request("getProtocols", "GET", path("thirdparty", "protocols")),
            Request("getProtocolMetadata", "GET", path("thirdparty", "protocol", "irc"), status=404),
            Request("queryLocationByProtocol", "GET", path("thirdparty", "location", "irc"), status=404),
            Request("queryUserByProtocol", "GET", path("thirdparty", "user", "irc"), status=404),
            Request("queryLocationByAlias", "GET", path("thirdparty", "location"), params={"alias": alias}, status=404),
            Request("queryUserByID", "GET", path("thirdparty", "user"), params={"userid": self.bob.user_id},
                    status=404),
            Request("getAccount3PIDs", "GET", path("account", "3pid")),
            Request("post3PIDs", "POST", path("account", "3pid"), {"three_pid_creds": {}}, status=400),
            Request("add3PID", "POST", path("account", "3pid", "add"), {"client_secret": "s", "sid": "1"}, status=400),
            Request("bind3PID", "POST", path("account", "3pid", "bind"), {"client_secret": "s", "sid": "1"}, status=400),
            *[Request(operation, "POST", path("account", "3pid", name), {"medium": "email", "address": "a@b.example"},
                      typed=("medium", "address"))
              for operation, name in (("delete3pidFromAccount", "delete"), ("unbind3pidFromAccount", "unbind"))],
            *[Request(operation, "POST", path(*segments, medium, "requestToken"), {"client_secret": "s"},
                      typed=("client_secret",), who=None, status=400)
              for operation, segments, medium in (
                  ("requestTokenTo3PIDEmail", ("account", "3pid"), "email"),
                  ("requestTokenTo3PIDMSISDN", ("account", "3pid"), "msisdn"),
                  ("requestTokenToRegisterEmail", ("register",), "email"),
                  ("requestTokenToRegisterMSISDN", ("register",), "msisdn"),
                  ("requestTokenToResetPasswordEmail", ("account", "password"), "email"),
                  ("requestTokenToResetPasswordMSISDN", ("account", "password"), "msisdn"))],
            Request("getRegistrationNonce", "GET", "/_synapse/admin/v1/register", who=None),
            # A valid one needs a nonce of its own; see test_operating.py.
            Request("registerWithSharedSecret", "POST", "/_synapse/admin/v1/register", {
                "nonce": "none", "username": serial, "password": PASSWORD, "admin": False, "mac": "00",
                "displayname": "name"}, typed=("nonce", "username", "password", "admin", "mac", "displayname"),
                who=None, status=400),
            Request("getWhoIs", "GET", path("admin", "whois", alice)),
            Request("getAdminSuspendUser", "GET", f"{v1}/admin/suspend/{self.zoe.user_id}", who="boss"),
            Request("setAdminSuspendUser", "PUT", f"{v1}/admin/suspend/{self.zoe.user_id}", {"suspended": False},
                    typed=("suspended",), who="boss"),
            Request("getAdminLockUser", "GET", f"{v1}/admin/lock/{self.zoe.user_id}", who="boss"),
            Request("setAdminLockUser", "PUT", f"{v1}/admin/lock/{self.zoe.user_id}", {"locked": False},
                    typed=("locked",), who="boss"),
            Request("getPushRules", "GET", path("pushrules", "")),
            Request("getPushRulesGlobal", "GET", path("pushrules", "global", "")),
            Request("getPushRule", "GET", path("pushrules", "global", "override", ".m.rule.master")),
            Request("isPushRuleEnabled", "GET", path("pushrules", "global", "override", ".m.rule.master", "enabled")),
            Request("getPushRuleActions", "GET",
                    path("pushrules", "global", "override", ".m.rule.master", "actions")),
            Request("setPushRule", "PUT", path("pushrules", "global", "content", f"rule-{serial}"),
                    {"actions": ["notify"], "pattern": "cake"}, typed=("actions", "pattern")),
            Request("setPushRuleEnabled", "PUT",
                    path("pushrules", "global", "override", ".m.rule.reaction", "enabled"), {"enabled": True},
                    typed=("enabled",)),
            Request("setPushRuleActions", "PUT",
                    path("pushrules", "global", "override", ".m.rule.reaction", "actions"), {"actions": []},
                    typed=("actions",)),
            Request("deletePushRule", "DELETE", path("pushrules", "global", "content", f"rule-{serial}")),
            Request("getPushers", "GET", path("pushers")),
            Request("postPusher", "POST", path("pushers", "set"), {
                "pushkey": "key", "kind": "http", "app_id": "org.example.app", "app_display_name": "App",
                "device_display_name": "Phone", "profile_tag": "tag", "lang": "en", "append": False,
                "data": {"url": "https://push.invalid/_matrix/push/v1/notify"}},
                typed=("pushkey", "kind", "app_id", "app_display_name", "device_display_name", "profile_tag", "lang",
                       "append", "data", "data.url")),
            Request("getNotifications", "GET", path("notifications"), params={
                "from": "n9", "limit": "5", "only": "highlight"}),
        ]

    def encryption_requests(self, serial):
        alice, device = self.alice.user_id, self.alice.device_id
        key = {"key": "k", "signatures": {}}
        master = "YSBtYXN0ZXIga2V5IG9mIHRoZXNlIDMyIGJ5dGVzLi4"
        backup = {"algorithm": "m.megolm_backup.v1.curve25519-aes-sha2", "auth_data": {"public_key": "abc"}}
        session = {"first_message_index": 1, "forwarded_count": 0, "is_verified": True, "session_data": {"a": "b"}}
        session_typed = ("first_message_index", "forwarded_count", "is_verified", "session_data")
        version = {"version": self.backup}
        room_keys = ("room_keys", "keys", self.room)
        return [
            Request("uploadKeys", "POST", path("keys", "upload"), {
                "device_keys": device_keys(alice, device), "one_time_keys": {f"signed_curve25519:{serial}": key},
                "fallback_keys": {"signed_curve25519:F": key}},
                typed=("device_keys", "device_keys.user_id", "device_keys.device_id", "device_keys.algorithms",
                       "device_keys.algorithms.0", "device_keys.keys", "device_keys.signatures", "one_time_keys",
                       "fallback_keys")),
            Request("queryKeys", "POST", path("keys", "query"), {"timeout": 10, "device_keys": {alice: [device]}},
                    typed=("timeout", "device_keys")),
            Request("claimKeys", "POST", path("keys", "claim"), {
                "timeout": 10, "one_time_keys": {alice: {device: "signed_curve25519"}}},
                typed=("timeout", "one_time_keys")),
            Request("getKeysChanges", "GET", path("keys", "changes"), params={"from": self.token, "to": self.token}),
            Request("uploadCrossSigningKeys", "POST", path("keys", "device_signing", "upload"), {
                "master_key": {"user_id": alice, "usage": ["master"], "keys": {f"ed25519:{master}": master}}},
                typed=("master_key", "master_key.user_id", "master_key.usage", "master_key.usage.0",
                       "master_key.keys")),
            Request("uploadCrossSigningSignatures", "POST", path("keys", "signatures", "upload"), {
                alice: {device: device_keys(alice, device)}}),
            Request("sendToDevice", "PUT", path("sendToDevice", "m.test", serial), {
                "messages": {alice: {device: {"a": 1}}}}, typed=("messages",)),
            Request("postRoomKeysVersion", "POST", path("room_keys", "version"), backup,
                    typed=("algorithm", "auth_data"), who="bob"),
            Request("getRoomKeysVersionCurrent", "GET", path("room_keys", "version")),
            Request("getRoomKeysVersion", "GET", path("room_keys", "version", self.backup)),
            Request("putRoomKeysVersion", "PUT", path("room_keys", "version", self.backup), {
                **backup, "version": self.backup}, typed=("algorithm", "auth_data", "version")),
            Request("deleteRoomKeysVersion", "DELETE", path("room_keys", "version", "1"), who="bob"),
            Request("putRoomKeyBySessionId", "PUT", path(*room_keys, "session"), session, typed=session_typed,
                    params=version),
            Request("getRoomKeyBySessionId", "GET", path(*room_keys, "session"), params=version),
            Request("putRoomKeysByRoomId", "PUT", path(*room_keys), {"sessions": {"other": session}},
                    typed=("sessions", *(f"sessions.other.{name}" for name in session_typed)), params=version),
            Request("getRoomKeysByRoomId", "GET", path(*room_keys), params=version),
            Request("putRoomKeys", "PUT", path("room_keys", "keys"), {
                "rooms": {self.room: {"sessions": {"other": session}}}}, typed=("rooms",), params=version),
            Request("getRoomKeys", "GET", path("room_keys", "keys"), params=version),
            Request("deleteRoomKeyBySessionId", "DELETE", path(*room_keys, "session"), params=version),
            Request("deleteRoomKeysByRoomId", "DELETE", path(*room_keys), params=version),
            Request("deleteRoomKeys", "DELETE", path("room_keys", "keys"), params={"version": "1"}, who="bob",
                    status=404),
            Request("putDehydratedDevice", "PUT", DEHYDRATED, dehydration(alice, "DRY"),
                    typed=("device_id", "device_data", "device_data.algorithm", "initial_device_display_name",
                           "device_keys")),
            Request("getDehydratedDevice", "GET", DEHYDRATED),
            Request("postDehydratedDeviceEvents", "POST", DEHYDRATED + "/DRY/events", {"next_batch": "s1"},
                    typed=("next_batch",), params={"limit": "5"}),
            Request("getDehydratedDeviceEvents", "GET", DEHYDRATED + "/DRY/events",
                    params={"limit": "5", "next_batch": "s1"}),
            Request("deleteDehydratedDevice", "DELETE", DEHYDRATED, who="bob", status=404),
        ]
