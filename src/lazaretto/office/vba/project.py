"""A Visual Basic project in a compound file ([MS-OVBA] 2.2): its modules with their source, and what is left of source
that somebody took away.

Office runs the compiled form beside the source when it was compiled by the very version that opens it, so that source
which was emptied or exchanged ("VBA stomping") says nothing about what happens.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lazaretto.errors import HostileInput
from lazaretto.office.compound import STORAGE, Compound, Entry
from lazaretto.office.vba import container, directory

MOST = 1 << 23  # bytes of all sources of a file: honest projects have a tenth of it
_CODE = re.compile(
    r"^[ \t]*+(?!Attribute |Option |'|Rem |VERSION |Begin|End\r?$|MultiUse)[^\s]", re.IGNORECASE | re.MULTILINE
)
_MODULES = 1000  # that no directory names
_WORDS = re.compile(rb"[A-Za-z_.][A-Za-z0-9_.]{2,63}+")
_LITERAL = b"\xb9\0"  # p-code: a string literal follows, two bytes of length before it (no specification)
_PROTECTED = re.compile(rb"^(CMG|DPB)=\"([0-9A-Fa-f]{8,400})\"", re.MULTILINE)


@dataclass(slots=True)
class Module:
    name: str
    source: str
    cache: bytes = field(default=b"", repr=False)  # what was compiled, before the source
    stray: bool = False  # no directory names it
    whole: bool = True

    @property
    def has_code(self) -> bool:
        return _CODE.search(self.source) is not None

    @property
    def literals(self) -> list[str]:
        """Strings of its compiled form."""
        found: list[str] = []
        at = self.cache.find(_LITERAL)
        while at >= 0 and len(found) < 10_000:
            size = int.from_bytes(self.cache[at + 2 : at + 4], "little")
            text = self.cache[at + 4 : at + 4 + size]
            if 3 <= size == len(text) and text.isascii() and text.decode().isprintable():
                found.append(text.decode())
            at = self.cache.find(_LITERAL, at + 2)
        return found


@dataclass(slots=True)
class Project:
    path: str  # of its storage
    modules: list[Module] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    names: frozenset[str] = frozenset()  # identifiers of the compiled form, in lower case
    protected: bool = False  # locked for viewing
    notes: list[str] = field(default_factory=list)
    complete: bool = True


class _Room:
    """What may still be unpacked."""

    def __init__(self) -> None:
        self._left = MOST

    def unpacked(self, octets: bytes, at: int, project: Project) -> container.Text:
        text = container.unpacked(octets, at, max(self._left, 0))
        self._left -= len(text.data)
        if self._left <= 0:
            project.complete = False
        return text


def projects(file: Compound) -> Iterator[Project]:
    """Each of them; last, what has source of modules but belongs to none."""
    seen: set[int] = set()
    room = _Room()
    for entry in [each for each in file.entries if each.kind == STORAGE and each.number in file.parents]:
        inside = {each.name.lower(): each for each in file.children.get(entry.number, ()) if each.kind != STORAGE}
        if "dir" in inside and ("_vba_project" in inside or entry.name.lower() == "vba"):
            seen.update(each.number for each in inside.values())
            yield _Reader(file, entry, inside, room).project()
    stray = Project("")
    for each in (*file.streams(), *file.orphans()):
        if each.number not in seen:
            _strays(stray, each.name, _octets(file, each, stray), 1252, room)
    if stray.modules:
        stray.notes.append("source of modules outside any project")
        yield stray


class _Reader:
    def __init__(self, file: Compound, storage: Entry, inside: dict[str, Entry], room: _Room) -> None:
        self._file, self._inside, self._storage = file, inside, storage
        self._found = Project("/".join(file.path(storage)))
        self._room = room

    def project(self) -> Project:
        found, inside = self._found, self._inside
        listed = directory.read(container.unpacked(self._read("dir"), most=1 << 24).data)
        found.references = listed.references[:1000]
        found.names = frozenset(
            each[0].decode().lower() for each in _WORDS.finditer(self._read("_vba_project")[: 1 << 22])
        )
        found.protected = self._is_protected()
        known = {"dir", "_vba_project"}
        for place in listed.modules:
            stream = (place.stream or place.name).lower()
            if stream not in known and stream in inside:
                known.add(stream)
                self._module(place, self._read(stream), listed.code_page)
        if not listed.whole or not listed.modules:
            found.notes.append("its directory is damaged")
        for name, entry in inside.items():
            if name not in known and not name.startswith("__srp_"):
                _strays(found, entry.name, self._read(name), listed.code_page, self._room)
        return found

    def _module(self, place: directory.Place, octets: bytes, page: int) -> None:
        found, at = self._found, place.offset
        if at >= len(octets) or octets[at] != 1:  # no container where it should be
            at = next(container.places(octets), len(octets))
        text = self._room.unpacked(octets, at, found)
        module = Module(place.name, directory.decoded(text.data, page), octets[:at], whole=text.whole)
        found.modules.append(module)

    def _read(self, name: str) -> bytes:
        return _octets(self._file, self._inside[name], self._found) if name in self._inside else b""

    def _is_protected(self) -> bool:
        """2.3.1.15 and after: CMG says who may see it, DPB has the hash of a password."""
        outer = self._file.parents.get(self._storage.number, 0)
        entry = next((each for each in self._file.children.get(outer, ()) if each.name.lower() == "project"), None)
        octets = _octets(self._file, entry, self._found)[: 1 << 20] if entry else b""
        for each in _PROTECTED.finditer(octets):
            plain = _decrypted(bytes.fromhex(each[2].decode()[: len(each[2]) & ~1]))
            if (each[1] == b"CMG" and plain[:1] and plain[0] & 7) or (each[1] == b"DPB" and len(plain) > 1):
                return True
        return False


def _strays(project: Project, name: str, octets: bytes, page: int, room: _Room) -> None:
    for at in container.places(octets):
        if len(project.modules) >= _MODULES or not project.complete:
            project.complete = False
            return
        text = room.unpacked(octets, at, project)
        module = Module(name, directory.decoded(text.data, page), octets[:at], stray=True, whole=text.whole)
        project.modules.append(module)


def _octets(file: Compound, entry: Entry, project: Project) -> bytes:
    try:
        return file.read(entry)
    except HostileInput:
        project.complete = False
        return b""


def _decrypted(data: bytes) -> bytes:
    """2.4.3.3: each byte is mixed with the two before it."""
    if len(data) < 8:
        return b""
    seed, plain = data[0], data[2] ^ data[0]
    last, before = data[2], data[1]
    out = bytearray()
    for each in data[3:]:
        plain = each ^ (before + plain & 0xFF)
        before, last = last, each
        out.append(plain)
    body = out[(seed & 6) >> 1 :]
    size = int.from_bytes(body[:4], "little")
    return bytes(body[4 : 4 + size])
