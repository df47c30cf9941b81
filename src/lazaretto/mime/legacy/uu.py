"""uuencode, its twin xxencode, and begin-base64 (POSIX.1-2017, utility uuencode).

The three share the ``begin`` line.  xxencode is uuencode with another alphabet and is told by its content.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from typing import NamedTuple

from lazaretto.mime.legacy import runs
from lazaretto.mime.legacy.found import LINE, Found, Whole, name_of

# The mode is odd or missing in some; Outlook takes "begin" and two blanks for the start of a file.  The literal
# stands first and looks back to its line's beginning because a search for a literal is quick.
_BEGIN = re.compile(rb"begin(?<![^\r\n]begin)(-base64(?:-encoded)?)?[ \t]+([^\r\n]+)")
_MODE = re.compile(rb"[0-7]{1,6}+(?:[ \t]+|\Z)")
_END = re.compile(rb"end(?<![^\r\n]end)[ \t]*(?=[\r\n]|\Z)")
_BASE64_END = re.compile(rb"===(?<![^\r\n]===)=?[ \t]*(?=[\r\n]|\Z)")
_MOST_BAD = 100_000  # lines of one body that do not decode
_MOST_ZEROS = 1_024  # bytes that are not there, beside those that are
_GROUP = 4  # characters for three bytes
_BAD = 8  # lines in a row that do not decode, before a text without an end line counts as over

_XX = b"+-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
# To the characters of uuencode; what is in no alphabet to one that no uuencode has.
_FROM_XX = bytes(_XX.index(code) + 32 if code in _XX else 0xFF for code in range(256))


def present(data: bytes) -> bool:
    return _BEGIN.search(data) is not None


def begins(data: bytes) -> bool:
    """True if a ``begin 644 name`` line is in ``data``."""
    return any(_MODE.match(head[2]) for head in _BEGIN.finditer(data))


def find(data: bytes) -> Iterator[Found]:
    """Every begin line with at least one line behind it that is what it should be; with or without an end line."""
    head = _BEGIN.search(data)
    while head:
        following = _BEGIN.search(data, head.end())
        body = _body(data, head, following.start() if following else len(data))
        if body.cut or (body.likely and body.data):
            yield Found(head.start(), body.end, _names(head), bytes(body.data), body.sound, body.format, body.cut)
        head = following


def decode(data: bytes) -> Whole:
    """What stands between the first ``begin`` and its ``end``.

    Lenient: without a begin line all lines are tried, blanks cut off at line ends and wrong trailing
    characters are made good, undecodable lines are skipped.
    """
    return _first(data, xx=False)


def decode_xx(data: bytes) -> Whole:
    """The same for xxencode."""
    return _first(data, xx=True)


class _Body(NamedTuple):
    data: bytearray | bytes
    end: int
    sound: bool
    likely: bool  # encoded on purpose: a line is as long as it says, or it is all sound
    format: str
    cut: bool = False


def _first(data: bytes, *, xx: bool) -> Whole:
    head = _BEGIN.search(data)
    if head and head[1]:
        body = _base64(data, head.end(), len(data))
    else:
        body = _lines(data, head.end() if head else 0, len(data), xx=xx, patient=True)
    return Whole(bytes(body.data), body.sound and head is not None, body.cut)


def _names(head: re.Match[bytes]) -> tuple[str, ...]:
    mode = _MODE.match(head[2])
    name = head[2][mode.end() :] if mode else head[2]
    # GNU uuencode -e writes the name in base64 too.
    return name_of(runs.lenient(name)[0] if (head[1] or b"").endswith(b"-encoded") else name)


def _body(data: bytes, head: re.Match[bytes], limit: int) -> _Body:
    if head[1]:
        return _base64(data, head.end(), limit)
    uu = _lines(data, head.end(), limit, strict=not _MODE.match(head[2]))
    if uu.sound and uu.likely:
        return uu
    xx = _lines(data, head.end(), limit, xx=True, strict=True)
    return xx if xx.likely and (not uu.likely or len(xx.data) > len(uu.data)) else uu


def _base64(data: bytes, start: int, limit: int) -> _Body:
    close = _BASE64_END.search(data, start, limit)
    end = close.start() if close else runs.extent(data, start, limit)
    decoded, sound = runs.lenient(data[start:end])
    return _Body(decoded, close.end() if close else end, sound and close is not None, bool(decoded), "base64")


def _lines(
    data: bytes, start: int, limit: int, *, xx: bool = False, patient: bool = False, strict: bool = False
) -> _Body:
    """``patient``: to the end line or the limit, whatever stands between.  ``strict``: lines that are all too short
    do not count as lines whose blanks somebody has cut off."""
    decoded = bytearray()
    sound, likely, bad, worst, end = True, False, 0, 0, start
    for found in LINE.finditer(data, start, limit):
        line = found[0]
        if line[:3] == b"end" and not line[3:].strip():
            return _Body(
                decoded, found.end(), sound, likely or (sound and not strict), "xxencode" if xx else "uuencode"
            )
        if xx:
            line = line.translate(_FROM_XX)
        piece = _line(line)
        if piece is not None:
            decoded += piece
            bad, end = 0, found.end()
            sound = sound and 32 <= line[0] <= 96
            likely = likely or _is_exact(line, len(piece))
            # A line may say that it is long and hold nothing: the blanks of zeros, cut off on the way.
            if len(decoded) > 2 * (end - start) + _MOST_ZEROS:
                return _Body(decoded, end, False, likely, "xxencode" if xx else "uuencode", True)
            continue
        sound, bad, worst = False, bad + 1, worst + 1
        if worst > _MOST_BAD:
            return _Body(decoded, found.end(), False, likely, "xxencode" if xx else "uuencode", True)
        if bad > _BAD and not patient:
            if not likely or not _END.search(data, found.end(), limit):
                break
            patient = True
    return _Body(decoded, end, False, likely, "xxencode" if xx else "uuencode")


def _is_exact(line: bytes, size: int) -> bool:
    """As long as its first character asks for, or up to three check characters longer."""
    return 0 < size * 4 <= (len(line) - 1) * 3 and len(line.rstrip()) - 1 <= (size + 2) // 3 * 4 + 3


def _line(line: bytes) -> bytes | None:
    if not line:
        return None
    length = (line[0] - 32) & 63
    if not 32 <= line[0] <= 96:
        # Most decoders, the first of all as well as Python's, look at six bits of the length alone.
        return _line(bytes([length + 32]) + line[1:]) if len(line) > _GROUP else None
    # Some encoders add a check character or blanks; what the length asks for is all that counts, as in Python's uu.
    for candidate in (line, line[: 1 + (length + 2) // 3 * 4], line[: (length * 4 + 5) // 3]):
        try:
            return binascii.a2b_uu(candidate)
        except binascii.Error:
            continue
    return None
