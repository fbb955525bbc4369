"""OAuth 2.0 as clients and browsers use it: https://spec.matrix.org/v1.19/client-server-api/#oauth-20-api"""

import base64
import hashlib
import html
import re
import secrets
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from support.client import Client, PASSWORD, path, unique
from support.signing import cross_signing_keys

METADATA = {
    "client_name": "Boat", "client_uri": "https://example.org/", "application_type": "native",
    "redirect_uris": ["org.example.boat:/callback", "http://127.0.0.1/callback"],
    "response_types": ["code"], "token_endpoint_auth_method": "none",
    "grant_types": ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
}
PREFIXES = ["urn:matrix:client:", "urn:matrix:org.matrix.msc2967.client:"]


class Browser:
    """A browser without scripts: it follows redirects within the server and sends forms with all their fields."""

    def __init__(self):
        self.http = requests.Session()
        self.page = None

    def open(self, url):
        return self._follow(self.http.get(url, allow_redirects=False, timeout=10))

    def send(self, number=0, **fields):
        """Sends a form of the page; answers where the browser is sent to when that is elsewhere."""
        form = re.findall(r'<form method="post" action="([^"]*)">(.*?)</form>', self.page.text, re.S)[number]
        values = {name: html.unescape(value) for name, value in re.findall(
            r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form[1])}
        url = requests.compat.urljoin(self.page.url, html.unescape(form[0]))
        return self._follow(self.http.post(url, data=values | fields, allow_redirects=False, timeout=10))

    def _follow(self, answer):
        for _ in range(8):
            if answer.status_code not in (302, 303):
                self.page = answer
                return None
            target = answer.headers["Location"]
            if not target.startswith("/"):
                return target
            answer = self.http.get(requests.compat.urljoin(answer.url, target), allow_redirects=False, timeout=10)
        raise AssertionError("the browser is sent in circles")

    def sign_in(self, name, password=PASSWORD):
        return self.send(username=name, password=password)


class App:
    """A client of the authorisation code grant."""

    def __init__(self, server, prefix=PREFIXES[0], metadata=METADATA):
        self.server = server
        self.metadata = requests.get(server.url + "/_matrix/client/v1/auth_metadata", timeout=10).json()
        registered = requests.post(self.metadata["registration_endpoint"], json=metadata, timeout=10)
        assert registered.status_code == 201, registered.text
        self.client_id = registered.json()["client_id"]
        self.device_id = secrets.token_hex(5)
        self.scope = f"{prefix}api:* {prefix}device:{self.device_id}"
        self.verifier = secrets.token_urlsafe(48)
        self.state = secrets.token_urlsafe(8)

    def authorization_url(self, redirect_uri="org.example.boat:/callback", **changes):
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        self.redirect_uri = redirect_uri
        parameters = {
            "response_type": "code", "client_id": self.client_id, "redirect_uri": redirect_uri, "scope": self.scope,
            "state": self.state, "response_mode": "query", "code_challenge": challenge,
            "code_challenge_method": "S256", **changes}
        parameters = {name: value for name, value in parameters.items() if value is not None}
        return requests.Request("GET", self.metadata["authorization_endpoint"], params=parameters).prepare().url

    def token(self, **parameters):
        return requests.post(
            self.metadata["token_endpoint"], data={"client_id": self.client_id, **parameters}, timeout=10)

    def exchange(self, code, **changes):
        return self.token(**{"grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri,
                             "code_verifier": self.verifier, **changes})

    def refresh(self, token):
        return self.token(grant_type="refresh_token", refresh_token=token)

    def whoami(self, token):
        return requests.get(self.server.url + path("account", "whoami"),
                            headers={"Authorization": f"Bearer {token}"}, timeout=10)

    def let_in(self, browser, name, **changes):
        """The whole way of a user who signs in and agrees; answers the parameters of the callback."""
        assert browser.open(self.authorization_url(**changes)) is None
        if 'name="password"' in browser.page.text:
            assert browser.sign_in(name) is None
        return self.answer(browser.send(decision="accept"))

    @staticmethod
    def answer(url, part="query"):
        return {name: values[0] for name, values in parse_qs(getattr(urlsplit(url), part)).items()}


