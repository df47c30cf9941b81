"""What is in a zip archive, by its directory and by its local headers.

Readers disagree about archives whose two tables disagree: most trust the directory at the end, streaming ones
the local headers, some look for the last directory and some for the first.  Both tables are read here, every
member of either is listed, and each contradiction becomes a note.

Section numbers are those of PKWARE's APPNOTE.TXT 6.3.10.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

MOST = 100_000  # entries; more is a bomb against whoever lists them
_DIRECTORIES = 16  # that are read, from the end of the file
_ENDS = 4096  # end records that are looked at; most of so many point to no directory

_LOCAL = struct.Struct("<4sHHHHHIIIHH")  # 4.3.7
_CENTRAL = struct.Struct("<4sHHHHHHIIIHHHHHII")  # 4.3.12
_END = struct.Struct("<4sHHHHIIH")  # 4.3.16
_END64 = struct.Struct("<4sQHHIIQQQQ")  # 4.3.14
_LOCATOR = struct.Struct("<4sIQI")  # 4.3.15
_HEADER_AHEAD = re.compile(rb"PK(?:\x03\x04|\x01\x02|\x05\x06|\x07\x08)")

ENCRYPTED, DESCRIPTOR, UTF8 = 1, 8, 0x800  # 4.4.4, general purpose bits 0, 3, 11


@dataclass(frozen=True, slots=True)
class Entry:
    """One reading of one member.  ``None`` is what this reading does not say."""

    header: int  # offset of the local header
    start: int  # offset of the data
    packed: int
    size: int | None
    crc: int | None
    method: int
    flags: int
    names: tuple[bytes, ...]
    extra: bytes = b""

    @property
    def end(self) -> int:
        return self.start + self.packed

    @property
    def folder(self) -> bool:
        return self.packed <= 2 and not self.size and self.names[0].endswith(b"/")  # two bytes: deflated nothing


@dataclass(slots=True)
class Index:
    entries: list[Entry] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # contradictions
    remarks: list[str] = field(default_factory=list)  # odd, but every reader sees the same members
    taken: list[tuple[int, int]] = field(default_factory=list)  # spans of members and directories
    comments: list[tuple[int, int]] = field(default_factory=list)  # spans; the archive's own are the first
    volume: str = ""  # why this is not the whole archive
    full: bool = False  # there are more than MOST

    def add(self, *entries: Entry) -> None:
        room = MOST - len(self.entries)
        self.full = self.full or len(entries) > room
        self.entries.extend(entries[:room])


@dataclass(frozen=True, slots=True)
class _Directory:
    start: int
    end: int  # behind the end record
    base: int  # what stands before the archive: offsets in the directory count from here
    comment: int  # bytes at the end
    disk: int  # number of this volume, from 0


def read(data: bytes) -> Index:
    """All members by both tables, in the order of their data."""
    index = Index()
    taken: list[tuple[int, int]] = []
    listed = 0
    for directory in _directories(data):
        if any(start <= directory.start < end for start, end in taken):
            continue  # belongs to an archive that is a member of this one
        if directory.comment:
            index.comments.append((directory.end - directory.comment, directory.end))
        if directory.disk:
            index.volume = f"the last of {directory.disk + 1} volumes"
        found = _by_directory(data, directory, index)
        taken.append((directory.start, directory.end))
        taken.extend((entry.header, entry.end) for entry in found)
        listed += 1
        index.add(*found)
    if listed > 1:
        index.notes.append(f"{listed} directories")
    hidden = _by_local_headers(data, taken)
    index.add(*hidden)
    index.taken = taken + [(entry.header, entry.end) for entry in hidden]
    if data.startswith(b"PK\x07\x08PK\x03\x04"):  # 8.5.3; in one volume, 8.5.4, the mark is another
        index.volume = "the first volume of several"
    if hidden and listed:
        names = b", ".join(entry.names[0] for entry in hidden[:8]).decode("utf-8", "replace")
        index.notes.append(f"{len(hidden)} members that the directory does not list: {names}")
    elif hidden:
        index.remarks.append("no directory")
    _compare(index)
    return index


# ---------------------------------------------------------------------------- by the directory


def _directories(data: bytes) -> Iterator[_Directory]:
    """Every directory that an end record points to, the last first."""
    seen, at = set[int](), len(data)
    for _ in range(_ENDS):
        at = data.rfind(b"PK\x05\x06", 0, at)
        if at < 0 or len(seen) >= _DIRECTORIES:
            return
        if at + _END.size > len(data):
            continue
        for directory in _located(data, at):
            if directory.start not in seen:
                seen.add(directory.start)
                yield directory


def _located(data: bytes, at: int) -> Iterator[_Directory]:
    """Where the directory of the end record at ``at`` begins: by its size backwards from the record, as readers
    that allow a prefix do, and by its offset from the start of the file, as the others do.  Beside a zip64 record that
    says otherwise, some still believe the old one."""
    _, disk, _, _, _, size, offset, comment = _END.unpack_from(data, at)
    behind, said = at + _END.size + comment, [(at, size, offset)]
    if at >= _LOCATOR.size and data.startswith(b"PK\x06\x07", at - _LOCATOR.size):
        _, _, record, _ = _LOCATOR.unpack_from(data, at - _LOCATOR.size)
        for where in dict.fromkeys((record, at - _LOCATOR.size - _END64.size)):
            if 0 <= where <= len(data) - _END64.size and data.startswith(b"PK\x06\x06", where):
                said.append((where, *_END64.unpack_from(data, where)[-2:]))
    for last, size, offset in said:
        for start in dict.fromkeys((last - size, offset)):
            if 0 <= start <= at and data.startswith(b"PK\x01\x02", start):
                yield _Directory(start, behind, start - offset, comment, disk if disk != 0xFFFF else 0)


def _by_directory(data: bytes, directory: _Directory, index: Index) -> list[Entry]:
    found: list[Entry] = []
    at, missing = directory.start, 0
    while data.startswith(b"PK\x01\x02", at) and at + _CENTRAL.size <= len(data):
        (_, _, _, flags, method, _, _, crc, packed, size, names, extras, comments, _, _, _, offset) = (
            _CENTRAL.unpack_from(data, at)
        )
        at += _CENTRAL.size
        name, extra = data[at : at + names], data[at + names : at + names + extras]
        at += names + extras + comments
        if comments and len(index.comments) < MOST:
            index.comments.append((at - comments, at))
        size, packed, offset = _wide(extra, size, packed, offset)
        header = next((o for o in (offset + directory.base, offset) if data.startswith(b"PK\x03\x04", o)), -1)
        local = _local(data, header) if header >= 0 else None
        if local is None:
            missing += 1
            continue
        packed = min(packed, len(data) - local.start)
        central = Entry(header, local.start, packed, size, crc, method, flags, (name,), extra)
        found.extend(_merge(central, local, index))
        if len(found) > MOST:
            break
    if missing:
        index.notes.append(f"{missing} members of the directory are not where it says")
    return found


def _merge(central: Entry, local: Entry, index: Index) -> list[Entry]:
    """One entry where both tables say the same; two where they would be unpacked differently."""
    differ = []
    silent = bool(local.flags & DESCRIPTOR) and (
        local.size in (0, None) or (local.size == central.size and not local.packed and not local.crc)
    )
    if central.method != local.method or (central.flags ^ local.flags) & ENCRYPTED:
        differ.append("method")
    if not silent and (central.packed, central.size) != (local.packed, local.size):
        differ.append("size")
    if not silent and central.crc != local.crc:
        differ.append("checksum")
    names = central.names
    if central.names[0].replace(b"\\", b"/") != local.names[0].replace(b"\\", b"/"):
        differ.append("name")
        names = central.names + local.names
    if differ and len(index.notes) < 32:
        name = central.names[0].decode("utf-8", "replace")
        index.notes.append(f"{name}: directory and local header disagree about {', '.join(differ)}")
    merged = replace(central, names=names)
    if "method" in differ or ("size" in differ and central.packed != local.packed):
        return [merged, replace(local, names=tuple(reversed(names)))]
    return [merged]


# ---------------------------------------------------------------------------- by local headers


def _local(data: bytes, at: int) -> Entry | None:
    """The local header at ``at``; None when it cannot be one."""
    if at < 0 or at + _LOCAL.size > len(data):
        return None
    signature, _, flags, method, _, _, crc, packed, size, names, extras = _LOCAL.unpack_from(data, at)
    start = at + _LOCAL.size + names + extras
    if signature != b"PK\x03\x04" or start > len(data):
        return None
    name = data[at + _LOCAL.size : at + _LOCAL.size + names]
    extra = data[at + _LOCAL.size + names : start]
    size, packed, _ = _wide(extra, size, packed, 0)
    return Entry(at, start, min(packed, len(data) - start), size, crc, method, flags, (name,), extra)


def _by_local_headers(data: bytes, taken: list[tuple[int, int]]) -> list[Entry]:
    """Members in what the directories leave over."""
    found: list[Entry] = []
    for gap, end in _gaps(taken, len(data)):
        at = gap
        while (at := data.find(b"PK\x03\x04", at, end)) >= 0:
            entry = _local(data, at)
            # Bytes that look like a header by chance or in a program: 4.4.3, versions end at 6.3; names are short.
            if entry is None or data[at + 4] > 63 or not 0 < len(entry.names[0]) <= 4096 or entry.method > 99:
                at += 4
                continue
            if entry.flags & DESCRIPTOR and not entry.packed:
                entry = _measure(data, entry)
            found.append(entry)
            at = max(entry.end, at + 4)
            if len(found) > MOST:
                break
    return found


def _gaps(taken: list[tuple[int, int]], size: int) -> Iterator[tuple[int, int]]:
    at = 0
    for start, end in sorted(taken):
        if start > at:
            yield at, start
        at = max(at, end)
    if at < size:
        yield at, size


def _measure(data: bytes, entry: Entry) -> Entry:
    """The entry with its sizes from the data descriptor behind the data (4.3.9), which may lack its signature.
    The search ends at the next header, so that all searches together stay linear."""
    start = entry.start
    for ahead in _HEADER_AHEAD.finditer(data, start):
        at = ahead.start()
        signed = data[at + 2] == 7
        where, length = (at + 4, at - start) if signed else (at - 12, at - 12 - start)
        if length >= 0 and where + 12 <= len(data):
            crc, packed, size = struct.unpack_from("<III", data, where)
            if packed == length:
                return replace(entry, packed=packed, size=size, crc=crc)
        if not signed:
            return replace(entry, packed=at - start, size=None, crc=None)
    return replace(entry, packed=len(data) - start, size=None, crc=None)


# ---------------------------------------------------------------------------- both


def _wide(extra: bytes, size: int, packed: int, offset: int) -> tuple[int, int, int]:
    """Values that did not fit into 32 bits stand in extra field 1, in this order (4.5.3)."""
    values = [size, packed, offset]
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == 1:
            body = at + 4
            for which, value in enumerate(values):
                if value == 0xFFFFFFFF and body + 8 <= min(at + 4 + length, len(extra)):
                    values[which] = struct.unpack_from("<Q", extra, body)[0]
                    body += 8
            break
        at += 4 + length
    return values[0], values[1], values[2]


def _compare(index: Index) -> None:
    """Members that share bytes, and names that stand for several members."""
    index.entries.sort(key=lambda entry: (entry.start, entry.packed))
    overlaps, reach = 0, 0
    previous: Entry | None = None
    for entry in index.entries:
        if entry.header < reach and not (previous and previous.header == entry.header):
            overlaps += 1
        reach, previous = max(reach, entry.end), entry
    if overlaps:
        index.notes.append(f"{overlaps} members overlap others")
    files = {(entry.header, entry.names[0]) for entry in index.entries if not entry.folder}
    twice = len(files) - len({name for _, name in files})
    if twice:
        index.remarks.append(f"{twice} members have the name of another")
