"""The headers of RAR 1.5 to 4 (TechNote of RAR 4.20, "RAR archive file format")."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace

from lazaretto.errors import Malformed
from lazaretto.unpack.rar import keys, names
from lazaretto.unpack.rar.blocks import MOST, Archive, Item, Lock, Unlock, no_key
from lazaretto.unpack.rarmark import MARK4

_MAIN, _FILE, _COMMENT, _SUB, _END = 0x73, 0x74, 0x75, 0x7A, 0x7B
_KINDS = range(0x72, 0x7C)
_LONG = 0x8000  # data follows; its size stands in the header
_VOLUME, _NOTED, _LOCKED, _FIRST = 1, 2, 0x80, 0x100  # of the archive header
_BEFORE, _AFTER, _SECRET, _REMARK, _SOLID = 1, 2, 4, 8, 0x10  # of a file header
_LARGE, _UNICODE, _SALT = 0x100, 0x200, 0x400
_NEWEST = 49  # a higher version would be one of the other format, whose keys and data are not like these
_FILE_FIELDS = struct.Struct("<IIBIIBBHI")
_DERIVATIONS = 200  # keys that are made for the headers of one archive: each takes some ten milliseconds


def walk(data: bytes, start: int, unlock: Unlock = no_key) -> Archive:
    """Every block, up to the end of the archive or to what is none."""
    reader = _Walk(data, start, unlock)
    try:
        reader.run()
    except Malformed as error:
        reader.archive.damage = str(error)
    return reader.archive


class _Walk:
    def __init__(self, data: bytes, start: int, unlock: Unlock) -> None:
        self.archive = Archive(4, start, start + len(MARK4))
        self._data, self._unlock = data, unlock
        self._locked = False  # headers are encrypted from here on
        self._keys: dict[bytes, tuple[bytes, bytes]] = {}
        self._solid = False
        self._parent = ""

    def run(self) -> None:
        archive = self.archive
        while archive.end < len(self._data):
            if len(archive.items) >= MOST:
                archive.full = True
                return
            opened = self._header(archive.end)
            if opened is None:
                return
            header, at = opened
            kind, flags = header[2], header[3] | header[4] << 8
            if not _sound(header, kind, flags):
                if kind not in _KINDS or self._locked:
                    raise Malformed(f"RAR: no header where one should be, at offset {archive.end}")
                archive.notes.append(f"wrong checksum of the header at offset {archive.end}")
            packed = 0
            if kind in (_FILE, _SUB):
                item = self._item(kind, flags, header, at)
                packed = item.packed + item.missing
                archive.items.append(item)
            else:
                if flags & _LONG and len(header) >= 11:
                    packed = int.from_bytes(header[7:11], "little")
                self._other(kind, flags, header, at, packed)
            archive.end = min(at + packed, len(self._data))
            if kind == _END:
                return
        if not archive.items:  # RAR 2 writes no end record
            raise Malformed("RAR: neither a file nor an end record")

    def _header(self, at: int) -> tuple[bytes, int] | None:
        """The header and the offset behind it; None where it is encrypted and there is no key."""
        if not self._locked:
            size = int.from_bytes(self._data[at + 5 : at + 7], "little")
            header = self._data[at : at + size]
            if size < 7 or len(header) < size:
                raise Malformed(f"RAR: no header where one should be, at offset {at}")
            return header, at + size
        pair = self._pair(self._data[at : at + 8])
        if pair is None:
            return None
        first = self._data[at + 8 : at + 24]
        size = int.from_bytes(keys.decrypt(first, *pair)[5:7], "little") if len(first) == 16 else 0
        whole = self._data[at + 8 : at + 8 + -(-size // 16) * 16]
        if size < 7 or len(whole) < size:
            raise Malformed(f"RAR: no encrypted header where one should be, at offset {at}")
        return keys.decrypt(whole, *pair)[:size], at + 8 + len(whole)

    def _pair(self, salt: bytes) -> tuple[bytes, bytes] | None:
        if salt not in self._keys:
            if len(self._keys) >= _DERIVATIONS:
                raise Malformed(f"RAR: encrypted headers with more than {_DERIVATIONS} salts")
            pair = self._unlock(Lock(salt))
            if pair is None:
                self.archive.locked = Lock(salt)
                return None
            self._keys[salt] = pair
        return self._keys[salt]

    def _other(self, kind: int, flags: int, header: bytes, at: int, packed: int) -> None:
        archive = self.archive
        if kind == _MAIN:
            self._locked, self._solid = bool(flags & _LOCKED), bool(flags & 8)
            if flags & _VOLUME:
                archive.volume = "the first volume of a set" if flags & _FIRST else "a volume of a set"
            if len(header) > 13:  # the comment of RAR 1.5 stands in this header
                archive.pieces.append(("comment", header[13:]))
        elif kind == _END:
            if flags & 1:
                archive.volume = f"{archive.volume or 'a volume of a set'}, goes on in the next"
        elif kind != 0x72 and len(header) > 11:
            archive.pieces.append((f"block-{kind:02x}", header[7:]))
        if packed:
            archive.pieces.append((f"block-{kind:02x}-data", self._data[at : at + packed]))

    def _item(self, kind: int, flags: int, header: bytes, at: int) -> Item:
        if len(header) < 7 + _FILE_FIELDS.size:
            raise Malformed("RAR: a file header ends early")
        packed, size, system, crc, _, version, method, length, attributes = _FILE_FIELDS.unpack_from(header, 7)
        here = 7 + _FILE_FIELDS.size
        unknown = size == 0xFFFFFFFF
        if flags & _LARGE:
            high, higher = struct.unpack("<II", header[here : here + 8].ljust(8, b"\0"))
            packed, size, here = packed | high << 32, size | higher << 32, here + 8
            unknown = unknown and higher in (0xFFFFFFFF, 0x7FFFFFFF)
        raw, here = header[here : here + length], here + length
        called = names.of_rar4(raw, unicode=bool(flags & _UNICODE))
        there = max(0, min(packed, len(self._data) - at))
        item = Item(
            called,
            self.archive.end,
            at,
            there,
            method - 0x30 if 0x30 <= method <= 0x35 else 99,
            min(version, _NEWEST),
            None if unknown else size,
            crc,
            0x10000 << (flags >> 5 & 7),
            before=bool(flags & _BEFORE),
            after=bool(flags & _AFTER),
            missing=packed - there,
        )
        if kind == _SUB:
            return self._as_service(item, flags, header[here:])
        if flags & _REMARK and len(header) - here > 8:
            self.archive.pieces.append((f"{called[0]}.comment", header[here:]))
        self._parent = called[0]
        return replace(
            item,
            solid=bool(flags & _SOLID) if version >= 20 else self._solid and bool(self.archive.items),
            folder=flags & 0xE0 == 0xE0 or bool(system < 3 and attributes & 0x10),
            link="symbolic link" if system == 3 and attributes >> 12 & 15 == 10 else "",
            lock=Lock(header[here : here + 8] if flags & _SALT else b"") if flags & _SECRET else None,
        )

    def _as_service(self, item: Item, flags: int, more: bytes) -> Item:
        """Behind the name stands data of the service, a stream's own name in UTF-16, and behind that the salt."""
        salt, more = (more[-8:], more[:-8]) if flags & _SALT else (b"", more)
        service = item.names[0]
        called = {"CMT": "comment"}.get(service, f"service-{service}")
        if service == "STM":
            called = f"{self._parent}:{more.decode('utf-16-le', 'replace').strip(chr(0)).lstrip(':')}"
        return replace(item, names=(called,), service=service, lock=Lock(salt) if flags & _SECRET else None)


def _sound(header: bytes, kind: int, flags: int) -> bool:
    """The checksum of a header leaves out a comment that stands in it (TechNote, HEAD_CRC)."""
    wanted = header[0] | header[1] << 8
    if zlib.crc32(header[2:]) & 0xFFFF == wanted:
        return True
    if kind == _MAIN and flags & _NOTED:
        return zlib.crc32(header[2:13]) & 0xFFFF == wanted
    if kind == _FILE and flags & _REMARK and len(header) >= 32:
        end = 32 + int.from_bytes(header[26:28], "little") + 8 * bool(flags & _LARGE)
        return zlib.crc32(header[2:end]) & 0xFFFF == wanted
    return False
