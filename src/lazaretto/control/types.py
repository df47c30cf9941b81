"""What travels over the control API besides the nouns of ``lazaretto.model``.

Frozen dataclasses; JSON on the wire is msgspec's rendering of them (enums by value, times as RFC 3339).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from lazaretto.model import Event, Item, RemoteStatus


@dataclass(frozen=True, slots=True)
class DoorStatus:
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class WorkerStatus:
    pid: int
    busy: bool
    inspections: int  # done since it was started


@dataclass(frozen=True, slots=True)
class NodeStatus:
    node: str
    version: str
    started_at: datetime
    healthy: bool
    warnings: tuple[str, ...]  # each says what is wrong and what to do
    doors: tuple[DoorStatus, ...]
    workers: tuple[WorkerStatus, ...]
    waiting: int  # inspections in the queue
    sandbox: tuple[str, ...]  # one line for each protection: in force, or why not
    libraries: tuple[str, ...]  # one line for each library that unpackers use: in use, or how to get it
    policy: str
    patterns: str
    patterns_at: datetime | None  # when they were loaded
    held: int  # items waiting in the quarantine
    vault_bytes: int
    cursor: int  # of the newest event
    counters: dict[str, int] = field(default_factory=dict)  # since the start: "messages", "clean", "infected", ...
    results: dict[str, int] = field(
        default_factory=dict
    )  # of files seen before: "own", "shared", "misses", "bytes" ...
    remotes: tuple[RemoteStatus, ...] = ()  # servers that engines ask
    patterns_of: datetime | None = None  # time of their newest file, where folders are configured


@dataclass(frozen=True, slots=True)
class Entry:
    """An event with its place in the journal; cursors grow, without promise of being consecutive."""

    cursor: int
    event: Event


@dataclass(frozen=True, slots=True)
class Entries:
    entries: tuple[Entry, ...]
    cursor: int  # ask for what comes after this


@dataclass(frozen=True, slots=True)
class Items:
    items: tuple[Item, ...]
    total: int  # that match, whatever the limit


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one item of a bulk request."""

    id: str
    done: bool
    error: str = ""


@dataclass(frozen=True, slots=True)
class ItemRequest:
    """Body of release, forward and delete."""

    ids: tuple[str, ...]
    actor: str
    to: tuple[str, ...] = ()  # forward: whom; release: instead of the recipients it is held for


@dataclass(frozen=True, slots=True)
class PolicyText:
    text: str  # the TOML document
    version: str
    file: str  # where it lies, "" for the built-in one


@dataclass(frozen=True, slots=True)
class PatternSet:
    """A copy of the pattern folders as they were at one time."""

    id: str
    version: str  # of what it served as, with everything else that judges
    made_at: datetime
    loaded_at: datetime | None  # when it last came into force
    newest: datetime | None  # time of its newest file
    folders: tuple[str, ...]  # where the operator has them
    files: int
    bytes: int
    current: bool = False  # in force now


@dataclass(frozen=True, slots=True)
class Patterns:
    version: str
    loaded_at: datetime | None
    lines: tuple[str, ...]  # one for each set: what it holds, where from, what was skipped
    sets: tuple[PatternSet, ...] = ()  # those that are kept, the newest first
    loading_since: datetime | None = None  # a new one is being compiled beside the one in force
    refused: str = ""  # why the folders as they are now do not serve
    pinned: bool = False  # rolled back: stays until somebody loads again
