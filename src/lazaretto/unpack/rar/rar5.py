"""The headers of RAR 5 (technote "RAR 5.0 archive format", https://www.rarlab.com/technote.htm)."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import replace

from lazaretto.errors import Malformed
from lazaretto.unpack.rar import keys, names
from lazaretto.unpack.rar.blocks import MOST, Archive, Item, Lock, Unlock, no_key
from lazaretto.unpack.rarmark import MARK5

_LONGEST = 1 << 21  # bytes of a header: its size has three bytes of seven bits
_MAIN, _FILE, _SERVICE, _LOCK, _END = 1, 2, 3, 4, 5
_EXTRA, _DATA, _BEFORE, _AFTER = 1, 2, 8, 16  # flags of all headers
_HIDDEN = 64  # bytes of a record of an unknown kind that are worth a look


class Fields:
    """Reads one header from front to back."""

    def __init__(self, data: bytes, at: int = 0, end: int | None = None) -> None:
        self.data, self.at = data, at
        self.end = len(data) if end is None else min(end, len(data))

    def vint(self) -> int:
        """Seven bits a byte, the lowest first; the high bit says that another follows."""
        value = 0
        for shift in range(0, 70, 7):
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
        raise Malformed("RAR: a number of more than ten bytes")

    def take(self, count: int) -> bytes:
        if count > self.end - self.at:
            raise Malformed("RAR: a header ends early")
        self.at += count
        return self.data[self.at - count : self.at]

    def u32(self) -> int:
        return int.from_bytes(self.take(4), "little")

    def rest(self) -> bytes:
        return self.take(self.end - self.at)


def walk(data: bytes, start: int, unlock: Unlock = no_key) -> Archive:
    """Every block, up to the end of the archive or to what is none."""
    reader = _Walk(data, start, unlock)
    try:
        reader.run()
    except Malformed as error:
        reader.archive.damage = str(error)
    return reader.archive


def copied(data: bytes, block: bytes, at: int) -> Item | None:
    """The file of a header's copy, as if it stood at ``at``; None when it is of no file."""
    reader = _Walk(data, at, no_key)
    reader.archive.end = at
    try:
        header, _, sound = _plain(block, 0)
        reader.read(header, at + len(block), sound=sound)
    except Malformed:
        return None
    return reader.archive.items[0] if reader.archive.items else None


