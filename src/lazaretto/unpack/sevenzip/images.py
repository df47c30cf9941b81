"""Disks within files: the image, its partitions, their file systems.

Small images are members like any other, and are opened in their turn.  A large one is mostly empty (a disk of 10 GB
may come in a file of 1 MB) and would break every limit if it were unpacked: its file systems are opened where they
are, through 7-Zip's own streams, and only their files come out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from lazaretto.errors import HostileInput
from lazaretto.model import Finding, Kind, Severity
from lazaretto.plugin import Member, Passwords
from lazaretto.unpack import disk
from lazaretto.unpack.sevenzip.archive import Archive, Item
from lazaretto.unpack.sevenzip.contents import Contents, finding
from lazaretto.unpack.sevenzip.formats import DISKS, HANDLERS
from lazaretto.unpack.sevenzip.library import Library
from lazaretto.unpack.sevenzip.streams import Borrowed

LARGE = 32 << 20  # bytes of an image that is not unpacked
_HEAD = 68 << 10  # up to the volume descriptors of a disc
_DEEPEST = 4  # a disk with partitions with partitions with a file system


def members(
    library: Library,
    archive: Archive,
    passwords: Passwords | None,
    name: str,
    fallback: Sequence[str],
    prefix: str = "",
    depth: int = 1,
) -> Iterator[Member | Finding]:
    """Everything in a disk, large images by what is in them."""
    problem: HostileInput | None = None
    inner: dict[int, Item] = {}
    for item in list(archive.items()) if archive.handler in DISKS and depth < _DEEPEST else ():
        opened = _opened(library, archive, item) if (item.size or 0) > LARGE else None
        if opened is None:
            continue
        inner[item.index] = item
        below = f"{prefix}{item.path or fallback[0]}/"
        try:
            with opened:
                yield from members(library, opened, passwords, name, fallback, below, depth + 1)
        except HostileInput as error:
            problem = problem or error
    if inner:
        lines = [f"{item.path or name}: {item.size} bytes, read by its file system" for item in inner.values()]
        yield finding("sevenzip.image", Kind.AMBIGUOUS, Severity.INFORMATIONAL, lines)
    for thing in Contents(archive, passwords, name, fallback, without=inner, prefix=prefix).members():
        if isinstance(thing, Member) and archive.handler in DISKS and (thing.size or 0) > LARGE:
            thing = replace(thing, chunks=_without_holes(thing.chunks))  # noqa: PLW2901
        yield thing
    if problem:
        raise problem


def _without_holes(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """What no partition has is mostly empty.  An empty chunk in place of zeros lets the caller look at the clock."""
    for chunk in chunks:
        yield chunk if chunk.strip(b"\0") else b""


def _opened(library: Library, archive: Archive, item: Item) -> Archive | None:
    """The disk or file system that an item is; None when it is none that can be opened."""
    stream = archive.stream(item.index)
    if stream is None:
        return None
    handler = _handler(stream, item)
    if handler is None:
        stream.retire()
        return None
    try:
        return Archive(library, handler, stream)
    except HostileInput:  # then it is given as it is
        return None


def _handler(stream: Borrowed, item: Item) -> str | None:
    kind = disk.identify(stream.head(_HEAD), item.size)
    return HANDLERS.get(kind or "", (None,))[0]
