"""Starts the server once, and opens the client as one person or several in Chromium and in Firefox."""

import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import pytest
from playwright.sync_api import sync_playwright

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests" / "support"))

from people import Person  # noqa: E402

START_SECONDS = 60
LOCALE = "ko-KR"


@pytest.fixture(scope="session")
def origin():
    """Where the client and the server are: NARU_URL, or a server of our own on a free port."""
    if running := os.environ.get("NARU_URL"):
        yield running.rstrip("/")
        return
    server = pathlib.Path(os.environ.get("NARU", ROOT / ".build/release/naru"))
    if not server.exists():
        pytest.skip(f"{server} is not built; set NARU or NARU_URL")
    with tempfile.TemporaryDirectory(prefix="naru-web-") as directory:
        web = pathlib.Path(directory) / "web"
        subprocess.run([ROOT / "Web/build", web], check=True)
        port = free_port()
        command = [server, "serve", "--port", str(port), "--data", f"{directory}/data", "--rate-limits", "off", "--web", web]
        with open(f"{directory}/log", "wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        try:
            wait_until_served(f"http://127.0.0.1:{port}", process, f"{directory}/log")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_served(origin, process, log):
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{origin}/_matrix/client/versions", timeout=2).close()
            return
        except (urllib.error.URLError, OSError):
            if process.poll() is not None:
                break
            time.sleep(0.1)
    raise RuntimeError("the server did not start:\n" + pathlib.Path(log).read_text(errors="replace")[-4000:])


@pytest.fixture(scope="session")
def screenshots():
    directory = pathlib.Path(os.environ.get("SCREENSHOTS", ROOT / ".build/screenshots"))
    directory.mkdir(parents=True, exist_ok=True)
    return directory


@pytest.fixture(scope="session")
def drivers():
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session", params=["chromium", "firefox"])
def browser(request, drivers):
    if request.param == "chromium":
        started = drivers.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                  "--disable-background-networking", "--disable-component-update", "--disable-sync"])
    else:
        # Debian's own Firefox, by the protocol that both sides of it speak.
        started = drivers.firefox.launch(
            channel="moz-firefox", executable_path=os.environ.get("FIREFOX", "/usr/bin/firefox-esr"))
    yield started
    started.close()


@pytest.fixture
def is_chromium(browser):
    return browser.browser_type.name == "chromium"


@pytest.fixture
def new_person(browser, origin):
    """Opens the client for one more person: `new_person("minji", sign_up=True, viewport=(360, 740))`."""
    people = []

    def open_client(name, *, sign_up=True, viewport=(1440, 860), locale=LOCALE, color_scheme="light"):
        context = browser.new_context(
            locale=locale, color_scheme=color_scheme, viewport={"width": viewport[0], "height": viewport[1]})
        person = Person(context, origin, name)
        people.append(person)
        if sign_up:
            person.sign_up()
        return person

    yield open_client
    problems = [problem for person in people for problem in person.problems]
    for person in people:
        person.context.close()
    assert problems == [], "errors in the page"
