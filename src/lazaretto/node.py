"""One node, wired together: doors, workers, vault, journal, control API.

``Node.start`` brings everything up in the order in which it is needed (what can fail by a mistake of the
operator comes first), ``Node.stop`` takes it down the other way round, so that mail in flight finds every part
that it still needs.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import structlog

from lazaretto import __version__, treatment
from lazaretto.api import NodeApi
from lazaretto.config import Loaded
from lazaretto.control.server import ControlServer
from lazaretto.errors import ConfigError, LazarettoError, NextHopError, Problem, StorageError
from lazaretto.journal import Journal
from lazaretto.metrics import Metrics
from lazaretto.model import Event, EventKind, new_id, now
from lazaretto.nexthop import NextHop
from lazaretto.patternsets.life import PatternSets
from lazaretto.pipeline import Pipeline
from lazaretto.plugin import Filter, Listener, build
from lazaretto.policy import document
from lazaretto.threads import Threads
from lazaretto.vault.vault import Vault
from lazaretto.workers.pool import Pool

log = structlog.get_logger()

GRACE = 30.0  # seconds that running transactions get when the node stops
HOUSEKEEPING = 3600.0  # seconds between two rounds of expiry


class Node:
    """Everything that runs in the node's process."""

    def __init__(self, loaded: Loaded) -> None:
        """Raises ConfigError with everything that is wrong in the configuration and the policy."""
        self.config = config = loaded.config
        self.actions = treatment.build_actions(loaded)
        self.doors = build(loaded, "listeners", Listener)
        self.metrics = Metrics()
        self.journal = Journal(config.data_dir / "journal.sqlite3", keep_days=config.journal.keep_days)
        self.vault = Vault(config, record=self.journal.record, send=self._send)
        self.workers = Pool(loaded, on_death=self._worker_died)
        self.metrics.watch_remotes(self.workers.remotes)
        self.sets = PatternSets(loaded, self.workers)
        days = config.unpack.thread_days
        self.threads = Threads(self.workers, config.data_dir / "threads.sqlite3", days) if days else None
        self.pipeline = Pipeline(
            node=config.hostname,
            organisation=config.organisation,
            document=document.load(config.policy.file, self.actions),
            actions=self.actions,
            filters=build(loaded, "filters", Filter),
            workers=self.workers,
            keeper=self.vault,
            stamps=self.vault,
            journal=self.journal,
            threads=self.threads,
            observe=self.metrics.observe,
        )
        self.api = NodeApi(
            config,
            now(),
            self.doors,
            self.actions,
            self.pipeline,
            self.workers,
            self.sets,
            self.vault,
            self.journal,
            self.metrics,
            self._note,
        )
        self.control = ControlServer(self.api, config.control_socket)
        self._open = AsyncExitStack()
        self._chores: set[asyncio.Task[None]] = set()
        self._reloading = asyncio.Lock()
        self._reload_waits = False

    # ------------------------------------------------------------------ up and down

    async def start(self) -> None:
        """Returns once every door accepts.  Raises ConfigError or StorageError, with nothing left running."""
        async with AsyncExitStack() as opening:
            _make(self.config.data_dir)
            self.journal.open()
            opening.callback(self.journal.close)
            self.vault.open()
            opening.callback(self.vault.close)
            if self.threads:
                self.threads.open()
                opening.callback(self.threads.close)
            opening.push_async_callback(self.workers.stop)
            refused = await self.sets.start()
            self.metrics.watch_results(self.workers.results)
            if self.config.metrics.listen:
                self.metrics.serve(self.config.metrics.listen)
                opening.callback(self.metrics.close)
            await self.control.start()
            opening.push_async_callback(self.control.stop)
            opening.push_async_callback(self._stop_chores)
            self._chores.add(asyncio.create_task(self._keep_house()))
            await self._note(EventKind.NODE_STARTED, f"Lazaretto {__version__}, process {os.getpid()}")
            if refused:
                log.error("patterns refused, those before them serve", why=refused)
                await self._note(EventKind.PATTERNS_REFUSED, refused)
            for door in self.doors:
                await door.start(self.pipeline)
                opening.push_async_callback(door.stop, GRACE)
            self._open = opening.pop_all()
        log.info("started", doors={door.name: door.address for door in self.doors}, patterns=self.workers.version)

    async def stop(self) -> None:
        """Doors first: they end their transactions; then everything those needed."""
        await asyncio.gather(*(door.stop(GRACE) for door in self.doors))
        await self._note(EventKind.NODE_STOPPED, "")
        await self._open.aclose()
        log.info("stopped")

    async def reload(self) -> None:
        """Policy and patterns anew from their files; what is wrong is reported and the old stays in force.
        Whoever asks while another still waits for its turn needs none of its own."""
        if self._reload_waits:
            return
        self._reload_waits = True
        async with self._reloading:
            self._reload_waits = False
            for what, load in (("policy", self.api.reload_policy), ("patterns", self.api.reload_patterns)):
                try:
                    await load("system")
                except LazarettoError as error:
                    log.error("not reloaded", what=what, why=str(error))

    async def _keep_house(self) -> None:
        while True:
            for chore in (self.vault.expire, self.journal.prune):
                try:
                    await chore()
                except StorageError as error:
                    log.error("housekeeping failed", why=str(error))
                except Exception:  # our bug: without this nothing would ever expire again, and nobody would know
                    log.exception("housekeeping failed")
            await asyncio.sleep(HOUSEKEEPING)

    async def _stop_chores(self) -> None:
        for chore in self._chores:
            chore.cancel()
        await asyncio.gather(*self._chores, return_exceptions=True)

    def _worker_died(self, note: str) -> None:
        log.warning("worker died", why=note)
        self._soon(self._note(EventKind.WORKER_DIED, note))

    def _soon(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._chores.add(task)
        task.add_done_callback(self._chores.discard)

    async def _note(self, kind: EventKind, note: str, actor: str = "system") -> None:
        """An event about the node itself; a journal that cannot take it must not stop anything."""
        event = Event(
            new_id(), now(), self.config.hostname, kind, note=note, actor=actor,
            policy=self.pipeline.document.version, patterns=self.workers.version,
        )  # fmt: skip
        try:
            await self.journal.record(event)
        except StorageError as error:
            log.error("event not recorded", kind=kind.name, why=str(error))

    async def _send(self, raw: bytes, sender: str, recipients: Sequence[str]) -> None:
        """Hands released mail to the mail server; raises NextHopError when it does not take it for everybody."""
        hop = NextHop(self.config.vault.release_to, hostname=self.config.hostname, pool=0)
        for recipient, reply in zip(recipients, await hop.send(raw, sender, recipients), strict=True):
            if not reply.ok:
                what = f"{self.config.vault.release_to} does not take it for {recipient}: {reply}"
                raise NextHopError(what, reply.code, reply.text)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        remedy = "choose another data_dir, or make it writable for the user that runs Lazaretto"
        raise ConfigError(Problem(folder, None, f"data_dir cannot be made: {error.strerror}", remedy)) from None
