"""A screen without glass, for programs with windows."""

import os
import shutil
import subprocess
import time
from pathlib import Path

PROGRAMS = ["Xvfb", "xdotool", "openbox", "import", "dbus-run-session"]


def missing(program):
    """What has to be installed before `program` can be used, or None."""
    absent = [name for name in [program, *PROGRAMS] if shutil.which(name) is None]
    return f"not installed: {', '.join(absent)}" if absent else None


class Screen:
    """An X server of its own with one program on it; ends what it started.

    `settings` are files for the program, by their paths below the folder of settings.
    """

    def __init__(self, folder, command, settings):
        self.folder = Path(folder)
        self.processes = []
        self.log = self.folder / "program.log"
        read, write = os.pipe()
        self._start(["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x900x24", "-nolisten", "tcp", "-noreset"],
                    dict(os.environ), pass_fds=(write,))
        os.close(write)
        with os.fdopen(read) as number:
            self.display = ":" + number.readline().strip()
        for name, text in settings.items():
            file = Path(self.environment["XDG_CONFIG_HOME"]) / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        self._start(["openbox"], self.environment)
        self._start(["dbus-run-session", "--", *command], self.environment, log=self.log)

    @property
    def environment(self):
        """A home without anybody's settings in it."""
        home = {name: str(self.folder / name) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME",
                                                           "XDG_CACHE_HOME", "XDG_RUNTIME_DIR")}
        for path in home.values():
            Path(path).mkdir(mode=0o700, exist_ok=True)
        return {**os.environ, **home, "DISPLAY": self.display, "LC_ALL": "C.UTF-8", "LIBGL_ALWAYS_SOFTWARE": "1",
                "QT_QUICK_BACKEND": "software", "QT_SCALE_FACTOR": "1"}

    def _start(self, command, environment, log=None, **options):
        output = open(log, "ab") if log else subprocess.DEVNULL
        self.processes.append(subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment,
            start_new_session=True, **options))

    def do(self, *arguments):
        """xdotool, for instance do("mousemove", 10, 10, "click", 1)."""
        subprocess.run(
            ["xdotool", *map(str, arguments)], env={**os.environ, "DISPLAY": self.display}, check=True, timeout=60)

    def click(self, x, y):
        self.do("mousemove", x, y, "sleep", 0.3, "click", 1, "sleep", 0.3)

    def type(self, text):
        self.do("type", "--delay", 15, text)

    def window(self, name, seconds=20):
        """Waits for a window with this name."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            windows = self._ask("search", "--onlyvisible", "--name", ".*").split()
            if found := [window for window in windows if self._ask("getwindowname", window).strip() == name]:
                return found[0]
            time.sleep(0.2)
        self.picture("no-window")
        raise AssertionError(f"no window '{name}' came; {self.log.read_text(errors='replace')[-2000:]}")

    def _ask(self, *arguments):
        return subprocess.run(
            ["xdotool", *arguments], capture_output=True, text=True, env={**os.environ, "DISPLAY": self.display},
            timeout=60).stdout

    def place(self, window, x, y, width, height):
        self.do("windowmove", "--sync", window, x, y, "windowsize", window, width, height, "sleep", 0.5)

    def picture(self, name):
        """Where to look when a test fails, and what to look at when it does not."""
        subprocess.run(
            ["import", "-window", "root", str(self.folder / f"{name}.png")],
            env={**os.environ, "DISPLAY": self.display}, timeout=60)

    def close(self):
        for process in reversed(self.processes):
            try:
                os.killpg(process.pid, 15)
                process.wait(timeout=10)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                process.kill()
                process.wait()
