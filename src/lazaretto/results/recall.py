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

OWN = 20_000  # results that a worker keeps of what it found itself; most are empty
AUDIT = 64  # every so many results of siblings one is scanned all the same, so that a lie comes out
MOST_NEWS = 2_048  # of one answer

Said = dict[str, tuple[Finding | Target, ...]]  # by engine; who said nothing is not in it
_Count = Annotated[int, msgspec.Meta(ge=0, le=1 << 20)]
_encode = msgspec.msgpack.Encoder().encode
# Apart, because nothing in the bytes would tell one from the other.
_Packed = tuple[dict[str, tuple[Finding, ...]], dict[str, tuple[Target, ...]]]
_decode = msgspec.msgpack.Decoder(_Packed).decode


class News(msgspec.Struct, array_like=True, frozen=True):
    """What an answer brings the node besides: how often results were known, and those that are new."""

    own: _Count = 0
    shared: _Count = 0
    misses: _Count = 0
    fresh: tuple[tuple[bytes, bytes], ...] = ()


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
        self._room = room
        self._secret = os.urandom(32)
        self._own: OrderedDict[bytes, Sheet] = OrderedDict()
        self._view: View | None = None
        self._salts: dict[tuple[str, str, tuple[str, ...]], bytes] = {}
        self._audit = 0
        self._counts = {"own": 0, "shared": 0, "misses": 0}
        self._fresh: list[tuple[bytes, bytes]] = []

    def share(self, view: View) -> None:
        self._view = view

    def key(self, artifact: Artifact, engines: tuple[str, ...], version: str, beside: str = "") -> bytes:
        """``engines``: those that are asked, by name; ``beside``: what else their answers depend on."""
        about = (version, artifact.type, engines)
        salt = self._salts.get(about)
        if salt is None:
            if len(self._salts) >= self._room:
                self._salts.clear()
            salt = hashlib.blake2b(repr(about).encode(), key=self._secret, digest_size=32).digest()
            self._salts[about] = salt
        return hashlib.blake2b(
            (artifact.sha256 + beside).encode("utf-8", "surrogatepass"), key=salt, digest_size=KEY
        ).digest()

    def get(self, key: bytes, engines: tuple[str, ...]) -> Sheet:
        """Whatever is open in it is to be asked, and then ``put``."""
        sheet = self._own.get(key)
        if sheet is not None:
            self._own.move_to_end(key)
            self._counts["misses" if sheet.open else "own"] += 1
            return sheet
        if self._view is not None and (value := self._view.get(key)) is not None:
            self._audit += 1
            if self._audit % AUDIT:
                self._counts["shared"] += 1
                return Sheet(_unpacked(value), set())
        self._counts["misses"] += 1
        return Sheet({}, set(engines))

    def put(self, key: bytes, sheet: Sheet) -> None:
        self._own[key] = sheet
        if len(self._own) > self._room:
            self._own.popitem(last=False)
        if self._view is None or sheet.open or len(self._fresh) >= MOST_NEWS:
            return
        if (value := _packed(sheet.said)) is not None:
            self._fresh.append((key, value))

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
    """None when it is no text that can be sent, or too long to be kept for all.  Empty is what says nothing."""
    try:
        findings = {name: tuple(one for one in answers if isinstance(one, Finding)) for name, answers in said.items()}
        targets = {name: tuple(one for one in answers if isinstance(one, Target)) for name, answers in said.items()}
        value = _encode((findings, targets)) if said else b""
    except UnicodeEncodeError:
        return None
    return value if len(value) <= LONGEST else None


def _unpacked(value: bytes) -> Said:
    if not value:
        return {}
    findings, targets = _decode(value)
    return {name: findings[name] + targets.get(name, ()) for name in findings}
