"""zip, and the documents and programs that are zip archives (OOXML, ODF, jar, apk)."""

from __future__ import annotations

import contextlib
import struct
import zlib
from collections.abc import Iterator
from typing import ClassVar

from lazaretto import config
from lazaretto.errors import LimitExceeded, Malformed
from lazaretto.model import Artifact, Finding, Kind, Severity
from lazaretto.plugin import Member, Passwords, Unpacker
from lazaretto.unpack import inflate, zipindex, zipslack
from lazaretto.unpack.sevenzip import zipped, zipwords
from lazaretto.unpack.sevenzip.library import PACKAGE, Library
from lazaretto.unpack.signatures import ZIP_FAMILY
from lazaretto.unpack.zipindex import ENCRYPTED, UTF8, Entry, Index

_CHUNK = 1 << 20
_SHOWN = 16  # names in one finding
STORED, DEFLATED, BZIP2, LZMA = 0, 8, 12, 14  # APPNOTE 4.4.5
_METHODS = {2: "reduce", 3: "reduce", 4: "reduce", 5: "reduce", 10: "implode (IBM)", 96: "jpeg", 97: "wavpack"}


class Zip(Unpacker):
    """Every member by either table of the archive (see zipindex); what stays closed is named in a finding."""

    name: ClassVar[str] = "zip"
    types: ClassVar[frozenset[str]] = ZIP_FAMILY

    def __init__(self, settings: config.Settings) -> None:
        super().__init__(settings)
        self._library = zipped.load()

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        return self._run(artifact.data, None)

    def unlock(self, artifact: Artifact, passwords: Passwords) -> Iterator[Member | Finding]:
        return self._run(artifact.data, passwords)

    def _run(self, data: bytes, passwords: Passwords | None) -> Iterator[Member | Finding]:
        index = zipindex.read(data)
        if not index.entries and not index.notes and not data.startswith(b"PK\x05\x06"):
            raise Malformed("zip without members")
        yield from _about(index, behind=not data.startswith(b"PK"))
        damaged: list[str] = []
        closed = _Closed(self._library, data, passwords)
        for entry in index.entries:
            if entry.folder:
                continue
            if entry.flags & ENCRYPTED:
                yield from closed.locked(entry)
            elif entry.method in _OPEN:
                yield from _members(data, entry, damaged)
            else:
                yield from closed.rare(entry)
        yield from closed.findings()
        yield from zipslack.members(data, index, guess=not data.startswith(b"PK"))
        if damaged:
            yield _finding("zip.checksum", Kind.AMBIGUOUS, Severity.LOW, damaged)
        if index.full:
            raise LimitExceeded("count", f"an archive of more than {zipindex.MOST} members")


class _Closed:
    """Members that need a word or a method of 7-Zip's, and those that stay closed."""

    def __init__(self, library: Library | None, data: bytes, passwords: Passwords | None) -> None:
        self._library, self._data, self._passwords = library, data, passwords
        self._opened: set[str] = set()
        self._locked: list[str] = []
        self._methods: list[str] = []

    def rare(self, entry: Entry) -> Iterator[Member]:
        names = _names(entry)
        if self._library is None or entry.method not in zipped.METHODS:
            self._methods.append(f"{names[0]}: method {_METHODS.get(entry.method, entry.method)}")
            return
        yield Member(names, zipped.chunks(self._library, self._data, entry), size=entry.size)

    def locked(self, entry: Entry) -> Iterator[Member | Finding]:
        names, word = _names(entry), self._word(entry)
        if self._library is None or word is None:
            self._locked.append(names[0])
            return
        if word not in self._opened and self._passwords is not None:
            self._opened.add(word)
            yield self._passwords.opened(word)
        yield Member(names, zipped.chunks(self._library, self._data, entry, word), size=entry.size)

    def findings(self) -> Iterator[Finding]:
        absent = [] if self._library else [f"{PACKAGE} is not installed"]
        if self._locked:
            lines = self._locked
            if self._passwords is not None:
                lines = [self._passwords.refused(lines[0]), *lines[1:]]
            yield _finding("unpack.encrypted", Kind.ENCRYPTED, Severity.MEDIUM, [*absent, *lines])
        if self._methods:
            yield _finding("zip.method", Kind.LIMIT, Severity.MEDIUM, [*absent, *self._methods])

    def _word(self, entry: Entry) -> str | None:
        if self._library is None:
            return None
        lock = zipwords.Lock(self._data, entry)
        for word in self._passwords or ():
            # A word that has opened another member need not be proven again.
            known = word in self._opened and not lock.strong
            if lock.passes(word) if known else zipped.opens(self._library, self._data, entry, lock, word):
                return word
        return None


def _about(index: Index, *, behind: bool) -> Iterator[Finding]:
    """What is known before anything is unpacked.  ``behind``: it stands behind something else.  Streams of old office
    documents hold several packages one after the other, so nothing follows from their contradictions."""
    if index.notes:
        severity = Severity.INFORMATIONAL if behind else Severity.MEDIUM
        yield _finding("zip.contradiction", Kind.AMBIGUOUS, severity, index.notes)
    if index.remarks:
        yield _finding("zip.odd", Kind.AMBIGUOUS, Severity.INFORMATIONAL, index.remarks)
    if index.volume:
        yield _finding("zip.volume", Kind.LIMIT, Severity.MEDIUM, [index.volume])


