"""RAR 1.5 to 4 and RAR 5: every member, comments and streams, and what stands behind the end."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import ClassVar

from lazaretto import config
from lazaretto.errors import HostileInput, LimitExceeded, Malformed
from lazaretto.model import Artifact, Finding, Kind, Severity
from lazaretto.plugin import Member, Passwords, Unpacker
from lazaretto.unpack import libarchive, rarmark
from lazaretto.unpack.rar import blocks, chains, quick, rar4, rar5, unarr
from lazaretto.unpack.rar.blocks import Archive, Item
from lazaretto.unpack.rar.chains import Chain
from lazaretto.unpack.rar.data import Keys, Tools, checked, decompressed, raw, slack
from lazaretto.unpack.rar.unlocking import Keyring
from lazaretto.unpack.signatures import RAR

_SHOWN = 16  # names in one finding


class Rar(Unpacker):
    """Opens both formats with libarchive; unarr helps where that cannot."""

    name: ClassVar[str] = "rar"
    types: ClassVar[frozenset[str]] = frozenset({RAR})
    # A crafted filter of RAR 3 keeps a library busy for seconds in one call, where no other limit is asked.
    seconds: ClassVar[str] = "artifact_seconds"

    def __init__(self, settings: config.Settings) -> None:
        super().__init__(settings)
        self._tools = Tools(libarchive.load(), unarr.load())

    def describe(self) -> tuple[str, ...]:
        main, other = self._tools.libarchive, self._tools.unarr
        lost = "absent, no RAR archive is decompressed: apt install libarchive13"
        return (
            main.version if main else f"libarchive: {lost}",
            "unarr: in use"
            if other
            else "unarr: absent, no solid RAR 3 or 4 archive is decompressed: apt install libunarr1",
        )

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        return _Opening(artifact.data, self._tools, Keyring(None)).run()

    def unlock(self, artifact: Artifact, passwords: Passwords) -> Iterator[Member | Finding]:
        return _Opening(artifact.data, self._tools, Keyring(passwords)).run()


class _Opening:
    def __init__(self, data: bytes, tools: Tools, ring: Keyring) -> None:
        self._data, self._tools, self._ring = data, tools, ring
        self._locked: list[str] = []
        self._closed: list[str] = []
        self._absent: dict[str, list[str]] = {}
        self._damaged: list[str] = []
        self._failed: list[str] = []

    def run(self) -> Iterator[Member | Finding]:
        data = self._data
        if data.startswith(blocks.MARK_OLD):
            yield _finding("rar.old", Kind.LIMIT, ["nothing here opens the format from before RAR 1.50"])
            return
        start = rarmark.find(data)
        if start < 0:
            raise Malformed("RAR: no archive header behind the mark")
        archive = self._walk(start)
        yield from self._ring.findings()
        if archive.version == 5 and not archive.locked:
            quick.compare(data, archive)
        yield from _about(archive)
        for chain in chains.of(archive.items):
            yield from self._chain(chain)
        for name, piece in archive.pieces:
            yield Member((name,), [piece])
        if not archive.locked and data[archive.end :].strip(b"\0"):
            yield Member(("trailing-data",), [data[archive.end :]])
        yield from self._findings(archive)
        if archive.full:
            raise LimitExceeded("count", f"an archive of more than {blocks.MOST} blocks")
        if archive.damage:
            raise Malformed(archive.damage)

    def _walk(self, start: int) -> Archive:
        """With headers that are encrypted, with the password that opens them."""
        walk = rar5.walk if self._data.startswith(rarmark.MARK5, start) else rar4.walk
        archive = walk(self._data, start)
        if archive.locked:
            return self._ring.headers(archive, lambda unlock: walk(self._data, start, unlock))
        return archive

    def _chain(self, chain: Chain) -> Iterator[Member | Finding]:
        items, opened = chain.items, None
        if (items[0].folder or items[0].link) and not items[0].packed:  # links are named in a finding
            return
        if chain.broken and not chain.stored:
            self._closed += [f"{item.names[0]}: {chain.broken}" for item in items]
            return
        if any(item.lock for item in items):
            try:
                opened = self._ring.open(self._data, self._tools, chain)
            except HostileInput as error:
                self._locked += [f"{item.names[0]}: {error}" for item in items]
                return
            yield from self._ring.findings()
            if opened is None:
                self._locked += [item.names[0] for item in items]
                return
        if chain.stored:
            yield self._member(items[0], raw(self._data, items[0], opened), opened)
            return
        yield from self._decompress(chain, opened)

    def _decompress(self, chain: Chain, opened: Keys | None) -> Iterator[Member | Finding]:
        items, done = chain.items, 0
        if package := self._tools.missing(chain):
            self._absent.setdefault(package, []).extend(item.names[0] for item in items)
            return
        for item in items:
            if (rest := slack(self._data, item, opened)).strip(b"\0"):
                self._damaged.append(f"{item.names[0]}: {len(rest)} bytes behind the compressed data")
                yield Member((f"{item.names[0]}.slack",), [rest])
        try:
            for item, chunks in zip(items, decompressed(self._data, self._tools, chain, opened), strict=False):
                member = self._member(item, chunks, opened)
                yield member
                done += 1
                if isinstance(member.chunks, _Checked) and not member.chunks.ended:
                    break
        except LimitExceeded as error:  # what else is in the archive may still be opened
            what = (f"{items[done].names[0]}: {error}",) if done < len(items) else (str(error),)
            yield Finding("unpack", f"limit.{error.name}", Kind.LIMIT, Severity.MEDIUM, evidence=what)
            done += 1
        except HostileInput as error:
            if done < len(items) and not items[done].after:
                self._failed.append(f"{items[done].names[0]}: {error}")
            done += 1
        lost = [f"{item.names[0]}: needs what could not be unpacked before it" for item in items[done:]]
        self._failed += lost

    def _member(self, item: Item, chunks: Iterator[bytes], opened: Keys | None) -> Member:
        return Member(item.names, _Checked(item, chunks, opened, self._damaged), size=item.size)

    def _findings(self, archive: Archive) -> Iterator[Finding]:
        if archive.locked or self._locked:
            first, *more = self._locked or ["all headers"]
            yield _finding("unpack.encrypted", Kind.ENCRYPTED, [self._ring.refused(first), *more])
        if self._closed:
            yield _finding("rar.method", Kind.LIMIT, self._closed)
        for package, names in self._absent.items():
            yield _finding("unpack.tool", Kind.LIMIT, [f"needs the package {package}", *names])
        if self._failed:
            yield _finding("rar.failed", Kind.FAILED, self._failed)
        if self._damaged:
            yield _finding("rar.checksum", Kind.AMBIGUOUS, self._damaged, Severity.LOW)


class _Checked(Iterator[bytes]):
    """The data of one member, compared with its checksum when it ends.  What a volume lacks is said elsewhere."""

    def __init__(self, item: Item, chunks: Iterator[bytes], opened: Keys | None, damaged: list[str]) -> None:
        self.ended = False
        self._item, self._chunks, self._opened, self._damaged = item, chunks, opened, damaged
        self._crc, self._size = 0, 0

    def __next__(self) -> bytes:
        item = self._item
        try:
            chunk = next(self._chunks)
        except StopIteration:
            self._end()
            raise
        except Malformed:
            if self._size == item.size or item.after or (item.size is None and self._size):
                self._end()
                raise StopIteration from None
            raise
        self._crc, self._size = zlib.crc32(chunk, self._crc), self._size + len(chunk)
        return chunk

    def _end(self) -> None:
        item, self.ended = self._item, True
        if item.after or item.before:  # the checksum is that of all volumes, or of the packed data
            return
        if item.size is not None and self._size != item.size:
            self._damaged.append(f"{item.names[0]}: {self._size} bytes instead of {item.size}")
        elif item.crc is not None and item.crc != checked(item, self._crc, self._opened):
            self._damaged.append(f"{item.names[0]}: wrong checksum")


def _about(archive: Archive) -> Iterator[Finding]:
    """What is known before anything is unpacked."""
    if archive.notes:
        yield _finding("rar.contradiction", Kind.AMBIGUOUS, archive.notes)
    cut = [f"{item.names[0]}: goes on in the next" for item in archive.items if item.after]
    cut += [f"{item.names[0]}: begins in an earlier one" for item in archive.items if item.before]
    if archive.volume or cut:
        yield _finding("rar.volume", Kind.LIMIT, [archive.volume or "a volume of a set", *cut])
    if links := [f"{item.names[0]}: {item.link}" for item in archive.items if item.link and not item.service]:
        yield _finding("rar.links", Kind.AMBIGUOUS, links, Severity.INFORMATIONAL)


def _finding(name: str, kind: Kind, lines: list[str], severity: Severity = Severity.MEDIUM) -> Finding:
    more = [f"and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else []
    return Finding("unpack", name, kind, severity, evidence=(*lines[:_SHOWN], *more))
