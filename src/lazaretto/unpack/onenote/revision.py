"""The store of revisions ([MS-ONESTORE]): every file in it, by its marks and not by the lists that lead to it, so that
damaged lists and older revisions hide nothing.  The lists give the names."""

from __future__ import annotations

import re
import struct
from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

from lazaretto.unpack.onenote import properties

HEADER = bytes.fromhex("e716e3bd65261145a4c48d4d0b7a9eac")  # 2.6.13
_FOOTER = bytes.fromhex("22a7fb71790f0b4abb13899256426b24")
_FRAGMENT = re.compile(re.escape(bytes.fromhex("c4f4f7f5b17a56a4")))  # 2.4.2
_BEFORE = 36  # bytes from the beginning of the header to the data
_PADDING = 8
_NODES = 300_000  # of all lists
_REFERENCE, _FILE_DATA, _LARGE_FILE_DATA = 0x94, 0x72, 0x73
# Declarations and revisions of objects, whose properties a chunk elsewhere holds
_OBJECTS = frozenset({0x2D, 0x2E, 0x41, 0x42, 0xA4, 0xA5, 0xC4, 0xC5})
_TERMINATORS = frozenset({0x00, 0xFF})
_GUID = re.compile("<ifndf>{([0-9A-Fa-f-]{36})}")
_SETS = 50_000  # property sets that are read
_SET_BYTES = 64 * 2**20  # of them together


class File(NamedTuple):
    """One in the store; ``at`` is where its header stands."""

    at: int
    start: int
    end: int


class Node(NamedTuple):
    id: int
    at: int  # of the chunk that it refers to
    size: int
    body: bytes  # behind the reference


def files(data: bytes) -> Iterator[File]:
    """By their marks.  A length that does not lead to the footer is not believed."""
    footers = [found.start() for found in re.finditer(re.escape(_FOOTER), data)]
    for found in re.finditer(re.escape(HEADER), data):
        start = found.start() + _BEFORE
        size = int.from_bytes(data[found.end() : found.end() + 8], "little")
        index = bisect_left(footers, start)
        end = footers[index] if index < len(footers) else len(data)
        if 0 <= end - start - size < _PADDING:
            end = start + size
        elif start + size + len(_FOOTER) <= len(data) and _FOOTER in data[start + size : start + size + 23]:
            end = start + size  # the file holds a footer itself
        if start <= len(data):
            yield File(found.start(), start, end)


class Names:
    """What the lists say of the files, and the texts of the pages."""

    def __init__(self, data: bytes) -> None:
        self.texts: dict[str, None] = {}
        self.complete = True
        self._guids: dict[int, str] = {}  # of files, by where they stand
        self._extensions: dict[str, str] = {}
        self._objects: dict[str, set[int]] = {}  # ids of the objects that refer to a file
        self._named: dict[int, list[str]] = {}  # names, by the id of the object with the data
        seen: set[tuple[int, int]] = set()
        left = _SET_BYTES
        for node in self._nodes(data):
            if node.id == _REFERENCE and len(node.body) >= 16:
                self._guids[node.at] = _guid(node.body[:16])
            elif node.id in (_FILE_DATA, _LARGE_FILE_DATA):
                self._declared(node)
            elif node.id in _OBJECTS and (node.at, node.size) not in seen:
                seen.add((node.at, node.size))
                left -= node.size
                if left < 0 or len(seen) > _SETS:
                    self.complete = False
                    break
                self._object(properties.read(data[node.at : node.at + node.size]))

    def of(self, file: File) -> tuple[str, ...]:
        guid = self._guids.get(file.at, "")
        found = [name for each in sorted(self._objects.get(guid, ())) for name in self._named.get(each, ())]
        extension = self._extensions.get(guid, "")
        return tuple(dict.fromkeys(found or ([f"file{extension}"] if extension else [])))

    def _nodes(self, data: bytes) -> Iterator[Node]:
        left = _NODES
        for found in _FRAGMENT.finditer(data):
            at = found.end() + 8
            while at + 4 <= len(data) and left:
                left -= 1
                node, size = _node(data, at)
                if node is None:
                    break
                yield node
                at += size
        self.complete = self.complete and bool(left)

    def _declared(self, node: Node) -> None:
        """2.5.27, 2.5.28: the file's reference and its extension."""
        at = 8 + (4 if node.id == _LARGE_FILE_DATA else 1)
        reference, at = _counted(node.body, at)
        extension, _ = _counted(node.body, at)
        if found := _GUID.match(reference):
            guid = found[1].lower()
            self._objects.setdefault(guid, set()).add(int.from_bytes(node.body[:4], "little"))
            if extension:
                self._extensions[guid] = extension[:20] if extension.startswith(".") else f".{extension[:20]}"

    def _object(self, found: properties.Properties) -> None:
        self.texts.update(dict.fromkeys(found.texts))
        for each, name in found.named:
            names = self._named.setdefault(each, [])
            if len(names) < 32:
                names.append(name)


def _node(data: bytes, at: int) -> tuple[Node | None, int]:
    """2.4.3: ids, formats of the reference in front, size; None where the list ends."""
    (head,) = struct.unpack_from("<I", data, at)
    size = head >> 10 & 0x1FFF
    if size < 4 or at + size > len(data) or head & 0x3FF in _TERMINATORS:
        return None, 0
    body, where, length = at + 4, 0, 0
    if head >> 27 & 0xF:
        width, times = ((8, 1), (4, 1), (2, 8), (4, 8))[head >> 23 & 3]
        where = int.from_bytes(data[body : body + width], "little") * times
        body += width
        width, times = ((4, 1), (8, 1), (1, 8), (2, 8))[head >> 25 & 3]
        length = int.from_bytes(data[body : body + width], "little") * times
        body += width
    return Node(head & 0x3FF, where, min(length, max(0, len(data) - where)), data[body : at + size]), size


def _counted(data: bytes, at: int) -> tuple[str, int]:
    end = at + 4 + 2 * int.from_bytes(data[at : at + 4], "little")
    return data[at + 4 : end].decode("utf-16-le", "replace").rstrip("\0"), end


def _guid(data: bytes) -> str:
    first, second, third = struct.unpack_from("<IHH", data)
    return f"{first:08x}-{second:04x}-{third:04x}-{data[8:10].hex()}-{data[10:].hex()}"
