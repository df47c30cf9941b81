"""Documents of Word, Excel and PowerPoint, 97 to 2003, behind a password: what says so, and how to open them.

The document that comes out is the file as it was with other bytes in the same places, and without what says that it is
locked.  Write protection is no lock: such a document is open to whoever reads it.
"""

from __future__ import annotations

import struct
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Final

from lazaretto.errors import Encrypted, LimitExceeded, Malformed
from lazaretto.office import kinds, records, streamcipher
from lazaretto.office.compound import Compound, Entry

_DRM = ("\x09drmcontent", "\x09drmviewercontent", "drmencryptedtransform", "drmencrypteddataspace")


class Locked(ABC):
    """One locked document."""

    what: str  # for people

    def __init__(self, file: Compound) -> None:
        self.file = file

    @abstractmethod
    def open(self, word: str) -> bytes | None:
        """The document; None when the word is not the right one."""

    def patched(self, streams: list[tuple[Entry, bytes]]) -> bytes:
        """The file with other bytes in these streams."""
        out = bytearray(self.file.data)
        for entry, data in streams:
            done = 0
            for at, size in self.file.places(entry):
                out[at : at + size] = data[done : done + size].ljust(size, b"\0")
                done += size
        return bytes(out)


def find(file: Compound, kind: str) -> Locked | None:
    """What is locked for the program of this kind; None when nothing is.  Raises Encrypted when nothing here can open
    it, Malformed."""
    made = {kinds.WORD: _word, kinds.EXCEL: _excel, kinds.POWERPOINT: _powerpoint}.get(kind)
    return made(file) if made else None


def rights(file: Compound) -> bool:
    """Whether only a server gives out the key ([MS-OFFCRYPTO] 2.2: rights management)."""
    return any(file.entries[number].name.lower() in _DRM for number in file.parents)


# ---------------------------------------------------------------------------- Word

_PLAIN: Final = 68  # [MS-DOC] 2.2.6.2: bytes of FibBase and what stands behind it that are never encrypted
_ENCRYPTED, _SECOND_TABLE, _OBFUSCATED = 0x100, 0x200, 0x8000  # 2.5.2
_WORD_97 = 0xC1
_HEAD = 4096  # bytes of an encryption header, and more


def _word(file: Compound) -> Locked | None:
    main = file.find("WordDocument")
    start = file.read(main, _PLAIN) if main else b""
    if len(start) < 32 or not main:
        return None
    version, flags = struct.unpack_from("<H6xH", start, 2)
    if not flags & _ENCRYPTED:
        return None
    if version < _WORD_97:
        raise Encrypted("a document of Word 6 or 95 with a password: nothing here opens it")
    names = ("1Table", "0Table") if flags & _SECOND_TABLE else ("0Table", "1Table")
    table = file.find(names[0]) or file.find(names[1])
    if table is None:
        raise Encrypted("a document with a password and without its table")
    if flags & _OBFUSCATED:
        low, high = struct.unpack_from("<HH", start, 14)
        return _Word(file, main, table, streamcipher.Xor(low, high))
    return _Word(file, main, table, streamcipher.read(file.read(table, _HEAD)))


class _Word(Locked):
    _BLOCK = 512  # [MS-DOC] 2.2.6.2

    def __init__(self, file: Compound, main: Entry, table: Entry, lock: streamcipher.Rc4 | streamcipher.Xor) -> None:
        super().__init__(file)
        self._main, self._table, self._lock = main, table, lock
        self.what = f"Word, {lock.what}"

    def open(self, word: str) -> bytes | None:
        key = self._lock.key(word)
        if key is None:
            return None
        entries = [self._main, self._table]
        if data := self.file.find("Data"):
            entries.append(data)
        streams = []
        for entry in entries:
            old = self.file.read(entry)
            if isinstance(key, bytes):
                new = streamcipher.xor_word(old, key, 0)
            else:
                new = streamcipher.blocks(key, old, self._BLOCK)
            if entry is self._main:
                flags = int.from_bytes(old[10:12], "little") & ~(_ENCRYPTED | _OBFUSCATED)
                new = old[:10] + flags.to_bytes(2, "little") + old[12:14] + bytes(4) + old[18:_PLAIN] + new[_PLAIN:]
            streams.append((entry, new))
        return self.patched(streams)


