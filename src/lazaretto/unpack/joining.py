"""Pieces of messages (message/partial, RFC 2046, 5.2.2) wherever they lie in what is inspected, put together.

A reader joins what lies in one folder, so it does not matter how the pieces came: as parts of one message, in
several messages of an mbox, in mails in an archive.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from lazaretto.mime import partial
from lazaretto.model import Artifact, Finding, Kind, Message, Part, Severity, outside_in
from lazaretto.plugin import Member
from lazaretto.unpack.signatures import MAIL

VIEW = "joined"  # in the paths of what was put together: no other path begins with it
SOURCE = "unpack"  # of these findings
MISSING = "mime.partial"  # a piece that waits for others
WHOLE = "mime.partial-joined"  # a piece that waits for none: others of its number may still come in other mails
CROWDED = "mime.partial-conflict"  # pieces that contradict each other too often
_TOLD = 1000  # pieces; more are told as a number


@dataclass(slots=True)
class Piece(Member):
    """A member that is a piece of a message, with what each kind of reader takes it for."""

    fragments: tuple[partial.Fragment, ...] = field(default=(), repr=False)


class Joined(NamedTuple):
    """What may come of the pieces of one id."""

    members: Iterator[Member]  # made one by one: together they may be MAX_WAYS times as big as the pieces
    packed: int  # bytes of all pieces
    depth: int


class _Set:
    """All pieces of one id."""

    def __init__(self) -> None:
        self.fragments: dict[partial.Fragment, None] = {}
        self.missed: dict[partial.Fragment, str | None] = {}  # where each was seen that has to be told if it stays
        self.parts: dict[str | None, None] = {}
        self.depth = 0
        self.guess = True  # until a piece comes that somebody is known to see
        self.changed = False


class Joiner:
    """The pieces of one inspection."""

    def __init__(self) -> None:
        self._sets: dict[str, _Set] = {}
        self._done: set[bytes] = set()  # what has been put together before

    def add(self, piece: Piece, artifact: Artifact) -> None:
        for fragment in piece.fragments:
            mine = self._sets.setdefault(fragment.id, _Set())
            if not piece.guess:
                mine.missed.setdefault(fragment, artifact.parent)
            mine.changed |= fragment not in mine.fragments
            mine.fragments.setdefault(fragment)
            mine.parts.setdefault(artifact.part)
            mine.depth = max(mine.depth, artifact.depth)
            mine.guess &= piece.guess

    @property
    def changed(self) -> bool:
        """Whether pieces have come since the last call of ``joined``."""
        return any(mine.changed for mine in self._sets.values())

    def joined(self) -> Iterator[Joined]:
        """What can be put together of the pieces that have come since the last call."""
        for mine in list(self._sets.values()):
            if mine.changed:
                mine.changed = False
                size = sum(len(fragment.body) for fragment in mine.fragments)
                yield Joined(self._members(mine), size, mine.depth + 1)

    def _members(self, mine: _Set) -> Iterator[Member]:
        place = _holder(mine.parts) or ""
        for whole in partial.joined(tuple(mine.fragments)):
            digest = hashlib.sha256(whole).digest()
            if digest not in self._done:
                self._done.add(digest)
                yield Member((), [whole], MAIL, place=place, view=VIEW, guess=mine.guess)

    def findings(self) -> Iterator[Finding]:
        """About every piece, whether it could be put together in every way that a reader may have, or not."""
        count = 0
        for mine in self._sets.values():
            if partial.crowded(mine.fragments):
                evidence = (f"more than {partial.MAX_WAYS} messages can be made of the pieces",)
                yield Finding(SOURCE, CROWDED, Kind.LIMIT, Severity.MEDIUM, evidence=evidence)
            whole = partial.settled(mine.fragments)
            for fragment, where in mine.missed.items():
                count += 1
                if count <= _TOLD:
                    yield _told(where, partial.describe(fragment), whole=whole)
        if count > _TOLD:
            yield _told(None, f"{count - _TOLD} more pieces of messages", whole=False)


def piece(member: Member, message: Message, part: Part) -> Piece:
    """The member that a part of this type is, with what it is a piece of."""
    return Piece(
        member.names, member.chunks, member.declared, member.size, member.place, member.view, member.guess,
        partial.fragments(message, part),
    )  # fmt: skip


def _told(where: str | None, evidence: str, *, whole: bool) -> Finding:
    if whole:
        return Finding(SOURCE, WHOLE, Kind.AMBIGUOUS, Severity.INFORMATIONAL, where, (evidence,))
    return Finding(SOURCE, MISSING, Kind.LIMIT, Severity.MEDIUM, where, (evidence,))


def _holder(parts: Iterable[str | None]) -> str | None:
    """The innermost part that holds all of these; "" is the message, None a file that is none."""
    given = list(parts)
    paths = [outside_in(part) if part else [] for part in given]
    common = ""
    for steps in zip(*paths, strict=False):
        if len(set(steps)) > 1:
            break
        common = steps[0]
    return None if None in given else common