class _Walk:
    def __init__(self, data: bytes, start: int, unlock: Unlock) -> None:
        self.archive = Archive(5, start, start + len(MARK5))
        self._data, self._unlock = data, unlock
        self._key = b""  # headers are encrypted from here on
        self._parent = ""

    def run(self) -> None:
        archive = self.archive
        while archive.end < len(self._data) and not archive.locked:
            if len(archive.items) >= MOST:
                archive.full = True
                return
            header, at, sound = self._header(archive.end)
            kind, packed = self.read(header, at, sound=sound)
            archive.end = min(at + packed, len(self._data))
            if kind == _END:
                return
        if not archive.locked:
            raise Malformed("RAR: no end record")

    def read(self, header: bytes, at: int, *, sound: bool) -> tuple[int, int]:
        """One header, with its data at ``at``.  Its type and how much data it announces."""
        archive, fields = self.archive, Fields(header)
        kind, flags = fields.vint(), fields.vint()
        if not sound:
            if not _MAIN <= kind <= _END:
                raise Malformed(f"RAR: no header where one should be, at offset {archive.end}")
            archive.notes.append(f"wrong checksum of the header at offset {archive.end}")
        extra = fields.vint() if flags & _EXTRA else 0
        packed = fields.vint() if flags & _DATA else 0
        if extra > len(header) - fields.at:
            raise Malformed("RAR: an extra area longer than its header")
        records = Fields(header, len(header) - extra)
        fields.end = records.at
        self._block(kind, flags, fields, records, at, packed)
        return kind, packed

    def _header(self, at: int) -> tuple[bytes, int, bool]:
        """The header from its type on, the offset behind it, and whether its checksum holds."""
        if not self._key:
            return _plain(self._data, at)
        iv, start = self._data[at : at + 16], at + 16
        first = self._data[start : start + 16]
        if len(first) < 16:
            raise Malformed("RAR: cut off in an encrypted header")
        fields = Fields(keys.decrypt(first, self._key, iv), 4)
        length = fields.vint() + fields.at
        whole = self._data[start : start + -(-length // 16) * 16]
        if length > _LONGEST or len(whole) < length:
            raise Malformed("RAR: cut off in an encrypted header")
        header, _, sound = _plain(keys.decrypt(whole, self._key, iv), 0)
        return header, start + len(whole), sound

    def _block(self, kind: int, flags: int, fields: Fields, records: Fields, at: int, packed: int) -> None:
        archive = self.archive
        if kind in (_FILE, _SERVICE):
            item = self._item(kind, flags, fields, records, at, packed)
            archive.items.append(item)
            if kind == _FILE:
                self._parent = item.names[0]
            return
        if kind == _LOCK:
            lock = _archive_lock(fields)
            pair = self._unlock(lock)
            if pair:
                self._key = pair[0]
            else:
                archive.locked = lock
        elif kind == _MAIN:
            wanted = fields.vint()
            self._locate(records)
            if wanted & 1:
                number = fields.vint() if wanted & 2 else 0
                archive.volume = archive.volume or f"volume {number + 1} of a set"
        elif kind == _END and fields.at < fields.end and fields.vint() & 1:
            archive.volume = f"{archive.volume or 'a set of volumes'}, goes on in the next"
        if packed:  # no reader has a use for it
            archive.pieces.append((f"block-{kind}-data", self._data[at : at + packed]))

    def _records(self, area: Fields) -> Iterator[Fields]:
        """The records of an extra area, up to what is none."""
        try:
            while area.at < area.end and (size := area.vint()):
                record = Fields(area.data, area.at, min(area.end, area.at + size))
                area.at = record.end
                yield record
        except Malformed as error:
            self.archive.notes.append(f"extra area of the header at offset {self.archive.end}: {error}")

    def _locate(self, area: Fields) -> None:
        """Where the archive header says that the quick open record is (its extra record 1)."""
        for record in self._records(area):
            if record.vint() == 1 and record.vint() & 1 and (offset := record.vint()):
                self.archive.quick = self.archive.end + offset

    def _item(self, kind: int, flags: int, fields: Fields, records: Fields, at: int, packed: int) -> Item:
        wanted, size = fields.vint(), fields.vint()
        fields.vint()  # attributes
        if wanted & 2:
            fields.u32()  # time
        crc = fields.u32() if wanted & 4 else None
        form = fields.vint()
        fields.vint()  # operating system
        called = names.of_rar5(fields.take(fields.vint()))
        # Version 1 is RAR 7's; bit 20 says that only its dictionary is (unrar's headers5.hpp, FCI_RAR5_COMPAT).
        window, version = 0x20000 << (form >> 10 & 15), 50
        if form & 0x3F:
            window = 0x20000 << (form >> 10 & 31)
            window += window // 32 * (form >> 15 & 31)
            version = 50 if form & 0x3F == 1 and form >> 20 & 1 else 70
        here = max(0, min(packed, len(self._data) - at))
        item = Item(
            called,
            self.archive.end,
            at,
            here,
            form >> 7 & 7,
            version,
            None if wanted & 8 else size,
            crc,
            window,
            bool(form & 0x40) and kind == _FILE,
            bool(wanted & 1),
            bool(flags & _BEFORE),
            bool(flags & _AFTER),
            packed - here,
        )
        item = self._with_records(item, records)
        return replace(item, service=called[0], names=(self._service(item),)) if kind == _SERVICE else item

    def _service(self, item: Item) -> str:
        """A stream is opened by the name of its file with its own behind a colon; the others have no name."""
        if item.names[0] == "STM" and item.link:
            return f"{self._parent}:{item.link.lstrip(':')}"
        return {"CMT": "comment"}.get(item.names[0], f"service-{item.names[0]}")

    def _with_records(self, item: Item, records: Fields) -> Item:
        """The extra area of a file or service header."""
        for record in self._records(records):
            kind = record.vint()
            if kind == 1:
                item = _file_lock(item, record)
            elif kind == 5:
                record.vint()
                record.vint()
                item = replace(item, link=names.of_rar5(record.take(record.vint()))[0])
            elif kind == 7:  # of a stream: its name
                item = replace(item, link=names.of_rar5(record.rest())[0])
            elif kind > 7 and record.end - record.at >= _HIDDEN:
                self.archive.pieces.append((f"{item.names[0]}.record-{kind}", record.rest()))
        return item


def _plain(data: bytes, at: int) -> tuple[bytes, int, bool]:
    fields = Fields(data, at)
    crc, covered = fields.u32(), fields.at
    size = fields.vint()
    if not 0 < size <= _LONGEST:
        raise Malformed(f"RAR: no header where one should be, at offset {at}")
    header = fields.take(size)
    return header, fields.at, zlib.crc32(data[covered : fields.at]) == crc


def _file_lock(item: Item, record: Fields) -> Item:
    record.vint()  # version
    flags, rounds, salt, iv = record.vint(), record.take(1)[0], record.take(16), record.take(16)
    check = record.take(12) if flags & 1 else b""
    return replace(item, lock=Lock(salt, rounds, check, bool(flags & 2)), iv=iv)


def _archive_lock(fields: Fields) -> Lock:
    fields.vint()
    flags, rounds, salt = fields.vint(), fields.take(1)[0], fields.take(16)
    return Lock(salt, rounds, fields.take(12) if flags & 1 else b"")
