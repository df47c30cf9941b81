"""uuencode, as a transfer encoding (POSIX.1-2017, utility uuencode: "The historical algorithm")."""

from __future__ import annotations

import binascii
import re
from itertools import islice

from lazaretto.mime import defects

_BEGIN = re.compile(rb"^begin[ \t]+[0-7]{3,4}[ \t][^\n]*+(?:\n|\Z)", re.M)
_LINE = re.compile(rb"[^\r\n]+")
_MOST_LINES = 500_000  # 22 MB
_MOST_ZEROS = 1_024  # bytes that are not there, beside those that are
LIMIT_UU = "limit-uuencode"  # the rest was not decoded


def begins(data: bytes) -> bool:
    """True if a ``begin 644 name`` line is in ``data``."""
    return _BEGIN.search(data) is not None


def decode(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """What stands between ``begin`` and ``end``, and the defects.

    Lenient: without a begin line all lines are tried, blanks cut off at line ends and wrong trailing
    characters are made good, undecodable lines are skipped.
    """
    begin = _BEGIN.search(data)
    decoded = bytearray()
    odd = set() if begin else {defects.UU_DAMAGED}
    lines = _LINE.finditer(data, begin.end() if begin else 0)
    for found in islice(lines, _MOST_LINES):
        if found[0] == b"end":
            return bytes(decoded), tuple(odd)
        piece = _line(found[0])
        if piece is None:
            odd.add(defects.UU_DAMAGED)
            continue
        decoded += piece
        # A line may say that it is long and hold nothing: the blanks of zeros, cut off on the way.
        if len(decoded) > 2 * len(data) + _MOST_ZEROS:
            break
    odd.add(defects.UU_DAMAGED)
    if next(lines, None):
        odd.add(LIMIT_UU)
    return bytes(decoded), tuple(sorted(odd))


def _line(line: bytes) -> bytes | None:
    length = (line[0] - 32) & 63
    # Some encoders add a check character or blanks; what the length asks for is all that counts.
    for candidate in (line, line[: 1 + (length + 2) // 3 * 4], line[: (length * 4 + 5) // 3 + 1]):
        try:
            return binascii.a2b_uu(candidate)
        except binascii.Error:
            continue
    return None
