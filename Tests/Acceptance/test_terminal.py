"""Two people talk in Korean with `naru chat`, each in a terminal of their own.

NARU_PICTURES names a folder for what was on their screens.
"""

import json
import os
import shutil
import signal
import stat
from pathlib import Path

import pytest

from support.client import Client, PASSWORD, path, unique
from support.server import Server
from support.terminal import Person, Terminal, missing

pytestmark = pytest.mark.skipif(missing() is not None, reason=str(missing()))


@pytest.fixture
def persons(server, tmp_path):
    """Minji and Junho, who have signed up from the command line."""
    return [Person(tmp_path / name, unique(name)).register(server) for name in ("minji", "junho")]


@pytest.fixture
def terminals(request, tmp_path):
    opened = []

    def open_terminal(person, **options):
        opened.append(Terminal(person, **options))
        return opened[-1]

    yield open_terminal
    for number, terminal in enumerate(opened):
        if folder := os.environ.get("NARU_PICTURES"):
            terminal.picture(Path(folder) / f"{request.node.name}-{number}-end.html")
        terminal.close()


def picture(terminal, name):
    if folder := os.environ.get("NARU_PICTURES"):
        terminal.picture(Path(folder) / f"{name}.html")


def user_id(person):
    return f"@{person.name}:localhost"


@pytest.fixture
def talking(persons, terminals):
    """Both have opened the chat in which they talk."""
    minji, junho = (terminals(person) for person in persons)
    minji.chat()
    minji.until("아직 채팅이 없어요", "연결됨")
    minji.say(f"/dm {user_id(persons[1])}")
    minji.until("암호화됨")
    junho.chat()
    junho.until("초대")
    junho.keys("Enter")
    junho.until("/accept")
    junho.say("/accept")
    junho.until("메시지 입력", without=["/accept"])
    return minji, junho


def test_two_people_talk_in_korean(talking):
    minji, junho = talking
    minji.say("안녕하세요! 내일 한라산 갈까요? 🏔️👍🏽")
    junho.until("안녕하세요! 내일 한라산 갈까요?")
    junho.say("좋아요 👨‍👩‍👧‍👦 같이 가요")
    minji.until("같이 가요")
    # A reply, by the keys of messages, with the Korean keyboard.
    minji.keys("BTab")
    minji.type("ㄱ")
    minji.until("답장: 좋아요")
    minji.say("몇 시에 볼까요?")
    junho.until("│ ", "몇 시에 볼까요?")
    # A reaction, seen on both sides.
    junho.say("/react 😍")
    minji.until("😍 1")
    # An edit: ↑ in the empty line.
    minji.keys("Up")
    minji.until("메시지 고치는 중")
    minji.type(" 아침 7시?")
    minji.keys("Enter")
    junho.until("아침 7시?", "수정됨")
    # Typing is seen between two.
    junho.type("음…")
    minji.until("입력 중")
    junho.keys("C-c")
    picture(minji, "terminal-two-panes")
    # Unsending asks first, and no is the answer that is chosen.
    minji.say("/unsend")
    minji.until("모두에게서 지울까요")
    minji.keys("Down", "Enter")
    junho.until("보내기를 취소한 메시지예요", without=["아침 7시"])
    # What is read is told: the number beside the message goes.
    junho.say("네")
    minji.until("네")
    picture(junho, "terminal-after-unsend")


def test_a_line_that_says_what_it_is(talking):
    minji, _ = talking
    minji.say("/secure")
    minji.until("이 채팅은 안전한가요?", "메시지는 기기 사이에서 암호화돼요")
    picture(minji, "terminal-secure")
    minji.keys("Escape")
    minji.keys("F1")
    minji.until("도움말", "Ctrl+K")
    picture(minji, "terminal-help")
    minji.keys("Escape")
    minji.until("메시지 입력", without=["Ctrl+P N"])


