"""PDF objects out of bytes (ISO 32000-1, 7.2 and 7.3), as leniently as readers take them.

No recursion, and every byte that is read is paid for: objects that overlap cannot cost more than a few times the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from lazaretto.errors import LimitExceeded

_WORK = 3  # how often the bytes of a file may be read
_WORK_LEAST = 4 * 2**20
_TOKENS = 1_500_000  # of one file; each takes a microsecond or two
SPACE = rb"\0\t\n\f\r "
_SKIP = re.compile(rb"[%b]*+" % SPACE)
_LINE = re.compile(rb"[^\r\n]*+")
_REGULAR = rb"[^%b()<>\[\]{}/%%]" % SPACE
_TOKEN = re.compile(
    rb"[%b]*+(?:" % SPACE
    + rb"(?P<number>[0-9]{1,10}+)[%b]{1,20}+(?P<generation>[0-9]{1,5}+)[%b]{1,20}+R(?!%b)" % (SPACE, SPACE, _REGULAR)
    + rb"|/(?P<name>%b*+)" % _REGULAR
    + rb"|(?P<mark><<|>>|\[|\])|\((?P<string>[^()\\\r]*+)\)|(?P<paren>\()|<(?P<hex>[^>]*+)>?"
    + rb"|(?P<word>%b++)|(?P<comment>%%[^\r\n]*+)|(?P<other>.))" % _REGULAR,
    re.DOTALL,
)
_HEXES = re.compile(rb"#([0-9A-Fa-f]{2})")
_IN_STRING = re.compile(rb"[()]|\\(?:[0-7]{1,3}|\r\n|.)|\r\n?", re.DOTALL)
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"", b"\r": b"", b"\r\n": b""}
_NO_HEX = bytes(set(range(256)) - set(b"0123456789abcdefABCDEF"))
_ENDS = frozenset({b"endobj", b"stream", b"endstream", b"xref", b"trailer", b"startxref"})
_WORDS = {b"true": True, b"false": False, b"null": None}

# Names that somebody may want to hide from a search; honest writers have no "#" in them, which is for other characters
# than letters (7.3.5).
_TELLING = frozenset(
    {"JavaScript", "JS", "OpenAction", "AA", "Launch", "URI", "EmbeddedFile", "EmbeddedFiles", "GoToE", "GoToR"}
    | {"SubmitForm", "RichMedia", "XFA", "ObjStm", "Filespec", "EF", "Action", "FlateDecode", "JBIG2Decode", "Win"}
)
OTHERS = "\0others"  # under this key of a dictionary stands a list of values whose keys came again


class Name(str):
    """/Name, without the slash, escapes undone."""

    __slots__ = ()


class Escaped(Name):
    """One that was written with escapes for letters that need none."""

    __slots__ = ()


class Reference(NamedTuple):
    number: int
    generation: int


class Work:
    """The budget for reading one file."""

    def __init__(self, size: int) -> None:
        self.left, self.tokens = size * _WORK + _WORK_LEAST, _TOKENS
        self.escaped: set[str] = set()  # telling names that were written with escapes

    def spend(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise LimitExceeded("pdf", "PDF objects that lie over one another")


def parse(data: bytes, at: int, work: Work) -> tuple[object, int]:
    """The object at this place and the offset behind it.  What is broken off ends where it breaks off."""
    stack: list[tuple[bytes, list[object]]] = []
    while (token := _TOKEN.match(data, at)) is not None:
        kind, end = token.lastgroup, token.end()
        value: object = None
        if kind == "paren":
            value, end = _string(data, end)
            work.tokens -= (end - at) >> 4  # brackets and escapes in it take time as words do
        elif kind == "word" and token["word"] in _ENDS:
            break
        work.tokens -= 1
        if work.tokens < 0:
            raise LimitExceeded("pdf", f"more than {_TOKENS} words in PDF objects")
        work.spend(end - at)
        at = end
        if kind == "comment":
            continue
        if kind == "mark":
            mark = token["mark"]
            if mark in (b"<<", b"["):
                stack.append((mark, []))
                continue
            value = _closed(stack) if stack else None
        elif kind in _SIMPLE:
            value = _SIMPLE[kind](token)
            if type(value) is Escaped and value in _TELLING:
                work.escaped.add(value)
        if not stack:
            return value, at
        if kind != "other":
            stack[-1][1].append(value)
    return _unwound(stack), at


def skip(data: bytes, at: int) -> int:
    """Behind white space and comments."""
    while True:
        at = _SKIP.match(data, at).end()  # type: ignore[union-attr]  # matches the empty string too
        if data[at : at + 1] != b"%":
            return at
        at = _LINE.match(data, at).end()  # type: ignore[union-attr]


def _name(token: re.Match[bytes]) -> object:
    name = token["name"]
    if b"#" in name:
        plain = _HEXES.sub(lambda found: bytes.fromhex(found[1].decode()), name)
        return Escaped(plain.decode("latin-1"))
    return Name(name.decode("latin-1"))


def _hex(token: re.Match[bytes]) -> object:
    digits = token["hex"].translate(None, _NO_HEX)
    return bytes.fromhex((digits + b"0" * (len(digits) & 1)).decode())  # 7.3.4.3: a missing last digit is 0


def _word(token: re.Match[bytes]) -> object:
    word = token["word"]
    return _WORDS[word] if word in _WORDS else _number(word)


def _number(word: bytes) -> object:
    if len(word) > 40:
        return None
    try:
        return int(word)
    except ValueError:
        try:
            return float(word)
        except ValueError:
            return None


_SIMPLE: dict[str | None, Callable[[re.Match[bytes]], object]] = {
    "generation": lambda token: Reference(int(token["number"]), int(token["generation"])),
    "name": _name,
    "string": lambda token: token["string"],
    "hex": _hex,
    "word": _word,
}


def _string(data: bytes, at: int) -> tuple[bytes, int]:
    """A literal string from behind its bracket (7.3.4.2)."""
    parts: list[bytes] = []
    depth, start = 1, at
    for found in _IN_STRING.finditer(data, at):
        piece = found[0]
        if piece == b"(":
            depth += 1
        elif piece == b")":
            depth -= 1
            if not depth:
                parts.append(data[start : found.start()])
                return b"".join(parts), found.end()
        else:
            parts.append(data[start : found.start()])
            parts.append(_unescaped(piece))
            start = found.end()
    parts.append(data[start:])
    return b"".join(parts), len(data)


def _unescaped(piece: bytes) -> bytes:
    if piece[:1] == b"\r":
        return b"\n"
    escape = piece[1:]
    if escape[:1].isdigit() and escape[:1] < b"8":
        return bytes((int(escape, 8) & 0xFF,))
    return _ESCAPES.get(escape, escape)


def _closed(stack: list[tuple[bytes, list[object]]]) -> object:
    mark, items = stack.pop()
    return items if mark == b"[" else _dictionary(items)


def _unwound(stack: list[tuple[bytes, list[object]]]) -> object:
    value: object = None
    while stack:
        value = _closed(stack)
        if stack:
            stack[-1][1].append(value)
    return value


def _dictionary(items: list[object]) -> dict[str, object]:
    found: dict[str, object] = {}
    others: list[object] = []
    at = 0
    while at < len(items):
        key = items[at]
        at += 1
        if not isinstance(key, Name):
            others.append(key)
            continue
        if at < len(items):
            if key in found:  # readers differ in which of two they take
                others.append({str(key): found[key]})
            found[str(key)] = items[at]
            at += 1
    if others:
        found[OTHERS] = others
    return found
