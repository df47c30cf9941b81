"""yEnc (J. Helbing, "yEnc - Efficient encoding for Usenet and eMail", version 1.3): bytes plus 42, "=" escapes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from lazaretto.mime.legacy.found import Found, name_of

_BEGIN = re.compile(rb"=ybegin(?<![^\r\n]=ybegin)[ \t]+([^\r\n]*)(?:\r*\n|\r+|\Z)")
_PART = re.compile(rb"=ypart[ \t]+([^\r\n]*)(?:\r*\n|\r+|\Z)")
_END = re.compile(rb"=yend(?<![^\r\n]=yend)(?:[ \t]+([^\r\n]*)|(?=[\r\n]|\Z))")
_KEYWORD = re.compile(rb"=y(?<![^\r\n]=y)[^\r\n]*")
_NUMBER = re.compile(rb"(?:\A|[ \t])(size|part|begin)=([0-9]{1,15})")
_NAME = re.compile(rb"(?:\A|[ \t])name=(.*)", re.DOTALL)  # always the last, it may hold blanks and "="
_STUFFED = re.compile(rb"(?:\A|(?<=[\r\n]))\.\.")
_MINUS = bytes((code - 42) & 255 for code in range(256))


class _Piece(NamedTuple):
    """What stands between one =ybegin and its =yend."""

    start: int
    end: int
    names: tuple[str, ...]
    data: bytes
    sound: bool
    offset: int | None  # in the whole file, of a piece of one


def present(data: bytes) -> bool:
    return _BEGIN.search(data) is not None


def find(data: bytes) -> Iterator[Found]:
    """Every file; pieces of one name are joined by the offsets that they claim."""
    files: dict[tuple[str, ...], dict[int, _Piece]] = {}
    for piece in _pieces(data):
        if not piece.data:
            continue
        if piece.offset is None or piece.offset in files.get(piece.names, ()):  # whole, or a second one for its place
            yield Found(piece.start, piece.end, piece.names, piece.data, piece.sound, "yenc")
        else:
            files.setdefault(piece.names, {})[piece.offset] = piece
    for names, pieces in files.items():
        ordered = [pieces[offset] for offset in sorted(pieces)]
        joined = b"".join(piece.data for piece in ordered)
        sound = all(piece.sound for piece in ordered) and _adjoin(ordered)
        start, end = min(piece.start for piece in ordered), max(piece.end for piece in ordered)
        yield Found(start, end, names, joined, sound, "yenc")


def decode(data: bytes) -> tuple[bytes, bool]:
    """The first file; without a =ybegin line, all that is no keyword line."""
    first = next(find(data), None)
    if first:
        return first.data, first.sound
    if _BEGIN.search(data):
        return b"", False
    return _plain(_KEYWORD.sub(b"", data)), False


def _adjoin(pieces: list[_Piece]) -> bool:
    at = 0
    for piece in pieces:
        if piece.offset != at:
            return False
        at += len(piece.data)
    return True


def _pieces(data: bytes) -> Iterator[_Piece]:
    head = _BEGIN.search(data)
    while head:
        following = _BEGIN.search(data, head.end())
        limit = following.start() if following else len(data)
        start, numbers, offset = head.end(), _numbers(head[1]), None
        part = _PART.match(data, start, limit)
        if part or "part" in numbers:
            start = part.end() if part else start
            offset = _numbers(part[1]).get("begin", 1) - 1 if part else numbers["part"]
        close = _END.search(data, start, limit)
        end = close.end() if close else limit
        claimed = _numbers(close[1] or b"") if close else numbers if offset is None else {}
        body, fits = _body(data[start : close.start() if close else limit], claimed.get("size"))
        name = _NAME.search(head[1])
        yield _Piece(head.start(), end, name_of(name[1]) if name else (), body, close is not None and fits, offset)
        head = following


def _numbers(line: bytes) -> dict[str, int]:
    before = line.partition(b"name=")[0]
    return {key.decode(): int(value) for key, value in _NUMBER.findall(before)}


def _body(body: bytes, size: int | None) -> tuple[bytes, bool]:
    """Decoded, and whether it is as long as it should be.  Two dots at a line's start are one that NNTP and SMTP
    have doubled (RFC 5321 section 4.5.2) and nobody undone, or two: the size decides."""
    decoded = _plain(body)
    if size is None or len(decoded) == size:
        return decoded, size is not None
    if b".." in body and len(single := _plain(_STUFFED.sub(b".", body))) == size:
        return single, True
    return decoded, False


def _plain(body: bytes) -> bytes:
    """No encoder leaves CR or LF in the data; "=" adds 64 to what follows."""
    body = body.translate(None, b"\r\n")
    decoded, at = bytearray(), 0
    while (escape := body.find(b"=", at)) >= 0:
        decoded += body[at:escape]
        if escape + 1 < len(body):
            decoded.append((body[escape + 1] - 64) & 255)
        at = escape + 2
    decoded += body[at:]
    return bytes(decoded.translate(_MINUS))