def refused(answer, code, status=400):
    assert (answer.status_code, answer.json()["error"]) == (status, code), answer.text


@pytest.fixture
def alice(server):
    return Client.register(server, unique("alice"))


def test_the_metadata_say_all_that_clients_need(server):
    for target in ["/_matrix/client/v1/auth_metadata", "/_matrix/client/unstable/org.matrix.msc2965/auth_metadata"]:
        metadata = requests.get(server.url + target, timeout=10).json()
        for name in ["issuer", "authorization_endpoint", "token_endpoint", "revocation_endpoint",
                     "registration_endpoint", "device_authorization_endpoint", "account_management_uri"]:
            assert metadata[name].startswith(server.url), name
        assert metadata["response_types_supported"] == ["code"]
        assert set(metadata["response_modes_supported"]) == {"query", "fragment"}
        assert metadata["code_challenge_methods_supported"] == ["S256"]
        assert metadata["prompt_values_supported"] == ["create"]
        actions = metadata["account_management_actions_supported"]
        assert {"org.matrix.device_delete", "org.matrix.cross_signing_reset"} <= set(actions)


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("mode", ["query", "fragment"])
def test_a_client_is_let_in(server, alice, prefix, mode):
    app, browser = App(server, prefix), Browser()
    assert browser.open(app.authorization_url(response_mode=mode)) is None
    assert 'name="password"' in browser.page.text
    assert browser.sign_in(alice.localpart) is None
    for text in ["Boat", "example.org", app.device_id, alice.user_id]:
        assert text in browser.page.text
    callback = browser.send(decision="accept")
    assert callback.startswith("org.example.boat:/callback")
    answer = app.answer(callback, mode)
    assert answer["state"] == app.state and answer["iss"] == app.metadata["issuer"]
    tokens = app.exchange(answer["code"])
    assert tokens.status_code == 200, tokens.text
    assert tokens.headers["Cache-Control"] == "no-store"
    body = tokens.json()
    assert body["token_type"] == "Bearer" and body["expires_in"] > 0 and body["scope"] == app.scope
    assert app.whoami(body["access_token"]).json() == {
        "user_id": alice.user_id, "device_id": app.device_id, "is_guest": False}
    devices = {device["device_id"]: device for device in alice.ok("GET", path("devices"))["devices"]}
    assert devices[app.device_id]["display_name"] == "Boat"


def test_a_loopback_redirect_may_have_any_port(server, alice):
    app = App(server)
    answer = app.let_in(Browser(), alice.localpart, redirect_uri="http://127.0.0.1:50123/callback")
    assert app.exchange(answer["code"]).status_code == 200


def test_a_code_is_for_its_client_and_for_once(server, alice):
    browser = Browser()
    app = App(server)
    for changes in [{"code_verifier": "x" * 43}, {"redirect_uri": "http://127.0.0.1/callback"}]:
        code = app.let_in(browser, alice.localpart)["code"]
        refused(app.exchange(code, **changes), "invalid_grant")
        # It was tried, and is worth nothing any more.
        refused(app.exchange(code), "invalid_grant")
    other = App(server, metadata={**METADATA, "client_name": "Raft"})
    code = app.let_in(browser, alice.localpart)["code"]
    refused(app.exchange(code, client_id=other.client_id), "invalid_grant")
    code = app.let_in(browser, alice.localpart)["code"]
    token = app.exchange(code).json()["access_token"]
    assert app.whoami(token).status_code == 200
    # Whoever shows it again has stolen it, or the first one had.
    refused(app.exchange(code), "invalid_grant")
    assert app.whoami(token).status_code == 401


