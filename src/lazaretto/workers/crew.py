"""A nursery and its workers, as the pool's event loop sees them.

A crew works under one configuration and one set of patterns from its first day to its last.  The pool makes a
new crew for a new configuration, and lets the old one finish what it has in hand.

A worker's life: spawned, ready, then idle and busy in turns; at last dismissed or dead, and buried when the
nursery has said how it ended, for only then is known what became of its ticket.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from pathlib import Path
from typing import Protocol

from lazaretto import config
from lazaretto.control.types import WorkerStatus
from lazaretto.errors import ConfigError, Problem, WorkerError
from lazaretto.results.shelf import Shelf
from lazaretto.workers import nursery, wire
from lazaretto.workers.handle import Handle
from lazaretto.workers.ticket import Cause, Loss, Ticket

RECYCLE_AFTER = 10_000  # requests; bounds what slow leaks in parsers can gather
START_TRIES = 3
LONGEST_PAUSE = 5.0  # seconds between two attempts to replace a worker
PATIENCE = 5.0  # seconds for a nursery that was told to end


class Owner(Protocol):
    """Whom a crew tells what happens: the pool."""

    def freed(self) -> None:
        """A worker is idle."""

    def lost(self, ticket: Ticket, loss: Loss) -> None:
        """A try has failed."""

    def died(self, what: str) -> None:
        """A process ended that should not have; one line for people."""

    def ended(self, crew: Crew) -> None:
        """The nursery is gone, asked to or not."""


class Crew:
    """Use: ``start``, then ``give`` tickets, then ``end``.  All methods belong to one event loop."""

    def __init__(self, loaded: config.Loaded, factory: str, count: int, owner: Owner) -> None:
        self.version = ""
        self.stock = wire.Stock()
        self.sandbox: tuple[str, ...] = ()
        # Of two workers both know a file before it counts as scanned twice.
        self.results = Shelf(loaded.config.workers.results << 20 if count > 2 else 0)
        self._order = (loaded, factory)
        self._limits = loaded.config.workers
        self._count, self._owner = count, owner
        self._loop = asyncio.get_running_loop()
        self._started: asyncio.Future[None] = self._loop.create_future()
        self._loading = True
        self._retired = False
        self._empty = asyncio.Event()  # retired, and no worker left
        self._over = asyncio.Event()  # no nursery left
        self._workers: dict[int, Handle] = {}
        self._idle: list[Handle] = []
        self._serial = 0
        self._unlucky = 0  # workers that died before they were ready, since one was
        self._buffer = bytearray(wire.CHUNK + 1)

    # ------------------------------------------------------------------ for the pool

    async def start(self) -> None:
        """Returns when all workers are ready.  Raises ConfigError (what the job refused), WorkerError."""
        try:
            self._control, self._process = nursery.launch(*self._order, self.results.fd)
        except OSError as error:
            self._over.set()
            self.results.close()
            raise WorkerError(f"the nursery cannot be started: {error}") from error
        self._pidfd = os.pidfd_open(self._process.pid)
        self._loop.add_reader(self._control.fileno(), self._read_reports)
        self._loop.add_reader(self._pidfd, self._nursery_gone)
        try:
            await self._started
        except BaseException:
            await self.end(0)
            raise

    def give(self, ticket: Ticket) -> bool:
        """Puts an idle worker on it; False when there is none.  Raises WorkerError when this ticket cannot be
        handed over (no memory for its bytes)."""
        while self._idle:
            worker = self._idle.pop()  # the last one to finish: its caches are warm
            try:
                worker.work(ticket, self._limits.deadline)
            except (BrokenPipeError, ConnectionResetError):
                worker.kill()  # it ended while it was idle; not the ticket's doing
            except OSError as error:
                self._idle.append(worker)
                raise WorkerError(f"the message cannot be handed to a worker: {error.strerror}") from error
            else:
                return True
        return False

    def status(self) -> tuple[WorkerStatus, ...]:
        return tuple(WorkerStatus(each.pid, each.ticket is not None, each.requests) for each in self._workers.values())

    def retire(self) -> None:
        """No more tickets: idle workers end now, busy ones when they have answered."""
        self._retired = True
        while self._idle:
            self._dismiss(self._idle.pop())
        self._check_empty()

    async def end(self, grace: float) -> None:
        """Retires, waits up to ``grace`` seconds for what runs, ends all processes."""
        self.retire()
        if grace:
            await _within(grace, self._empty)
        if not self._over.is_set():
            self._send_away()
            if not await _within(PATIENCE, self._over):
                self._process.kill()
        await self._over.wait()

    # ------------------------------------------------------------------ the nursery

    def _read_reports(self) -> None:
        while True:
            try:
                count, fds = wire.receive_into(self._control, self._buffer)
            except BlockingIOError:
                return
            except OSError:
                count, fds = 0, []
            if not count:  # its process follows, and _nursery_gone with it
                self._loop.remove_reader(self._control.fileno())
                return
            self._take(wire.decode_report(memoryview(self._buffer)[:count]), fds)

    def _take(self, report: wire.Report, fds: list[int]) -> None:
        match report:
            case wire.Loaded():
                self.version, self._loading = report.version, False
                self.stock = wire.decode_stock(wire.read_sealed(fds[0])[1])
                for _ in range(self._count):
                    self._spawn()
            case wire.Refused():
                flaws = wire.decode_flaws(wire.read_sealed(fds[0])[1])
                self._fail(ConfigError(*(_problem(flaw) for flaw in flaws)))
            case wire.Broken():
                self._fail(WorkerError(f"the workers cannot load: {report.detail}"))
            case wire.Born():
                worker = self._workers[report.serial]
                worker.born(report.pid, fds[0])
                self._enlist(worker)
            case wire.Stillborn():
                self._bury(self._workers[report.serial], f"could not be started: {report.detail}")
            case wire.Gone():
                self._bury(self._workers[report.serial], _how(report.status))

    def _nursery_gone(self) -> None:
        """Its process has ended; what it said last may still wait to be read."""
        self._loop.remove_reader(self._pidfd)
        os.close(self._pidfd)
        self._read_reports()
        self._loop.remove_reader(self._control.fileno())
        self._control.close()
        how = _how(self._process.wait())
        if not self._retired and self._started.done():
            self._owner.died(f"the nursery {how}; its workers end with it")
        self._fail(WorkerError(f"the nursery {how} before the workers were ready"))
        self.retire()
        for worker in list(self._workers.values()):
            worker.kill(Loss(Cause.INTERRUPTED, f"lost its nursery, which {how}"))
            self._bury(worker, how)
        self._over.set()
        self.results.close()
        self._owner.ended(self)

    def _fail(self, error: Exception) -> None:
        if not self._started.done():
            self._started.set_exception(error)

    # ------------------------------------------------------------------ workers

    def _spawn(self) -> None:
        if self._retired:
            return
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        self._serial += 1
        worker = self._workers[self._serial] = Handle(self._serial, ours, self._hear)
        worker.most += self._order[0].config.unpack.member_bytes  # of what it may hand out
        with theirs:
            try:
                wire.send_with_fd(self._control, wire.encode(wire.Spawn(worker.serial)), theirs.fileno())
            except OSError as error:  # the nursery is going, or has too much to do
                self._bury(worker, f"could not be started: {error.strerror}")

    def _hear(self, worker: Handle) -> None:
        try:
            reply = worker.hear(self._buffer)
            if reply is not None:
                self._reply(worker, reply)
        except EOFError:
            self._drop(worker, None)
        except Exception as error:  # noqa: BLE001 - whatever an exploit's words do to the decoder, it ends
            self._drop(worker, Loss(Cause.CRASHED, f"sent what is no answer: {error}"[:500]))

    def _reply(self, worker: Handle, reply: wire.Reply) -> None:
        ticket = worker.ticket
        if isinstance(reply, wire.Ready) and not worker.resident:
            worker.resident, self.sandbox = max(reply.resident, 1), reply.sandbox
            self._enlist(worker)
        elif isinstance(reply, wire.Hand) and ticket and ticket.consultation:
            ticket.consultation.take(reply)
            if ticket.consultation.crowded(worker.go_on):
                worker.wait()
        elif isinstance(reply, wire.Answer) and ticket:
            value = ticket.decode(reply.result)
            self.results.take(worker.serial, reply.news)
            worker.rest()
            if not ticket.answer.done():
                ticket.answer.set_result(value)
            self._keep(worker, reply.resident)
        elif isinstance(reply, wire.Failure) and ticket:
            worker.rest()
            if reply.memory:
                self._dismiss(worker)
                self._spawn()
            else:
                self._keep(worker, reply.resident)
            self._owner.lost(ticket, Loss(Cause.MEMORY if reply.memory else Cause.ERROR, reply.detail))
        else:
            raise ValueError("nothing was asked")

    def _enlist(self, worker: Handle) -> None:
        if worker.ready:
            self._unlucky = 0
            self._keep(worker, worker.resident)
            if not self._started.done() and sum(each.ready for each in self._workers.values()) >= self._count:
                self._started.set_result(None)

    def _keep(self, worker: Handle, resident: int) -> None:
        """Idle from now on, unless it has served its time or has grown to half of what it may have."""
        if self._retired:
            self._dismiss(worker)
        elif worker.requests >= RECYCLE_AFTER or resident - worker.resident > self._limits.memory << 19:
            self._dismiss(worker)
            self._spawn()
        else:
            self._idle.append(worker)
            self._owner.freed()

    def _dismiss(self, worker: Handle) -> None:
        """It holds nothing that would be lost, so there is no need to ask it to leave."""
        worker.dismissed = True
        worker.kill()

    def _drop(self, worker: Handle, fate: Loss | None) -> None:
        if worker in self._idle:
            self._idle.remove(worker)
        worker.kill(fate)

    def _bury(self, worker: Handle, how: str) -> None:
        """It has ended, and so has its try."""
        if worker in self._idle:
            self._idle.remove(worker)
        worker.close()
        del self._workers[worker.serial]
        loss = worker.fate or Loss(Cause.CRASHED, how)
        ticket = worker.rest()
        if not worker.dismissed and loss.cause is not Cause.INTERRUPTED:
            self._owner.died(
                f"worker {worker.pid} {loss.detail}" + (f" ({ticket.label})" if ticket and ticket.label else "")
            )
            self._replace(worker, loss)
        if ticket:
            self._owner.lost(ticket, loss)
        self._check_empty()

    def _replace(self, worker: Handle, loss: Loss) -> None:
        """At once, whatever mails do to workers; slower and slower when they die before they are ready."""
        if not worker.resident:
            self._unlucky += 1
        if self._unlucky >= START_TRIES:
            self._fail(WorkerError(f"the workers do not start: the last one {loss.detail}"))
        pause = min(0.05 * 2 ** min(self._unlucky - 1, 10), LONGEST_PAUSE) if self._unlucky else 0.0
        if not self._retired:
            self._loop.call_later(pause, self._spawn)

    def _check_empty(self) -> None:
        if self._retired and not self._workers:
            self._empty.set()
            self._send_away()

    def _send_away(self) -> None:
        """The nursery kills the workers that are left, and ends."""
        if self._over.is_set():
            return
        if self._loading:  # it would not hear us
            self._process.kill()
        else:
            with contextlib.suppress(OSError):
                self._control.shutdown(socket.SHUT_RDWR)


# ---------------------------------------------------------------------------- inside


def _how(status: int) -> str:
    """An exit status in words."""
    if status >= 0:
        return f"ended with exit code {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    hints = {"SIGSYS": " (it tried what the sandbox forbids)", "SIGKILL": " (out of memory?)"}
    return f"was killed by {name}{hints.get(name, '')}"


def _problem(flaw: wire.Flaw) -> Problem:
    return Problem(Path(flaw.file) if flaw.file else None, flaw.line, flaw.what, flaw.remedy)


async def _within(seconds: float, event: asyncio.Event) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
