"""The vault: what is held, kept byte for byte until somebody lets it go or its time is over."""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from asyncio import gather
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

import structlog

from lazaretto.config import Config
from lazaretto.errors import ControlError, NextHopError, NotFound, StorageError
from lazaretto.model import Event, EventKind, Item, ItemState, new_id, now
from lazaretto.plugin import Case
from lazaretto.vault import stamp
from lazaretto.vault.forward import wrap
from lazaretto.vault.index import Change, Intent, Stats
from lazaretto.vault.store import Rotation, Store

log = structlog.get_logger()

Record = Callable[[Event], Awaitable[int]]
"""Writes an event to the journal; raises StorageError.  The same event may come twice."""
Send = Callable[[bytes, str, Sequence[str]], Awaitable[None]]
"""Hands a message with sender and recipients to the next mail server; raises NextHopError when it is not taken."""

TOGETHER = 32  # items that expire at the same time and share syncs
_ADDRESS = re.compile(r"[^\s<>,;\x00-\x1f\x7f]{1,320}")  # fit to stand in a command and a header; the rest is SMTP's


class Vault:
    """Quarantine and backup of one node; implements ``plugin.Keeper``.

    Sending comes before the change of state: after a crash in between an item may be sent twice, never lost."""

    def __init__(self, config: Config, *, record: Record, send: Send) -> None:
        self._settings, self._node = config.vault, config.hostname
        self._record, self._send = record, send
        self._store = Store(config.data_dir / "vault", config.vault_key)
        self._busy: set[str] = set()
        self._unfinished: dict[str, Intent] = {}
        self._telling = asyncio.Lock()

    def open(self) -> None:
        """Takes up what a crash left.  Blocking.  Raises StorageError (key or index missing, damaged, in use) and
        ConfigError (the key file is not one), with nothing changed."""
        self._store.open()
        self._unfinished = {intent.item: intent for intent in self._store.index.intents()}
        for warning in self.warnings:
            log.warning("unfinished", what=warning)

    def close(self) -> None:
        self._store.close()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What an operator has to look at: mail that was being sent when the node died."""
        return tuple(
            f"item {intent.item}: its {intent.verb} to {', '.join(intent.recipients)} was under way when it broke off "
            f"at {intent.at:%Y-%m-%d %H:%M:%S} UTC and may have arrived; ask them, and {intent.verb} it again if not"
            for intent in self._unfinished.values()
        )

    # ------------------------------------------------------------------ holding

    async def hold(self, case: Case, *, purpose: str, artifact: str | None = None) -> str:
        """Blob on disk, then the index, then the answer.  One content is kept once, for however many items."""
        inspection, verdict = case.inspection, case.verdict
        item = Item(
            id=new_id(),
            at=now(),
            purpose=purpose,
            state=ItemState.HELD,
            envelope=case.envelope,
            properties=inspection.properties,
            findings=inspection.findings,
            rule=verdict.rule,
            sentence=verdict.sentence,
            size=len(case.raw),
            sha256=await self._store.run(lambda: hashlib.sha256(case.raw).hexdigest()),
            recipients=verdict.recipients,
            artifact=artifact,
            artifacts=inspection.artifacts,
        )
        await self._store.put(item, case.raw)
        return item.id

    # ------------------------------------------------------------------ looking

    async def items(
        self,
        query: str = "",
        state: str = "held",
        purpose: str = "",
        sort: str = "-at",
        limit: int = 100,
        offset: int = 0,
    ) -> tuple[tuple[Item, ...], int]:
        """One page, and how many items match.  Raises ControlError for a column that cannot be sorted by."""
        return await self._store.index.items(
            query=query, state=state, purpose=purpose, sort=sort, limit=limit, offset=offset
        )

    async def item(self, item_id: str) -> Item:
        """Raises NotFound."""
        return await self._store.index.item(item_id)

    async def read(self, item_id: str) -> bytes:
        """The message as it came.  Raises NotFound, also when the content has gone, and StorageError when damaged."""
        return await self._store.get(item_id)

    async def export(self, item_id: str, actor: str) -> bytes:
        """The same, written to the journal first."""
        item, raw = await self.item(item_id), await self.read(item_id)
        await self._record(self._event(EventKind.ITEM_EXPORTED, item, actor))
        return raw

    async def stats(self) -> Stats:
        return await self._store.index.stats()

    # ------------------------------------------------------------------ letting go

    async def release(self, item_id: str, to: Sequence[str], actor: str) -> None:
        """Sends the message, stamped, to ``to`` or else to those it is held for.  Raises NextHopError, NotFound,
        StorageError, and ControlError when somebody is at it already."""

        def build(item: Item, raw: bytes) -> tuple[bytes, str]:
            return self._stamped(raw, item), item.envelope.sender.address

        await self._store.whole(self._resend(item_id, to, actor, build, ItemState.RELEASED, EventKind.ITEM_RELEASED))

    async def forward(self, item_id: str, to: Sequence[str], actor: str) -> None:
        """Sends a mail with the message attached, byte for byte.  Raises as ``release``."""
        if not to:
            raise ControlError("forward: nobody to forward to")
        sender = self._settings.sender

        def build(item: Item, raw: bytes) -> tuple[bytes, str]:
            return self._stamped(wrap(raw, item, sender=sender, to=to, at=now()), item), sender

        await self._store.whole(self._resend(item_id, to, actor, build, ItemState.FORWARDED, EventKind.ITEM_FORWARDED))

    async def delete(self, item_id: str, actor: str) -> None:
        """Removes the content; what is known about the item stays for ``keep_days``."""
        await self._store.whole(self._drop(item_id, ItemState.DELETED, EventKind.ITEM_DELETED, actor))

    async def verify(self, raw: bytes) -> tuple[str, bytes] | None:
        """The item that this message was released from, and the message without its stamp; None for other mail and
        for a stamp that is forged, old, of other bytes or used before.  The stamp is used up."""
        if stamp.find(raw) is None:
            return None
        for key in self._store.keys.all:
            found = await self._store.run(stamp.verify, raw, key.stamp, time.time())
            if found and await self._store.index.use_stamp(found.signature, now()):
                return found.item, found.raw
        return None

    # ------------------------------------------------------------------ upkeep

    async def expire(self) -> int:
        """Lets the content of items go that are older than ``keep_days`` or in excess of ``max_bytes``, oldest first.
        To be called at the start and now and then: it also delivers events and clears away what crashes left."""
        await self._tell()
        index, limit = self._store.index, now() - timedelta(days=self._settings.keep_days)
        count = await self._expire(await index.older_than(limit))
        count += await self._expire(await index.surplus(self._settings.max_bytes))
        if strays := await self._store.sweep():
            log.info("removed blobs without an item", blobs=strays)
        await index.forget(limit, now() - timedelta(seconds=2 * stamp.MAX_AGE))
        return count

    async def rotate(self) -> Rotation:
        """See docs/howto/rotate-the-vault-key.md."""
        return await self._store.rotate()

    # ------------------------------------------------------------------ inside

    async def _resend(
        self,
        item_id: str,
        to: Sequence[str],
        actor: str,
        build: Callable[[Item, bytes], tuple[bytes, str]],
        state: ItemState,
        kind: EventKind,
    ) -> None:
        with self._alone(item_id):
            item, raw = await self.item(item_id), await self.read(item_id)
            recipients = tuple(dict.fromkeys(to or (address.address for address in item.recipients)))
            if wrong := [address for address in recipients if not _ADDRESS.fullmatch(address)]:
                raise ControlError(f"not an address: {wrong[0]!r}")
            message, sender = await self._store.run(build, item, raw)
            verb = "release" if state is ItemState.RELEASED else "forward"
            intent = Intent(item_id, verb, recipients, now())
            await self._store.index.begin(intent)
            try:
                await self._send(message, sender, recipients)
            except NextHopError:
                await self._store.index.give_up(item_id)
                raise
            except Exception:
                self._unfinished[item_id] = intent  # nobody knows how far it came
                raise
            event = self._event(kind, item, actor, f"to {', '.join(recipients)}")
            await self._store.index.change(Change(item_id, state, event, recipients))
            self._unfinished.pop(item_id, None)
        await self._tell()

    async def _drop(self, item_id: str, state: ItemState, kind: EventKind, actor: str) -> None:
        with self._alone(item_id):
            event = self._event(kind, await self.item(item_id), actor)
            await self._store.drop(Change(item_id, state, event))
            self._unfinished.pop(item_id, None)
        await self._tell()

    async def _expire(self, ids: Sequence[str]) -> int:
        done = 0
        for start in range(0, len(ids), TOGETHER):
            some = ids[start : start + TOGETHER]
            drops = (self._drop(item_id, ItemState.EXPIRED, EventKind.ITEM_EXPIRED, "system") for item_id in some)
            for result in await gather(*map(self._store.whole, drops), return_exceptions=True):
                if isinstance(result, NotFound | ControlError):  # deleted meanwhile, or being sent: the next time
                    continue
                if isinstance(result, BaseException):
                    raise result
                done += 1
        return done

    async def _tell(self) -> None:
        """Hands what waits in the outbox to the journal.  When that cannot write, it waits on: the deed is done."""
        async with self._telling:
            try:
                if events := await self._store.index.outbox():
                    await gather(*map(self._record, events))
                    await self._store.index.told([event.id for event in events])
            except StorageError as error:
                log.error("events wait for the journal", why=str(error))

    @contextmanager
    def _alone(self, item_id: str) -> Iterator[None]:
        """One change of an item at a time: two clicks must not send it twice."""
        if item_id in self._busy:
            raise ControlError(f"item {item_id} is being released, forwarded or deleted right now")
        self._busy.add(item_id)
        try:
            yield
        finally:
            self._busy.discard(item_id)

    def _stamped(self, raw: bytes, item: Item) -> bytes:
        return stamp.make(raw, self._store.keys.newest.stamp, item.id, time.time()) + raw

    def _event(self, kind: EventKind, item: Item, actor: str, note: str = "") -> Event:
        return Event(
            new_id(), now(), self._node, kind, item.envelope, item.properties, item=item.id, actor=actor, note=note
        )


def rotate_key(config: Config) -> Rotation:
    """A new key for the vault of a node that is not running.  Raises StorageError (also when it runs), ConfigError."""

    async def record(event: Event) -> int:
        raise StorageError(f"event {event.id} waits for the node to run")

    async def send(message: bytes, sender: str, recipients: Sequence[str]) -> None:
        raise NextHopError("nothing is sent while keys are changed")

    vault = Vault(config, record=record, send=send)
    vault.open()
    try:
        return asyncio.run(vault.rotate())
    finally:
        vault.close()
