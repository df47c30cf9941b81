"""What the headers of a RAR archive say, the same for both formats (``rar4`` and ``rar5`` read them)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

MOST = 100_000  # blocks of one archive

MARK_OLD = b"RE\x7e\x5e"


@dataclass(frozen=True, slots=True)
class Lock:
    """What the key is made of, beside the password."""

    salt: bytes
    rounds: int = 0  # RAR 5: as a power of 2
    check: bytes = b""  # RAR 5: tells a wrong password at once; b"" where the archive has none
    tweaked: bool = False  # RAR 5: checksums depend on the password


@dataclass(frozen=True, slots=True)
class Item:
    """A file, or what belongs to one or to the archive ("service": a comment, an alternate stream)."""

    names: tuple[str, ...]
    header: int  # offset
    start: int  # offset of the data
    packed: int  # bytes of data that are there
    method: int  # 0: stored, 1 to 5: compressed
    version: int  # of the compression: 15, 20, 26, 29, 36 (RAR 4), 50, 70
    size: int | None
    crc: int | None
    window: int = 0
    solid: bool = False  # continues with the dictionary of the file before
    folder: bool = False
    before: bool = False  # begins in an earlier volume
    after: bool = False  # goes on in the next
    missing: int = 0  # bytes of data that the header announces and nobody has
    link: str = ""
    service: str = ""
    lock: Lock | None = None
    iv: bytes = b""  # RAR 5


@dataclass(slots=True)
class Archive:
    version: int  # 4 or 5
    start: int
    end: int = 0  # behind the last block
    items: list[Item] = field(default_factory=list)
    pieces: list[tuple[str, bytes]] = field(default_factory=list)  # what stands elsewhere than in a file's data
    notes: list[str] = field(default_factory=list)  # contradictions
    volume: str = ""  # why it is not the whole set
    locked: Lock | None = None  # headers that no key was given for
    quick: int = 0  # offset that the archive header gives for the quick open record
    damage: str = ""
    full: bool = False


# The key and the initialisation vector for a header with this lock; None when it is not known.
Unlock = Callable[[Lock], tuple[bytes, bytes] | None]


def no_key(_lock: Lock) -> tuple[bytes, bytes] | None:
    return None
