"""The pool: the one place where the node asks for hostile bytes to be opened.

It keeps the queue, decides who is next, tries again what a dying worker dropped, and turns what cannot be done
into a finding (DESIGN rules 3 and 7).  The processes themselves are the crew's business.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lazaretto import config
from lazaretto.control.types import WorkerStatus
from lazaretto.errors import ConfigError, WorkerError
from lazaretto.model import (
    Envelope,
    Finding,
    Inspection,
    Kind,
    Preview,
    Priority,
    Properties,
    RemoteStatus,
    Severity,
    Treatment,
    Verdict,
    now,
    one_line,
)
from lazaretto.plugin import build
from lazaretto.remote.engine import RemoteEngine
from lazaretto.results.shelf import COUNTS
from lazaretto.workers import wire
from lazaretto.workers.consultation import Consultation, Consultations
from lazaretto.workers.crew import Crew
from lazaretto.workers.ticket import Cause, Loss, Lost, Ticket

JOB = "lazaretto.workers.job:Job"
GRACE = 10.0  # seconds that running inspections get when the pool stops
LONGEST_PAUSE = 30.0  # seconds between two attempts to start a crew in place of one that died


@dataclass(frozen=True, slots=True)
class PoolStatus:
    workers: tuple[WorkerStatus, ...]
    waiting: int  # in the queue
    sandbox: tuple[str, ...]  # one line for each protection: in force, or why not
    patterns: tuple[str, ...]  # one line for each set: what it holds, where from, what was refused
    libraries: tuple[str, ...]  # one line for each library of the system: in use, or why not
    results: dict[str, int]  # how often results were known, since the start (results/shelf.py)


class Pool:
    """All methods belong to one event loop; every one of them may be cancelled at any time.

    ``job``: "module:Name" of what is called with the configuration to make a ``worker.Task``.
    ``on_death``: is told, in one line for people, of every process that ended unasked."""

    def __init__(
        self, loaded: config.Loaded, *, job: str = JOB, on_death: Callable[[str], None] = lambda what: None
    ) -> None:
        self.loaded_at = now()
        self._loaded, self._job, self._on_death = loaded, job, on_death
        self._crew: Crew | None = None
        self._remotes = _remotes(loaded)
        self._crews: set[Crew] = set()  # with a nursery still there: the present one, and those that retire
        self._past: Counter[str] = Counter()  # of crews that have ended
        self._queue: list[Ticket] = []
        self._numbers = itertools.count()
        self._changing = asyncio.Lock()  # one crew is made at a time
        self._recovery: asyncio.Task[None] | None = None
        self._refusal = "the workers have not been started"  # "" while tickets are taken
        self._stopped = False

    @property
    def version(self) -> str:
        """Of the patterns in force, "" before the start."""
        return self._crew.version if self._crew else ""

    # ------------------------------------------------------------------ life

    async def start(self) -> None:
        """Returns when all workers are ready.  Raises ConfigError with every problem of loading, WorkerError."""
        await self.reload()

    async def reload(self, loaded: config.Loaded | None = None) -> str:
        """Loads anew, with another configuration if one is given, and gives the new version.

        The new crew is made beside the old one and takes over when it is ready; the old one finishes what it has
        in hand.  Raises ConfigError or WorkerError, and then nothing has changed."""
        async with self._changing:
            await self._take_over(loaded or self._loaded)
        return self.version

    async def stop(self, grace: float = GRACE) -> None:
        """Lets what runs finish within ``grace`` seconds, refuses what waits, ends all processes."""
        self._stopped = True
        self._refuse("the workers are stopping")
        if self._recovery:
            self._recovery.cancel()
            await asyncio.wait([self._recovery])
        await asyncio.gather(*(crew.end(grace) for crew in self._crews))
        await self._remotes.stop()

    def status(self) -> PoolStatus:
        crew = self._crew
        if not crew:
            return PoolStatus((), len(self._queue), (), (), (), self.results())
        stock = crew.stock
        return PoolStatus(
            crew.status(), len(self._queue), crew.sandbox, stock.patterns, stock.libraries, self.results()
        )

    def results(self) -> dict[str, int]:
        """Counts of all crews, and what the present one has in memory."""
        past = sum((each.results.counts for each in self._crews), self._past)
        return {**dict.fromkeys(COUNTS, 0), **past, **(self._crew.results.memory() if self._crew else {})}

    # ------------------------------------------------------------------ work

    async def inspect(
        self,
        raw: bytes,
        envelope: Envelope | None,
        *,
        name: str = "",
        priority: Priority = Priority.DELIVERY,
        words: tuple[str, ...] = (),
    ) -> Inspection:
        """Never raises for what a message does: a worker that it crashes (twice) or keeps too long makes a FAILED
        finding.  Raises WorkerError when there is nobody to inspect it: the queue is full, or the pool stopped."""
        if len(self._queue) >= self._loaded.config.workers.queue:
            raise WorkerError(f"{len(self._queue)} inspections are waiting already; raise workers.count or .queue")
        request = wire.Inspect(envelope, wire.clean(name), words)
        label = envelope.id if envelope else one_line(name)
        consultation = self._remotes.open(raw, envelope)
        try:
            inspection: Inspection = await self._do(
                int(priority), request, raw, wire.decode_inspection, label, consultation
            )
        except Lost as lost:
            inspection = _failed(raw, lost.loss, self.version)
        except BaseException:  # cancelled too: nobody waits for the servers any more
            consultation.close()
            raise
        return await consultation.join(inspection)

    async def treat(self, raw: bytes, verdict: Verdict, inspection: Inspection) -> Treatment:
        """Raises WorkerError.  Goes before what has not been inspected yet: what is begun gets finished."""
        request = wire.Treat(verdict, inspection)
        label = verdict.envelope or "treatment"
        treatment: Treatment = await self._or_error(request, raw, wire.decode_treatment, label)
        return treatment

    async def preview(self, raw: bytes) -> Preview:
        """Raises WorkerError.  Somebody is looking at the screen: it goes first."""
        preview: Preview = await self._or_error(wire.Look(), raw, wire.decode_preview, "preview")
        return preview

    async def _or_error(self, request: wire.Request, raw: bytes, decode: Callable[[Any], Any], label: str) -> Any:
        try:
            return await self._do(int(Priority.ON_ACCESS), request, raw, decode, label)
        except Lost as lost:
            raise WorkerError(one_line(f"the worker {lost.loss.detail}", 300)) from None

    async def _do(
        self,
        rank: int,
        request: wire.Request,
        raw: bytes,
        decode: Callable[[Any], Any],
        label: str,
        consultation: Consultation | None = None,
    ) -> Any:
        """Raises Lost, WorkerError."""
        if self._refusal:
            raise WorkerError(self._refusal)
        try:
            packed = wire.encode(request)
        except UnicodeEncodeError as error:  # half a surrogate pair in an address or a header
            raise Lost(Loss(Cause.ERROR, f"cannot be asked: {error.reason}")) from None
        answer = asyncio.get_running_loop().create_future()
        ticket = Ticket(rank, next(self._numbers), packed, raw, decode, label, answer, consultation)
        heapq.heappush(self._queue, ticket)
        self.freed()
        try:
            return await answer
        except asyncio.CancelledError:
            # In the hands of a worker it runs to its end (or its deadline), and nobody hears the answer.
            if ticket in self._queue:
                self._queue.remove(ticket)
                heapq.heapify(self._queue)
            raise

    # ------------------------------------------------------------------ other programs

    def remotes(self) -> tuple[RemoteStatus, ...]:
        """How the servers are that engines ask."""
        return self._remotes.status()

    # ------------------------------------------------------------------ what crews tell

    def freed(self) -> None:
        while self._queue and self._crew:
            ticket = self._queue[0]
            try:
                if ticket.consultation and not ticket.answer.done():
                    ticket.consultation.move(self._remotes)
                if not ticket.answer.done() and not self._crew.give(ticket):
                    return
            except WorkerError as error:
                ticket.answer.set_exception(error)
            heapq.heappop(self._queue)

    def lost(self, ticket: Ticket, loss: Loss) -> None:
        if not ticket.lose(loss):
            return
        if self._refusal:
            ticket.answer.set_exception(WorkerError(self._refusal))
            return
        heapq.heappush(self._queue, ticket)
        self.freed()

    def died(self, what: str) -> None:
        self._on_death(what)

    def ended(self, crew: Crew) -> None:
        self._past += crew.results.counts
        self._crews.discard(crew)
        if crew is self._crew and not self._stopped:
            self._recovery = asyncio.get_running_loop().create_task(self._recover(crew))

    # ------------------------------------------------------------------ crews

    async def _take_over(self, loaded: config.Loaded) -> None:
        if self._stopped:
            raise WorkerError(self._refusal)
        count = loaded.config.workers.count or len(os.sched_getaffinity(0))
        crew = Crew(loaded, self._job, count, self)
        self._crews.add(crew)
        try:
            await crew.start()
        except BaseException:
            self._crews.discard(crew)
            raise
        if self._stopped:
            raise WorkerError(self._refusal)  # stop() has seen the new crew, and ends it
        past = self._remotes
        # The first crew may come by a reload as well, and then nobody asks yet.
        if loaded is not self._loaded or not self._crew:
            remotes = _remotes(loaded) if loaded is not self._loaded else past
            await remotes.start()
            if self._stopped:
                await remotes.stop()
                raise WorkerError(self._refusal)
            self._remotes = remotes
        # With the crew, and nothing between: what a worker hands out is for the engines that it knows.
        old, self._crew = self._crew, crew
        self._loaded, self.loaded_at, self._refusal = loaded, now(), ""
        if old:
            old.retire()
        self.freed()
        if past is not self._remotes:
            await past.stop()  # what is under way there goes on

    async def _recover(self, lost: Crew) -> None:
        """Makes a crew in place of one whose nursery died, until it works.  As long as the reason is a
        configuration that has gone bad meanwhile, nobody is kept waiting."""
        for attempt in itertools.count():
            async with self._changing:
                if self._crew is not lost:
                    return  # a reload was quicker
                try:
                    await self._take_over(self._loaded)
                except (ConfigError, WorkerError) as error:
                    self._refuse(f"the workers cannot be started again: {error}")
                    self._on_death(self._refusal)
                else:
                    return
            await asyncio.sleep(min(0.1 * 2 ** min(attempt, 10), LONGEST_PAUSE))

    def _refuse(self, why: str) -> None:
        self._refusal = why
        for ticket in self._queue:
            if not ticket.answer.done():
                ticket.answer.set_exception(WorkerError(why))
        self._queue.clear()


def _remotes(loaded: config.Loaded) -> Consultations:
    """What is wrong in the sections of engines is told by the crew, with all else that is wrong."""
    try:
        engines = build(loaded, "engines", RemoteEngine)
    except ConfigError:
        engines = []
    return Consultations(engines, loaded.config.unpack)


def _failed(raw: bytes, loss: Loss, version: str) -> Inspection:
    """What can be said of a message without opening it."""
    finding = Finding(
        "workers", loss.cause.value, Kind.FAILED, Severity.HIGH, evidence=(one_line(f"the worker {loss.detail}", 300),)
    )
    return Inspection(Properties(size=len(raw)), (), (finding,), version)
