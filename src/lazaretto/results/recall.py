"""What one worker knows of results: what it found itself, and what its siblings agree on.

One look-up is for one artifact and all engines that it is sent to.  The key names its bytes, its true type, these
engines and the version of all patterns, under a secret that is made when an inspector is: other settings, other
patterns or another program never meet old results, and nobody outside can look for two files with one key.
"""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import msgspec

from lazaretto.model import Artifact, Finding, Kind, Target
from lazaretto.results.table import KEY, LONGEST, View

OWN = 8 << 20  # bytes that a worker keeps of what it found itself; most results are empty
OVERHEAD = 256  # bytes of memory that one of them takes besides what it says
LONGEST_OWN = 1 << 16  # bytes of one of them
MOST_KINDS = 20_000  # different things that results are about: types, sets of engines
AUDIT = 64  # every so many results of siblings one is scanned all the same, so that a lie comes out
MOST_NEWS = 2_048  # of one answer

Said = dict[str, tuple[Finding | Target, ...]]  # by engine; who said nothing is not in it
_Count = Annotated[int, msgspec.Meta(ge=0, le=1 << 20)]
_Key = Annotated[bytes, msgspec.Meta(min_length=KEY, max_length=KEY)]
_Value = Annotated[bytes, msgspec.Meta(max_length=LONGEST)]
_encode = msgspec.msgpack.Encoder().encode
# Apart, because nothing in the bytes would tell one from the other.
_Packed = tuple[dict[str, tuple[Finding, ...]], dict[str, tuple[Target, ...]]]
_decode = msgspec.msgpack.Decoder(_Packed).decode


class News(msgspec.Struct, array_like=True, frozen=True):
    """What an answer brings the node besides: how often results were known, and those that are new.  Whoever sends
    more than a worker ever does has not sent an answer."""

    own: _Count = 0
    shared: _Count = 0
    misses: _Count = 0
    fresh: Annotated[tuple[tuple[_Key, _Value], ...], msgspec.Meta(max_length=MOST_NEWS)] = ()


@dataclass(slots=True)
class Sheet:
    """What engines say of one artifact, and of those with the same bytes."""

    said: Said
    open: set[str]  # engines that have still to be asked, the first time or again

    def note(self, engine: str, findings: tuple[Finding | Target, ...]) -> None:
        """Failures and limits are not kept: they may have been for want of memory or time."""
        if keeps(findings):
            self.open.discard(engine)
            if findings:
                self.said[engine] = findings


class Recall:
    """Not for several threads at once."""

    def __init__(self, room: int = OWN) -> None:
        self._room = room  # what is left of it
        self._secret = os.urandom(32)
        self._own: OrderedDict[bytes, tuple[bytes, frozenset[str]]] = OrderedDict()  # what is said, who is open
        self._view: View | None = None
        self._salts: dict[tuple[str, str, tuple[str, ...]], bytes] = {}
        self._audit = 0
        self._counts = {"own": 0, "shared": 0, "misses": 0}
        self._fresh: list[tuple[bytes, bytes]] = []

    def share(self, view: View) -> None:
        self._view = view

    def key(self, artifact: Artifact, engines: tuple[str, ...], version: str, beside: tuple[str, ...] = ()) -> bytes:
        """``engines``: those that are asked, by name; ``beside``: what else the answer of each depends on."""
        about = (version, artifact.type, engines)
        salt = self._salts.get(about)
        if salt is None:
            if len(self._salts) >= MOST_KINDS:
                self._salts.clear()
            salt = hashlib.blake2b(repr(about).encode(), key=self._secret, digest_size=32).digest()
            self._salts[about] = salt
        about_it = artifact.sha256 + (repr(beside) if any(beside) else "")  # repr, so that none reads as another's
        return hashlib.blake2b(about_it.encode("utf-8", "surrogatepass"), key=salt, digest_size=KEY).digest()

    def get(self, key: bytes, engines: tuple[str, ...]) -> Sheet:
        """Whatever is open in it is to be asked, and then ``put``."""
        if (mine := self._own.get(key)) is not None:
            self._own.move_to_end(key)
            self._counts["misses" if mine[1] else "own"] += 1
            return Sheet(_unpacked(mine[0]), set(mine[1]))
        if (said := self._siblings(key)) is not None:
            self._counts["shared"] += 1
            return Sheet(said, set())
        self._counts["misses"] += 1
        return Sheet({}, set(engines))

    def _siblings(self, key: bytes) -> Said | None:
        value = self._view.get(key) if self._view is not None else None
        if value is None:
            return None
        self._audit += 1
        if not self._audit % AUDIT:
            return None
        try:
            return _unpacked(value)
        except msgspec.MsgspecError:  # two workers said so, and neither was one of ours any more
            return None

    def put(self, key: bytes, sheet: Sheet) -> None:
        value = _packed(sheet.said)
        if value is None:
            return
        self._forget(key)
        self._own[key] = value, frozenset(sheet.open)
        self._room -= OVERHEAD + len(value)
        while self._room < 0:
            self._forget(next(iter(self._own)))
        if self._view and not sheet.open and len(value) <= LONGEST and len(self._fresh) < MOST_NEWS:
            self._fresh.append((key, value))

    def _forget(self, key: bytes) -> None:
        if (mine := self._own.pop(key, None)) is not None:
            self._room += OVERHEAD + len(mine[0])

    def take(self) -> News:
        """What is new since it was last asked."""
        news = News(**self._counts, fresh=tuple(self._fresh))
        self._counts, self._fresh = dict.fromkeys(self._counts, 0), []
        return news


def keeps(findings: Sequence[Finding | Target]) -> bool:
    """Whether an engine would say the same of the same bytes anywhere and at any time."""
    return not any(
        isinstance(each, Finding) and (each.kind in (Kind.FAILED, Kind.LIMIT) or each.artifact is not None)
        for each in findings
    )


def of(task: object) -> Recall | None:
    """The one of a worker's task that has one."""
    found = getattr(task, "results", None)
    return found if isinstance(found, Recall) else None


def _packed(said: Said) -> bytes | None:
    """None when it is no text that can be sent, or too long to be kept.  Empty is what says nothing."""
    try:
        findings = {name: tuple(one for one in answers if isinstance(one, Finding)) for name, answers in said.items()}
        targets = {name: tuple(one for one in answers if isinstance(one, Target)) for name, answers in said.items()}
        value = _encode((findings, targets)) if said else b""
    except UnicodeEncodeError:
        return None
    return value if len(value) <= LONGEST_OWN else None


def _unpacked(value: bytes) -> Said:
    if not value:
        return {}
    findings, targets = _decode(value)
    return {name: findings.get(name, ()) + targets.get(name, ()) for name in {**findings, **targets}}
