"""The journal: every event, in order, on disk before anybody acts on it.

Append-only.  Followers (console, notices, fleet) read what comes after a cursor and lose nothing by being away.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lazaretto.database import Database, microseconds, pack, unpack
from lazaretto.errors import ControlError, NotFound
from lazaretto.model import Event, EventKind, now
from lazaretto.search import searchable, terms

MIGRATIONS = (
    """
    CREATE TABLE events (
        cursor INTEGER PRIMARY KEY AUTOINCREMENT,  -- never given twice, even when the newest were removed
        id TEXT NOT NULL UNIQUE,
        at INTEGER NOT NULL,  -- microseconds since 1970
        kind INTEGER NOT NULL,
        envelope TEXT,
        status TEXT,
        reply TEXT,
        event BLOB NOT NULL,
        text TEXT
    );
    CREATE INDEX events_at ON events (at);
    CREATE INDEX events_envelope ON events (envelope) WHERE envelope IS NOT NULL;
    CREATE INDEX events_status ON events (status) WHERE status IS NOT NULL;
    CREATE VIRTUAL TABLE search USING fts5 (
        text, content='events', content_rowid='cursor', tokenize='trigram case_sensitive 1'
    );
    CREATE TRIGGER events_insert AFTER INSERT ON events WHEN new.text IS NOT NULL BEGIN
        INSERT INTO search (rowid, text) VALUES (new.cursor, new.text);
    END;
    CREATE TRIGGER events_delete AFTER DELETE ON events WHEN old.text IS NOT NULL BEGIN
        INSERT INTO search (search, rowid, text) VALUES ('delete', old.cursor, old.text);
    END
    """,
)
MESSAGES = (200, 299)  # kinds of events that are about a message
PAGE = 1000  # events in one answer
PAGE_BYTES = 32 * 2**20  # packed bytes in one answer; it holds at least one event
PRUNE = 500  # events removed in one transaction, so that nobody waits long for the writer


class Journal:
    """Safe to use from one event loop; ``open`` and ``close`` block shortly."""

    def __init__(self, path: Path, *, keep_days: int) -> None:
        self.cursor = 0  # of the newest event
        self._keep = timedelta(days=keep_days)
        self._lock = threading.Lock()
        self._waiting: list[asyncio.Future[None]] = []
        self._database = Database(path, MIGRATIONS, committed=self._advance)

    def open(self) -> None:
        """Raises StorageError when the file is damaged, newer than this program, or cannot be written."""
        self._database.open()

    def close(self) -> None:
        self._database.close()

    async def record(self, event: Event) -> int:
        """Writes an event down and returns its cursor once it would survive power loss.  An event that is already
        there (same id) keeps its cursor.  Raises StorageError."""
        data = pack(event)
        text = None
        if _is_message(event.kind):
            text = searchable(event.envelope, event.properties, event.findings, event.artifacts)
        row = (
            event.id,
            microseconds(event.at),
            int(event.kind),
            event.envelope.id if event.envelope else None,
            event.status,
            event.reply,
            data,
            text,
        )
        return await self._database.write(lambda connection: _insert(connection, row), len(data))

    async def after(self, cursor: int, limit: int, wait: float = 0) -> list[tuple[int, Event]]:
        """Events behind the cursor, oldest first; with ``wait`` (seconds) answers as soon as there is one.
        May hold fewer than ``limit`` though more follow: ask again from the last cursor."""
        end = time.monotonic() + wait
        sql = "SELECT cursor, event FROM events WHERE cursor > ? ORDER BY cursor LIMIT ?"
        while True:
            arrival = self._arrival()
            found = await self._database.read(lambda connection: _page(connection, sql, [cursor, _bounded(limit)]))
            left = end - time.monotonic()
            if found or left <= 0:
                arrival.cancel()
                return found
            await asyncio.wait([arrival], timeout=left)

    async def messages(
        self, *, query: str = "", status: str = "", reply: str = "", since: str = "", until: str = "", limit: int = 100
    ) -> list[tuple[int, Event]]:
        """Message events, newest first.  ``query``: every word of it must occur in addresses, subject, file names,
        findings, queue or message id; ``since`` and ``until`` are RFC 3339 times.  Raises ControlError for a time
        that is none."""
        wanted = terms(query)
        source, conditions, values = "events", ["kind BETWEEN ? AND ?"], [*MESSAGES]
        given: list[tuple[str, object]] = []
        if wanted.match:  # joined, not IN: FTS5 then walks newest first and stops at the limit
            source = "search JOIN events ON events.cursor = search.rowid"
            given.append(("search MATCH ?", wanted.match))
        given += [("instr(events.text, ?) > 0", word) for word in wanted.short]
        given += [(f"{column} = ?", value) for column, value in (("status", status), ("reply", reply)) if value]
        given += [("at >= ?", _time("since", since))] if since else []
        given += [("at <= ?", _time("until", until))] if until else []
        conditions += [condition for condition, _ in given]
        order = "search.rowid" if wanted.match else "events.cursor"
        # S608: only the fixed words above go into the text, every value is bound
        sql = f"SELECT cursor, event FROM {source} WHERE {' AND '.join(conditions)} ORDER BY {order} DESC LIMIT ?"  # noqa: S608
        parameters: list[object] = [*values, *(value for _, value in given), _bounded(limit)]
        return await self._database.read(lambda connection: _page(connection, sql, parameters))

    async def message(self, envelope_id: str) -> Event:
        """The latest message event of an envelope.  Raises NotFound."""
        sql = (
            "SELECT cursor, event FROM events WHERE envelope = ? AND kind BETWEEN ? AND ? ORDER BY cursor DESC LIMIT 1"
        )
        found = await self._database.read(lambda connection: _page(connection, sql, [envelope_id, *MESSAGES]))
        if not found:
            raise NotFound(f"no message {envelope_id} in the journal; it may be older than journal.keep_days")
        return found[0][1]

    async def prune(self) -> int:
        """Removes events older than ``keep_days``, a few at a time, and gives their space back.  How many."""
        limit = microseconds(now() - self._keep)
        removed = 0
        while count := await self._database.write(lambda connection: _prune(connection, limit)):
            removed += count
        return removed

    # ------------------------------------------------------------------ following

    def _arrival(self) -> asyncio.Future[None]:
        """Done after the next commit.  Asked for before reading, so that nothing slips between."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        with self._lock:
            self._waiting = [each for each in self._waiting if not each.done()]
            self._waiting.append(future)
        return future

    def _advance(self, connection: sqlite3.Connection) -> None:
        """After each commit, in the writer's thread."""
        newest = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'events'").fetchone()
        self.cursor = newest[0] if newest else 0
        with self._lock:
            waiting, self._waiting = self._waiting, []
        for future in waiting:
            try:
                future.get_loop().call_soon_threadsafe(_wake, future)
            except RuntimeError:  # its loop has been closed
                continue


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def _insert(connection: sqlite3.Connection, row: tuple[object, ...]) -> int:
    done = connection.execute(
        "INSERT INTO events (id, at, kind, envelope, status, reply, event, text) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (id) DO NOTHING",
        row,
    )
    if done.rowcount and done.lastrowid:
        return done.lastrowid
    return int(connection.execute("SELECT cursor FROM events WHERE id = ?", row[:1]).fetchone()[0])


def _page(connection: sqlite3.Connection, sql: str, values: list[object]) -> list[tuple[int, Event]]:
    found: list[tuple[int, Event]] = []
    size = 0
    for cursor, data in connection.execute(sql, values):
        found.append((cursor, unpack(data, Event)))
        size += len(data)
        if size >= PAGE_BYTES:
            break
    return found


def _prune(connection: sqlite3.Connection, limit: int) -> int:
    done = connection.execute(
        "DELETE FROM events WHERE cursor IN (SELECT cursor FROM events WHERE at < ? ORDER BY at LIMIT ?)",
        (limit, PRUNE),
    )
    connection.execute(f"PRAGMA incremental_vacuum({4 * PRUNE})").fetchall()
    return done.rowcount


def _is_message(kind: EventKind) -> bool:
    return MESSAGES[0] <= kind <= MESSAGES[1]


def _bounded(limit: int) -> int:
    return max(1, min(limit, PAGE))


def _time(name: str, text: str) -> int:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ControlError(f"{name}: {text!r} is no time; write it as 2026-11-23T18:00:00Z") from None
    return microseconds(at if at.tzinfo else at.replace(tzinfo=UTC))
