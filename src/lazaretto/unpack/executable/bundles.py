"""Programs with the files that they need in one piece: PyInstaller's archives, .NET's single files."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from lazaretto.errors import Malformed
from lazaretto.unpack.inflate import Deflate, Stream

_COOKIE = b"MEI\x0c\x0b\x0a\x0b\x0e"
_ENTRIES = 20_000
# The host of .NET keeps the place of its header in front of this (dotnet/runtime, bundle_marker.cpp).
_BUNDLE = bytes.fromhex("8b1202b96a6120 38727b930214d7a032 13f5b9e6efae3318 ee3b2dce24b36aae")


class File(NamedTuple):
    name: str
    chunks: Iterator[bytes]
    size: int | None = None


def pyinstaller(data: bytes) -> Iterator[File]:
    """PyInstaller's CArchive: a cookie near the end, a table of contents, files that are stored or deflated."""
    at = data.rfind(_COOKIE)
    if at < 0 or at + 24 > len(data):
        return
    length, toc, size = struct.unpack_from(">III", data, at + 8)
    # The length counts from the start of the archive to the end of the cookie, which is 88 bytes since version 2.1.
    start = next((end - length for end in (at + 88, at + 24) if 0 <= end - length < at and end <= len(data)), None)
    if start is None or start + toc + size > at or not length:
        raise Malformed("a PyInstaller archive that is cut off")
    place, end = start + toc, start + toc + size
    for _ in range(_ENTRIES):
        if place + 18 > end:
            return
        step, offset, packed, plain, deflated, _ = struct.unpack_from(">IIIIBc", data, place)
        if step < 18 or start + offset + packed > at:
            raise Malformed("a PyInstaller archive with a damaged table of contents")
        name = data[place + 18 : place + min(step, 1024)].split(b"\0", 1)[0].decode("utf-8", "replace")
        body = data[start + offset : start + offset + packed]
        if packed:
            yield File(name or "unnamed", _inflated(body, 15) if deflated else iter([body]), plain)
        place += step
    raise Malformed(f"more than {_ENTRIES} files in a PyInstaller archive")


def dotnet(data: bytes) -> Iterator[File]:
    """A single-file program of .NET Core 3 and later (dotnet/designs, "single-file bundler")."""
    mark = data.find(_BUNDLE)
    if mark < 8:
        return
    at, = struct.unpack_from("<q", data, mark - 8)  # fmt: skip
    if not 0 < at < len(data) - 12:
        return  # the host alone, without a bundle
    major, _, count = struct.unpack_from("<IIi", data, at)
    if not 1 <= major <= 20 or not 0 <= count <= _ENTRIES:
        raise Malformed("a .NET bundle of an unknown version")
    try:
        _, at = _text(data, at + 12)
        at += 40 if major >= 2 else 0  # places of two known files, flags
        for _ in range(count):
            start, size = struct.unpack_from("<qq", data, at)
            packed = struct.unpack_from("<q", data, at + 16)[0] if major >= 6 else 0
            name, at = _text(data, at + (25 if major >= 6 else 17))
            length = packed or size
            if start < 0 or length < 0 or start + length > len(data):
                raise Malformed(f"a .NET bundle with a file of {length} bytes beyond its end")
            body = data[start : start + length]
            yield File(name, _inflated(body, -15) if packed else iter([body]), size)
    except (struct.error, IndexError):
        raise Malformed("a .NET bundle that is cut off") from None


def _text(data: bytes, at: int) -> tuple[str, int]:
    """Seven bits of the length in each byte, then UTF-8."""
    length = data[at] & 0x7F
    if data[at] & 0x80:
        length |= (data[at + 1] & 0x7F) << 7
        at += 1
    return data[at + 1 : at + 1 + length].decode("utf-8", "replace"), at + 1 + length


def _inflated(body: bytes, window: int) -> Iterator[bytes]:
    stream = Stream(lambda: Deflate(window), body)
    yield from stream.chunks()
    if not stream.complete:
        raise Malformed("deflated data that ends early")
