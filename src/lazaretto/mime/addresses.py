"""Address lists (RFC 5322, 3.4) read tolerantly: what a person would take for the address and the name."""

from __future__ import annotations

import re

from lazaretto.mime.decode import text
from lazaretto.mime.words import decode_words, unfold
from lazaretto.model import Address

_TOKEN = re.compile(
    r'"(?P<quoted>(?:[^"\\]++|\\.)*)"?'
    r"|<(?P<angle>[^<>]*+)>?"
    r"|(?P<open>\()"
    r"|(?P<comma>[,;])"
    r"|(?P<colon>:)"
    r"|(?P<blank>\s++)"
    r'|(?P<atom>[^"<(,;:\s]++)',
    re.S,
)
_COMMENT = re.compile(r"\\.|[()]|[^()\\]++|\\", re.S)
_ESCAPED = re.compile(r"\\(.)", re.S)
_ROUTE = re.compile(r"@[^:]*+:")  # obs-route (RFC 5322, 4.4), to be ignored


def addresses(value: bytes | str) -> tuple[Address, ...]:
    """All mailboxes of a list, groups flattened, comments left out (or used as the name if there is no other),
    display names decoded.  What cannot be an address becomes the name of one with address ""."""
    source = value if isinstance(value, str) else text(unfold(value))
    found: list[Address] = []
    one = _One()
    at = 0
    while at < len(source):
        token = _TOKEN.match(source, at)
        if token is None:  # nothing starts so; every character has its alternative
            at += 1
            continue
        at = token.end()
        kind = token.lastgroup
        if kind == "comma":
            one.finish(found)
            one = _One()
        elif kind == "colon":
            one.colon()
        elif kind == "open":
            comment, at = _comment(source, at)
            one.comment = one.comment or comment
        else:
            one.take(kind or "", token[kind or 0])
    one.finish(found)
    return tuple(found)


def _comment(source: str, at: int) -> tuple[str, int]:
    """The text of a comment (they nest: RFC 5322, 3.2.2), and where it ends."""
    start, depth = at, 1
    while at < len(source) and depth:
        piece = _COMMENT.match(source, at)
        if piece is None:
            break
        at = piece.end()
        depth += (piece[0] == "(") - (piece[0] == ")")
    return source[start : at - 1 if not depth else at], at


class _One:
    """One mailbox being read."""

    def __init__(self) -> None:
        self.pieces: list[str] = []  # display name, or a bare address
        self.angle: str | None = None
        self.comment = ""

    def take(self, kind: str, value: str) -> None:
        if kind == "angle":
            self.angle = value if self.angle is None else self.angle
        elif kind == "quoted":
            self.pieces.append(_ESCAPED.sub(r"\1", value))
        else:
            self.pieces.append(value)

    def colon(self) -> None:
        """The name of a group ends; "mailto:" and the like end as well."""
        if self.angle is None:
            self.pieces.clear()

    def finish(self, found: list[Address]) -> None:
        written = "".join(self.pieces).strip()
        if self.angle is not None:
            address = _ROUTE.sub("", self.angle, count=1) if self.angle.startswith("@") else self.angle
            found.append(Address("".join(address.split()), decode_words(written or self.comment.strip()).strip()))
        elif "@" in written:
            # A bare address; blanks around its dots and @ are old but legal (RFC 5322, 4.4).
            joined = " ".join(written.split()).replace(" @", "@").replace("@ ", "@").replace(" . ", ".")
            address = next(word for word in joined.split(" ") if "@" in word)
            found.append(Address(address, decode_words(self.comment.strip()).strip()))
        elif written:
            found.append(Address("", decode_words(written).strip()))
