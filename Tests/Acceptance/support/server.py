"""A Naru server in a process of its own, with a data folder of its own."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import requests

REPOSITORY = Path(__file__).resolve().parents[3]


def binary():
    """The program under test: $NARU, or the release build of this repository."""
    path = Path(os.environ.get("NARU", REPOSITORY / ".build/release/naru"))
    assert path.is_file(), f"{path} is not there: build it, or set NARU"
    return str(path)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(**variables):
    """This process's environment without anything that would configure the server."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("NARU_")}
    return clean | variables


def run(*arguments, timeout=60):
    """Runs another command of the program."""
    return subprocess.run(
        [binary(), *arguments], capture_output=True, text=True, timeout=timeout, env=environment())


class Server:
    def __init__(self, data, *arguments, port=None, variables=None):
        self.data = Path(data)
        self.port = port or free_port()
        self.arguments = arguments
        self.variables = variables or {}
        self.process = None
        self.log = self.data.parent / f"{self.data.name}.log"

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self):
        return self.process.pid

    def start(self, seconds=15):
        assert self.process is None, "the server runs already"
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [binary(), "serve", "--port", str(self.port), "--data", str(self.data), "--rate-limits", "off",
                 *self.arguments],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=environment(**self.variables))
        deadline = time.monotonic() + seconds
        while True:
            code = self.process.poll()
            assert code is None, f"the server ended with {code}:\n{self.log_tail()}"
            try:
                answer = requests.get(self.url + "/_matrix/client/versions", timeout=2)
                assert answer.status_code == 200
                return self
            except requests.ConnectionError:
                assert time.monotonic() < deadline, f"the server does not answer:\n{self.log_tail()}"
                time.sleep(0.02)

    @property
    def is_alive(self):
        return self.process is not None and self.process.poll() is None

    def stop(self):
        """Asks the server to end, as a service manager does."""
        os.kill(self.pid, signal.SIGTERM)
        try:
            code = self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            threads = self.threads()
            self.kill()
            raise AssertionError(f"the server did not end within 5 s of SIGTERM; its threads:\n{threads}") from None
        self.process = None
        assert code == 0, f"the server ended with {code}:\n{self.log_tail()}"

    def threads(self):
        """What the threads of a server that does not end are doing, where the system tells."""
        lines = []
        for task in Path(f"/proc/{self.pid}/task").glob("*"):
            lines.append(" ".join((task / name).read_text().strip() for name in ("comm", "wchan", "syscall")))
        return "\n".join(lines)

    def kill(self):
        """Ends the server as a power cut would: it gets to do nothing more."""
        os.kill(self.pid, signal.SIGKILL)
        self.process.wait(timeout=10)
        self.process = None

    def restart(self):
        self.stop()
        return self.start()

    def verify(self):
        """Checks the hashes, signatures and authorisation of everything that the stopped server holds."""
        done = run("verify", "--data", str(self.data))
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def log_tail(self):
        return self.log.read_text(errors="replace")[-4000:] if self.log.exists() else ""

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, error, trace):
        if self.process is None:
            return
        if kind is None:
            self.stop()
        elif self.is_alive:
            self.kill()
