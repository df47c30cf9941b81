"""One SQLite file as journal and vault use it: what was written survives power loss, nothing blocks the event loop.

All writes go through one thread.  Whoever waits while it syncs shares the next transaction (group commit), so that
64 writers cost about as many syncs as one.  Reads run in a few threads of their own and see the last commit.

WAL with ``synchronous=FULL``: every commit is synced before it is acknowledged
(sqlite.org/pragma.html#pragma_synchronous).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import sqlite3
import threading
import time
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import structlog

from lazaretto.errors import StorageError

T = TypeVar("T")
log = structlog.get_logger()
Work = Callable[[sqlite3.Connection], T]

BATCH_COUNT = 512  # writes that share a transaction
BATCH_BYTES = 8 * 2**20
READERS = 2
READ_SECONDS = 20.0  # a search that takes longer is given up
WAL_BYTES = 64 * 2**20  # the log file is cut back to this after a checkpoint
PACK_BYTES = 2048  # rows above this are compressed
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class _Job:
    work: Work[Any]
    size: int
    future: asyncio.Future[Any]


class Database:
    """``migrations`` are SQL scripts; the n-th brings the file from version n-1 to n.  ``committed`` is called in
    the writer's thread after each commit.  Every method raises StorageError, saying what to do."""

    def __init__(
        self,
        path: Path,
        migrations: Sequence[str],
        *,
        committed: Callable[[sqlite3.Connection], None] = lambda connection: None,
    ) -> None:
        self.path, self._migrations, self._committed = path, migrations, committed
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._gate = threading.Lock()  # close() and write() never miss each other
        self._open = False
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []

    def open(self) -> None:
        """Makes the file when there is none, brings it up to date, starts the threads."""
        make_directory(self.path.parent)
        try:
            connection = self._connect()
            try:
                self._migrate(connection)
                self._committed(connection)
            except BaseException:
                connection.close()
                raise
        except sqlite3.Error as error:
            raise self._explained(error) from error
        except OSError as error:
            raise StorageError(f"{self.path} cannot be made: {error.strerror}") from error
        self._local = threading.local()  # without the connections of an earlier life
        self._readers = ThreadPoolExecutor(READERS, f"{self.path.stem}-read")
        self._thread = threading.Thread(target=self._serve, args=(connection,), name=f"{self.path.stem}-write")
        self._open = True
        self._thread.start()

    def close(self) -> None:
        """Waits for what is being written; later calls raise StorageError."""
        with self._gate:
            if not self._open:
                return
            self._open = False
            self._jobs.put(None)
        self._thread.join()
        self._readers.shutdown()
        for connection in self._connections:
            connection.close()
        self._connections.clear()

    async def write(self, work: Work[T], size: int = 0) -> T:
        """Runs ``work`` in the writer's thread; returns its result once that is on disk.  An exception of ``work``
        undoes what it did and nothing else.  ``size`` in bytes bounds how much shares one transaction."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        with self._gate:
            if not self._open:
                raise StorageError(f"{self.path} is closed; the node is stopping")
            self._jobs.put(_Job(work, size, future))
        return await future

    async def read(self, work: Work[T]) -> T:
        """Runs ``work``, which only reads, in a reader's thread."""
        if not self._open:
            raise StorageError(f"{self.path} is closed; the node is stopping")
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    def read_here(self, work: Work[T]) -> T:
        """The same, in the caller's thread: for what must be known before there is an event loop."""
        return self._read(work)

    # ------------------------------------------------------------------ in the threads

    def _read(self, work: Work[T]) -> T:
        try:
            connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
            if connection is None:
                connection = self._local.connection = self._connect()
                connection.execute("PRAGMA query_only=ON")
                self._connections.append(connection)
            end = time.monotonic() + READ_SECONDS
            connection.set_progress_handler(lambda: time.monotonic() > end, 100_000)
            return work(connection)
        except sqlite3.Error as error:
            raise self._explained(error) from error

    def _serve(self, connection: sqlite3.Connection) -> None:
        try:
            while batch := self._next():
                _answer(batch, self._commit(connection, batch))
        finally:
            connection.close()

    def _next(self) -> list[_Job]:
        """What is waiting, up to the bounds of a batch; empty when it is time to end."""
        batch: list[_Job] = []
        size = 0
        while size < BATCH_BYTES and len(batch) < BATCH_COUNT:
            try:
                job = self._jobs.get(block=not batch)
            except queue.Empty:
                break
            if job is None:
                if batch:
                    self._jobs.put(None)  # nothing comes behind it: write() has been refusing since
                break
            batch.append(job)
            size += job.size
        return batch

    def _commit(self, connection: sqlite3.Connection, batch: list[_Job]) -> list[Any]:
        """One result or exception for each job."""
        try:
            connection.execute("BEGIN IMMEDIATE")
            results = [self._run(connection, job) for job in batch]
            connection.execute("COMMIT")
        except Exception as error:  # noqa: BLE001 - whatever it is belongs to those who wait, not to this thread
            with contextlib.suppress(sqlite3.Error):  # of a disk that is gone; the next BEGIN will tell
                if connection.in_transaction:
                    connection.rollback()
            told = self._explained(error) if isinstance(error, sqlite3.Error) else error
            return [told] * len(batch)
        try:
            self._committed(connection)
        except Exception:  # what was written stays written; without this thread everybody would wait for ever
            log.exception("after a commit", file=str(self.path))
        return results

    def _run(self, connection: sqlite3.Connection, job: _Job) -> Any:
        connection.execute("SAVEPOINT job")
        try:
            result = job.work(connection)
        except Exception as error:
            if not connection.in_transaction:  # a full disk makes SQLite give up the whole transaction
                raise
            connection.execute("ROLLBACK TO job")
            result = self._explained(error) if isinstance(error, sqlite3.Error) else error
        connection.execute("RELEASE job")
        return result

    # ------------------------------------------------------------------ the file

    def _connect(self) -> sqlite3.Connection:
        if not self.path.exists():
            os.close(os.open(self.path, os.O_CREAT | os.O_WRONLY, 0o600))
        connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=10)
        try:
            connection.execute("PRAGMA auto_vacuum=INCREMENTAL")  # has effect in a new file only
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA foreign_keys=ON")
            connection.execute(f"PRAGMA journal_size_limit={WAL_BYTES}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _migrate(self, connection: sqlite3.Connection) -> None:
        [version] = connection.execute("PRAGMA user_version").fetchone()
        if version > len(self._migrations):
            raise StorageError(
                f"{self.path} was written by a newer Lazaretto (version {version} of the file, this program knows "
                f"{len(self._migrations)}): install that one again"
            )
        for number, script in enumerate(self._migrations[version:], version + 1):
            connection.executescript(f"BEGIN IMMEDIATE; {script}; PRAGMA user_version={number}; COMMIT;")

    def _explained(self, error: sqlite3.Error) -> StorageError:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the primary code of an extended one
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            return StorageError(
                f"{self.path} is damaged ({error}); stop the node and restore it from a backup, or move it aside with "
                f"its companions: `mkdir {self.path}.damaged && mv {self.path} {self.path}-* {self.path}.damaged/`"
            )
        if code == sqlite3.SQLITE_FULL:
            return StorageError(f"no space left to write {self.path}: free some, it goes on by itself")
        if code == sqlite3.SQLITE_INTERRUPT:
            return StorageError(f"a search in {self.path} took longer than {READ_SECONDS:.0f} seconds: narrow it down")
        return StorageError(f"{self.path}: {error}; check that its folder is writable, has space and a sound disk")


def _answer(batch: list[_Job], results: list[Any]) -> None:
    """Wakes those who wait, with one call into each event loop."""
    loops: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Any]]] = {}
    for job, result in zip(batch, results, strict=True):
        loops.setdefault(job.future.get_loop(), []).append((job.future, result))
    for loop, answers in loops.items():
        try:
            loop.call_soon_threadsafe(_settle, answers)
        except RuntimeError:  # the loop has been closed: nobody waits any more
            continue