def test_strangers_cannot_steer_the_terminal(server, persons, terminals):
    mallory = Client.register(server, unique("mallory"))
    (person, _), name = persons, "\x1b]0;owned\x07\x1b[2Jeve\u202egnp"
    mallory.ok("PUT", path("profile", mallory.user_id, "displayname"), {"displayname": name})
    room = mallory.ok("POST", path("createRoom"), {
        "name": "\x1b[31mred\x1b[5n\u202e", "invite": [user_id(person)], "preset": "private_chat",
        "initial_state": []})["room_id"]
    terminal = terminals(person)
    terminal.chat()
    terminal.until("[31mred")
    terminal.keys("Enter")
    terminal.say("/accept")
    terminal.until("메시지 입력", without=["/accept"])
    body = "\x1b[2J\x1b[H\x9b31mHACK\r\nrm -rf\x07\u2066 \u200f끝"
    mallory.ok("PUT", path("rooms", room, "send", "m.room.message", "1"), {"msgtype": "m.text", "body": body})
    screen = terminal.until("rm -rf", "끝")
    assert "\x1b" not in screen and "\u202e" not in screen
    assert "[2J[H" in screen and "31mHACK" in screen
    assert "채팅" in screen, "the screen was not cleared"


def test_the_terminal_is_given_back(persons, terminals):
    person = persons[0]
    terminal = terminals(person)
    before = terminal.modes()
    assert before == {"echo": True, "lines": True, "alternate": False}

    def begin():
        terminal.chat()
        terminal.until("연결됨")
        assert terminal.modes() == {"echo": False, "lines": False, "alternate": True}

    # The usual end.
    begin()
    terminal.keys("C-c")
    terminal.until("$", without=["연결됨"])
    assert terminal.modes() == before
    # Ctrl-Z, and back.
    begin()
    terminal.keys("C-z")
    terminal.until("Stopped", without=["연결됨"])
    assert terminal.modes() == before
    terminal.command("fg")
    terminal.until("연결됨", "채팅")
    # A crash, and being told to end.
    for number in (signal.SIGSEGV, signal.SIGABRT, signal.SIGTERM, signal.SIGHUP):
        os.kill(terminal.process(), number)
        terminal.until("$", without=["연결됨"])
        assert terminal.modes() == before, number
        begin()


def test_small_terminals(talking):
    minji, junho = talking
    minji.say("작은 화면에서도 보여요")
    junho.until("작은 화면에서도 보여요")
    junho.resize(40, 10)
    junho.until("작은 화면에서도 보여요", "메시지 입력", without=["채팅 (", "│"])
    picture(junho, "terminal-40x10")
    junho.keys("Escape")
    junho.until("채팅", without=["작은 화면에서도 보여요 "])
    junho.keys("Enter")
    minji.say("아주 긴 글도 한 글자도 잘리지 않고 낱말에서 줄을 바꿔요 👨‍👩‍👧‍👦 日本語も中文也")
    screen = junho.until("日本語も")
    assert all(len(line) <= 40 for line in screen.split("\n"))
    junho.resize(120, 35)
    junho.until("채팅", "│", "작은 화면에서도 보여요")


def test_without_colours(persons, terminals):
    terminal = terminals(persons[0], NO_COLOR="1")
    terminal.chat()
    terminal.until("연결됨")
    captured = terminal._tmux("capture-pane", "-p", "-e")
    assert "38;5" not in captured and "48;5" not in captured
    assert "\x1b[7m" in captured


def test_a_lost_line_is_said_and_nothing_is_lost(tmp_path, terminals):
    with Server(tmp_path / "data") as server:
        persons = [Person(tmp_path / name, name).register(server) for name in ("minji", "junho")]
        minji = terminals(persons[0])
        minji.chat()
        minji.until("연결됨")
        minji.say(f"/dm {user_id(persons[1])}")
        minji.until("암호화됨")
        server.stop()
        minji.until("오프라인", seconds=60)
        minji.say("이 글은 나중에 가요")
        minji.say("두 번째도요")
        minji.until("대기 중", "보낼 메시지 2개")
        picture(minji, "terminal-offline")
        server.start()
        minji.until("두 번째도요", "연결됨", without=["대기 중", "보낼 메시지"], seconds=90)
        junho = terminals(persons[1])
        junho.chat()
        junho.until("초대")
        junho.keys("Enter")
        junho.say("/accept")
        screen = junho.until("이 글은 나중에 가요", "두 번째도요")
        assert screen.count("이 글은 나중에 가요") == 1


