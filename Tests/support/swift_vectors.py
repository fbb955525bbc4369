"""Reads test vectors out of the tests that are written in Swift, so that there is one list of them.

Understands literals: strings of every kind, numbers, booleans, arrays, tuples, and strings added to each other.
"""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "\\": "\\", '"': '"', "'": "'"}


def arguments(file, function):
    """The `@Test(arguments: …)` of a test, as Python values."""
    source = (ROOT / "Tests" / file).read_text()
    place = re.search(rf"func {function}\(", source).start()
    start = source.rindex("@Test(arguments:", 0, place) + len("@Test(arguments:")
    return Literals(source, start).value()


def calls(file, function):
    """The arguments of each call of a function in a file, by label, those without one under their number.

    Calls with arguments that are no literals are left out.
    """
    source = (ROOT / "Tests" / file).read_text()
    found = []
    for match in re.finditer(rf"(?<!func )(?<![\w.#]){function}\(", source):
        try:
            found.append(Literals(source, match.end()).arguments())
        except NotLiteral:
            continue
    return found


class NotLiteral(Exception):
    """Something stands there that only Swift can work out."""


class Literals:
    def __init__(self, source, position):
        self.source = source
        self.position = position

    def value(self):
        value = self.single()
        while self.skips("+"):
            value += self.single()
        return value

    def arguments(self):
        found = {}
        while not self.skips(")"):
            self.space()
            label = re.compile(r"(\w+):").match(self.source, self.position)
            if label:
                self.position = label.end()
            found[label[1] if label else len(found)] = self.value()
            if not self.skips(","):
                if not self.skips(")"):
                    raise NotLiteral
                break
        return found

    def single(self):
        self.space()
        rest = self.source[self.position:self.position + 3]
        if rest.startswith(("#\"", '"')):
            return self.string()
        if self.skips("["):
            return self.list("]")
        if self.skips("("):
            return tuple(self.list(")"))
        number = re.compile(r"-?(0x[0-9A-Fa-f]+|\d[\d_]*)(?![\w.])|true|false").match(self.source, self.position)
        if not number:
            raise NotLiteral(self.source[self.position:self.position + 40])
        self.position = number.end()
        if number[0] in ("true", "false"):
            return number[0] == "true"
        return int(number[0].replace("_", ""), 0)

    def list(self, closing):
        values = []
        while not self.skips(closing):
            values.append(self.value())
            if not self.skips(","):
                if not self.skips(closing):
                    raise NotLiteral
                break
        return values

    def string(self):
        opening = re.compile(r'(#*)("""|")').match(self.source, self.position)
        closing = opening[2] + opening[1]
        start, position, text = opening.end(), opening.end(), ""
        while not self.source.startswith(closing, position):
            escape = re.compile(rf"\\{opening[1]}(u\{{([0-9A-Fa-f]+)\}}|.)", re.S).match(self.source, position)
            if escape is None:
                text += self.source[position]
                position += 1
            else:
                if escape[1][0] != "u" and escape[1] not in ESCAPES:
                    raise NotLiteral(escape[0])
                text += chr(int(escape[2], 16)) if escape[2] else ESCAPES[escape[1]]
                position = escape.end()
        self.position = position + len(closing)
        if self.source.startswith(".", self.position):
            raise NotLiteral("a function of a string")
        if opening[2] == '"':
            return text
        indentation = self.source[start:position].rsplit("\n", 1)[1]
        return "\n".join(line.removeprefix(indentation) for line in text.split("\n")[1:-1])

    def space(self):
        while match := re.compile(r"\s+|//[^\n]*").match(self.source, self.position):
            self.position = match.end()

    def skips(self, token):
        self.space()
        if self.source.startswith(token, self.position):
            self.position += len(token)
            return True
        return False