def test_rotating_refresh_tokens(server, alice):
    """(7) The old ones work until the new ones have been used; one that is used after that ends the session."""
    app = App(server)
    first = app.exchange(app.let_in(Browser(), alice.localpart)["code"]).json()
    lost = app.refresh(first["refresh_token"])
    assert lost.status_code == 200, lost.text
    second = app.refresh(first["refresh_token"]).json()
    assert app.whoami(first["access_token"]).status_code == 200
    assert app.whoami(second["access_token"]).status_code == 200
    assert app.whoami(first["access_token"]).status_code == 401
    # The legacy API refreshes no tokens of this one.
    legacy = requests.post(server.url + path("refresh"), json={"refresh_token": second["refresh_token"]}, timeout=10)
    assert legacy.status_code == 401
    third = app.refresh(second["refresh_token"]).json()
    assert app.whoami(third["access_token"]).status_code == 200
    refused(app.refresh(first["refresh_token"]), "invalid_grant")
    assert app.whoami(third["access_token"]).status_code == 401
    refused(app.refresh(third["refresh_token"]), "invalid_grant")


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_revoking_either_token_signs_out(server, alice, kind):
    app = App(server)
    tokens = app.exchange(app.let_in(Browser(), alice.localpart)["code"]).json()
    for _ in range(2):
        done = requests.post(app.metadata["revocation_endpoint"], data={"token": tokens[kind]}, timeout=10)
        assert done.status_code == 200
    assert app.whoami(tokens["access_token"]).status_code == 401
    refused(app.refresh(tokens["refresh_token"]), "invalid_grant")
    assert app.device_id not in [device["device_id"] for device in alice.ok("GET", path("devices"))["devices"]]
    assert requests.post(app.metadata["revocation_endpoint"], data={}, timeout=10).status_code == 400


def test_a_user_may_refuse(server, alice):
    app, browser = App(server), Browser()
    browser.open(app.authorization_url())
    browser.sign_in(alice.localpart)
    answer = app.answer(browser.send(decision="refuse"))
    assert (answer["error"], answer["state"]) == ("access_denied", app.state)


def test_signing_up_on_the_way(server):
    app, browser = App(server), Browser()
    name = unique("newcomer")
    assert browser.open(app.authorization_url(prompt="create")) is None
    assert "/account/sign-up" in browser.page.url
    browser.send(username="Not Allowed", password=PASSWORD)
    assert 'aria-describedby="username-error username-help"' in browser.page.text \
        or 'aria-describedby="username-help username-error"' in browser.page.text
    browser.send(username=name, password="short")
    assert 'id="password-error"' in browser.page.text
    assert browser.send(username=name, password=PASSWORD) is None
    answer = app.answer(browser.send(decision="accept"))
    token = app.exchange(answer["code"]).json()["access_token"]
    assert app.whoami(token).json()["user_id"] == f"@{name}:localhost"


@pytest.mark.parametrize("changes, error", [
    ({"response_type": "token"}, "unsupported_response_type"), ({"code_challenge": None}, "invalid_request"),
    ({"code_challenge_method": "plain"}, "invalid_request"), ({"scope": "openid"}, "invalid_scope"),
    ({"prompt": "none"}, "consent_required"), ({"response_mode": "form_post"}, "invalid_request")])
def test_what_is_wrong_is_said_to_the_client(server, changes, error):
    app = App(server)
    answer = app.answer(Browser().open(app.authorization_url(**changes)))
    assert answer["error"] == error and answer["state"] == app.state


@pytest.mark.parametrize("changes", [
    {"client_id": "nobody"}, {"redirect_uri": "https://evil.example/"}, {"redirect_uri": "org.example.boat:/other"},
    {"redirect_uri": None}])
def test_the_browser_is_sent_to_no_stranger(server, changes):
    browser = Browser()
    assert browser.open(App(server).authorization_url(**changes)) is None
    assert browser.page.status_code == 400


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "/_matrix/client"])
def test_signing_in_leads_to_our_pages_only(server, alice, target):
    browser = Browser()
    browser.open(f"{server.url}/account/sign-in?continue={requests.compat.quote(target, safe='')}")
    assert browser.sign_in(alice.localpart) is None
    assert browser.page.url == server.url + "/account"


