from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from lazaretto.errors import ControlError, NotFound, StorageError
from lazaretto.model import (
    Address,
    Can,
    Direction,
    Envelope,
    Event,
    EventKind,
    Item,
    ItemState,
    Properties,
    new_id,
    now,
)
from lazaretto.vault import key
from lazaretto.vault import store as module
from lazaretto.vault.blobs import Blobs
from lazaretto.vault.index import Change
from lazaretto.vault.store import Store


def item() -> Item:
    envelope = Envelope(new_id(), "smtp", Direction.INBOUND, Address("a@b"), (), Can.HOLD, now())
    return Item(new_id(), now(), "backup", ItemState.HELD, envelope, Properties(), (), "r", "", 1, "0", ())


def gone(item_id: str) -> Change:
    return Change(item_id, ItemState.DELETED, Event(new_id(), now(), "node", EventKind.ITEM_DELETED))


@pytest.fixture
def make_store(tmp_path: Path) -> Iterator[Callable[[], Store]]:
    opened: list[Store] = []

    def make() -> Store:
        store = Store(tmp_path / "vault", tmp_path / "vault.key")
        store.open()
        opened.append(store)
        return store

    yield make
    for store in opened:
        store.close()


@pytest.fixture
def store(make_store: Callable[[], Store]) -> Store:
    return make_store()


def files(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "vault" / "blobs").rglob("*") if path.is_file()]


async def put(store: Store, content: bytes) -> str:
    one = item()
    await store.put(one, content)
    return one.id


async def test_one_content_is_one_file(store: Store, tmp_path: Path) -> None:
    ids = await asyncio.gather(*(put(store, b"same") for _ in range(20)), put(store, b"other"))
    assert len(files(tmp_path)) == 2
    for each in ids[:-1]:
        await store.drop(gone(each))
        if each != ids[-2]:
            assert await store.get(ids[-2]) == b"same"
    assert len(files(tmp_path)) == 1
    with pytest.raises(NotFound):
        await store.get(ids[0])
    with pytest.raises(NotFound):
        await store.drop(gone(ids[0]))


async def test_the_same_content_held_and_deleted_at_the_same_time(store: Store, tmp_path: Path) -> None:
    """Whoever is acknowledged can read, whatever goes on around."""
    chance = Random(3)

    async def one(number: int) -> str | None:
        mine = await put(store, b"content %d" % (number % 3))
        await asyncio.sleep(chance.random() / 100)
        if number % 2:
            await store.drop(gone(mine))
            return None
        return mine

    kept = [mine for mine in await asyncio.gather(*map(one, range(150))) if mine]
    for mine in kept:
        assert (await store.get(mine)).startswith(b"content")
    for mine in kept:
        await store.drop(gone(mine))
    assert files(tmp_path) == []


async def test_cancelled_callers_leave_everything_whole(store: Store, tmp_path: Path) -> None:
    chance = Random(5)
    kept = []
    for _ in range(60):
        task = asyncio.create_task(put(store, b"same"))
        await asyncio.sleep(chance.random() / 300)
        task.cancel()
        kept += [each for each in await asyncio.gather(task, return_exceptions=True) if isinstance(each, str)]
        if kept and chance.random() < 0.5:
            drop = asyncio.create_task(store.drop(gone(kept[-1])))
            await asyncio.sleep(chance.random() / 300)
            drop.cancel()
            await asyncio.gather(drop, return_exceptions=True)
            kept.pop()
    for each in kept:
        assert await store.get(each) == b"same"


async def test_a_blob_that_has_gone_is_written_again_when_it_comes_again(store: Store, tmp_path: Path) -> None:
    first = await put(store, b"same")
    files(tmp_path)[0].write_bytes(b"cut")
    with pytest.raises(StorageError, match="damaged"):
        await store.get(first)
    await put(store, b"same")
    assert await store.get(first) == b"same"


async def test_strays_go_after_a_time_of_grace(store: Store, tmp_path: Path) -> None:
    kept = await put(store, b"kept")
    stray = tmp_path / "vault" / "blobs" / "aa" / ("aa" * 32)
    stray.write_bytes(b"from a crash")
    assert await store.sweep() == 0
    for file in files(tmp_path):
        os.utime(file, (time.time() - module.GRACE - 1,) * 2)
    assert await store.sweep() == 1
    assert not stray.exists()
    assert await store.get(kept) == b"kept"


async def test_a_missing_key_loses_nothing(make_store: Callable[[], Store], tmp_path: Path) -> None:
    store = make_store()
    mine = await put(store, b"precious")
    store.close()
    path = tmp_path / "vault.key"
    path.rename(tmp_path / "elsewhere")
    before = files(tmp_path)
    with pytest.raises(StorageError, match=r"vault\.key is missing"):
        Store(tmp_path / "vault", path).open()
    assert not path.exists()
    key.open_keys(path, frozenset())
    with pytest.raises(StorageError, match="restore the key file"):
        Store(tmp_path / "vault", path).open()
    assert files(tmp_path) == before
    (tmp_path / "elsewhere").rename(path)
    store.open()
    assert await store.get(mine) == b"precious"


