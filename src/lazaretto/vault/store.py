"""Blobs and index as one: content is on disk before the index speaks of it, and goes after the index has let go.

Whoever writes or removes a blob holds the lock of its name meanwhile, so that the same content held and deleted at
the same moment cannot lose its file.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakValueDictionary

import structlog

from lazaretto.database import make_directory
from lazaretto.errors import ControlError, StorageError
from lazaretto.model import Item
from lazaretto.vault import key as key_file
from lazaretto.vault.blobs import Blobs, name_of
from lazaretto.vault.index import Blob, Change, Index
from lazaretto.vault.key import Key, Keys

T = TypeVar("T")
log = structlog.get_logger()

THREADS = 4  # for encryption and sync
PUT = "put"  # name of tasks that write with the key that was the newest when they began
GRACE = 3600.0  # seconds that a blob may lie without an item: it may be in the making


@dataclass(frozen=True, slots=True)
class Rotation:
    """What came of a change of keys."""

    key: str  # id of the new one
    blobs: int  # encrypted anew
    damaged: tuple[str, ...]  # why blobs could not be, one line each; their keys stay in the file
    keys: int  # in the file now


class Store:
    """Everything under one folder.  Every method raises StorageError."""

    def __init__(self, directory: Path, key_path: Path) -> None:
        self._directory, self._key_path = directory, key_path
        self.index = Index(directory / "index.sqlite3")
        self._blobs = Blobs(directory / "blobs")
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._rotating = False
        self._lock_file = -1

    def open(self) -> None:
        """Blocking.  Raises ConfigError as well, when the key file is not one."""
        make_directory(self._directory)
        self._lock_file = _lock(self._directory / "lock")
        try:
            fresh = not self.index.path.exists()
            if fresh and not self._blobs.is_empty():
                raise StorageError(
                    f"{self.index.path} is missing, but {self._directory / 'blobs'} holds blobs: restore the index "
                    "from your backup, or move the blobs aside to start with an empty vault; nothing was changed"
                )
            self.index.open()
            try:
                self.keys: Keys = key_file.open_keys(self._key_path, self.index.keys())
                if left := self._blobs.open():
                    log.info("removed what a crash left half written", files=left)
            except BaseException:
                self.index.close()
                raise
        except BaseException:
            os.close(self._lock_file)
            raise
        self._threads = ThreadPoolExecutor(THREADS, "vault")

    def close(self) -> None:
        self._threads.shutdown()
        self.index.close()
        os.close(self._lock_file)

    async def run(self, function: Callable[..., T], *arguments: Any) -> T:
        """In a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, *arguments)

    async def whole(self, work: Coroutine[Any, Any, T], name: str = "") -> T:
        """To its end, with its locks, even when the caller is cancelled."""
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    async def put(self, item: Item, content: bytes) -> None:
        """On disk, both, when this returns."""
        await self.whole(self._put(item, content, self.keys.newest), name=PUT)

    async def get(self, item_id: str) -> bytes:
        """Raises NotFound when there is no such item or its content is gone."""
        async with self._blob_of(item_id) as name:
            return await self.run(self._blobs.read, name, self.keys)

    async def drop(self, change: Change) -> None:
        """A new state for an item, without its content.  Raises NotFound."""
        await self.whole(self._drop(change))

    async def sweep(self) -> int:
        """Removes blobs that no item refers to: a crash left them before their item was acknowledged."""
        names = await self.run(lambda: list(self._blobs.names(GRACE)))
        return sum([await self.whole(self._remove_stray(name)) for name in names])

    async def rotate(self) -> Rotation:
        """A new key for what comes, everything there encrypted with it, the old keys removed from the key file.
        May be broken off at any time and begun again.  Raises ControlError when it is under way already."""
        if self._rotating:
            raise ControlError("the vault's key is being changed already")
        self._rotating = True
        try:
            return await self._rotate()
        finally:
            self._rotating = False

    # ------------------------------------------------------------------ inside

    async def _put(self, item: Item, content: bytes, key: Key) -> None:
        name = await self.run(name_of, content, key)
        async with self._lock(name):
            await self.index.add(item, await self._blob(name, content, key))

    async def _blob(self, name: str, content: bytes, key: Key) -> Blob:
        """Written, unless it is there.  Under the lock of its name."""
        stored = await self.index.stored(name)
        if stored is None or not await self.run(self._blobs.is_whole, name, stored):
            stored = await self.run(self._blobs.write, name, content, key)
        return Blob(name, key.id, stored)

    async def _drop(self, change: Change) -> None:
        async with self._blob_of(change.item):
            if name := await self.index.drop(change):
                await self.run(self._blobs.remove, name)

    async def _remove_stray(self, name: str) -> bool:
        async with self._lock(name):
            if await self.index.stored(name) is not None:
                return False
            await self.run(self._blobs.remove, name)
            return True

    async def _rotate(self) -> Rotation:
        self.keys = await self.run(key_file.add, self._key_path)
        await asyncio.gather(*(task for task in self._tasks if task.get_name() == PUT), return_exceptions=True)
        moved, damaged = 0, []  # from here on no blob can come that needs an older key
        for name in await self.index.blobs_without(self.keys.newest.id):
            try:
                moved += await self.whole(self._move(name))
            except StorageError as error:
                damaged.append(str(error))
        needed = await self.run(self.index.keys) | {self.keys.newest.id}
        self.keys = await self.run(key_file.keep_only, self._key_path, needed)
        return Rotation(self.keys.newest.id, moved, tuple(damaged), len(self.keys.all))

    async def _move(self, old: str) -> bool:
        """One blob to the newest key.  Two locks are held, always an older key's first: no deadlock."""
        key = self.keys.newest
        async with self._lock(old):
            if await self.index.stored(old) is None:
                return False  # deleted meanwhile
            content = await self.run(self._blobs.read, old, self.keys)
            name = await self.run(name_of, content, key)
            async with self._lock(name):
                await self.index.move(old, await self._blob(name, content, key))
            await self.run(self._blobs.remove, old)
            return True

    def _lock(self, name: str) -> asyncio.Lock:
        """The lock of one blob; it lives as long as somebody holds or awaits it."""
        lock = self._locks.get(name)
        if lock is None:
            lock = self._locks[name] = asyncio.Lock()
        return lock

    @asynccontextmanager
    async def _blob_of(self, item_id: str) -> AsyncIterator[str]:
        """Name of an item's blob, locked."""
        while True:
            name = await self.index.blob_of(item_id)
            async with self._lock(name):
                if await self.index.blob_of(item_id) == name:  # else a new key has just given it another name
                    yield name
                    return

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # seen: a caller that was cancelled does not ask for it


def _lock(path: Path) -> int:
    """One process at a time.  A POSIX lock: it is not handed down to workers and ends with the process (fcntl(2))."""
    try:
        handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise StorageError(f"{path} cannot be opened: {error.strerror}") from error
    try:
        fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise StorageError(f"the vault in {path.parent} is in use by another process: stop that one first") from None
    return handle
