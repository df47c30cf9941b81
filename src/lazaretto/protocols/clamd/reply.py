"""What clamd says (clamd(8)): one line that ends in NUL, of which nothing is taken for "clean" but exactly that."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from lazaretto.errors import ProtocolError

MAX_REPLY = 8192  # octets; a reply is a name and a few words


class Word(StrEnum):
    OK = "OK"
    FOUND = "FOUND"
    ERROR = "ERROR"


@dataclass(frozen=True, slots=True)
class Verdict:
    """``detail``: the name of what was found, or why it could not be looked at."""

    word: Word
    detail: str = ""

    @property
    def too_large(self) -> bool:
        """More than clamd's StreamMaxLength."""
        return self.word is Word.ERROR and "size limit exceeded" in self.detail

    def encode(self, what: str = "stream") -> bytes:
        """As a server writes it.  What is not printable ASCII becomes "?"."""
        text = f"{what}: {self.detail} {self.word}" if self.detail else f"{what}: {self.word}"
        return "".join(char if " " <= char <= "~" else "?" for char in text).encode("ascii") + b"\0"


_FOUND = re.compile(r"(?:stream|fd\[\d{1,10}\]): (\S[^\x00-\x1f]{0,1000}) FOUND")
_CLEAN = re.compile(r"(?:stream|fd\[\d{1,10}\]): OK")
_ERROR = re.compile(r"(?:(?:stream|fd\[\d{1,10}\]): )?([^\x00-\x1f]{1,2000}?)\.? ERROR")
_EXTENDED = re.compile(r"\([0-9a-f]{32,64}:\d{1,20}\)\Z")  # clamd.conf, ExtendedDetectionInfo
_VERSION = re.compile(r"(ClamAV [^\0/]{1,100})(?:/(\d{1,10})/([^\0]{1,100}))?")


def verdict(line: str) -> Verdict:
    """The answer to INSTREAM and FILDES.  Raises ProtocolError."""
    if _CLEAN.fullmatch(line):
        return Verdict(Word.OK)
    if found := _FOUND.fullmatch(line):
        return Verdict(Word.FOUND, _EXTENDED.sub("", found[1]))
    if error := _ERROR.fullmatch(line):
        return Verdict(Word.ERROR, error[1])
    raise ProtocolError(f"no verdict: {line[:100]!r}")


def version(line: str) -> str:
    """The answer to VERSION: "ClamAV 1.4.3/27800/Mon Nov 23 08:00:00 2026", without a number where it has no official
    database.  Raises ProtocolError."""
    if not _VERSION.fullmatch(line):
        raise ProtocolError(f"no version: {line[:100]!r}")
    return line


class ReplyReader:
    """Takes bytes in any portions, gives the one line that they make."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> str | None:
        """The reply without its NUL, or None until more bytes come.  Raises ProtocolError."""
        self._buffer += data
        end = self._buffer.find(0)
        if end < 0 and len(self._buffer) <= MAX_REPLY:
            return None
        if end < 0 or end > MAX_REPLY:
            raise ProtocolError(f"a reply of more than {MAX_REPLY} octets")
        if end != len(self._buffer) - 1:  # one command has one reply: what follows can be no part of it
            raise ProtocolError("more than one reply")
        return self._buffer[:end].decode("utf-8", "replace").strip()
