"""What stands behind an executable, and what its certificates hold beside themselves."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from lazaretto.unpack.executable.layout import CERTIFICATES, Image

_CERTIFICATES = 64
_REVISIONS = frozenset({0x100, 0x200})


class Stretch(NamedTuple):
    name: str
    data: bytes


def stretches(data: bytes, image: Image) -> Iterator[Stretch]:
    """The overlay in front of the certificates and behind them, and what the certificates are padded with.  Zeros
    alone are nothing."""
    start, end = _table(data, image)
    inner, stop = _extras(data, start, end)
    pieces = [("overlay", data[image.end : start]), ("behind-certificates", data[stop:])]
    for name, piece in pieces if start < len(data) else pieces[:1]:
        if piece.strip(b"\0"):
            yield Stretch(name, piece)
    for number, extra in enumerate(inner, 1):
        yield Stretch(f"certificate-{number}", extra)


def _table(data: bytes, image: Image) -> tuple[int, int]:
    """Of the certificates; both at the end of the file when there are none."""
    start, size = image.directory(CERTIFICATES) if image.format == "PE" else (0, 0)
    if size < 8 or not image.end <= start <= len(data) - 8:
        return len(data), len(data)
    length, revision, kind = struct.unpack_from("<IHH", data, start)
    if revision not in _REVISIONS or kind != 2 or length < 16 or data[start + 8] != 0x30:
        return len(data), len(data)  # it only says that it is one: the whole is overlay
    return start, min(start + size, len(data))


def _extras(data: bytes, start: int, end: int) -> tuple[list[bytes], int]:
    """PE Format, "The Attribute Certificate Table": each is padded to 8 bytes, with zeros by whoever is honest."""
    extras, at = [], start
    for _ in range(_CERTIFICATES):
        if at + 16 > end:
            break
        length, revision, kind = struct.unpack_from("<IHH", data, at)
        if revision not in _REVISIONS or kind != 2 or not 16 <= length <= end - at:
            break
        extra = data[at + 8 + _der(data, at + 8) : at + length]
        if extra.strip(b"\0"):
            extras.append(extra)
        at = min(at + length + 7 & ~7, end)
    return extras, at


def _der(data: bytes, at: int) -> int:
    """How long the value is that begins here, with its header (X.690, 8.1.3)."""
    first = data[at + 1]
    if first < 0x80:
        return 2 + first
    count = first & 0x7F
    return 2 + count + int.from_bytes(data[at + 2 : at + 2 + count]) if count <= 4 else len(data)