# ---------------------------------------------------------------------------- Excel

# [MS-XLS] 2.2.10: records that are never encrypted, FilePass among them
_FILE_PASS, _BOUND_SHEET, _EOF = 0x2F, 0x85, 0x0A
_OPEN = frozenset({0x809, 0x409, 0x209, 0x009, _FILE_PASS, 0x194, 0x195, 0xE1, 0x196, 0x138})
MOST: Final = 4_000_000  # records of a workbook; a cell takes fourteen bytes and more


def records_of(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Kind, start and size of the data of each.  Raises LimitExceeded where there are too many."""
    at = 0
    for _ in range(MOST):
        if at + 4 > len(data):
            return
        kind, size = struct.unpack_from("<HH", data, at)
        yield kind, at + 4, min(size, len(data) - at - 4)
        at += 4 + size
    raise LimitExceeded("records", f"more than {MOST} records in a workbook")


def _excel(file: Compound) -> Locked | None:
    for name in ("Workbook", "Book"):
        if (main := file.find(name)) is None:
            continue
        data = file.read(main)
        for kind, at, size in records_of(data):
            if kind == _FILE_PASS:
                return _Excel(file, main, _pass(data[at : at + size]))
            if kind == _EOF:  # of the first part, which is about the whole
                break
    return None


def _pass(record: bytes) -> streamcipher.Rc4 | streamcipher.Xor:
    """2.4.117; before version 8 there is no type, and XOR alone."""
    if len(record) < 4:
        raise Malformed("FilePass cut off")
    kind, first, second = (int.from_bytes(record[at : at + 2], "little") for at in (0, 2, 4))
    if len(record) == 4:
        return streamcipher.Xor(kind, first)
    return streamcipher.read(record[2:]) if kind else streamcipher.Xor(first, second)


class _Excel(Locked):
    _BLOCK = 1024  # 2.2.10

    def __init__(self, file: Compound, main: Entry, lock: streamcipher.Rc4 | streamcipher.Xor) -> None:
        super().__init__(file)
        self._main, self._lock = main, lock
        self.what = f"Excel, {lock.what}"

    def open(self, word: str) -> bytes | None:
        key = self._lock.key(word)
        if key is None:
            return None
        data = self.file.read(self._main)
        out = bytearray(data)
        stream = b"" if isinstance(key, bytes) else streamcipher.blocks(key, data, self._BLOCK)
        for kind, at, size in records_of(data):
            if kind == _FILE_PASS:
                out[at - 4 : at - 2] = b"\0\0"
                out[at : at + size] = bytes(size)
            if kind in _OPEN:
                continue
            start = at + 4 if kind == _BOUND_SHEET and size > 4 else at
            if isinstance(key, bytes):
                plain = streamcipher.xor_excel(data[start : at + size], key, start + size)
            else:
                plain = stream[start : at + size]
            out[start : at + size] = plain
        return self.patched([(self._main, bytes(out))])


# ---------------------------------------------------------------------------- PowerPoint

_USER_EDIT, _DIRECTORY, _SESSION = 0x0FF5, 0x1772, 0x2F14
_LOCKED_TOKEN, _OPEN_TOKEN = 0xF3D1C4DF, 0xE391C05F  # [MS-PPT] 2.3.2
_EDITS: Final = 10_000
OBJECTS: Final = 50_000  # and pictures, each with a key of its own; a large presentation has thousands


def _powerpoint(file: Compound) -> Locked | None:
    user, main = file.find("Current User"), file.find("PowerPoint Document")
    if user is None or main is None:
        return None
    atom, data = file.read(user), file.read(main)
    if len(atom) < 20:
        return None
    token, edit = struct.unpack_from("<II", atom, 12)
    objects, session = _objects(data, edit)
    if not session:
        if token == _LOCKED_TOKEN:
            raise Encrypted("a presentation with a password and without its key")
        return None
    at = objects.get(session, len(data))
    return _PowerPoint(file, user, main, objects, session, streamcipher.read(data[at + 8 :]))


def _objects(data: bytes, edit: int) -> tuple[dict[int, int], int]:
    """2.1.2: where each object stands, the latest edit first, and the number of the one that has the key."""
    found: dict[int, int] = {}
    session, seen = 0, set[int]()
    while edit + 36 <= len(data) and edit not in seen and len(seen) < _EDITS:
        seen.add(edit)
        kind, size = struct.unpack_from("<HI", data, edit + 2)
        if kind != _USER_EDIT:
            break
        if size >= 32 and edit + 40 <= len(data):
            session = session or struct.unpack_from("<I", data, edit + 36)[0]
        before, directory = struct.unpack_from("<II", data, edit + 16)
        if directory not in seen:
            seen.add(directory)
            _directory(data, directory, found)
        edit = before or len(data)
    return found, session


def _directory(data: bytes, at: int, found: dict[int, int]) -> None:
    """2.3.4: runs of objects with consecutive numbers."""
    if at + 8 > len(data):
        return
    kind, size = struct.unpack_from("<HI", data, at + 2)
    at, end = at + 8, min(at + 8 + size, len(data))
    while kind == _DIRECTORY and at + 4 <= end:
        head = int.from_bytes(data[at : at + 4], "little")
        at += 4
        for number in range(head & 0xFFFFF, (head & 0xFFFFF) + (head >> 20)):
            if at + 4 > end:
                return
            found.setdefault(number, int.from_bytes(data[at : at + 4], "little"))
            at += 4


class _PowerPoint(Locked):
    """2.3.7: each object by a key of its own."""

    def __init__(
        self, file: Compound, user: Entry, main: Entry, objects: dict[int, int], session: int, lock: streamcipher.Rc4
    ) -> None:
        super().__init__(file)
        self._user, self._main, self._objects, self._session, self._lock = user, main, objects, session, lock
        self.what = f"PowerPoint, {lock.what}"

    def open(self, word: str) -> bytes | None:
        key = self._lock.key(word)
        if key is None:
            return None
        data = self.file.read(self._main)
        out, done = bytearray(data), 0
        if len(self._objects) > OBJECTS:
            raise LimitExceeded("records", f"more than {OBJECTS} objects in a presentation")
        for number, at in self._objects.items():
            if number == self._session or at + 8 > len(data):
                continue
            size = 8 + int.from_bytes(streamcipher.rc4(key(number), data[at : at + 8])[4:8], "little")
            plain = streamcipher.rc4(key(number), data[at : at + size])
            done += len(plain)
            if done > 4 * len(data):  # objects that overlap make more of a file than it has
                raise LimitExceeded("ratio", "objects of more bytes than the stream that holds them")
            out[at : at + len(plain)] = plain
        at = self._objects.get(self._session, len(out))
        if at + 8 <= len(out):
            out[at + 2 : at + 4] = b"\0\0"
        atom = bytearray(self.file.read(self._user))
        edit = int.from_bytes(atom[16:20], "little")
        atom[12:16] = _OPEN_TOKEN.to_bytes(4, "little")
        seen = set[int]()
        while edit + 40 <= len(out) and edit not in seen and len(seen) < _EDITS:
            seen.add(edit)
            if out[edit + 2 : edit + 4] != _USER_EDIT.to_bytes(2, "little"):
                break
            if int.from_bytes(out[edit + 4 : edit + 8], "little") >= 32:
                out[edit + 36 : edit + 40] = bytes(4)
            edit = int.from_bytes(out[edit + 16 : edit + 20], "little") or len(out)
        streams = [(self._main, bytes(out)), (self._user, bytes(atom))]
        if pictures := self.file.find("Pictures"):
            streams.append((pictures, _pictures(self.file.read(pictures), key(0))))
        return self.patched(streams)


def _pictures(data: bytes, key: bytes) -> bytes:
    """2.3.7 says no more than that they are encrypted: each part of each begins anew (as PowerPoint writes them)."""
    out, at, count = bytearray(data), 0, 0
    while at + 8 <= len(data):
        count += 1
        if count > OBJECTS:
            raise LimitExceeded("records", f"more than {OBJECTS} pictures in a presentation")
        head = streamcipher.rc4(key, data[at : at + 8])
        version, kind, size = struct.unpack("<HHI", head)
        parts = records.fields(kind, version >> 4)
        if parts is None:
            break
        end = min(at + 8 + size, len(data))
        out[at : at + 8] = head
        at += 8
        for part in (*parts, size):
            stop = min(at + part, end)
            out[at:stop] = streamcipher.rc4(key, data[at:stop])
            at = stop
        at = end
    return bytes(out)