def test_a_form_of_another_site_does_nothing(server, alice):
    app, browser = App(server), Browser()
    browser.open(app.authorization_url())
    browser.sign_in(alice.localpart)
    for fields in [{"decision": "accept"}, {"decision": "accept", "form_token": "x" * 43}]:
        answer = browser.http.post(browser.page.url, data=fields, allow_redirects=False, timeout=10)
        assert answer.status_code == 403
    policy = browser.page.headers["Content-Security-Policy"]
    assert "script-src 'none'" in policy and "frame-ancestors 'none'" in policy and "org.example.boat:" in policy
    cookies = requests.get(server.url + "/account/sign-in", timeout=10).headers["Set-Cookie"]
    assert "HttpOnly" in cookies and "SameSite=Lax" in cookies


def test_a_wrong_password_is_told_in_the_page(server, alice):
    browser = Browser()
    browser.open(server.url + "/account/sign-in?ui_locales=ko")
    browser.sign_in(alice.localpart, "wrong password")
    assert browser.page.status_code == 403 and 'role="alert"' in browser.page.text
    assert '<html lang="ko">' in browser.page.text and "비밀번호" in browser.page.text


def test_a_device_is_linked_from_elsewhere(server, alice):
    app, browser = App(server), Browser()
    grant = "urn:ietf:params:oauth:grant-type:device_code"
    started = requests.post(app.metadata["device_authorization_endpoint"],
                            data={"client_id": app.client_id, "scope": app.scope}, timeout=10).json()
    assert started["interval"] == 5 and started["expires_in"] > 60
    refused(app.token(grant_type=grant, device_code=started["device_code"]), "authorization_pending")
    refused(app.token(grant_type=grant, device_code=started["device_code"]), "slow_down")
    refused(app.token(grant_type=grant, device_code=started["user_code"] + ".guess"), "expired_token")
    browser.open(started["verification_uri"])
    browser.sign_in(alice.localpart)
    browser.send(user_code="XXXX-XXXX")
    assert browser.page.status_code == 404 and 'aria-invalid="true"' in browser.page.text
    browser.send(user_code=started["user_code"].replace("-", "").lower())
    assert started["user_code"] in browser.page.text and "Boat" in browser.page.text
    browser.send(decision="accept")
    tokens = app.token(grant_type=grant, device_code=started["device_code"])
    assert tokens.status_code == 200, tokens.text
    assert app.whoami(tokens.json()["access_token"]).json()["device_id"] == app.device_id
    refused(app.token(grant_type=grant, device_code=started["device_code"]), "expired_token")
    assert app.refresh(tokens.json()["refresh_token"]).status_code == 200


def test_a_device_is_refused(server, alice):
    app, browser = App(server), Browser()
    started = requests.post(app.metadata["device_authorization_endpoint"],
                            data={"client_id": app.client_id, "scope": app.scope}, timeout=10).json()
    browser.open(started["verification_uri_complete"])
    browser.sign_in(alice.localpart)
    browser.send(decision="refuse")
    refused(app.token(grant_type="urn:ietf:params:oauth:grant-type:device_code",
                      device_code=started["device_code"]), "access_denied")


@pytest.mark.parametrize("action", ["org.matrix.device_delete", "org.matrix.session_end"])
def test_a_device_is_signed_out_on_the_page(server, alice, action):
    browser = Browser()
    other = alice.another_device()
    browser.open(f"{server.url}/account?action={action}&device_id={other.device_id}")
    browser.sign_in(alice.localpart)
    assert other.device_id in browser.page.text
    browser.send()
    other.fails(401, "M_UNKNOWN_TOKEN", "GET", path("account", "whoami"))
    alice.ok("GET", path("account", "whoami"))


def test_the_name_and_the_password_are_changed_on_the_page(server, alice):
    browser = Browser()
    browser.open(server.url + "/account")
    browser.sign_in(alice.localpart)
    browser.send(display_name="<b>Alice</b> & co")
    assert "&lt;b&gt;Alice&lt;/b&gt; &amp; co" in browser.page.text and "<b>Alice" not in browser.page.text
    name = alice.ok("GET", path("profile", alice.user_id, "displayname"))["displayname"]
    assert name == "<b>Alice</b> & co"
    browser.open(server.url + "/account?action=org.naru.password_change")
    browser.send(password="wrong", new_password="another password")
    assert browser.page.status_code == 403
    browser.send(password=PASSWORD, new_password="another password", sign_out="yes")
    assert browser.page.status_code == 200
    alice.fails(401, "M_UNKNOWN_TOKEN", "GET", path("account", "whoami"))
    Client.login(server, alice.user_id, "another password")


