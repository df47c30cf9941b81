"""The budget of one inspection: how many, how big, how deep, how long.  All counting happens here."""

from __future__ import annotations

import time
from collections.abc import Callable

from lazaretto import config
from lazaretto.errors import LimitExceeded
from lazaretto.model import Opening

_THREADS = 4  # of a native library at work: processor time runs at most so much faster than the clock on the wall
RATIO_FROM = 2**20  # bytes; what unpacks to less is harmless at any ratio


class Budget:
    """Counts what one message or file costs.  Every method raises LimitExceeded with the limit's name in
    ``[unpack]`` of the configuration; ``clock`` gives seconds: of the processor, so that a busy machine finds no
    limits in honest mail (the deadline of the workers is the clock on the wall)."""

    # Those that end the whole walk; any other ends the artifact or the container that it concerns.
    FINAL = frozenset({"count", "total_bytes", "seconds"})

    def __init__(self, limits: config.Unpack, clock: Callable[[], float] | None = None) -> None:
        self.limits = limits
        self.count = 0
        self.bytes = 0
        self.openings: dict[str, Opening] = {}  # by path of the artifact
        self._spent: dict[str, float] = {}  # seconds by unpacker
        self._clock = clock or time.process_time
        self._started = self._clock()
        self._wall = time.monotonic() if clock is None else None
        self._least = min(limits.seconds, limits.artifact_seconds) / _THREADS

    def add(self) -> None:
        """One more artifact."""
        if self.count >= self.limits.count:
            raise LimitExceeded("count", f"more than {self.limits.count} artifacts")
        self.count += 1

    def descend(self, depth: int) -> None:
        """Before a container at this depth is opened."""
        if depth >= self.limits.depth:
            raise LimitExceeded("depth", f"a container below {self.limits.depth} containers")

    def afford(self, unpacker: str, limit: str) -> None:
        """Before an unpacker opens one thing more, where a setting (``limit``, or "") bounds the seconds of all."""
        most, spent = getattr(self.limits, limit) if limit else 0.0, self._spent.get(unpacker, 0.0)
        if limit and spent > most:
            raise LimitExceeded(limit, f"{spent:.1f} seconds of {most:g} for all of its kind")

    def opened(self, path: str, unpacker: str, seconds: float, *, encrypted: bool) -> None:
        """Notes that an unpacker has looked into the artifact at this path."""
        self._spent[unpacker] = self._spent.get(unpacker, 0.0) + seconds
        before = self.openings.get(path, Opening())
        self.openings[path] = Opening(
            (*before.unpackers, unpacker), before.seconds + seconds, before.encrypted or encrypted
        )

    def now(self) -> float:
        return self._clock()

    def is_young(self) -> bool:
        """Whether so little time has passed on the wall that no limit can be reached; that is cheaper to ask."""
        return self._wall is not None and time.monotonic() - self._wall < self._least

    def check_time(self) -> None:
        if (spent := self._clock() - self._started) > self.limits.seconds:
            raise LimitExceeded("seconds", f"{spent:.1f} seconds of {self.limits.seconds:g}")


class Meter:
    """What comes out of one container of ``packed`` bytes; several members share it."""

    def __init__(self, budget: Budget, packed: int, *, whole: bool = False) -> None:
        """``whole``: it is the message itself, which has no time of its own."""
        self.budget = budget
        self.packed = max(packed, 1)
        self.bytes = 0
        self._started = None if whole else budget.now()

    @property
    def seconds(self) -> float:
        return 0.0 if self._started is None else self.budget.now() - self._started

    def check_time(self) -> None:
        if self.budget.is_young():
            return
        self.budget.check_time()
        if (spent := self.seconds) > (most := self.budget.limits.artifact_seconds):
            raise LimitExceeded("artifact_seconds", f"{spent:.1f} seconds of {most:g}")

    def take(self, size: int, member: int) -> None:
        """``size`` more bytes are wanted for a member that has ``member`` bytes already.  Counts them, or counts
        nothing and raises."""
        budget, limits = self.budget, self.budget.limits
        self.check_time()
        if member + size > limits.member_bytes:
            raise LimitExceeded("member_bytes", f"more than {limits.member_bytes} bytes")
        if budget.bytes + size > limits.total_bytes:
            raise LimitExceeded("total_bytes", f"more than {limits.total_bytes} bytes unpacked")
        if (out := self.bytes + size) > RATIO_FROM and out > self.packed * limits.ratio:
            raise LimitExceeded("ratio", f"{out} bytes out of {self.packed}, more than {limits.ratio} times")
        self.bytes += size
        budget.bytes += size

    def rest(self, chunk: bytes, member: int) -> bytes:
        """The beginning of a refused chunk for which there is still room, counted."""
        limits = self.budget.limits
        kept = chunk[: max(0, min(limits.member_bytes - member, limits.total_bytes - self.budget.bytes))]
        self.bytes += len(kept)
        self.budget.bytes += len(kept)
        return kept
