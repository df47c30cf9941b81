"""Words that earlier mails of a thread said open a locked file ("the password is ..."), for the mail that brings it.

Kept only where ``unpack.thread_days`` asks for it, each thread under the SHA-256 of its Message-IDs and encrypted with
a key that comes from them: whoever reads the file without the mails learns nothing.  A mail costs a look here only
when it says such a word, or when something in it stayed locked.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from secrets import token_bytes
from sqlite3 import Connection

import msgspec
import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from lazaretto.database import Database
from lazaretto.errors import StorageError
from lazaretto.model import Envelope, Inspection, Kind, Priority, Severity
from lazaretto.workers.pool import Pool

log = structlog.get_logger()

MOST_ROWS = 100_000  # the oldest go when there are more
_NONCE = 12  # bytes, NIST SP 800-38D
_DAY = 86_400
_MIGRATIONS = (
    """
    CREATE TABLE words (id BLOB PRIMARY KEY, sealed BLOB NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID;
    CREATE INDEX words_expires ON words (expires);
    """,
)


class Threads:
    """Belongs to one event loop.  ``days``: how long a word is kept; ``clock`` gives seconds since 1970."""

    def __init__(self, workers: Pool, path: Path, days: int, clock: Callable[[], float] = time.time) -> None:
        self._workers, self._days, self._clock = workers, days, clock
        self._database = Database(path, _MIGRATIONS)

    def open(self) -> None:
        """Raises StorageError."""
        self._database.open()

    def close(self) -> None:
        self._database.close()

    async def again(self, raw: bytes, envelope: Envelope, inspection: Inspection, priority: Priority) -> Inspection:
        """The inspection of a mail, made again with the words of its thread when something in it stayed locked.
        Raises WorkerError.  A store that fails costs the words, not the mail."""
        try:
            if inspection.words:
                await self.remember(inspection.thread, inspection.words)
            words = await self.recall(inspection.thread) if _locked(inspection) else ()
        except StorageError as error:
            log.warning("words of the thread not available", why=str(error))
            return inspection
        if not words:
            return inspection
        return await self._workers.inspect(raw, envelope, priority=priority, words=words)

    async def remember(self, thread: Iterable[str], words: tuple[str, ...]) -> None:
        """Puts words under every id of a thread, in place of those that were there."""
        expires, now = int(self._clock() + self._days * _DAY), int(self._clock())
        rows = [(_hashed(each), _seal(each, words), expires) for each in thread]

        def work(connection: Connection) -> None:
            connection.execute("DELETE FROM words WHERE expires <= ?", (now,))
            connection.executemany("INSERT OR REPLACE INTO words VALUES (?, ?, ?)", rows)
            (count,) = connection.execute("SELECT count(*) FROM words").fetchone()
            if count > MOST_ROWS:
                oldest = "SELECT id FROM words ORDER BY expires LIMIT ?"
                connection.execute(f"DELETE FROM words WHERE id IN ({oldest})", (count - MOST_ROWS,))  # noqa: S608

        await self._database.write(work)

    async def recall(self, thread: Iterable[str]) -> tuple[str, ...]:
        """The words of a thread, each once."""
        now, ids = int(self._clock()), {_hashed(each): each for each in thread}

        def work(connection: Connection) -> list[tuple[bytes, bytes]]:
            query = "SELECT id, sealed FROM words WHERE id = ? AND expires > ?"
            found = (connection.execute(query, (each, now)).fetchone() for each in ids)
            return [row for row in found if row]

        rows = await self._database.read(work)
        return tuple(dict.fromkeys(word for row in rows for word in _open(ids[row[0]], row[1])))


def _locked(inspection: Inspection) -> bool:
    return any(
        finding.kind is Kind.ENCRYPTED and finding.severity > Severity.INFORMATIONAL for finding in inspection.findings
    )


def _hashed(message_id: str) -> bytes:
    return _derived(message_id, b"lazaretto thread id")


def _seal(message_id: str, words: tuple[str, ...]) -> bytes:
    nonce = token_bytes(_NONCE)
    plain = msgspec.msgpack.encode(words)
    return nonce + AESGCM(_derived(message_id, b"lazaretto thread words")).encrypt(nonce, plain, None)


def _open(message_id: str, sealed: bytes) -> tuple[str, ...]:
    try:
        key = _derived(message_id, b"lazaretto thread words")
        plain = AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], None)
    except InvalidTag as error:
        raise StorageError("the file of the threads is damaged: delete threads.sqlite3, it is made anew") from error
    return msgspec.msgpack.decode(plain, type=tuple[str, ...])


def _derived(message_id: str, use: bytes) -> bytes:
    return HKDF(SHA256(), 32, None, use).derive(message_id.encode(errors="replace"))