def test_an_account_ends_on_the_page(server, alice):
    """(129)"""
    browser = Browser()
    browser.open(server.url + "/account?action=org.matrix.account_deactivate")
    browser.sign_in(alice.localpart)
    browser.send(password=PASSWORD)
    alice.fails(401, "M_UNKNOWN_TOKEN", "GET", path("account", "whoami"))
    browser.open(server.url + "/account")
    assert 'name="password"' in browser.page.text


def test_single_sign_on_of_the_legacy_api(server, alice):
    browser = Browser()
    start = server.url + path("login", "sso", "redirect")
    assert browser.open(start + "?redirectUrl=https%3A%2F%2Fapp.example%2F%3Fa%3D1%23%2Froom") is None
    browser.sign_in(alice.localpart)
    assert "https://app.example" in browser.page.text
    target = browser.send()
    assert target.startswith("https://app.example/?a=1&loginToken=") and target.endswith("#/room")
    token = App.answer(target)["loginToken"]
    body = {"type": "m.login.token", "token": token}
    assert requests.post(server.url + path("login"), json=body, timeout=10).json()["user_id"] == alice.user_id
    assert requests.post(server.url + path("login"), json=body, timeout=10).status_code == 403
    for wrong in ["", "?redirectUrl=javascript%3Aalert(1)", "?redirectUrl=data%3Atext%2Fhtml%2Cx"]:
        assert requests.get(start + wrong, allow_redirects=False, timeout=10).status_code == 400
    assert requests.get(start + "/github?redirectUrl=https%3A%2F%2Fa.example", timeout=10).status_code == 404


def test_stages_have_a_page_of_ours(server, alice):
    asked = alice.request("POST", path("delete_devices"), {"devices": ["NONE"]}).json()
    browser = Browser()
    url = f"{server.url}/_matrix/client/v3/auth/m.login.password/fallback/web?session={asked['session']}"
    browser.open(url)
    browser.send(password="wrong password")
    assert browser.page.status_code == 403
    pending = alice.request("POST", path("delete_devices"), {"auth": {"session": asked["session"]}})
    assert pending.status_code == 401
    browser.send(password=PASSWORD)
    assert "onAuthDone" in browser.page.text
    alice.ok("POST", path("delete_devices"), {"auth": {"session": asked["session"]}})
    assert requests.get(url, timeout=10).status_code == 404


def test_signing_in_has_a_page_of_ours(server, alice):
    browser = Browser()
    browser.open(server.url + "/_matrix/static/client/login/?device_id=FALLBACK")
    browser.sign_in(alice.localpart)
    found = re.search(r"onLogin\((\{.*\})\)", browser.page.text)
    assert '"device_id":"FALLBACK"' in found[1] and alice.user_id in found[1]


def test_cross_signing_keys_are_replaced_when_the_page_allows_it(server, alice):  # rule 14
    app, browser = App(server), Browser()
    tokens = app.exchange(app.let_in(browser, alice.localpart)["code"]).json()
    client = Client(server, tokens["access_token"])
    client.user_id = alice.user_id
    target = path("keys", "device_signing", "upload")
    _, first = cross_signing_keys(client)
    client.ok("POST", target, first)
    _, second = cross_signing_keys(client)
    asked = client.request("POST", target, second)
    assert asked.status_code == 401
    assert asked.json()["flows"] == [{"stages": ["m.oauth"]}]
    url = asked.json()["params"]["m.oauth"]["url"]
    auth = {"session": asked.json()["session"]}
    assert client.request("POST", target, {**second, "auth": auth}).status_code == 401
    assert browser.open(url) is None
    assert browser.send(password=PASSWORD) is None
    client.ok("POST", target, {**second, "auth": auth})
    # It was allowed for once.
    _, third = cross_signing_keys(client)
    assert client.request("POST", target, third).status_code == 401
