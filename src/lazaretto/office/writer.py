"""Writes compound files ([MS-CFB], version 3): a storage out of another, as a file of its own."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from lazaretto.errors import LimitExceeded
from lazaretto.office.compound import MAGIC, ROOT, STORAGE, STREAM, Compound, Entry

_SECTOR, _MINI, _CUTOFF = 512, 64, 4096
_END, _FREE, _IS_FAT, _IS_DIFAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD, 0xFFFFFFFC
_IN_HEADER: Final = 109
_PER_FAT, _PER_DIFAT = _SECTOR // 4, _SECTOR // 4 - 1


@dataclass(slots=True)
class Node:
    """A storage (``data`` None) with what is in it, or a stream."""

    name: str
    data: bytes | None = None
    children: list[Node] = field(default_factory=list)
    clsid: str = ""


def copy(source: Compound, storage: Entry, most: int) -> Node:
    """A storage with all that is in it.  Raises LimitExceeded when its streams have more than ``most`` bytes together:
    entries that share their sectors make more of a file than it has."""
    root = Node("Root Entry", clsid=storage.clsid)
    waiting, left = [(storage, root)], most
    while waiting:
        entry, node = waiting.pop()
        for each in source.children.get(entry.number, ()):
            if each.kind == STORAGE:
                inner = Node(each.name, clsid=each.clsid)
                waiting.append((each, inner))
            else:
                inner = Node(each.name, source.read(each))
                left -= len(inner.data or b"")
                if left < 0:
                    raise LimitExceeded("ratio", "a storage of more bytes than the file that holds it")
            node.children.append(inner)
    return root


def write(root: Node) -> bytes:
    """The file whose root storage this is."""
    return _Writer(root).file()


class _Writer:
    def __init__(self, root: Node) -> None:
        self._body = bytearray()
        self._fat: list[int] = []
        self._mini = bytearray()
        self._mini_fat: list[int] = []
        self._entries: list[bytes] = []
        self._root = root

    def file(self) -> bytes:
        nodes, links = _numbered(self._root)
        places = [self._put(node.data) if node.data is not None else (0, 0) for node in nodes]
        mini = self._append(bytes(self._mini))
        places[0] = (mini, len(self._mini))
        directory = b"".join(
            _entry(node, links[at], places[at], ROOT if not at else STREAM if node.data is not None else STORAGE)
            for at, node in enumerate(nodes)
        )
        directory += bytes(-len(directory) % _SECTOR)
        mini_fat = struct.pack(f"<{len(self._mini_fat)}I", *self._mini_fat)
        start, count = self._append(directory), -(-len(mini_fat) // _SECTOR)
        mini_start = self._append(mini_fat, b"\xff")
        return self._finished(start, mini_start, count)

    def _put(self, data: bytes) -> tuple[int, int]:
        if not data:
            return _END, 0
        if len(data) >= _CUTOFF:
            return self._append(data), len(data)
        start, count = len(self._mini_fat), -(-len(data) // _MINI)
        self._mini += data + bytes(-len(data) % _MINI)
        self._mini_fat += [*range(start + 1, start + count), _END]
        return start, len(data)

    def _append(self, data: bytes, fill: bytes = b"\0") -> int:
        if not data:
            return _END
        start, count = len(self._fat), -(-len(data) // _SECTOR)
        self._body += data + fill * (-len(data) % _SECTOR)
        self._fat += [*range(start + 1, start + count), _END]
        return start

    def _finished(self, directory: int, mini_start: int, mini_count: int) -> bytes:
        sectors = len(self._fat)
        fats = difats = 0
        while (fats, difats) != (more := _tables(sectors, fats, difats)):
            fats, difats = more
        numbers = list(range(sectors, sectors + fats))
        first = sectors + fats
        self._fat += [_IS_FAT] * fats + [_IS_DIFAT] * difats
        self._fat += [_FREE] * (-len(self._fat) % _PER_FAT)
        tables = bytearray(struct.pack(f"<{len(self._fat)}I", *self._fat))
        for at in range(difats):
            piece = numbers[_IN_HEADER + at * _PER_DIFAT :][:_PER_DIFAT]
            piece += [_FREE] * (_PER_DIFAT - len(piece)) + [first + at + 1 if at + 1 < difats else _END]
            tables += struct.pack(f"<{_PER_FAT}I", *piece)
        shown = numbers[:_IN_HEADER]
        head = struct.pack("<8s16xHHHHH6xIIIII", MAGIC, 0x3E, 3, 0xFFFE, 9, 6, 0, fats, directory, 0, _CUTOFF)
        head += struct.pack("<IIII", mini_start, mini_count, first if difats else _END, difats)
        head += struct.pack(f"<{_IN_HEADER}I", *shown, *[_FREE] * (_IN_HEADER - len(shown)))
        return bytes(head + self._body + tables)


def _tables(sectors: int, fats: int, difats: int) -> tuple[int, int]:
    fats = -(-(sectors + fats + difats) // _PER_FAT)
    return fats, max(0, -(-(fats - _IN_HEADER) // _PER_DIFAT))


_Links = tuple[int, int, int]  # left, right, child


def _numbered(root: Node) -> tuple[list[Node], list[_Links]]:
    """All nodes in the order of their numbers, and their links: the children of one storage are a balanced tree."""
    nodes, links = [root], [(_FREE, _FREE, _FREE)]
    at = 0
    while at < len(nodes):
        children = sorted(nodes[at].children, key=_order)
        first = len(nodes)
        nodes += children
        links += [(_FREE, _FREE, _FREE)] * len(children)
        links[at] = (links[at][0], links[at][1], first + len(children) // 2 if children else _FREE)
        waiting = [(0, len(children))]
        while waiting:
            low, high = waiting.pop()
            if low >= high:
                continue
            middle = (low + high) // 2
            halves = [(low, middle), (middle + 1, high)]
            left, right = (first + (a + b) // 2 if a < b else _FREE for a, b in halves)
            links[first + middle] = (left, right, _FREE)
            waiting += halves
        at += 1
    return nodes, links


def _order(node: Node) -> tuple[int, str]:
    """2.6.4: shorter names first, then by capitals."""
    return len(_name(node)), node.name.upper()


def _name(node: Node) -> bytes:
    return node.name.encode("utf-16-le", "replace")[:62]


def _entry(node: Node, links: _Links, place: tuple[int, int], kind: int) -> bytes:
    name = _name(node)
    clsid = UUID(node.clsid).bytes_le if node.clsid else bytes(16)
    head = name.ljust(64, b"\0") + struct.pack("<HBBIII", len(name) + 2, kind, 1, *links)
    return head + clsid + struct.pack("<I16xIQ", 0, *place)
