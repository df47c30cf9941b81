"""Tokens of ECMAScript, as far as constant strings need them (ECMA-262, chapter 12).

A tokenizer of hostile input: it never fails and never looks at a character more than a bounded number of times.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum, auto
from typing import NamedTuple

from lazaretto.errors import LimitExceeded
from lazaretto.unpack.html import literal

ESCAPES = 8  # in one string, of Latin-1: letters of other alphabets are written so for good reason
TOKENS = 400_000  # of one page; beyond, a LIMIT finding


class Kind(Enum):
    STRING = auto()
    TEMPLATE = auto()
    NUMBERS = auto()  # "[77, 90, 144]" or "(77, 90)" in one token
    NUMBER = auto()
    WORD = auto()
    PUNCTUATION = auto()
    PATTERN = auto()  # a regular expression
    OTHER = auto()  # operators that no string survives


class Token(NamedTuple):
    kind: Kind
    text: str
    numbers: tuple[int, ...] = ()
    escaped: bool = False  # bytes written as \\x41 or \\u0041: somebody has encoded something


_TOKEN = re.compile(
    r"(?P<skip>//[^\n\r]*+|/\*)"
    r"|(?P<quote>[\"'`])"
    r"|(?P<numbers>[\[(](?=\s{0,20}\d)[\s,0-9xXa-fA-F]{8,}+[\])])"
    r"|(?P<word>[A-Za-z_$][\w$]*+)"
    r"|(?P<number>\d[\w.]*+)"
    r"|(?P<punctuation>\+=|\+\+|===?|=>|\?\.|[+=.,;()\[\]{}?:])"
    r"|(?P<slash>/)"
    r"|(?P<other>[^\w$\"'`/\[\](){}+=.,;?:\s]++)"
)
# A thousand escapes at a time: the matcher keeps something for each repetition.
_STRING = {
    '"': re.compile(r'[^"\\\n\r]*+(?:\\[\s\S][^"\\\n\r]*+){0,1000}'),
    "'": re.compile(r"[^'\\\n\r]*+(?:\\[\s\S][^'\\\n\r]*+){0,1000}"),
    "`": re.compile(r"[^`\\]*+(?:\\[\s\S][^`\\]*+){0,1000}"),
}
_PATTERN = re.compile(r"/((?:[^/\\\n]|\\.){1,200})/[a-z]{0,6}")
_BEFORE_PATTERN = frozenset(("", "(", ",", "=", ":", ";", "{", "}", "[", "?", "!", "&&", "||", "return"))
_ESCAPE = re.compile(
    r"\\(?:((?:x[0-9A-Fa-f]{2}\\){0,500}x[0-9A-Fa-f]{2})|((?:u[0-9A-Fa-f]{4}\\){0,500}u[0-9A-Fa-f]{4})"
    r"|u\{0*([0-9A-Fa-f]{1,6})\}|([0-3]?[0-7]{1,2})|\r\n|([\s\S]))"
)
_LATIN = re.compile("[\\x00-\\xff]*+")
_SINGLE = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "\n": "", "\r": ""}


class Counter:
    """Tokens left for one page."""

    def __init__(self, left: int = TOKENS) -> None:
        self.left = left

    def take(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise LimitExceeded("script", f"scripts of more than {TOKENS} tokens")


def tokens(text: str, counter: Counter) -> Iterator[Token]:
    """Raises LimitExceeded when the counter has run out."""
    at, before = 0, ""
    while found := _TOKEN.search(text, at):
        counter.take()
        at, kind, what = found.end(), found.lastgroup, found[0]
        if kind == "quote":
            at, token = _string(text, at, what)
        elif kind == "skip":
            end = text.find("*/", at) if what == "/*" else at
            at = end + 2 if what == "/*" and end >= 0 else at if what != "/*" else len(text)
            continue
        elif kind == "slash":
            pattern = _PATTERN.match(text, at - 1) if before in _BEFORE_PATTERN else None
            at = pattern.end() if pattern else at
            token = Token(Kind.PATTERN, pattern[1]) if pattern else Token(Kind.OTHER, what)
        elif kind == "numbers":
            token = Token(Kind.NUMBERS, what[0], _numbers(what[1:-1]))
            if not token.numbers:  # "(1e, a)": letter by letter
                at = found.start() + 1
                token = Token(Kind.PUNCTUATION, what[0])
        else:
            token = Token(_KINDS[kind or "other"], what)
        before = token.text
        yield token


_KINDS = {"word": Kind.WORD, "number": Kind.NUMBER, "punctuation": Kind.PUNCTUATION, "other": Kind.OTHER}


def _string(text: str, start: int, quote: str) -> tuple[int, Token]:
    at = start
    while (found := _STRING[quote].match(text, at)) and found.end() > at:
        at = found.end()
    if text[at : at + 1] != quote:  # unclosed: no script would run, and nothing is looked at again
        return at, Token(Kind.OTHER, text[start:at][:1])
    raw = text[start:at]
    shown = unescaped(raw)
    escaped = raw.count("\\x") + raw.count("\\u") >= ESCAPES and _LATIN.fullmatch(shown) is not None
    return at + 1, Token(Kind.TEMPLATE if quote == "`" else Kind.STRING, shown, escaped=escaped)


def unescaped(text: str) -> str:
    """ECMA-262, 12.9.4: escapes in a string literal."""
    return _ESCAPE.sub(_escape, text) if "\\" in text else text


def _escape(found: re.Match[str]) -> str:
    narrow, wide, point, octal, single = found.groups()
    if narrow:
        return bytes.fromhex(narrow.replace("\\", "").replace("x", "")).decode("latin-1")
    if wide:
        return literal.units(wide.replace("\\", "").replace("u", ""))
    if point:
        number = int(point, 16)
        return chr(number) if number < 0xD800 or 0xDFFF < number < 0x110000 else "\ufffd"
    if octal:
        return chr(int(octal, 8))
    return _SINGLE.get(single, single) if single else ""


def _numbers(text: str) -> tuple[int, ...]:
    try:
        # Old octal and padded decimals look alike; packers pad with zeros.
        return tuple(int(each, 16 if "x" in each.lower() else 10) for each in text.rstrip(" \t\r\n,").split(","))
    except ValueError:
        return ()


def number(text: str) -> int | None:
    try:
        return int(text, 0) if len(text) < 20 else None
    except ValueError:
        return None
