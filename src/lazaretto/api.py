"""The calls of the control API, answered by a node: ``control.server.Api``."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from lazaretto import __version__
from lazaretto.config import Config
from lazaretto.control.server import ItemQuery, MessageQuery
from lazaretto.control.types import (
    DoorStatus,
    Entries,
    Entry,
    ItemRequest,
    Items,
    NodeStatus,
    Patterns,
    PolicyText,
    Result,
)
from lazaretto.errors import ConfigError, LazarettoError, NotFound, Problem
from lazaretto.journal import Journal
from lazaretto.metrics import Metrics
from lazaretto.model import Event, EventKind, Item, Preview, one_line
from lazaretto.patternsets.life import Life, PatternSets
from lazaretto.pipeline import Pipeline
from lazaretto.plugin import Action, Listener
from lazaretto.policy import document
from lazaretto.policy.document import Document
from lazaretto.vault.vault import Vault
from lazaretto.workers.pool import Pool, PoolStatus

ESSENTIAL = ("landlock", "seccomp", "limits", "privileges")
"""Protections whose lack is worth a warning; the network namespace, which only root can have, doubles seccomp's."""
LOW_DISK = 512 * 2**20  # bytes free below which the status warns

Note = Callable[[EventKind, str, str], Awaitable[None]]


