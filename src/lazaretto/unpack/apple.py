"""AppleSingle and AppleDouble (RFC 1740): a Macintosh file as a list of entries."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import ClassVar

from lazaretto.errors import Malformed
from lazaretto.model import Artifact, Finding
from lazaretto.plugin import Member, Unpacker
from lazaretto.unpack.signatures import APPLE

_HEADER = 26  # magic, version, filler, number of entries
_DATA, _RESOURCE, _NAME = 1, 2, 3
_NAMES, _LONGEST_NAME = 4, 1024
_METADATA = frozenset(range(4, 16))  # comment, icons, dates, Finder info and such


class Apple(Unpacker):
    """The data fork, the resource fork, and entries that no version of the format knows."""

    name: ClassVar[str] = "apple"
    types: ClassVar[frozenset[str]] = frozenset({APPLE})

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        data = artifact.data
        entries = list(_entries(data))
        named = [(at, min(size, _LONGEST_NAME)) for kind, at, size in entries if kind == _NAME and size][:_NAMES]
        names = tuple(_text(data[at : at + size]) for at, size in named)
        names = names or tuple(name.removeprefix("._") for name in artifact.names[:1])
        end = _HEADER + 12 * len(entries)
        for kind, at, size in entries:
            end = max(end, at + size)
            if kind == _NAME or kind in _METADATA or not (piece := data[at : at + size]):
                continue
            if kind == _DATA:
                yield Member(names, [piece], size=size)
            elif kind == _RESOURCE:
                yield Member(tuple(f"{name}.rsrc" for name in names), [piece], size=size)
            else:
                yield Member((f"entry-{kind}",), [piece], size=size)
        if data[end:].strip(b"\0"):
            yield Member(("trailing-data",), [data[end:]])
        if end > len(data):
            raise Malformed(f"AppleSingle cut off: {end - len(data)} bytes are missing")


def _entries(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Id, offset and length of each."""
    if len(data) < _HEADER:
        raise Malformed("AppleSingle header cut off")
    count = int.from_bytes(data[24:26], "big")
    if len(data) < _HEADER + 12 * count:
        raise Malformed(f"AppleSingle: {count} entries announced, not all there")
    for number in range(count):
        yield struct.unpack_from(">III", data, _HEADER + 12 * number)


def _text(octets: bytes) -> str:
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("mac_roman")