async def test_a_missing_index_loses_nothing(make_store: Callable[[], Store], tmp_path: Path) -> None:
    store = make_store()
    mine = await put(store, b"precious")
    store.close()
    index = tmp_path / "vault" / "index.sqlite3"
    index.rename(tmp_path / "elsewhere")
    for _ in range(2):
        with pytest.raises(StorageError, match=r"index\.sqlite3 is missing.*restore"):
            Store(tmp_path / "vault", tmp_path / "vault.key").open()
        assert not index.exists()
    (tmp_path / "elsewhere").rename(index)
    store.open()
    assert await store.get(mine) == b"precious"


def test_one_process_at_a_time(store: Store, tmp_path: Path) -> None:
    script = """if True:
        import sys
        from pathlib import Path
        from lazaretto.vault.store import Store
        Store(*map(Path, sys.argv[1:])).open()
    """
    command = [sys.executable, "-c", script, tmp_path / "vault", tmp_path / "vault.key"]
    result = subprocess.run(command, capture_output=True, text=True)
    assert "in use by another process" in result.stderr


async def test_rotation(store: Store, tmp_path: Path) -> None:
    ids = {await put(store, b"content %d" % number): b"content %d" % number for number in range(10)}
    twin = await put(store, b"content 0")
    old = store.keys.newest
    names = {path.name for path in files(tmp_path)}
    rotation = await store.rotate()
    assert (rotation.blobs, rotation.damaged, rotation.keys) == (10, (), 1)
    assert rotation.key == store.keys.newest.id != old.id
    assert key.load(tmp_path / "vault.key") == store.keys
    assert not names & {path.name for path in files(tmp_path)}
    assert len(files(tmp_path)) == 10
    assert {each: await store.get(each) for each in ids} == ids
    assert await store.get(twin) == b"content 0"


async def test_rotation_while_mail_is_held_read_and_deleted(store: Store, tmp_path: Path) -> None:
    kept: dict[str, bytes] = {}
    over = asyncio.Event()

    async def busy(number: int) -> None:
        while not over.is_set():
            content = b"content %d" % (number % 4)
            mine = await put(store, content)
            assert await store.get(mine) == content
            if len(kept) < 200:
                kept[mine] = content
            else:
                await store.drop(gone(mine))

    callers = [asyncio.create_task(busy(number)) for number in range(8)]
    for _ in range(5):
        await asyncio.sleep(0.05)
        assert (await store.rotate()).keys == 1
    over.set()
    await asyncio.gather(*callers)
    assert {each: await store.get(each) for each in kept} == kept
    assert len(files(tmp_path)) == 4


async def test_rotation_waits_for_what_is_being_written(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on, write = threading.Event(), Blobs.write

    def slow(self: Blobs, name: str, content: bytes, with_key: key.Key) -> int:
        go_on.wait(10)
        return write(self, name, content, with_key)

    monkeypatch.setattr(Blobs, "write", slow)
    putting = asyncio.create_task(put(store, b"x"))
    await asyncio.sleep(0.1)
    rotating = asyncio.create_task(store.rotate())
    await asyncio.sleep(0.2)
    go_on.set()
    mine = await putting
    assert (await rotating).keys == 1
    assert await store.get(mine) == b"x"


async def test_rotation_broken_off_is_taken_up(make_store: Callable[[], Store], tmp_path: Path) -> None:
    store = make_store()
    mine = await put(store, b"old")
    store.close()
    key.add(tmp_path / "vault.key")
    store.open()
    assert len(store.keys.all) == 2
    assert await store.get(mine) == b"old"
    assert (await store.rotate()).keys == 1
    assert await store.get(mine) == b"old"


async def test_rotation_keeps_the_key_of_what_it_cannot_read(store: Store, tmp_path: Path) -> None:
    broken, good = await put(store, b"broken"), await put(store, b"good")
    path = tmp_path / "vault" / "blobs" / (name := await store.index.blob_of(broken))[:2] / name
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    rotation = await store.rotate()
    assert (rotation.blobs, rotation.keys) == (1, 2)
    assert name in rotation.damaged[0]
    assert await store.get(good) == b"good"
    path.write_bytes(whole)
    assert await store.get(broken) == b"broken"


async def test_one_rotation_at_a_time(store: Store) -> None:
    results = await asyncio.gather(store.rotate(), store.rotate(), return_exceptions=True)
    assert [type(result) for result in results] == [module.Rotation, ControlError]


def test_what_a_crash_left_half_written_goes_at_the_start(store: Store, tmp_path: Path) -> None:
    half = tmp_path / "vault" / "blobs" / "temporary" / "half"
    half.write_bytes(b"x")
    store.close()
    store.open()
    assert not half.exists()
    assert Blobs(tmp_path / "vault" / "blobs").is_empty()
