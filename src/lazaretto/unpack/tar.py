"""tar: POSIX ustar and pax (POSIX.1-2017, pax), GNU long names and base-256 numbers, the old format.

An own walk over the 512-byte headers, because tarfile stops where others go on.  Links and devices are noted
and never made; nothing here touches the file system.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from lazaretto.errors import LimitExceeded, Malformed
from lazaretto.model import Artifact, Finding, Kind, Severity
from lazaretto.plugin import Member, Unpacker
from lazaretto.unpack import tarsparse as sparse
from lazaretto.unpack.signatures import TAR

BLOCK = 512
_CHUNK = 1 << 20
_LONGEST = 1 << 20  # bytes of a long name or pax header that are read
_SPECIAL = {b"1": "hard link", b"2": "symbolic link", b"3": "device", b"4": "device", b"6": "pipe"}


class Tar(Unpacker):
    """Files of every header that a reader may come across; links and devices are only noted."""

    name: ClassVar[str] = "tar"
    types: ClassVar[frozenset[str]] = frozenset({TAR})

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        return _Walk(artifact.data).run()


@dataclass(slots=True)
class _Extra:
    """What a pax or GNU header says about the file that follows it."""

    names: list[str] = field(default_factory=list)
    size: int | None = None
    sparse: sparse.Map | None = None
    records: list[tuple[bytes, bytes]] = field(default_factory=list)  # about holes


class _Walk:
    """From header to header.  Where a pax header and the ustar header disagree about the size, readers go on at
    different places (CVE-2025-62518): both are walked.  No header is read twice, so the walk is linear."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._ahead: deque[int] = deque([0])
        self._visited: set[int] = set()
        self._notes: list[str] = []
        self._special = 0
        self._filled = 0  # bytes of holes
        self._read = 0  # bytes of pax headers and long names
        self._holes: list[str] = []

    def run(self) -> Iterator[Member | Finding]:
        problem = ""
        while self._ahead:
            at, extra, ended = self._ahead.popleft(), _Extra(), False
            main = at == 0
            while at + BLOCK <= len(self._data) and at not in self._visited:
                self._visited.add(at)
                header = self._data[at : at + BLOCK]
                if not header.strip(b"\0"):  # the end, or only padding: some readers go on behind it
                    at, ended = at + BLOCK, True
                    continue
                if not is_header(header):
                    if main and ended:
                        yield Member(("trailing-data",), [self._data[at:]])
                        break
                    problem = f"no header where one should be, at offset {at}" if main else problem
                    break
                at, extra, members = self._entry(header, at, extra)
                ended = False
                yield from members
                if main and not members and at > len(self._data):  # what a member lacks, its chunks say
                    problem = f"cut off: {at - len(self._data)} bytes of a header are missing"
            if main and 0 < len(self._data) - at < BLOCK and self._data[at:].strip(b"\0"):
                problem = f"cut off at offset {len(self._data)}"
        yield from self._findings()
        if problem:
            raise Malformed(f"tar: {problem}")

    def _entry(self, header: bytes, at: int, extra: _Extra) -> tuple[int, _Extra, list[Member]]:
        """Where the next header is, what is known about its file, and the members that this one makes."""
        start, kind, size = at + BLOCK, header[156:157], sparse.number(header[124:136])
        if kind == b"S":
            extra.sparse = sparse.of_header(self._data, header, start)
            start = extra.sparse.start
        if kind in (b"x", b"X", b"g", b"L", b"K"):
            body = self._data[start : start + min(size, _LONGEST)]
            self._read += len(body)
            if self._read > 2 * len(self._data):  # once in each reading; more are made to overlap
                raise LimitExceeded("headers", "pax headers and long names that overlap")
            if kind == b"L":
                extra.names.append(_text(body.rstrip(b"\0")))
            elif kind in (b"x", b"X"):
                _read_pax(body, extra)
            return start + _padded(size), extra, []
        names = (*reversed(extra.names), _name(header))
        claimed = size
        if extra.size is not None and extra.size != size:
            if not 0 <= extra.size <= len(self._data):
                self._notes.append(f"{names[0]}: pax size {extra.size}")
            else:
                self._notes.append(f"{names[0]}: size {size} in one header, {extra.size} in the other")
                self._ahead.append(start + _padded(size))
                claimed = extra.size
        if kind in _SPECIAL:
            self._special += 1
            if kind != b"1" or not claimed:  # pax lets a hard link carry its data
                return start + (_padded(claimed) if kind == b"1" else 0), _Extra(), []
        following = start + _padded(claimed)
        if (kind == b"5" or names[-1].endswith("/")) and not claimed:
            return following, _Extra(), []
        return following, _Extra(), self._members(tuple(dict.fromkeys(names)), start, claimed, extra)

    def _members(self, names: tuple[str, ...], start: int, size: int, extra: _Extra) -> list[Member]:
        """A sparse file as it is made of its map, and as readers have it who know nothing of maps."""
        found = [Member(names, self._chunks(start, size), size=size)]
        whole = extra.sparse or sparse.of_pax(self._data, start, size, extra.records)
        holes = whole.holes if whole else 0
        if whole and holes and len(self._data) >= start + size:
            self._filled += max(holes, 0)
            if holes < 0:
                self._holes.append(f"{names[0]}: a map out of order")
            elif self._filled > sparse.MOST:
                self._holes.append(f"{names[0]}: holes of {holes} bytes are not filled")
            else:
                found.insert(0, Member(names, whole.chunks(self._data, start + size), size=whole.size))
        return found

    def _chunks(self, start: int, size: int) -> Iterator[bytes]:
        end = min(start + size, len(self._data))
        for at in range(start, end, _CHUNK):
            yield self._data[at : min(at + _CHUNK, end)]
        if start + size > len(self._data):
            raise Malformed(f"tar cut off: {start + size - len(self._data)} bytes of this member are missing")

    def _findings(self) -> Iterator[Finding]:
        if self._notes:
            yield Finding("unpack", "tar.size", Kind.AMBIGUOUS, Severity.MEDIUM, evidence=tuple(self._notes[:16]))
        if self._holes:
            yield Finding("unpack", "tar.sparse", Kind.LIMIT, Severity.MEDIUM, evidence=tuple(self._holes[:16]))
        if self._special:
            evidence = (f"{self._special} links or devices, not followed",)
            yield Finding("unpack", "tar.links", Kind.AMBIGUOUS, Severity.INFORMATIONAL, evidence=evidence)


