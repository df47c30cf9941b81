"""Replies (RFC 5321 section 4.2), written by the server side and read by the client side."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lazaretto.errors import ProtocolError

MAX_LINE = 4096  # octets; RFC 5321 section 4.5.3.1.5 asks for 512, real servers write more
MAX_LINES = 200

_LINE = re.compile(rb"([2-5][0-9]{2})(?:([ -])(.*))?", re.DOTALL)
_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?: |$)")  # RFC 2034 section 4


@dataclass(frozen=True, slots=True)
class Reply:
    """A code and the text of each line.  An enhanced status code (RFC 3463) stands at the start of the text."""

    code: int
    lines: tuple[str, ...] = ("",)

    @classmethod
    def of(cls, text: str) -> Reply:
        """``Reply.of("250 2.0.0 Ok")``."""
        return cls(int(text[:3]), (text[4:],))

    def __str__(self) -> str:
        return f"{self.code} {self.text}".rstrip()

    @property
    def text(self) -> str:
        return " ".join(self.lines)

    @property
    def ok(self) -> bool:
        return 200 <= self.code < 300

    @property
    def temporary(self) -> bool:
        return 400 <= self.code < 500

    def enhanced(self) -> Reply:
        """The same with an enhanced status code on every line: a server that offers ENHANCEDSTATUSCODES owes it
        (RFC 2034 section 4), also when it passes on the reply of one that does not."""
        if self.code // 100 == 3:
            return self
        return Reply(
            self.code,
            tuple(line if _ENHANCED.match(line) else f"{self.code // 100}.0.0 {line}".rstrip() for line in self.lines),
        )

    def encode(self) -> bytes:
        """The bytes.  What is not printable ASCII becomes "?": a reply may carry words of strangers."""
        out = []
        for at, line in enumerate(self.lines):
            clean = "".join(char if " " <= char <= "~" else "?" for char in line)
            out.append(f"{self.code}{' ' if at == len(self.lines) - 1 else '-'}{clean}\r\n")
        return "".join(out).encode("ascii")


class ReplyReader:
    """Takes bytes in any portions, gives whole replies.  A bare LF ends a line too: nothing is at stake here."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._code = 0
        self._lines: list[str] = []

    @property
    def pending(self) -> bool:
        """Bytes of an unfinished or not yet asked for reply are here."""
        return bool(self._buffer or self._lines)

    def feed(self, data: bytes) -> None:
        self._buffer += data

    def next_reply(self) -> Reply | None:
        """The next whole reply, or None until more bytes come.  Raises ProtocolError."""
        while (end := self._buffer.find(b"\n", 0, MAX_LINE)) >= 0:
            line = bytes(self._buffer[:end]).removesuffix(b"\r")
            del self._buffer[: end + 1]
            parsed = _LINE.fullmatch(line)
            if parsed is None:
                raise ProtocolError(f"not a reply: {line[:80]!r}")
            code = int(parsed[1])
            if self._lines and code != self._code:
                raise ProtocolError(f"one reply with two codes, {self._code} and {code}")
            if len(self._lines) >= MAX_LINES:
                raise ProtocolError(f"a reply of more than {MAX_LINES} lines")
            self._code = code
            self._lines.append((parsed[3] or b"").decode("utf-8", "replace"))
            if parsed[2] != b"-":
                reply = Reply(code, tuple(self._lines))
                self._lines = []
                return reply
        if len(self._buffer) >= MAX_LINE:
            raise ProtocolError(f"a reply line of more than {MAX_LINE} octets")
        return None