def _settle(answers: list[tuple[asyncio.Future[Any], Any]]) -> None:
    for future, result in answers:
        if future.done():  # who waited has been cancelled
            continue
        if isinstance(result, Exception):
            future.set_exception(result)
        else:
            future.set_result(result)


def make_directory(path: Path, mode: int = 0o700) -> None:
    """Makes a directory and its parents, so that they survive power loss.  Raises StorageError."""
    try:
        missing = [each for each in (path, *path.parents) if not each.is_dir()]
        for each in reversed(missing):
            each.mkdir(mode, exist_ok=True)
            sync_directory(each.parent)
    except OSError as error:
        raise StorageError(f"cannot make the folder {path}: {error.strerror}") from error


def sync_directory(path: Path) -> None:
    """Makes names that were created, renamed or removed in a directory survive power loss (fsync(2), Notes)."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# ---------------------------------------------------------------------------- rows


def microseconds(at: datetime) -> int:
    """Since 1970: how times stand in columns."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def from_microseconds(count: int) -> datetime:
    return _EPOCH + timedelta(microseconds=count)


def pack(value: Any) -> bytes:
    """A value of the model as bytes for a column.  Lone surrogates, which no UTF-8 can hold, become U+FFFD."""
    try:
        data = msgspec.json.encode(value)
    except UnicodeEncodeError:
        data = msgspec.json.encode(_encodable(msgspec.to_builtins(value)))
    return zlib.compress(data, 1) if len(data) > PACK_BYTES else data


def unpack(data: bytes, kind: type[T]) -> T:
    """What ``pack`` was given."""
    return msgspec.json.decode(data if data[:1] in b'{["' else zlib.decompress(data), type=kind)


def _encodable(value: Any) -> Any:
    """Values of the model are a few levels deep whatever a mail holds: recursion is safe here."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_encodable(key): _encodable(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_encodable(each) for each in value]
    return value
