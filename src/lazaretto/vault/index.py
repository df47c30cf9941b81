"""What the vault knows about its items, and which blob each one needs.

A blob belongs to the vault exactly as long as an item refers to it: references are counted by asking, never kept.
Each change of state and the event that tells of it are one transaction; the event waits in ``outbox`` until the
journal has it, so that neither is ever there without the other.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from lazaretto.database import Database, from_microseconds, microseconds, pack, unpack
from lazaretto.errors import ControlError, NotFound
from lazaretto.model import Event, Item, ItemState
from lazaretto.search import fold, searchable, terms

MIGRATIONS = (
    """
    CREATE TABLE blobs (
        name TEXT PRIMARY KEY,
        key TEXT NOT NULL,  -- id of the key it is encrypted with
        stored INTEGER NOT NULL  -- bytes on disk
    ) WITHOUT ROWID;
    CREATE TABLE items (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        at INTEGER NOT NULL,  -- microseconds since 1970, as all times here
        purpose TEXT NOT NULL,
        state TEXT NOT NULL,
        sender TEXT NOT NULL,  -- this and the next ones without case: they are sorted by
        recipient TEXT NOT NULL,
        subject TEXT NOT NULL,
        name TEXT NOT NULL,
        rule TEXT NOT NULL,
        size INTEGER NOT NULL,
        blob TEXT REFERENCES blobs (name),  -- NULL once the content is gone
        changed_at INTEGER,
        changed_by TEXT NOT NULL DEFAULT '',
        resent_to TEXT NOT NULL DEFAULT '[]',
        item BLOB NOT NULL,  -- as it was when it was held
        text TEXT NOT NULL
    );
    CREATE INDEX items_at ON items (at);
    CREATE INDEX items_state ON items (state, at);
    CREATE INDEX items_blob ON items (blob) WHERE blob IS NOT NULL;
    CREATE VIRTUAL TABLE search USING fts5 (
        text, content='items', content_rowid='number', tokenize='trigram case_sensitive 1'
    );
    CREATE TRIGGER items_insert AFTER INSERT ON items BEGIN
        INSERT INTO search (rowid, text) VALUES (new.number, new.text);
    END;
    CREATE TRIGGER items_delete AFTER DELETE ON items BEGIN
        INSERT INTO search (search, rowid, text) VALUES ('delete', old.number, old.text);
    END;
    CREATE TABLE intents (  -- what is being sent right now, or was when the node died
        item TEXT PRIMARY KEY,
        verb TEXT NOT NULL,
        recipients TEXT NOT NULL,
        at INTEGER NOT NULL
    );
    CREATE TABLE outbox (id TEXT PRIMARY KEY, event BLOB NOT NULL);
    CREATE TABLE stamps (signature TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID  -- used ones
    """,
)
SORTS = ("at", "sender", "recipient", "subject", "name", "size", "rule", "state")
PAGE = 1000
NAMES = 512  # characters of a sort column
_COLUMNS = "item, state, changed_at, changed_by, resent_to"


@dataclass(frozen=True, slots=True)
class Stats:
    held: int  # items that wait in the quarantine
    items: int  # with their content, of any state and purpose
    blobs: int
    bytes: int  # of all blobs on disk


@dataclass(frozen=True, slots=True)
class Blob:
    name: str
    key: str
    stored: int


@dataclass(frozen=True, slots=True)
class Change:
    """A new state of an item, with the event that tells of it."""

    item: str
    state: ItemState
    event: Event
    resent_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Intent:
    """A release or forward that had begun."""

    item: str
    verb: str
    recipients: tuple[str, ...]
    at: datetime


class Index:
    """Every method raises StorageError; those that take an item's id raise NotFound."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._database = Database(path, MIGRATIONS)

    def open(self) -> None:
        self._database.open()

    def close(self) -> None:
        self._database.close()

    def keys(self) -> frozenset[str]:
        """Ids of the keys that blobs are encrypted with (blocking)."""
        return self._database.read_here(lambda c: frozenset(key for (key,) in c.execute("SELECT key FROM blobs")))

    def intents(self) -> tuple[Intent, ...]:
        """What was being sent when the node died (blocking)."""
        rows = self._database.read_here(lambda c: c.execute("SELECT * FROM intents ORDER BY at").fetchall())
        return tuple(Intent(item, verb, tuple(json.loads(to)), from_microseconds(at)) for item, verb, to, at in rows)

    # ------------------------------------------------------------------ reading

    async def item(self, item_id: str) -> Item:
        sql = f"SELECT {_COLUMNS} FROM items WHERE id = ?"  # noqa: S608 - fixed words
        row = await self._database.read(lambda c: c.execute(sql, (item_id,)).fetchone())
        if row is None:
            raise NotFound(f"no item {item_id} in the vault")
        return _item(row)

    async def items(
        self, *, query: str, state: str, purpose: str, sort: str, limit: int, offset: int
    ) -> tuple[tuple[Item, ...], int]:
        """One page, and how many there are.  Raises ControlError for a column that cannot be sorted by."""
        column = sort.removeprefix("-")
        if column not in SORTS:
            raise ControlError(f"cannot sort by {column!r}; there are: {', '.join(SORTS)}")
        direction = "DESC" if sort.startswith("-") else "ASC"
        wanted = terms(query)
        given: list[tuple[str, object]] = [("instr(text, ?) > 0", word) for word in wanted.short]
        given += [("number IN (SELECT rowid FROM search WHERE search MATCH ?)", wanted.match)] if wanted.match else []
        given += [(f"{name} = ?", value) for name, value in (("state", state), ("purpose", purpose)) if value]
        where = " AND ".join(condition for condition, _ in given) or "1"
        values = [value for _, value in given]
        # S608 twice: only fixed words go into the text, every value is bound
        count = f"SELECT count(*) FROM items WHERE {where}"  # noqa: S608
        page = (
            f"SELECT {_COLUMNS} FROM items WHERE {where} "  # noqa: S608
            f"ORDER BY {column} {direction}, number {direction} LIMIT ? OFFSET ?"
        )
        bounds = [max(1, min(limit, PAGE)), max(0, offset)]

        def work(connection: sqlite3.Connection) -> tuple[tuple[Item, ...], int]:
            [total] = connection.execute(count, values).fetchone()
            return tuple(map(_item, connection.execute(page, [*values, *bounds]))), total

        return await self._database.read(work)

    async def blob_of(self, item_id: str) -> str:
        """Name of the blob with an item's content.  Raises NotFound when the content is gone."""
        sql = "SELECT blob, state FROM items WHERE id = ?"
        row = await self._database.read(lambda c: c.execute(sql, (item_id,)).fetchone())
        if row is None:
            raise NotFound(f"no item {item_id} in the vault")
        if row[0] is None:
            raise NotFound(f"the content of item {item_id} is gone: it was {row[1]}")
        return str(row[0])

    async def stored(self, name: str) -> int | None:
        """Size on disk of a blob that the vault has."""
        row = await self._database.read(
            lambda c: c.execute("SELECT stored FROM blobs WHERE name = ?", (name,)).fetchone()
        )
        return None if row is None else row[0]

    async def blobs_without(self, key: str) -> list[str]:
        """Names of blobs that are encrypted with another key."""
        sql = "SELECT name FROM blobs WHERE key <> ?"
        return await self._database.read(lambda c: [name for (name,) in c.execute(sql, (key,))])

    async def older_than(self, at: datetime) -> list[str]:
        """Ids of items whose time is over, oldest first."""
        sql = "SELECT id FROM items WHERE blob IS NOT NULL AND at < ? ORDER BY at"
        return await self._database.read(lambda c: [item for (item,) in c.execute(sql, (microseconds(at),))])

    async def surplus(self, max_bytes: int) -> list[str]:
        """Ids of the items, oldest first, that have to go for the blobs to take no more than ``max_bytes``."""
        return await self._database.read(lambda connection: _surplus(connection, max_bytes))

    async def stats(self) -> Stats:
        def work(connection: sqlite3.Connection) -> Stats:
            blobs, size = connection.execute("SELECT count(*), coalesce(sum(stored), 0) FROM blobs").fetchone()
            [items] = connection.execute("SELECT count(*) FROM items WHERE blob IS NOT NULL").fetchone()
            [held] = connection.execute(
                "SELECT count(*) FROM items WHERE state = ? AND purpose = 'quarantine'", (ItemState.HELD,)
            ).fetchone()
            return Stats(held, items, blobs, size)

        return await self._database.read(work)

    # ------------------------------------------------------------------ writing

    async def add(self, item: Item, blob: Blob) -> None:
        """An item and its blob, which is on disk."""
        data = pack(item)
        row = (item.id, microseconds(item.at), item.purpose, item.state, *_sortable(item), item.size, blob.name, data)
        text = searchable(item.envelope, item.properties, item.findings, item.artifacts)

        def work(connection: sqlite3.Connection) -> None:
            _put_blob(connection, blob)
            connection.execute(
                "INSERT INTO items (id, at, purpose, state, sender, recipient, subject, name, rule, size, blob, item, "
                "text) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*row, text),
            )

        await self._database.write(work, len(data))

    async def begin(self, intent: Intent) -> None:
        """Before something is sent."""
        row = (intent.item, intent.verb, json.dumps(intent.recipients), microseconds(intent.at))
        await self._database.write(
            lambda c: c.execute("INSERT OR REPLACE INTO intents VALUES (?, ?, ?, ?)", row) and None
        )

    async def give_up(self, item_id: str) -> None:
        """Nothing was sent."""
        await self._database.write(lambda c: c.execute("DELETE FROM intents WHERE item = ?", (item_id,)) and None)

    async def change(self, change: Change) -> None:
        """A new state; the content stays."""
        await self._database.write(lambda connection: _change(connection, change))

    async def drop(self, change: Change) -> str | None:
        """A new state, and the content goes.  Name of the blob if nothing refers to it any more: remove its file."""

        def work(connection: sqlite3.Connection) -> str | None:
            [name] = connection.execute("SELECT blob FROM items WHERE id = ?", (change.item,)).fetchone()
            _change(connection, change)
            connection.execute("UPDATE items SET blob = NULL WHERE id = ?", (change.item,))
            return name if _collect(connection, name) else None

        return await self._database.write(work)

    async def move(self, old: str, new: Blob) -> None:
        """All items of one blob have another from now on; its file is on disk."""

        def work(connection: sqlite3.Connection) -> None:
            _put_blob(connection, new)
            connection.execute("UPDATE items SET blob = ? WHERE blob = ?", (new.name, old))
            _collect(connection, old)

        await self._database.write(work)

    async def outbox(self) -> list[Event]:
        """Events that the journal may not have yet, oldest first."""
        sql = "SELECT event FROM outbox ORDER BY rowid"
        return await self._database.read(lambda c: [unpack(data, Event) for (data,) in c.execute(sql)])

    async def told(self, event_ids: Sequence[str]) -> None:
        """The journal has these."""
        rows = [(event_id,) for event_id in event_ids]
        await self._database.write(lambda c: c.executemany("DELETE FROM outbox WHERE id = ?", rows) and None)

    async def use_stamp(self, signature: str, at: datetime) -> bool:
        """Whether this is the stamp's first use."""

        def work(connection: sqlite3.Connection) -> bool:
            row = (signature, microseconds(at))
            return bool(connection.execute("INSERT OR IGNORE INTO stamps VALUES (?, ?)", row).rowcount)

        return await self._database.write(work)

    async def forget(self, items: datetime, stamps: datetime) -> None:
        """Removes what is left of items whose content went before ``items``, and stamps used before ``stamps``."""

        def work(connection: sqlite3.Connection) -> None:
            sql = "DELETE FROM items WHERE blob IS NULL AND changed_at < ?"
            connection.execute(sql, (microseconds(items),))
            connection.execute("DELETE FROM stamps WHERE at < ?", (microseconds(stamps),))
            connection.execute("PRAGMA incremental_vacuum(1000)").fetchall()

        await self._database.write(work)


# ---------------------------------------------------------------------------- inside


def _change(connection: sqlite3.Connection, change: Change) -> None:
    event = change.event
    [before] = connection.execute("SELECT resent_to FROM items WHERE id = ?", (change.item,)).fetchone()
    resent_to = list(dict.fromkeys([*json.loads(before), *change.resent_to]))
    connection.execute(
        "UPDATE items SET state = ?, changed_at = ?, changed_by = ?, resent_to = ? WHERE id = ?",
        (change.state, microseconds(event.at), event.actor, json.dumps(resent_to), change.item),
    )
    connection.execute("DELETE FROM intents WHERE item = ?", (change.item,))
    connection.execute("INSERT INTO outbox VALUES (?, ?)", (event.id, pack(event)))


def _put_blob(connection: sqlite3.Connection, blob: Blob) -> None:
    row = (blob.name, blob.key, blob.stored)
    connection.execute("INSERT INTO blobs VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING", row)


def _collect(connection: sqlite3.Connection, name: str | None) -> bool:
    """Forgets a blob that no item refers to; whether it was so."""
    sql = "DELETE FROM blobs WHERE name = ?1 AND NOT EXISTS (SELECT 1 FROM items WHERE blob = ?1)"
    return bool(connection.execute(sql, (name,)).rowcount)


def _surplus(connection: sqlite3.Connection, max_bytes: int) -> list[str]:
    [total] = connection.execute("SELECT coalesce(sum(stored), 0) FROM blobs").fetchone()
    references: dict[str, int] = {}
    found: list[str] = []
    rows = connection.execute(
        "SELECT id, blob, stored, (SELECT count(*) FROM items AS other WHERE other.blob = blobs.name) "
        "FROM items JOIN blobs ON items.blob = blobs.name ORDER BY at"
    )
    while total > max_bytes and (row := rows.fetchone()):
        item, name, stored, count = row
        references[name] = references.get(name, count) - 1
        total -= 0 if references[name] else stored
        found.append(item)
    return found


def _item(row: tuple[bytes, str, int | None, str, str]) -> Item:
    data, state, changed_at, changed_by, resent_to = row
    return replace(
        unpack(data, Item),
        state=ItemState(state),
        changed_at=None if changed_at is None else from_microseconds(changed_at),
        changed_by=changed_by,
        resent_to=tuple(json.loads(resent_to)),
    )


def _sortable(item: Item) -> tuple[str, ...]:
    """Sender, recipient, subject, file name, rule; the name that the action was about comes first."""
    about = {item.artifact, *(finding.artifact for finding in item.findings)}
    ordered = sorted(item.artifacts, key=lambda artifact: artifact.path not in about)
    names = ", ".join(artifact.names[0] for artifact in ordered[:100] if artifact.names)
    recipients = ", ".join(address.address for address in item.recipients[:100])
    texts = (item.envelope.sender.address, recipients, item.properties.subject, names, item.rule)
    return tuple(fold(text)[:NAMES] for text in texts)