@dataclass(frozen=True)
class NodeApi:
    """One method for each call; the parts are the node's."""

    config: Config
    started_at: datetime
    doors: Sequence[Listener]
    actions: Mapping[str, Action]
    pipeline: Pipeline
    workers: Pool
    sets: PatternSets
    vault: Vault
    journal: Journal
    metrics: Metrics
    note: Note  # writes an event about the node

    # ------------------------------------------------------------------ the node

    async def status(self) -> NodeStatus:
        pool = self.workers.status()
        vault = await self.vault.stats()
        life = await self.sets.status()
        warnings = self._warnings(pool, life)
        return NodeStatus(
            node=self.config.hostname,
            version=__version__,
            started_at=self.started_at,
            healthy=not warnings,
            warnings=warnings,
            doors=tuple(DoorStatus(door.name, door.address) for door in self.doors),
            workers=pool.workers,
            waiting=pool.waiting,
            sandbox=pool.sandbox,
            libraries=pool.libraries,
            policy=self.pipeline.document.version,
            patterns=self.workers.version,
            patterns_at=self.workers.loaded_at,
            patterns_of=life.current.newest if life.current else None,
            held=vault.held,
            vault_bytes=vault.bytes,
            cursor=self.journal.cursor,
            counters=dict(self.metrics.counters),
            results=pool.results,
            remotes=self.workers.remotes(),
        )

    def _warnings(self, pool: PoolStatus, life: Life) -> tuple[str, ...]:
        found = [f"sandbox: {line}" for line in pool.sandbox if "not available" in line and line.startswith(ESSENTIAL)]
        found += [f"some containers cannot be opened: {line}" for line in pool.libraries if "not available" in line]
        found += self.vault.warnings
        found += [
            f"{each.engine}: {each.server} does not answer: {each.why}"
            for each in self.workers.remotes()
            if not each.up
        ]
        if life.refused:
            what = f"the patterns in the folders do not serve, those before them do: {one_line(life.refused, 300)}"
            found.append(f"{what}; `lazaretto patterns test` tells all, `lazaretto patterns reload` tries again")
        if life.unkept:
            found.append(f"the pattern set in force will not be found at the next start: {life.unkept}")
        if not pool.workers:
            found.append("no inspection worker is running: mail is deferred; see the log for why they die")
        if not self.doors:
            found.append("no door is configured: add [listeners.smtp] or [listeners.milter]")
        free = shutil.disk_usage(self.config.data_dir).free
        if free < LOW_DISK:
            found.append(f"only {free // 2**20} MiB free in {self.config.data_dir}: make room before mail is deferred")
        return tuple(found)

    def policy_text(self) -> PolicyText:
        current = self.pipeline.document
        return PolicyText(current.text, current.version, str(current.file or ""))

    async def apply_policy(self, text: str, actor: str) -> PolicyText:
        file = self.config.policy.file
        if file is None:
            remedy = "set policy.file in the configuration, then apply again"
            raise ConfigError(Problem(None, None, "the built-in policy cannot be changed", remedy))
        new = await self._judged(lambda: document.parse(text, self.actions, file), actor)
        await asyncio.to_thread(_replace, file, text.encode())
        return await self._put_in_force(new, actor)

    async def reload_policy(self, actor: str) -> PolicyText:
        """The policy anew from its file; with a mistake in it the old one stays in force."""
        return await self._put_in_force(
            await self._judged(lambda: document.load(self.config.policy.file, self.actions), actor), actor
        )

    async def _judged(self, read: Callable[[], Document], actor: str) -> Document:
        try:
            return read()
        except ConfigError as error:
            await self.note(EventKind.POLICY_REFUSED, str(error), actor)
            raise

    async def _put_in_force(self, new: Document, actor: str) -> PolicyText:
        changed = new.version != self.pipeline.document.version
        self.pipeline.document = new
        if changed:
            await self.note(EventKind.POLICY_APPLIED, f"policy {new.version}", actor)
        return self.policy_text()

    async def pattern_sets(self) -> Patterns:
        life = await self.sets.status()
        lines = self.workers.status().patterns
        return Patterns(
            self.workers.version,
            self.workers.loaded_at,
            lines,
            life.sets,
            life.loading_since,
            life.refused,
            life.pinned,
        )

    async def reload_patterns(self, actor: str) -> Patterns:
        return await self._exchanged(self.sets.reload, "", actor)

    async def roll_back_patterns(self, to: str, actor: str) -> Patterns:
        return await self._exchanged(lambda: self.sets.roll_back(to), "rolled back to ", actor)

    async def _exchanged(self, exchange: Callable[[], Awaitable[str]], how: str, actor: str) -> Patterns:
        try:
            version = await exchange()
        except NotFound:  # nothing was tried
            raise
        except LazarettoError as error:
            await self.note(EventKind.PATTERNS_REFUSED, str(error), actor)
            raise
        await self.note(EventKind.PATTERNS_LOADED, how + version, actor)
        return await self.pattern_sets()

    # ------------------------------------------------------------------ events and items

    async def events(self, after: int, limit: int, wait: float) -> Entries:
        found = await self.journal.after(after, limit, wait)
        return Entries(tuple(Entry(*each) for each in found), found[-1][0] if found else after)

    async def messages(self, query: MessageQuery) -> Entries:
        found = await self.journal.messages(**asdict(query))
        return Entries(tuple(Entry(*each) for each in found), self.journal.cursor)

    async def message(self, envelope_id: str) -> Event:
        return await self.journal.message(envelope_id)

    async def items(self, query: ItemQuery) -> Items:
        return Items(*await self.vault.items(**asdict(query)))

    async def item(self, item_id: str) -> Item:
        return await self.vault.item(item_id)

    async def preview(self, item_id: str) -> Preview:
        return await self.workers.preview(await self.vault.read(item_id))

    async def export(self, item_id: str, actor: str) -> bytes:
        return await self.vault.export(item_id, actor)

    async def release(self, request: ItemRequest) -> list[Result]:
        return await _each(request.ids, lambda item: self.vault.release(item, request.to, request.actor))

    async def forward(self, request: ItemRequest) -> list[Result]:
        return await _each(request.ids, lambda item: self.vault.forward(item, request.to, request.actor))

    async def delete(self, request: ItemRequest) -> list[Result]:
        return await _each(request.ids, lambda item: self.vault.delete(item, request.actor))


async def _each(ids: Sequence[str], do: Callable[[str], Awaitable[object]]) -> list[Result]:
    """One result for each id; what fails for one does not keep the others back."""
    results = []
    for each in ids:
        try:
            await do(each)
            results.append(Result(each, True))
        except LazarettoError as error:
            results.append(Result(each, False, str(error)))
    return results


def _replace(file: Path, content: bytes) -> None:
    """Whole or not at all, on disk when this returns."""
    new = file.with_name(f".{file.name}.new")
    with new.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    new.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
