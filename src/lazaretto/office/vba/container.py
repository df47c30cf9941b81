"""The compression of Visual Basic projects ([MS-OVBA] 2.4.1), read leniently: what a damaged container still gives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

_SIGNATURE = 1  # 2.4.1.1.1
_PLAIN: Final = 4096  # bytes of a chunk that is not packed, and the most that one unpacks to
_START = b"\0Attribut"  # how the source of every module begins: a byte of flags, then eight literals


class Text(NamedTuple):
    data: bytes
    whole: bool  # False: damaged, or longer than asked for


def unpacked(data: bytes, at: int = 0, most: int = 1 << 26) -> Text:
    """The container at ``at``, up to ``most`` bytes.  Empty when there is none."""
    if at >= len(data) or data[at] != _SIGNATURE:
        return Text(b"", False)
    at += 1
    out: list[bytes] = []
    size = 0
    while at + 2 <= len(data):
        head = int.from_bytes(data[at : at + 2], "little")
        if head >> 12 & 7 != 3:  # 2.4.1.1.5: no chunk any more; sectors are filled up with anything
            return Text(b"".join(out), not head or at + 2 == len(data))
        end = at + (head & 0xFFF) + 3
        piece = _chunk(data[at + 2 : end]) if head >> 15 else data[at + 2 : at + 2 + _PLAIN]
        out.append(piece)
        size += len(piece)
        if size >= most or end > len(data):
            return Text(b"".join(out)[:most], False)
        at = end
    return Text(b"".join(out), True)


def _chunk(data: bytes) -> bytes:
    """2.4.1.3.2: a byte of flags, then eight things, each a literal or a copy of what came before."""
    out = bytearray()
    at, end = 0, len(data)
    while at < end and len(out) < _PLAIN:
        flags = data[at]
        at += 1
        if not flags:
            out += data[at : at + 8]
            at += 8
            continue
        for bit in range(8):
            if at >= end:
                break
            if not flags >> bit & 1:
                out.append(data[at])
                at += 1
                continue
            # 2.4.1.3.19.1: how far back takes more bits the more there is to go back to
            width = max((len(out) - 1).bit_length(), 4) if out else 4
            token = data[at] | (data[at + 1] << 8 if at + 1 < end else 0)
            at += 2
            _copy(out, (token >> (16 - width)) + 1, (token & (0xFFFF >> width)) + 3)
    return bytes(out[:_PLAIN])


def _copy(out: bytearray, back: int, count: int) -> None:
    """May overlap with itself; what lies before the beginning is left out."""
    start = len(out) - back
    if start < 0:
        return
    if back >= count:
        out += out[start : start + count]
    else:
        pattern = bytes(out[start:])
        out += (pattern * (count // back + 1))[:count]


def places(data: bytes) -> Iterator[int]:
    """Where containers begin that hold the source of a module, whoever points to them or not."""
    at = data.find(_START)
    while at >= 0:
        if at >= 3 and data[at - 3] == _SIGNATURE:
            yield at - 3
        at = data.find(_START, at + 1)


def pack(data: bytes) -> bytes:
    """Literals only, which every reader takes."""
    out = bytearray([_SIGNATURE])
    for at in range(0, len(data), 3600):
        piece = data[at : at + 3600]
        body = b"".join(b"\0" + piece[each : each + 8] for each in range(0, len(piece), 8))
        out += (0xB000 | len(body) - 1).to_bytes(2, "little") + body
    return bytes(out)