def _finding(name: str, kind: Kind, severity: Severity, lines: list[str]) -> Finding:
    more = [f"and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else []
    return Finding("unpack", name, kind, severity, evidence=(*lines[:_SHOWN], *more))


def _members(data: bytes, entry: Entry, damaged: list[str]) -> Iterator[Member]:
    """The member; then what its compressed data leaves over, and the other reading of a stored one that fails its
    checksum: archives that say "stored" over deflated data pass scanners and are opened by a loader."""
    names, read = _names(entry), _Read(data, entry)
    yield Member(names, read.chunks(), size=entry.size)
    if read.wrong:
        damaged.append(f"{names[0]}: {read.wrong}")
        if entry.method == STORED and _deflates(data, entry):
            yield Member(names, inflate.Stream(inflate.Deflate, data, entry.start, entry.end).chunks())
    if read.slack.strip(b"\0"):
        damaged.append(f"{names[0]}: {len(read.slack)} bytes behind the compressed data")
        yield Member((f"{names[0]}.slack",), [read.slack])


def _deflates(data: bytes, entry: Entry) -> bool:
    try:
        probe = zlib.decompressobj(-15)
        return bool(probe.decompress(data[entry.start : min(entry.end, entry.start + 65536)], 4096))
    except zlib.error:
        return False


class _Read:
    """Reads one member and remembers what was wrong with it."""

    def __init__(self, data: bytes, entry: Entry) -> None:
        self._data, self._entry = data, entry
        self.wrong = ""
        self.slack = b""

    def chunks(self) -> Iterator[bytes]:
        checksum, size, entry = 0, 0, self._entry
        for chunk in self._raw():
            checksum, size = zlib.crc32(chunk, checksum), size + len(chunk)
            yield chunk
        if entry.crc is not None and checksum != entry.crc:
            self.wrong = "wrong checksum"
        elif entry.size is not None and size & 0xFFFFFFFF != entry.size & 0xFFFFFFFF:
            self.wrong = f"{size} bytes instead of {entry.size}"

    def _raw(self) -> Iterator[bytes]:
        data, entry, start = self._data, self._entry, self._entry.start
        if entry.method == STORED:
            for at in range(start, entry.end, _CHUNK):
                yield data[at : min(at + _CHUNK, entry.end)]
            if entry.size is not None and entry.packed < entry.size and entry.end == len(data):
                raise Malformed(f"cut off: {entry.size - entry.packed} bytes of a stored member are missing")
            return
        make = _OPEN[entry.method]
        if entry.method == LZMA:  # 5.8.8: version, size of the properties, the properties
            length = int.from_bytes(data[start + 2 : start + 4], "little")
            properties, start = data[start + 4 : start + 4 + length], start + 4 + length
            stream = inflate.Stream(lambda: inflate.lzma_raw(properties), data, start, entry.end)
            yield from _at_most(stream.chunks(), entry.size)
            return
        assert make is not None  # noqa: S101 only STORED and LZMA have none
        stream = inflate.Stream(make, data, start, entry.end)
        yield from stream.chunks()
        if not stream.complete:
            raise Malformed("compressed data ends early")
        self.slack = data[stream.stop : entry.end]


_OPEN = {STORED: None, DEFLATED: inflate.Deflate, BZIP2: inflate.bzip2, LZMA: None}


def _at_most(chunks: Iterator[bytes], size: int | None) -> Iterator[bytes]:
    """LZMA data need not have an end mark (4.4.4, bit 1); then the size tells where it ends."""
    left = size
    for chunk in chunks:
        if left is not None and len(chunk) >= left:
            yield chunk[:left]
            return
        left = left - len(chunk) if left is not None else None
        yield chunk
    if left:
        raise Malformed(f"compressed data ends early, {left} bytes are missing")


def _names(entry: Entry) -> tuple[str, ...]:
    """Every name by every plausible charset: UTF-8 by flag or by look, else code page 437 (appendix D)."""
    found: list[str] = []
    for raw in entry.names:
        with contextlib.suppress(UnicodeDecodeError):
            found.append(raw.decode("utf-8"))
        if not raw.isascii() and not entry.flags & UTF8:
            found.append(raw.decode("cp437"))
    if path := _unicode_path(entry.extra):
        found.append(path)
    found = found or [entry.names[0].decode("cp437")]
    cut = [name.partition("\0")[0] for name in found]  # as programs in C have it
    return tuple(dict.fromkeys([*filter(None, cut), *found]))


def _unicode_path(extra: bytes) -> str:
    """Info-ZIP's own UTF-8 name, extra field 0x7075 (4.6.9): version, checksum of the other name, name."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == 0x7075:
            return extra[at + 9 : at + 4 + length].decode("utf-8", "replace")
        at += 4 + length
    return ""
