"""uuencode, as a transfer encoding (POSIX.1-2017, utility uuencode: "The historical algorithm")."""

from __future__ import annotations

import binascii
import re

_BEGIN = re.compile(rb"^begin[ \t]+[0-7]{3,4}[ \t][^\n]*+(?:\n|\Z)", re.M)
_LINE = re.compile(rb"[^\r\n]+")


def begins(data: bytes) -> bool:
    """True if a ``begin 644 name`` line is in ``data``."""
    return _BEGIN.search(data) is not None


def decode(data: bytes) -> tuple[bytes, bool]:
    """What stands between ``begin`` and ``end``, and whether it was all well formed.

    Lenient: without a begin line all lines are tried, blanks cut off at line ends and wrong trailing
    characters are made good, undecodable lines are skipped.
    """
    begin = _BEGIN.search(data)
    decoded = bytearray()
    sound = begin is not None
    for found in _LINE.finditer(data, begin.end() if begin else 0):
        if found[0] == b"end":
            return bytes(decoded), sound
        piece = _line(found[0])
        sound = sound and piece is not None
        decoded += piece or b""
    return bytes(decoded), False


def _line(line: bytes) -> bytes | None:
    length = (line[0] - 32) & 63
    # Some encoders add a check character or blanks; what the length asks for is all that counts.
    for candidate in (line, line[: 1 + (length + 2) // 3 * 4], line[: (length * 4 + 5) // 3 + 1]):
        try:
            return binascii.a2b_uu(candidate)
        except binascii.Error:
            continue
    return None
