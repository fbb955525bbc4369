"""What operators touch: listeners, configuration, backups, room deletion, shared-secret registration, metrics."""

import hashlib
import hmac
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time

import pytest
import requests

from support.client import PASSWORD, Client, checked_error, path
from support.server import Server, binary, environment, free_port, run

SECRET = "a secret of the operator"


def make_certificate(folder, name="naru"):
    """A self-made certificate for localhost: the files of the certificate and of its key."""
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", f"/CN={name}", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", str(key),
         "-out", str(certificate)], check=True, capture_output=True)
    return certificate, key


def admin(server, *words):
    """`naru admin` with its answer as JSON."""
    done = run("admin", *words, "--json", "--data", str(server.data), timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


class OwnPlaces(Server):
    """A server that is told where to listen by other options than --port."""

    def __init__(self, data, *arguments, url, port, **options):
        super().__init__(data, *arguments, port=port, **options)
        self.own_url = url

    @property
    def url(self):
        return self.own_url


# Listeners


def certificate_name(port):
    """The name in the certificate that the server shows."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2", "http/1.1"])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as plain:
        with context.wrap_socket(plain, server_hostname="localhost") as tls:
            assert tls.selected_alpn_protocol() == "http/1.1"
            shown = ssl.DER_cert_to_PEM_cert(tls.getpeercert(binary_form=True))
    done = subprocess.run(["openssl", "x509", "-noout", "-subject"], input=shown, capture_output=True, text=True)
    return re.search(r"CN ?= ?(\w+)", done.stdout)[1]


def start_listening(tmp_path, server):
    """Starts a server whose first listener is not that of --port."""
    with open(server.log, "ab") as log:
        server.process = subprocess.Popen(
            [binary(), "serve", "--data", str(server.data), *server.arguments], stdout=log, stderr=log,
            stdin=subprocess.DEVNULL, env=environment(**server.variables))
    deadline = time.monotonic() + 15
    while True:
        assert server.is_alive, server.log_tail()
        try:
            requests.get(server.url + "/_matrix/client/versions", timeout=2).raise_for_status()
            return server
        except requests.ConnectionError:
            assert time.monotonic() < deadline, server.log_tail()
            time.sleep(0.02)


@pytest.fixture
def two_doors(tmp_path):
    """A server with a plain listener and one with TLS, configured by a file."""
    make_certificate(tmp_path, "first")
    shutil.copy(tmp_path / "first.pem", tmp_path / "chain.pem")
    shutil.copy(tmp_path / "first.key", tmp_path / "key.pem")
    plain, secure = free_port(), free_port()
    file = tmp_path / "naru.yaml"
    file.write_text(f"""
listen:
  - 127.0.0.1:{plain}
  - {{address: 127.0.0.1, port: {secure}, tls: on, certificate: {tmp_path}/chain.pem, key: {tmp_path}/key.pem}}
""")
    server = OwnPlaces(tmp_path / "data", "--config", str(file), url=f"http://127.0.0.1:{plain}", port=plain)
    server.secure = secure
    start_listening(tmp_path, server)
    with server_running(server):
        yield server


class server_running:
    def __init__(self, server):
        self.server = server

    def __enter__(self):
        return self.server

    def __exit__(self, kind, error, trace):
        Server.__exit__(self.server, kind, error, trace)


def test_one_server_listens_plainly_and_with_tls(two_doors, tmp_path):
    alice = Client.register(two_doors, "alice")
    url = f"https://localhost:{two_doors.secure}"
    verify = str(tmp_path / "chain.pem")
    headers = {"Authorization": f"Bearer {alice.token}"}
    answer = requests.get(url + path("account", "whoami"), headers=headers, verify=verify, timeout=10)
    assert answer.json()["user_id"] == alice.user_id
    # Whoever comes with TLS is told to come back with it.
    known = requests.get(url + "/.well-known/matrix/client", verify=verify, timeout=10).json()
    assert known["m.homeserver"]["base_url"].startswith("https://localhost:")
    # Large bodies and several requests on one connection go through TLS as well.
    with requests.Session() as session:
        for size in (1, 60_000):
            done = session.put(
                url + path("user", alice.user_id, "account_data", "org.example.size"), headers=headers,
                json={"text": "x" * size}, verify=verify, timeout=10)
            assert done.status_code == 200
    # Plain HTTP at the door with TLS gets nowhere, and hurts nobody.
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://127.0.0.1:{two_doors.secure}/_matrix/client/versions", timeout=10)
    assert alice.ok("GET", path("account", "whoami"))["user_id"] == alice.user_id


def test_a_new_certificate_is_taken_at_sighup(two_doors, tmp_path):
    assert certificate_name(two_doors.secure) == "first"
    # A broken file changes nothing.
    (tmp_path / "chain.pem").write_text("no certificate")
    os.kill(two_doors.pid, signal.SIGHUP)
    deadline = time.monotonic() + 10
    while "the present one stays" not in two_doors.log_tail():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert certificate_name(two_doors.secure) == "first"
    certificate, key = make_certificate(tmp_path, "second")
    shutil.copy(key, tmp_path / "key.pem")
    shutil.copy(certificate, tmp_path / "chain.pem")
    os.kill(two_doors.pid, signal.SIGHUP)
    while certificate_name(two_doors.secure) != "second":
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_place_that_is_taken_is_named(own_server, tmp_path):
    done = run("serve", "--listen", f"127.0.0.1:{own_server.port}", "--data", str(tmp_path / "other"), timeout=10)
    assert done.returncode != 0
    assert str(own_server.port) in done.stderr


# Configuration


def check(*arguments, **variables):
    return subprocess.run([binary(), "serve", "--check", *arguments], capture_output=True, text=True, timeout=20,
                          env=environment(**variables))


def test_check_says_what_is_wrong_and_where(tmp_path):
    file = tmp_path / "naru.yaml"
    file.write_text("# the server\nserver-name: not a name\nlisten: [127.0.0.1, '::1:80']\nregistration-tokn: x\n")
    done = check("--config", str(file), "--port", "many", NARU_LOG_LEVEL="loud", NARU_DATA=str(tmp_path / "data"))
    assert done.returncode == 78
    assert f"{file}, line 2" in done.stderr
    assert f"{file}, line 3" in done.stderr
    assert "do you mean 'registration-token'" in done.stderr
    assert "port: 'many'" in done.stderr and "on the command line" in done.stderr
    assert "NARU_LOG_LEVEL" in done.stderr
    assert not (tmp_path / "data").exists()


def test_check_looks_at_the_certificates_and_the_data(tmp_path, own_server):
    first, _ = make_certificate(tmp_path, "first")
    _, second = make_certificate(tmp_path, "second")
    place = f"127.0.0.1:0;tls;certificate={first};key={second}"
    done = check("--listen", place, "--data", str(tmp_path / "new"))
    assert done.returncode == 78 and "do not belong together" in done.stderr
    done = check("--listen", f"127.0.0.1:0;tls;certificate={tmp_path}/none;key={second}")
    assert done.returncode == 78 and "cannot be read" in done.stderr
    done = check("--data", str(own_server.data), "--server-name", "other.example")
    assert done.returncode == 78 and "never changes" in done.stderr


def test_check_shows_no_secret(tmp_path):
    done = check("--registration-token", "hush-hush", "--registration-shared-secret", SECRET, "--listen", "0.0.0.0:80",
                 "--data", str(tmp_path / "data"))
    assert done.returncode == 0, done.stderr
    assert "http://0.0.0.0:80" in done.stdout
    assert "hush" not in done.stdout + done.stderr and SECRET not in done.stdout + done.stderr


# Backups


def test_a_backup_of_a_running_server_is_restored_with_its_history_and_its_tokens(tmp_path):
    server = Server(tmp_path / "data").start()
    with server_running(server):
        alice, bob = Client.register(server, "alice"), Client.register(server, "bob")
        room = alice.room_with(bob)
        for number in range(30):
            alice.send(room, f"before {number}")
        before = bob.sync()["next_batch"]
        stop = threading.Event()
        sent = []

        def talk():
            while not stop.is_set():
                sent.append(alice.send(room, f"meanwhile {len(sent)}"))

        talker = threading.Thread(target=talk)
        talker.start()
        try:
            while len(sent) < 5:
                time.sleep(0.01)
            done = run("backup", str(tmp_path / "backup"), "--data", str(server.data))
            assert done.returncode == 0, done.stderr
            at_backup = len(sent)
        finally:
            stop.set()
            talker.join()
        assert len(sent) > 5
        late = bob.sync()["next_batch"]
        assert oct((tmp_path / "backup").stat().st_mode & 0o777) == "0o700"
        again = run("backup", str(tmp_path / "backup"), "--data", str(server.data))
        assert again.returncode != 0 and "nothing is overwritten" in again.stderr

        done = run("restore", str(tmp_path / "backup"), "--data", str(server.data))
        assert done.returncode != 0, "a server's data was overwritten"
    done = run("restore", str(tmp_path / "backup"), "--data", str(tmp_path / "restored"))
    assert done.returncode == 0, done.stderr
    with Server(tmp_path / "restored") as restored:
        alice.server = bob.server = restored
        kept = [event["event_id"] for event in bob.all_messages(room, limit=1000)]
        assert not [event_id for event_id in sent[:5] if event_id not in kept]
        # Of what was sent during the backup it has a beginning without a gap.
        present = [event_id in kept for event_id in sent]
        assert present == sorted(present, reverse=True)
        assert sum(present) <= at_backup + 1
        # Tokens from before the backup and from after it work on, and miss nothing.
        event = alice.send(room, "after the restoration")
        for token in (before, late):
            answer = bob.sync(since=token)
            assert event in [event["event_id"] for event in answer["rooms"]["join"][room]["timeline"]["events"]]
    assert "0 faults" in restored.verify()


def test_a_damaged_backup_is_not_restored(tmp_path):
    with Server(tmp_path / "data") as server:
        Client.register(server, "alice")
    assert run("backup", str(tmp_path / "backup"), "--data", str(server.data)).returncode == 0
    key = tmp_path / "backup" / "signing.key"
    text = key.read_text()
    key.write_text(text[:-2] + ("A" if text[-2] != "A" else "Q") + "\n")
    assert key.read_text() != text
    done = run("restore", str(tmp_path / "backup"), "--data", str(tmp_path / "restored"))
    assert done.returncode != 0 and "checksum" in done.stderr
    assert not (tmp_path / "restored").exists()


# Commands


def test_commands_work_with_and_without_a_running_server(tmp_path):
    server = Server(tmp_path / "data").start()
    with server_running(server):
        made = admin(server, "users", "create", "ann", "--admin")
        ann = Client.login(server, made["user_id"], made["password"])
        assert ann.ok("GET", path("capabilities"))["capabilities"]["m.account_moderation"] == {
            "lock": True, "suspend": True}
        assert admin(server, "users", "lock", "ann")["locked"]
        assert ann.request("GET", path("account", "whoami")).status_code == 401
        assert not admin(server, "users", "unlock", "@ann:localhost")["locked"]
        assert ann.ok("GET", path("account", "whoami"))["user_id"] == made["user_id"]
        socket_path = tmp_path / "data" / "admin.socket"
        assert oct(socket_path.stat().st_mode & 0o777) == "0o600"
        failed = run("admin", "users", "show", "nobody", "--data", str(server.data))
        assert failed.returncode != 0 and "no user" in failed.stderr
    # Nobody is running now: the same commands work on the data.
    assert admin(server, "users", "suspend", "ann")["suspended"]
    token = admin(server, "tokens", "create", "--uses", "1")["token"]
    with Server(tmp_path / "data", "--registration-token", "another") as again:
        ann.server = again
        checked_error(ann.request("POST", path("createRoom"), {}), 403, "M_USER_SUSPENDED")
        assert [entry["token"] for entry in admin(again, "tokens", "list")["tokens"]] == [token]
        shown = admin(again, "users", "show", "ann")
        assert shown["admin"] and shown["suspended"] and len(shown["devices"]) == 1
    assert run("admin", "users", "list", "--data", str(tmp_path / "nowhere")).returncode != 0


def test_a_room_is_deleted_although_the_server_is_killed_meanwhile(tmp_path):
    server = Server(tmp_path / "data").start()
    with server_running(server):
        alice, bob = Client.register(server, "alice"), Client.register(server, "bob")
        room = alice.room_with(bob, preset="public_chat", room_alias_name="doomed")
        other = alice.room_with(bob)
        kept = alice.send(other, "kept")
        for number in range(400):
            alice.send(room, f"secret number {number}")
        token = bob.sync()["next_batch"]

        # The command is held up by nobody; the server is killed as soon as it has begun.
        deletion = subprocess.Popen(
            [binary(), "admin", "rooms", "delete", room, "--data", str(server.data)], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=environment())
        deadline = time.monotonic() + 20
        while bob.request("POST", path("join", room), {}).status_code == 200:
            assert time.monotonic() < deadline
        server.kill()
        deletion.communicate(timeout=60)
        server.start()
        alice.http = requests.Session()
        bob.http = requests.Session()
        checked_error(bob.request("POST", path("join", room), {}), 403, "M_FORBIDDEN")
        done = admin(server, "rooms", "delete", room)
        assert done["stage"] == "done" and done["removed_users"] == 2
        assert done["purged_rows"] > 400
        left = bob.sync(since=token)["rooms"]["leave"][room]
        assert left["timeline"]["events"][-1]["content"] == {"membership": "leave"}
        assert bob.joined_rooms() == [other]
        assert kept in [event["event_id"] for event in bob.all_messages(other, limit=100)]
        assert alice.request("GET", path("directory", "room", "#doomed:localhost")).status_code == 404
        assert admin(server, "rooms", "show", room)["deleted"]
    server.verify()
    database = b"".join(file.read_bytes() for file in (tmp_path / "data").glob("naru.sqlite*"))
    assert b"secret number" not in database, "what was said is still in the file"


# Registration with a shared secret


def mac(nonce, name, password, role, secret=SECRET, user_type=None):
    fields = [nonce, name, password, role] + ([user_type] if user_type else [])
    return hmac.new(secret.encode(), b"\0".join(field.encode() for field in fields), hashlib.sha1).hexdigest()


def test_whoever_knows_the_secret_makes_accounts(tmp_path):
    target = "/_synapse/admin/v1/register"
    with Server(tmp_path / "data", "--registration", "closed", "--registration-shared-secret", SECRET) as server:
        nobody = Client(server)

        def register(name, role="notadmin", **changes):
            nonce = nobody.ok("GET", target)["nonce"]
            body = {"nonce": nonce, "username": name, "password": PASSWORD, "admin": role == "admin",
                    "mac": mac(nonce, name, PASSWORD, role)}
            return nobody.request("POST", target, {**body, **changes})

        made = register("ann", "admin", displayname="Ann of the Boats").json()
        ann = Client(server, made["access_token"])
        assert made["user_id"] == "@ann:localhost" and made["home_server"] == "localhost"
        assert "m.account_moderation" in ann.ok("GET", path("capabilities"))["capabilities"]
        assert ann.ok("GET", path("profile", "@ann:localhost"))["displayname"] == "Ann of the Boats"
        plain = Client(server, register("bob").json()["access_token"])
        assert "m.account_moderation" not in plain.ok("GET", path("capabilities"))["capabilities"]
        # Another name, another password, another role than what was signed.
        checked_error(register("carl", username="karl"), 403, "M_FORBIDDEN")
        checked_error(register("carl", password="something else"), 403, "M_FORBIDDEN")
        checked_error(register("carl", admin=True), 403, "M_FORBIDDEN")
        checked_error(register("carl", nonce="made up"), 400, "M_UNKNOWN")
        checked_error(register("ann"), 400, "M_USER_IN_USE")
        assert Client.login(server, "@bob:localhost").ok("GET", path("account", "whoami"))


def test_without_a_secret_there_is_no_such_door(server):
    checked_error(Client(server).request("GET", "/_synapse/admin/v1/register"), 404, "M_UNRECOGNIZED")


# Watching


def test_metrics_health_and_logs(tmp_path):
    port = free_port()
    server = Server(tmp_path / "data", "--metrics-address", f"127.0.0.1:{port}", "--log-format", "json",
                    "--log-level", "trace").start()
    with server_running(server):
        watched = f"http://127.0.0.1:{port}"
        assert requests.get(watched + "/health", timeout=10).json() == {"status": "ok"}
        assert requests.get(watched + "/ready", timeout=10).json() == {"status": "ok"}
        assert requests.get(server.url + "/_naru/health", timeout=10).json() == {"status": "ok"}
        # The figures are not at the door that everybody uses.
        assert requests.get(server.url + "/metrics", timeout=10).status_code == 404
        alice, bob = Client.register(server, "alice"), Client.register(server, "bob")
        room = alice.room_with(bob)
        for number in range(3):
            alice.send(room, f"hush {number}")
        answer = requests.get(watched + "/metrics", timeout=10)
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        figures = {}
        for line in answer.text.splitlines():
            if not line.startswith("#"):
                name, value = line.rsplit(" ", 1)
                figures[name] = float(value)
        assert figures['naru_requests_total{operation="sendMessage",status="200"}'] == 3
        assert figures['naru_request_seconds_count{operation="sendMessage"}'] == 3
        assert figures['naru_requests_total{operation="register",status="401"}'] == 2
        assert figures["naru_write_commit_seconds_count"] >= 3
        assert figures["naru_rooms_in_memory"] == 1
        assert figures["naru_database_bytes"] > 4096
        assert figures["process_resident_memory_bytes"] > 1 << 20
        assert figures["process_open_fds"] > 3
        assert room not in answer.text and "alice" not in answer.text
    lines = [line for line in server.log.read_text().splitlines() if not line.startswith("Naru ")]
    for line in lines:
        assert {"time", "level", "message"} <= json.loads(line).keys()
    assert "hush" not in server.log.read_text() and alice.token not in server.log.read_text()
