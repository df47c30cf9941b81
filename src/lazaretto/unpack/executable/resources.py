"""Resources of a PE file that hold files: archives, programs, scripts and pages, not the icons and the dialogs."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from lazaretto.unpack.executable.layout import Image

_NODES = 4000  # entries of the tree
_OVERLAP = 4  # times the size of the file that all of them may have
_DIRECTORY = 2  # of the data directories
_RCDATA, _HTML = 10, 23
# winuser.h: what Windows itself makes of them; message tables, icons, dialogs, version, manifest ...
_USUAL = frozenset(range(1, 25)) - {_RCDATA, _HTML} | {240, 241}


class Resource(NamedTuple):
    name: str  # "RCDATA/CABINET"
    data: bytes
    html: bool
    start: int  # in the file


def resources(data: bytes, image: Image) -> Iterator[Resource | str]:
    """A text is what keeps the rest from being seen."""
    root = image.offset(image.directory(_DIRECTORY)[0])
    if not image.directory(_DIRECTORY)[0] or root is None:
        return
    waiting: list[tuple[int, tuple[str, ...], bool]] = [(0, (), False)]
    seen, nodes, size = {0}, 0, 0
    while waiting:
        place, names, html = waiting.pop()
        for ident, child in _entries(data, root, place):
            nodes += 1
            if nodes > _NODES:
                yield f"more than {_NODES} resources"
                return
            kind = len(names) == 0
            if kind and isinstance(ident, int) and ident in _USUAL:
                continue
            step = (*names, _type_name(ident) if kind else str(ident))
            page = html or (kind and ident == _HTML)
            if child & 0x80000000:
                inner = child & 0x7FFFFFFF
                if inner not in seen and len(step) < 4:
                    seen.add(inner)
                    waiting.append((inner, step, page))
            elif (span := _leaf(data, image, root + child)) and (leaf := data[span[0] : sum(span)]):
                size += len(leaf)
                if size > _OVERLAP * len(data):
                    yield "resources that lie upon each other"
                    return
                yield Resource("/".join(step[:2]), leaf, page, span[0])


def _entries(data: bytes, root: int, place: int) -> Iterator[tuple[int | str, int]]:
    """IMAGE_RESOURCE_DIRECTORY: entries with a name, then those with a number."""
    at = root + place
    if at + 16 > len(data):
        return
    named, numbered = struct.unpack_from("<HH", data, at + 12)
    for number in range(min(named + numbered, _NODES + 1)):
        if at + 24 + 8 * number > len(data):
            return
        ident, child = struct.unpack_from("<II", data, at + 16 + 8 * number)
        yield (_name(data, root + (ident & 0x7FFFFFFF)) if ident & 0x80000000 else ident), child


def _name(data: bytes, at: int) -> str:
    length = int.from_bytes(data[at : at + 2], "little")
    return data[at + 2 : at + 2 + 2 * min(length, 100)].decode("utf-16-le", "replace")


def _type_name(ident: int | str) -> str:
    return {_RCDATA: "RCDATA", _HTML: "HTML"}.get(ident, str(ident)) if isinstance(ident, int) else ident


def _leaf(data: bytes, image: Image, at: int) -> tuple[int, int] | None:
    """Place in the file and length."""
    if at + 8 > len(data):
        return None
    address, size = struct.unpack_from("<II", data, at)
    start = image.offset(address)
    return None if start is None else (start, size)