def test_lines_for_scripts(server, persons):
    minji, junho = persons
    minji.ok("send", user_id(junho), "스크립트에서", "보내요")
    rooms = [json.loads(line) for line in junho.ok("rooms", "--json").splitlines()]
    assert [room["membership"] for room in rooms] == ["invite"]
    room = rooms[0]["room_id"]
    plain = junho.start("--plain")
    plain.stdin.write("/rooms\n1\n/accept\n")
    plain.stdin.flush()
    wait_for_line(plain.stdout, "스크립트에서 보내요")
    plain.stdin.write("네 받았어요\n")
    plain.stdin.flush()
    wait_for_line(plain.stdout, "네 받았어요")
    plain.stdin.write("/quit\n")
    plain.stdin.close()
    assert plain.wait(timeout=20) == 0
    history = [json.loads(line) for line in minji.ok("history", room, "--json").splitlines()]
    assert [entry["body"] for entry in history if entry["kind"] == "text"] == ["스크립트에서 보내요", "네 받았어요"]
    assert all(entry["encrypted"] for entry in history if entry["kind"] == "text")
    tail = junho.start("tail", "--json", "--count", "1")
    wait_for_line(tail.stderr, "듣고 있어요")
    minji.ok("send", room, "-", stdin="표준 입력에서\n둘째 줄\n")
    entry = json.loads(wait_for_line(tail.stdout, "표준 입력에서"))
    assert entry["body"] == "표준 입력에서\n둘째 줄" and entry["sender"] == user_id(minji)
    assert tail.wait(timeout=20) == 0


def wait_for_line(stream, text):
    for line in stream:
        if text in line:
            return line
    raise AssertionError(f"'{text}' did not come")


def test_profiles_are_for_their_owners_alone(server, persons):
    minji = persons[0]
    folder = minji.folder / "data/naru/chat/default"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for file in folder.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0, file
    assert minji.run("rooms", "--profile", "../x").returncode == 64
    refused = minji.run("rooms", "--profile", "other")
    assert refused.returncode == 1 and "로그인되어 있지 않아요" in refused.stderr
    minji.ok("register", "--profile", "other", "--server", server.url, "--user", unique("other"), "--password-stdin",
             stdin=PASSWORD + "\n")
    assert minji.run("register", "--server", server.url, "--user", unique("again"), "--password-stdin",
                     stdin=PASSWORD + "\n").returncode == 1
    assert minji.run("open").returncode == 64, "there is no terminal"
    assert "서버가 허락하지 않았어요" in minji.run(
        "login", "--profile", "third", "--server", server.url, "--user", minji.name, "--password-stdin",
        stdin="wrong\n").stderr
    minji.ok("logout", "--force")
    assert not (folder / "store.sqlite").exists()


def test_emoji_are_compared(talking):
    minji, junho = talking
    minji.say("인사")
    junho.until("인사")
    minji.say("/verify")
    junho.until("이모지 비교를 원해요")
    junho.keys("Enter")
    ours = minji.until("양쪽이 같나요?")
    theirs = junho.until("양쪽이 같나요?")
    picture(minji, "terminal-emoji")
    assert emoji_names(ours) == emoji_names(theirs) and len(emoji_names(ours)) == 7
    for terminal in (minji, junho):
        terminal.keys("Down", "Enter")
    for terminal in (minji, junho):
        terminal.until("[##]", "모두 확인됨")
    picture(minji, "terminal-verified")


def emoji_names(screen):
    """The names of the pictures, from the panel's lines."""
    lines = [line.split("│")[1] for line in screen.split("\n") if line.count("│") >= 2]
    return [line.split()[-1] for line in lines if len(line.split()) in (2, 3) and ord(line.split()[0][0]) > 0x2000
            and not "가" <= line.split()[0][0] <= "힣"][:7]


def test_files(server, talking, tmp_path):
    if Client(server).request("POST", "/_matrix/media/v3/upload", data=b"x").status_code == 404:
        pytest.skip("the server keeps no files yet")
    minji, junho = talking
    (tmp_path / "예약.txt").write_text("비행기 07:10")
    minji.say(f"/file {tmp_path}/예약.txt")
    junho.until("[파일] 예약.txt")
    junho.say(f"/save {tmp_path}/받은파일.txt")
    junho.until("저장했어요")
    assert (tmp_path / "받은파일.txt").read_text() == "비행기 07:10"
