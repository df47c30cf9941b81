"""What 7-Zip opens, by its shared library inside this process: no program is started, no file is written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from lazaretto import config
from lazaretto.errors import Encrypted, HostileInput
from lazaretto.model import Artifact, Finding, Kind, Severity
from lazaretto.plugin import Member, Passwords, Unpacker
from lazaretto.unpack import disk, inflate
from lazaretto.unpack.sevenzip import discs, images
from lazaretto.unpack.sevenzip.archive import Archive
from lazaretto.unpack.sevenzip.contents import Contents, encrypted
from lazaretto.unpack.sevenzip.formats import DISKS, HANDLERS, SINGLE
from lazaretto.unpack.sevenzip.library import PACKAGE, Absent, Library


class SevenZip(Unpacker):
    """7z, cab, arj, lha, cpio, ar, rpm, xar, discs and disk images, wim, chm, installers and more."""

    name: ClassVar[str] = "sevenzip"
    types: ClassVar[frozenset[str]] = frozenset(HANDLERS)

    def __init__(self, settings: config.Settings) -> None:
        super().__init__(settings)
        self._absent = ""
        self._library: Library | None = None
        try:
            self._library = Library()
        except Absent as error:
            self._absent = str(error)

    def describe(self) -> tuple[str, ...]:
        if self._library is None:
            return (self._absent,)
        return (f"7-Zip {self._library.version} ({self._library.path})",)

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        return self._run(artifact, None)

    def unlock(self, artifact: Artifact, passwords: Passwords) -> Iterator[Member | Finding]:
        return self._run(artifact, passwords)

    def _run(self, artifact: Artifact, passwords: Passwords | None) -> Iterator[Member | Finding]:
        if self._library is None:
            yield absent(artifact.type)
            return
        data = artifact.data
        whole = [(data, 0, len(data))]
        if artifact.type == disk.ISO:
            seen, problem = discs.Seen(2 * len(data)), None
            for handler, pieces in discs.trees(data):
                try:
                    yield from _open(self._library, handler, pieces, artifact, passwords, seen)
                except HostileInput as error:  # one tree that cannot be read hides no other
                    problem = problem or error
            if problem:
                raise problem
            return
        for handler in HANDLERS[artifact.type]:
            yield from _open(self._library, handler, whole, artifact, passwords)


def absent(media_type: str) -> Finding:
    """Why nothing comes out of a container that the library would have opened."""
    evidence = (f"{media_type} is opened with {PACKAGE}, which is not installed",)
    return Finding("unpack", "unpack.tool", Kind.LIMIT, Severity.MEDIUM, evidence=evidence)


def _open(
    library: Library,
    handler: str,
    pieces: discs.Pieces,
    artifact: Artifact,
    passwords: Passwords | None,
    seen: discs.Seen | None = None,
) -> Iterator[Member | Finding]:
    name = artifact.name.replace("\\", "/").rsplit("/", 1)[-1] or handler.lower()
    fallback = inflate.stem(artifact.names) if handler in SINGLE else (f"{name.partition('.')[0]}.img",)
    try:
        archive = Archive(library, handler, pieces)
    except Encrypted:
        unlocked = _unlock(library, handler, pieces, passwords)
        if unlocked is None:
            yield encrypted(passwords, [name])
            return
        archive, said = unlocked
        yield said
    with archive:
        if handler in DISKS:
            yield from images.members(library, archive, passwords, name, fallback)
            return
        yield from Contents(archive, passwords, name, fallback, seen).members()


def _unlock(
    library: Library, handler: str, pieces: discs.Pieces, passwords: Passwords | None
) -> tuple[Archive, Finding] | None:
    """The container opened with one of the words, and the finding that says so."""
    if passwords is None:
        return None
    for word in passwords:
        try:
            return Archive(library, handler, pieces, word), passwords.opened(word)
        except Encrypted:
            continue
    return None