def is_header(block: bytes) -> bool:
    """By its checksum: the sum of its bytes, unsigned or (old Sun) signed, its own field counted as blanks."""
    try:
        claimed = int(block[148:156].replace(b"\0", b" ").split()[0], 8)
    except (ValueError, IndexError):
        return False
    unsigned = sum(block) - sum(block[148:156]) + 8 * 32
    if claimed == unsigned:
        return True
    high = sum(1 for byte in block[:148] + block[156:] if byte > 127)
    return claimed == unsigned - 256 * high


def _padded(size: int) -> int:
    return -(-size // BLOCK) * BLOCK


def _name(header: bytes) -> str:
    name = header[:100].split(b"\0")[0]
    prefix = header[345:500].split(b"\0")[0] if header[257:263] == b"ustar\0" else b""
    return _text(prefix + b"/" + name if prefix else name)


def _text(octets: bytes) -> str:
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("latin-1")


def _read_pax(body: bytes, extra: _Extra) -> None:
    """Records ``length key=value\\n`` (pax, "Extended Header")."""
    at = 0
    while at < len(body):
        blank = body.find(b" ", at, at + 20)
        if blank < 0 or not body[at:blank].isdigit():
            return
        length = int(body[at:blank])
        key, equals, value = body[blank + 1 : at + length].partition(b"=")
        if length < blank - at + 2 or not equals:
            return
        value = value.removesuffix(b"\n")
        if key in (b"path", b"GNU.sparse.name"):
            extra.names.append(_text(value))
        elif key == b"size" and value.isdigit() and len(value) < 20:
            extra.size = int(value)
        elif key.startswith(b"GNU.sparse.") and len(extra.records) < sparse.RECORDS:
            extra.records.append((key, value))
        at += length
