"""Compound files ([MS-CFB]): .doc, .xls, .ppt, .msi and whatever else keeps its streams in one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from lazaretto.errors import HostileInput, LimitExceeded, Malformed
from lazaretto.model import Artifact, Finding, Kind, Severity
from lazaretto.office import compound, kinds, objects, writer
from lazaretto.office.compound import STORAGE, Compound, Entry
from lazaretto.plugin import Member, Unpacker
from lazaretto.unpack import inflate
from lazaretto.unpack.signatures import OLE_FAMILY

_NATIVE = "\x01ole10native"
_EQUATION = "equation native"
_PACKED = re.compile(r"_\d{1,10}")  # an object of a document that was saved as XML: its size, then zlib
_CHUNK = 1 << 20
_SHOWN = 8  # lines of evidence
# Streams of a message that have a reader of their own, which knows their names ([MS-OXMSG] 2.1.3).
_OF_MAIL = ("__properties_version1.0", "__substg1.0_", "__nameid_version1.0", "__recip_version1.0_", "__attach_version")


class Ole2(Unpacker):
    """Every stream under its path; documents in storages as files of their own; packaged files under their names;
    streams that no storage names, sectors that no stream owns and what was appended."""

    name: ClassVar[str] = "ole2"
    types: ClassVar[frozenset[str]] = OLE_FAMILY

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        file = Compound(artifact.data, compound.MOST)
        reader = _Reader(file, artifact.type)
        yield from reader.members()
        yield from reader.hidden()
        if file.notes:
            yield Finding("unpack", "ole2.odd", Kind.AMBIGUOUS, Severity.LOW, evidence=tuple(file.notes[:_SHOWN]))
        if len(file.entries) >= compound.MOST:
            raise LimitExceeded("entries", f"a compound file of more than {compound.MOST} entries")


class _Reader:
    def __init__(self, file: Compound, kind: str) -> None:
        self._file, self._kind = file, kind

    def members(self) -> Iterator[Member | Finding]:
        """In the order of the tree, without recursion."""
        file = self._file
        waiting = list(reversed(file.children.get(0, [])))
        while waiting:
            entry = waiting.pop()
            inside = file.children.get(entry.number, [])
            if self._kind == kinds.OUTLOOK and entry.name.lower().startswith(_OF_MAIL):
                continue
            if entry.kind != STORAGE:
                yield from self._stream(entry)
            elif kinds.is_document(each.name for each in inside) and (whole := self._whole(entry)):
                yield Member((self._path(entry),), [whole])
            else:
                waiting += reversed(inside)

    def _whole(self, entry: Entry) -> bytes:
        """A document inside another ([MS-OLEDS] 2.3: an embedded object), as the file that it was; b"" when it cannot
        be one: then its streams are given one by one."""
        try:
            return writer.write(writer.copy(self._file, entry, len(self._file.data)))
        except HostileInput:
            return b""

    def _stream(self, entry: Entry) -> Iterator[Member | Finding]:
        path, name = self._path(entry), entry.name.lower()
        yield Member((path,), self._file.chunks(entry), size=entry.size)
        if _PACKED.fullmatch(name) and _is_packed(self._file.read(entry, 6)):
            yield Member((f"{path}.ole",), _inflated(self._file.read(entry)))
        elif name == _NATIVE:
            yield from _packaged(self._file.read(entry), path)
        elif name == _EQUATION:  # what the Equation Editor of before 2018 opens, and many have attacked it there
            yield Finding("unpack", "ole2.equation", Kind.CONTENT, Severity.INFORMATIONAL, evidence=(path,))

    def _path(self, entry: Entry) -> str:
        decode = _installer_name if self._kind == kinds.INSTALLER else _readable
        return "/".join(decode(name) for name in self._file.path(entry))

    def hidden(self) -> Iterator[Member | Finding]:
        """What no reader shows."""
        file, orphans = self._file, []
        for entry in file.orphans():
            orphans.append(_readable(entry.name))
            yield Member((f"orphan/{_readable(entry.name)}",), [file.read(entry)])
            if entry.name.lower() == _NATIVE:
                yield from _packaged(file.read(entry), "orphan")
        if orphans:
            more = [f"and {len(orphans) - _SHOWN} more"] if len(orphans) > _SHOWN else []
            evidence = (*orphans[:_SHOWN], *more)
            yield Finding("unpack", "ole2.orphans", Kind.AMBIGUOUS, Severity.INFORMATIONAL, evidence=evidence)
        spans, end = file.slack()
        if free := [span for span in spans if span[0] < end]:
            yield Member(("unallocated.bin",), _pieces(file.data, free))
        if behind := [span for span in spans if span[0] >= end]:
            yield Member(("appended.bin",), _pieces(file.data, behind))


def _pieces(data: bytes, spans: list[tuple[int, int]]) -> Iterator[bytes]:
    for start, end in spans:
        for at in range(start, end, _CHUNK):
            yield data[at : min(at + _CHUNK, end)]


def _is_packed(start: bytes) -> bool:
    """RFC 1950 section 2.2, behind four bytes of size."""
    return len(start) == 6 and start[4] == 0x78 and int.from_bytes(start[4:], "big") % 31 == 0


def _inflated(octets: bytes) -> Iterator[bytes]:
    stream = inflate.Stream(lambda: inflate.Deflate(15), octets, 4)
    yield from stream.chunks()
    if not stream.complete:
        raise Malformed("a packed object ends early")


def _packaged(octets: bytes, path: str) -> Iterator[Member]:
    """[MS-OLEDS] 2.3.6: a size, then a packaged file or data of whatever program."""
    folder = path.rpartition("/")[0]
    prefix = f"{folder}/" if folder else ""
    if found := objects.stream(octets):
        names = tuple(f"{prefix}{name}" for name in found.names[:1]) + found.names + found.paths
        yield Member(tuple(dict.fromkeys(names)), [found.data])
    elif len(octets) > 4:
        yield Member((f"{prefix}native.bin",), [octets[4:]])


def _readable(name: str) -> str:
    """The control character that many names begin with, as a number."""
    return "".join(f"[{ord(each)}]" if each < " " else each for each in name)


def _installer_name(name: str) -> str:
    """How Windows Installer packs two characters into one (no specification; as Wine's msi has it): 64 characters by
    their number from U+3800 on in pairs, from U+4800 on alone; U+4840 stands before the name of a table."""
    letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._"
    found = []
    for each in name:
        code = ord(each) - 0x3800
        if 0 <= code < 0x1000:
            found.append(letters[code & 63] + letters[code >> 6])
        elif 0x1000 <= code < 0x1040:
            found.append(letters[code - 0x1000])
        else:
            found.append("!" if code == 0x1040 else _readable(each))
    return "".join(found)
