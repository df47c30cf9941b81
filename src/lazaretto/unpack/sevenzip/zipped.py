"""Members of zip archives that only 7-Zip can read: rare methods, and what is locked.

7-Zip believes the directory of an archive, which may name other members than the local headers do.  So it never sees
the archive: for each member it gets one of its own, whose only member has the very bytes in question.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from lazaretto.errors import HostileInput, LimitExceeded, Malformed
from lazaretto.unpack.sevenzip import extraction
from lazaretto.unpack.sevenzip.archive import Archive
from lazaretto.unpack.sevenzip.library import Absent, Library
from lazaretto.unpack.sevenzip.zipwords import AES, Lock, field
from lazaretto.unpack.zipindex import DESCRIPTOR, ENCRYPTED, Entry

METHODS = frozenset({0, 1, 6, 8, 9, 12, 14, 93, 95, 98, AES})  # that 7-Zip reads (APPNOTE 4.4.5)
_FLAGS = 0x01 | 0x06 | DESCRIPTOR | 0x40  # locked, settings of the method, lengths behind the data, strong
_KEPT = (0x0017, 0x9901)  # extra fields that say how it is locked
_NAME = b"m"
_LOCAL = struct.Struct("<4sHHHHHIIIHH")  # 4.3.7
_CENTRAL = struct.Struct("<4sHHHHHHIIIHHHHHII")  # 4.3.12
_END = struct.Struct("<4sHHHHIIH")  # 4.3.16
_MOST = 0xFFFFFFFE


def chunks(library: Library, data: bytes, entry: Entry, word: str | None = None) -> Iterator[bytes]:
    """The content of one member.  Raises LimitExceeded for a method that 7-Zip does not know."""
    with Archive(library, "zip", _alone(data, entry)) as archive, archive.extract([0], word or "") as run:
        try:
            for _, found in run:
                yield from found
        except Malformed:  # without a checksum to compare with, a wrong one says nothing
            if entry.crc is not None or run.results.get(0) != extraction.CHECKSUM:
                raise
        result = run.results.get(0)
        if result == extraction.METHOD:
            raise LimitExceeded("method", f"7-Zip does not know method {entry.method}")
        if result == extraction.PASSWORD:
            raise Malformed("the word that opens it does not fit its content")
        if result is None:
            raise run.trouble()


def load() -> Library | None:
    try:
        return Library()
    except Absent:
        return None


def opens(library: Library, data: bytes, entry: Entry, lock: Lock, word: str) -> bool:
    """Whether the word opens it, proven by a checksum, or by as much as comes out."""
    if not lock.passes(word):
        return False
    if lock.proven:
        return True
    try:
        extraction.ends(chunks(library, data, entry, word), entry.packed)
    except HostileInput:
        return False
    return True


def _alone(data: bytes, entry: Entry) -> list[tuple[bytes, int, int]]:
    """An archive of this member alone, in pieces: what it says is what the entry says."""
    flags = entry.flags & (_FLAGS if entry.flags & ENCRYPTED else _FLAGS & ~DESCRIPTOR)
    if entry.size is None:
        flags |= DESCRIPTOR  # then 7-Zip reads as far as the data goes
    extra = b"".join(struct.pack("<HH", kind, len(body)) + body for kind in _KEPT if (body := field(entry.extra, kind)))
    time = data[entry.header + 10 : entry.header + 14]
    stamp, date = struct.unpack("<HH", time) if len(time) == 4 else (0, 0)
    packed, crc = min(entry.packed, _MOST), entry.crc or 0
    size = min(_MOST if entry.size is None else entry.size, _MOST)
    local = _LOCAL.pack(b"PK\3\4", 63, flags, entry.method, stamp, date, crc, packed, size, len(_NAME), len(extra))
    behind = struct.pack("<4sIII", b"PK\7\x08", crc, packed, size) if flags & DESCRIPTOR else b""
    central = _CENTRAL.pack(
        *(b"PK\1\2", 63, 63, flags, entry.method, stamp, date, crc, packed, size),
        *(len(_NAME), len(extra), 0, 0, 0, 0, 0),
    )
    head, directory = local + _NAME + extra, central + _NAME + extra
    at = len(head) + entry.packed + len(behind)
    tail = behind + directory + _END.pack(b"PK\5\6", 0, 0, 1, 1, len(directory), at, 0)
    return [(head, 0, len(head)), (data, entry.start, entry.end), (tail, 0, len(tail))]
