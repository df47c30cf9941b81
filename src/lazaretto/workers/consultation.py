"""What other programs say about a message that a worker has in hand.

A worker may not speak to anybody but the pool, so it hands out what is to be judged elsewhere, and this asks for it
while the worker goes on.  Whoever hands out may be an exploit.  It gains nothing: it gets no answer, it chooses neither
server nor command, and how much it may hand out is bounded by what an honest worker could have unpacked.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import structlog

from lazaretto import config
from lazaretto.model import Artifact, Envelope, Finding, Inspection, Kind, RemoteStatus, Severity
from lazaretto.remote.engine import RemoteEngine
from lazaretto.workers import wire

log = structlog.get_logger()

ROOM = 256 * 2**20  # bytes that wait for answers; workers that have more to hand out wait as well
MOST_FINDINGS = 1000  # of one message
MOST_FAILURES = 3  # of one engine that are told one by one
_IN_THREAD = 4 * 2**20  # bytes; hashing as much keeps the event loop for some milliseconds


class Consultations:
    """The engines of one configuration that ask other programs.  Belongs to one event loop."""

    def __init__(self, engines: Sequence[RemoteEngine], limits: config.Unpack) -> None:
        self.engines = {engine.name: engine for engine in engines}
        self.limits = limits
        self.waiting = 0  # bytes
        self._blocked: list[Callable[[], None]] = []

    async def start(self) -> None:
        await asyncio.gather(*(engine.start() for engine in self.engines.values()))

    async def stop(self) -> None:
        await asyncio.gather(*(engine.stop() for engine in self.engines.values()))

    def status(self) -> tuple[RemoteStatus, ...]:
        return tuple(each for engine in self.engines.values() for each in engine.status())

    def open(self, raw: bytes, envelope: Envelope | None) -> Consultation:
        """Also where there is nobody to ask: the message may wait until there is."""
        return Consultation(self, raw, envelope)

    # ------------------------------------------------------------------ room

    def is_full(self) -> bool:
        return self.waiting > ROOM

    def when_room(self, go_on: Callable[[], None]) -> None:
        self._blocked.append(go_on)

    def took(self, size: int) -> None:
        self.waiting += size

    def gave_back(self, size: int) -> None:
        self.waiting -= size
        if not self.is_full():
            blocked, self._blocked = self._blocked, []
            for go_on in blocked:
                go_on()


class Consultation:
    """About one message.  ``take`` what a worker hands out, ``restart`` when it has died, ``join`` at the end."""

    def __init__(self, all_: Consultations, raw: bytes, envelope: Envelope | None) -> None:
        self._all, self._raw, self._envelope = all_, raw, envelope
        self._began = 0.0  # when the first was asked
        self._tasks: dict[asyncio.Task[None], str] = {}
        self._findings: list[Finding] = []
        self._timings: dict[str, float] = {}
        self._count = self._bytes = 0
        self._closed = False
        self._begin()

    def _begin(self) -> None:
        if self._envelope is None:  # a file is handed out by the worker
            return
        for name, engine in self._all.engines.items():
            if engine.settings.message and engine.fits(len(self._raw)):
                self._ask(name, Artifact("", (), self._raw, "message/rfc822", "", None, None, 0, ""), (None,))
            elif engine.settings.message:
                self._findings.append(engine.too_large(len(self._raw)))

    def take(self, hand: wire.Hand) -> None:
        """Raises ValueError for what an honest worker does not do."""
        if self._closed:
            return
        limits = self._all.limits
        self._count += len(hand.paths)
        self._bytes += len(hand.data)
        # All artifacts, and the file itself, which counts for neither limit where it is no message.
        if self._count > limits.count + 1 or self._bytes > limits.total_bytes + len(self._raw):
            self.close()  # nothing that an exploit asked for is worth anybody's time
            raise ValueError("it hands out more than it can have unpacked")
        names = (hand.name,) if hand.name else ()
        artifact = Artifact(hand.paths[0], names, hand.data, hand.media_type, "", None, None, 0, "")
        for engine in dict.fromkeys(hand.engines):
            if engine not in self._all.engines:
                self.close()
                raise ValueError(f"there is no engine {engine!r}")
            self._ask(engine, artifact, hand.paths)

    def move(self, all_: Consultations) -> None:
        """The message is given to a worker that knows the engines of these, and has perhaps waited since there were
        others."""
        if all_ is not self._all:
            self.close()
            self._all = all_
            self._anew()

    def crowded(self, go_on: Callable[[], None]) -> bool:
        """Whether the worker is to wait; ``go_on`` is called when it need not any more."""
        if not self._all.is_full():
            return False
        self._all.when_room(go_on)
        return True

    def restart(self) -> None:
        """The worker has lost its try, and another will hand out the same once more."""
        self.close()
        self._anew()

    def _anew(self) -> None:
        self._began = 0.0
        self._findings, self._count, self._bytes, self._closed = [], 0, 0, False
        self._begin()

    def close(self) -> None:
        self._closed = True
        for task in self._tasks:
            task.cancel()
        self._tasks.clear()

    async def join(self, inspection: Inspection) -> Inspection:
        """The inspection with all that is said in time; the rest is a finding for each engine."""
        try:
            while self._tasks:
                pending = {task: name for task, name in self._tasks.items() if not task.done()}
                if not pending:
                    break
                left = {name: self._deadline(name) for name in pending.values()}
                soonest = min(left, key=left.__getitem__)
                if left[soonest] <= 0:
                    self._expire(soonest)
                    continue
                await asyncio.wait(pending, timeout=left[soonest], return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.close()
        if not self._findings and not self._timings:
            return inspection
        findings = (*inspection.findings, *_bounded(self._findings))
        return replace(inspection, findings=findings, timings={**inspection.timings, **self._timings})

    # ------------------------------------------------------------------ inside

    def _deadline(self, name: str) -> float:
        """Seconds left."""
        return self._began + self._all.engines[name].settings.deadline - time.monotonic()

    def _expire(self, name: str) -> None:
        engine = self._all.engines[name]
        late = [task for task, known in self._tasks.items() if known == name]
        count = sum(not task.done() for task in late)
        for task in late:
            task.cancel()
            del self._tasks[task]
        what = f"{count} artifacts not judged within {engine.settings.deadline:g} seconds"
        self._findings.append(engine.unanswered(what))

    def _ask(self, name: str, artifact: Artifact, paths: tuple[str | None, ...]) -> None:
        self._began = self._began or time.monotonic()
        all_ = self._all
        all_.took(len(artifact.data))
        task = asyncio.create_task(self._one(self._all.engines[name], artifact, paths))
        self._tasks[task] = name
        task.add_done_callback(lambda _: all_.gave_back(len(artifact.data)))

    async def _one(self, engine: RemoteEngine, artifact: Artifact, paths: tuple[str | None, ...]) -> None:
        began = time.monotonic()
        if not artifact.sha256:  # never the worker's word for it
            artifact = replace(artifact, sha256=await _hashed(artifact.data))
        try:
            findings = list(await engine.examine(artifact))
        except Exception as error:  # our bug, or a third party's
            log.exception("engine failed", engine=engine.name)
            findings = [engine.unanswered(f"{type(error).__name__}: {error}")]
        for path in paths:
            self._findings += (replace(each, artifact=path) for each in findings)
        stage = f"engine.{engine.name}"
        self._timings[stage] = self._timings.get(stage, 0.0) + time.monotonic() - began


async def _hashed(data: bytes) -> str:
    if len(data) < _IN_THREAD:
        return hashlib.sha256(data).hexdigest()
    return await asyncio.get_running_loop().run_in_executor(None, lambda: hashlib.sha256(data).hexdigest())


def _bounded(said: Sequence[Finding]) -> list[Finding]:
    """The worst of them; of failures a few and a number; of the message nothing that a part was said to be."""
    failures: Counter[str] = Counter()
    in_parts = {(each.source, each.name) for each in said if each.artifact is not None}
    kept: list[Finding] = []
    last: dict[str, Finding] = {}
    for finding in sorted(said, key=lambda each: (-each.severity, each.artifact or "")):
        if finding.artifact is None and finding.kind is not Kind.FAILED and (finding.source, finding.name) in in_parts:
            continue
        if finding.kind is Kind.FAILED:
            failures[finding.source] += 1
            last[finding.source] = finding
            if failures[finding.source] > MOST_FAILURES:
                continue
        kept.append(finding)
    for source, count in failures.items():
        if count > MOST_FAILURES:
            evidence = (f"{count - MOST_FAILURES} more artifacts were not judged",)
            kept.append(replace(last[source], artifact=None, evidence=evidence))
    if len(kept) > MOST_FINDINGS:
        evidence = (f"{len(kept) - MOST_FINDINGS} findings beyond the worst {MOST_FINDINGS} are not listed",)
        limit = Finding("inspection", "limit.findings", Kind.LIMIT, Severity.MEDIUM, evidence=evidence)
        kept = [*kept[:MOST_FINDINGS], limit]
    return kept
