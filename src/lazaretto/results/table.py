"""Results in memory that the node writes and its workers read.

The memory is a file without a name that the node maps, and then seals against every further mapping that could be
written to (F_SEAL_FUTURE_WRITE, fcntl(2)): whoever takes a worker over can read what is there and change none of it.

First comes a secret.  Then, in the first half, buckets of eight slots of 32 bytes; the key says which bucket, and age
says who has to go.  The second half is a ring of values; most results are empty and have none.  Every slot has a
checksum over itself and its value, so that what is read while it is written, or was overwritten in the ring, is a miss.
The checksum is made with the secret: strangers send files, so they have a hand in what values say and when the ring
comes round, and with a plain one they can make a value that fits the slot of another file.  A new secret forgets all.
"""

from __future__ import annotations

import fcntl
import hashlib
import mmap
import os
import struct
import time
from collections import Counter

KEY = 16  # bytes
OLDEST = 3_600  # seconds: what two workers once agreed on does not outlive them for long
LONGEST = 4_096  # bytes of one value

_SEAL_FUTURE_WRITE = 0x10  # linux/fcntl.h; Python has no name for it before 3.13
# Key; second of the clock that all processes share, where the value is, its length, who reported it; checksum.
_SLOT = struct.Struct("<16sIIHHI")
_BODY = struct.Struct("<16sIIHH")
_SECRET = 16  # bytes
_WAYS = 8
_BUCKET = _WAYS * _SLOT.size


class View:
    """What a worker sees of it."""

    def __init__(self, content: mmap.mmap) -> None:
        self._map = content
        self._buckets = (len(content) // 2 - _SECRET) // _BUCKET
        self._values = _SECRET + self._buckets * _BUCKET  # where they begin

    @classmethod
    def open(cls, fd: int) -> View:
        """Raises OSError, ValueError."""
        return cls(mmap.mmap(fd, os.fstat(fd).st_size, mmap.MAP_SHARED, mmap.PROT_READ))

    def get(self, key: bytes) -> bytes | None:
        """What at least two workers have said; None when it is not known, or not yet by two."""
        found = self._find(key)
        return found[2] if found and not found[1] else None

    def _bucket(self, key: bytes) -> int:
        return _SECRET + int.from_bytes(key[:4], "little") % self._buckets * _BUCKET

    def _check(self, body: bytes, value: bytes) -> int:
        return int.from_bytes(hashlib.blake2b(body + value, key=self._map[:_SECRET], digest_size=4).digest(), "little")

    def _find(self, key: bytes) -> tuple[int, int, bytes] | None:
        """Where its slot is, who has reported it (0: two have), the value."""
        start = self._bucket(key)
        bucket = self._map[start : start + _BUCKET]
        at = bucket.find(key)
        if at < 0 or at % _SLOT.size:
            return None
        _, stamp, where, length, by, check = _SLOT.unpack_from(bucket, at)
        if time.monotonic() - stamp > OLDEST:
            return None
        value = self._map[self._values + where : self._values + where + length] if length else b""
        if self._check(bucket[at : at + _BODY.size], value) != check:
            return None
        return start + at, by, value


class Table(View):
    """The node's end.  ``counts``: "entries", which are slots in use, and "evictions"; "disputes": two did not say the
    same, or of what two had agreed on a third said otherwise, and all was forgotten."""

    def __init__(self, size: int) -> None:
        """Raises OSError where the kernel cannot seal it (before Linux 5.1)."""
        self.fd = os.memfd_create("lazaretto-results", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        try:
            os.ftruncate(self.fd, size)
            super().__init__(mmap.mmap(self.fd, size))
            seals = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | _SEAL_FUTURE_WRITE | fcntl.F_SEAL_SEAL
            fcntl.fcntl(self.fd, fcntl.F_ADD_SEALS, seals)
        except BaseException:  # interrupted too: nobody else knows the descriptor yet
            os.close(self.fd)
            raise
        self._map[:_SECRET] = os.urandom(_SECRET)
        self.counts: Counter[str] = Counter()
        self._room = size - self._values
        self._next = 0  # place in the ring
        self._high = 0  # highest place that was ever used

    @property
    def used(self) -> int:
        """Bytes."""
        return self.counts["entries"] * _SLOT.size + self._high

    def close(self) -> None:
        os.close(self.fd)
        self._map.close()

    def report(self, worker: int, key: bytes, value: bytes) -> None:
        """A worker has scanned it and says so; ``worker`` is its number, and never given to another."""
        if len(key) != KEY or len(value) > min(LONGEST, self._room):
            return
        reporter = worker % 0xFFFF + 1
        found = self._find(key)
        if found is None:
            self._write(self._place(key), key, reporter, value)
        elif found[2] != value:
            self._dispute(found[0], agreed=not found[1])
        elif found[1] not in (0, reporter):
            self._write(found[0], key, 0, value)

    def _dispute(self, at: int, *, agreed: bool) -> None:
        """An engine that does not always say the same, or a worker that lies: and then who knows about what else."""
        self.counts["disputes"] += 1
        if agreed:
            self._map[:_SECRET] = os.urandom(_SECRET)  # no slot fits any more
        else:
            self._map[at : at + _SLOT.size] = bytes(_SLOT.size)
            self.counts["entries"] -= 1

    def _place(self, key: bytes) -> int:
        """The slot that it had before, a free one, or the oldest."""
        start = self._bucket(key)
        slots = list(_SLOT.iter_unpack(self._map[start : start + _BUCKET]))
        number = next((at for at, slot in enumerate(slots) if slot[0] == key), -1)
        if number < 0:
            number = min(range(_WAYS), key=lambda at: slots[at][1] if any(slots[at][0]) else -1)
            taken = any(slots[number][0])
            self.counts["evictions" if taken else "entries"] += 1
        return start + number * _SLOT.size

    def _write(self, at: int, key: bytes, reporter: int, value: bytes) -> None:
        where = 0
        if value:
            where = self._next if self._next + len(value) <= self._room else 0
            self._next = where + len(value)
            self._high = max(self._high, self._next)
            self._map[self._values + where : self._values + self._next] = value
        body = _BODY.pack(key, int(time.monotonic()), where, len(value), reporter)
        self._map[at : at + _SLOT.size] = body + self._check(body, value).to_bytes(4, "little")
