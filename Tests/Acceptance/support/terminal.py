"""`naru chat` in a terminal that tmux is: keys are sent, and what is on the screen is read."""

import html
import os
import re
import shlex
import shutil
import subprocess
import time
from pathlib import Path

from .client import PASSWORD
from .server import binary


def missing():
    return None if shutil.which("tmux") else "not installed: tmux"


class Person:
    """Somebody with a home of his own, who uses `naru chat` in Korean."""

    def __init__(self, folder, name, language="ko_KR.UTF-8"):
        self.folder = Path(folder)
        self.name = name
        self.folder.mkdir(mode=0o700, parents=True)
        self.environment = {
            "HOME": str(self.folder), "XDG_DATA_HOME": str(self.folder / "data"), "LANG": language,
            "PATH": os.environ["PATH"], "TZ": "Asia/Seoul"}

    def run(self, *arguments, stdin="", timeout=90):
        """A command of `naru chat` without a terminal."""
        return subprocess.run(
            [binary(), "chat", *arguments], input=stdin, capture_output=True, text=True, timeout=timeout,
            env=self.environment)

    def ok(self, *arguments, **options):
        done = self.run(*arguments, **options)
        assert done.returncode == 0, f"naru chat {arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def register(self, server):
        self.ok("register", "--server", server.url, "--user", self.name, "--password-stdin", stdin=PASSWORD + "\n")
        return self

    def start(self, *arguments, **options):
        """The same, beside the test."""
        return subprocess.Popen(
            [binary(), "chat", *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, env=self.environment, **options)


class Terminal:
    """A terminal with a shell in which `naru chat` is started."""

    def __init__(self, person, columns=100, rows=28, **variables):
        self.person = person
        self.socket = person.folder / "tmux"
        environment = {**person.environment, "TERM": "xterm-256color", "PS1": "$ ", **variables}
        (person.folder / "tmux.conf").write_text(
            "set -g default-terminal tmux-256color\nset -g status off\nset -s escape-time 0\n")
        self._tmux("-f", str(person.folder / "tmux.conf"), "new-session", "-d", "-x", str(columns), "-y", str(rows),
                   "env", "-i", *[f"{key}={value}" for key, value in environment.items()], "TERM=tmux-256color",
                   "/bin/bash", "--noprofile", "--norc", "--noediting")
        self.until("$")

    def _tmux(self, *arguments):
        done = subprocess.run(
            ["tmux", "-u", "-S", str(self.socket), *arguments], capture_output=True, text=True, timeout=20,
            env={**os.environ, "LC_ALL": "C.UTF-8", "TMUX": ""})
        assert done.returncode == 0, f"tmux {arguments}: {done.stderr}"
        return done.stdout

    def command(self, text):
        self.type(text)
        self.keys("Enter")

    def chat(self, *arguments):
        self.command(shlex.join([binary(), "chat", *arguments]))

    def type(self, text):
        self._tmux("send-keys", "-l", "--", text)

    def keys(self, *names):
        self._tmux("send-keys", *names)

    def paste(self, text):
        """As a terminal does it: in brackets where the program has asked for them."""
        self._tmux("set-buffer", "--", text)
        self._tmux("paste-buffer", "-p")

    def resize(self, columns, rows):
        self._tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def lines(self):
        return self._tmux("capture-pane", "-p").split("\n")

    def screen(self):
        return "\n".join(self.lines())

    def until(self, *texts, seconds=40, without=()):
        """Waits until all of the texts are on the screen, and none of `without`."""
        deadline = time.monotonic() + seconds
        while True:
            screen = self.screen()
            if all(text in screen for text in texts) and not any(text in screen for text in without):
                return screen
            assert time.monotonic() < deadline, f"{texts} (without {without}) did not come:\n{screen}"
            time.sleep(0.1)

    def say(self, text):
        self.type(text)
        self.keys("Enter")

    def process(self):
        """The ID of the program that was started last in the shell."""
        shell = self._tmux("display-message", "-p", "#{pane_pid}").strip()
        children = subprocess.run(["pgrep", "-P", shell], capture_output=True, text=True).stdout.split()
        return int(children[-1])

    def modes(self):
        """How the terminal stands, as the shell sees it, when no program runs."""
        tty = self._tmux("display-message", "-p", "#{pane_tty}").strip()
        settings = subprocess.run(["stty", "-a", "-F", tty], capture_output=True, text=True).stdout
        alternate = self._tmux("display-message", "-p", "#{alternate_on}").strip()
        return {"echo": " echo " in settings, "lines": " icanon " in settings, "alternate": alternate == "1"}

    def picture(self, path):
        """Writes what is on the screen as a page, to be looked at: colours, and a grid that cells keep to."""
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(page(self._tmux("capture-pane", "-p", "-e")))

    def close(self):
        subprocess.run(["tmux", "-S", str(self.socket), "kill-server"], capture_output=True, timeout=20)


def colour(number):
    """One of the 256 of xterm."""
    if number < 16:
        table = ["#1c1c28", "#cd3131", "#0dbc79", "#e5e510", "#2472c8", "#bc3fbc", "#11a8cd", "#e5e5e5",
                 "#666666", "#f14c4c", "#23d18b", "#f5f543", "#3b8eea", "#d670d6", "#29b8db", "#ffffff"]
        return table[number]
    if number < 232:
        number -= 16
        return "#" + "".join(f"{0 if part == 0 else 55 + 40 * part:02x}" for part in
                             (number // 36, number // 6 % 6, number % 6))
    return "#" + f"{8 + 10 * (number - 232):02x}" * 3


def page(captured):
    """HTML of what tmux captured with its escape sequences."""
    rows = []
    style = {}
    for line in captured.rstrip("\n").split("\n"):
        spans = []
        for text, codes in re.findall(r"([^\x1b]+)|\x1b\[([\d;]*)m", line):
            if text:
                spans.append(span(text, style))
            else:
                style = changed(style, [int(code or 0) for code in codes.split(";")])
        rows.append("".join(spans))
    return ("<!doctype html><meta charset=utf-8><style>body{background:#1c1c28;color:#e8e8f0;margin:12px;"
            "font:15px/21px 'DejaVu Sans Mono','Noto Sans Mono CJK KR','Noto Color Emoji',monospace;white-space:pre}"
            "div{height:21px}.w{display:inline-block;width:2ch;overflow:visible}</style>"
            + "".join(f"<div>{row}</div>" for row in rows))


def span(text, style):
    import unicodedata

    inner = "".join(
        f"<span class=w>{html.escape(part)}</span>"
        if unicodedata.east_asian_width(part[0]) in "WF" or len(part) > 1 and ord(part[0]) > 0x2000
        else html.escape(part) for part in clusters(text))
    front, back = style.get("front"), style.get("back")
    if style.get("reverse"):
        front, back = back or "#1c1c28", front or "#e8e8f0"
    css = (f"color:{front};" if front else "") + (f"background:{back};" if back else "")
    css += "font-weight:bold;" if style.get("bold") else ""
    return f'<span style="{css}">{inner}</span>' if css else inner


def clusters(text):
    """Characters with what joins them; near enough for a picture."""
    result = []
    for character in text:
        joins = character in "\ufe0f\u200d\u20e3" or 0x1F3FB <= ord(character) <= 0x1F3FF
        if result and (joins or result[-1].endswith("\u200d")):
            result[-1] += character
        else:
            result.append(character)
    return result


def changed(style, codes):
    style = dict(style)
    index = 0
    while index < len(codes):
        code = codes[index]
        if code == 0:
            style = {}
        elif code == 1:
            style["bold"] = True
        elif code == 7:
            style["reverse"] = True
        elif code in (22, 27, 39, 49):
            style.pop({22: "bold", 27: "reverse", 39: "front", 49: "back"}[code], None)
        elif code in (38, 48) and codes[index + 1:index + 2] == [5]:
            style["front" if code == 38 else "back"] = colour(codes[index + 2])
            index += 2
        elif 30 <= code <= 37:
            style["front"] = colour(code - 30)
        elif 40 <= code <= 47:
            style["back"] = colour(code - 40)
        index += 1
    return style
