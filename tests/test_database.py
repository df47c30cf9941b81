from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lazaretto import database as module
from lazaretto.database import Database, pack, unpack
from lazaretto.errors import NotFound, StorageError
from lazaretto.model import Address, Properties

TABLE = ("CREATE TABLE things (name TEXT UNIQUE, data BLOB)",)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "deep" / "er" / "x.sqlite3", TABLE)
    database.open()
    yield database
    database.close()


def put(name: str, data: bytes = b"") -> module.Work[None]:
    def work(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO things VALUES (?, ?)", (name, data))

    return work


def names(connection: sqlite3.Connection) -> list[str]:
    return [name for (name,) in connection.execute("SELECT name FROM things ORDER BY name")]


async def test_writes_are_seen_by_reads(database: Database) -> None:
    await asyncio.gather(*(database.write(put(f"{n:03}")) for n in range(200)))
    assert await database.read(names) == [f"{n:03}" for n in range(200)]


async def test_many_writers_share_a_transaction(tmp_path: Path) -> None:
    commits = []
    database = Database(tmp_path / "x.sqlite3", TABLE, committed=commits.append)
    database.open()
    try:
        await asyncio.gather(*(database.write(put(str(n))) for n in range(500)))
    finally:
        database.close()
    assert len(commits) < 50


async def test_trouble_after_a_commit_ends_neither_the_writer_nor_the_write(tmp_path: Path) -> None:
    def trouble(connection: sqlite3.Connection) -> None:
        if names(connection):
            raise sqlite3.OperationalError("disk I/O error")

    database = Database(tmp_path / "x.sqlite3", TABLE, committed=trouble)
    database.open()
    try:
        async with asyncio.timeout(5):
            await database.write(put("a"))
            await database.write(put("b"))
        assert await database.read(names) == ["a", "b"]
    finally:
        database.close()


async def test_a_batch_is_bounded_by_bytes(tmp_path: Path) -> None:
    commits = []
    database = Database(tmp_path / "x.sqlite3", TABLE, committed=commits.append)
    database.open()
    try:
        await asyncio.gather(*(database.write(put(str(n)), module.BATCH_BYTES) for n in range(10)))
    finally:
        database.close()
    assert len(commits) == 11  # one of them when it was opened


async def test_a_failure_undoes_its_own_write_only(database: Database) -> None:
    def half(connection: sqlite3.Connection) -> None:
        put("half")(connection)
        raise NotFound("other half")

    results = await asyncio.gather(
        database.write(put("a")), database.write(half), database.write(put("a")), database.write(put("b")),
        return_exceptions=True,
    )  # fmt: skip
    assert [type(result) for result in results] == [type(None), NotFound, StorageError, type(None)]
    assert await database.read(names) == ["a", "b"]


async def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(StorageError, match="readonly"):
        await database.read(put("a"))


async def test_close_finishes_what_was_asked_for(tmp_path: Path) -> None:
    database = Database(tmp_path / "x.sqlite3", TABLE)
    database.open()
    writes = [asyncio.create_task(database.write(put(str(n)))) for n in range(100)]
    await asyncio.sleep(0)
    database.close()
    await asyncio.gather(*writes)
    for call in (database.write(put("late")), database.read(names)):
        with pytest.raises(StorageError, match="closed"):
            await call
    again = Database(tmp_path / "x.sqlite3", TABLE)
    again.open()
    assert len(await again.read(names)) == 100
    again.close()
    again.close()


async def test_migrations_run_once_and_in_order(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite3"
    first = Database(path, TABLE)
    first.open()
    await first.write(put("a"))
    first.close()
    second = Database(path, (*TABLE, "ALTER TABLE things ADD COLUMN more TEXT DEFAULT 'new'"))
    for _ in range(2):
        second.open()
        assert await second.read(lambda c: c.execute("SELECT name, more FROM things").fetchall()) == [("a", "new")]
        second.close()
    with pytest.raises(StorageError, match="newer Lazaretto"):
        first.open()


def test_a_migration_that_fails_leaves_the_version_before(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite3"
    with pytest.raises(StorageError):
        Database(path, (*TABLE, "CREATE TABLE other (a); CREATE TABLE things (b)")).open()
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    assert [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")] == ["things"]
    connection.close()


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite3"
    path.write_bytes(b"precious, perhaps" * 1000)
    with pytest.raises(StorageError, match=r"damaged.*mv .*x\.sqlite3"):
        Database(path, TABLE).open()
    assert path.read_bytes() == b"precious, perhaps" * 1000


async def test_a_damaged_page_is_reported_where_it_is_met(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite3"
    database = Database(path, TABLE)
    database.open()
    await database.write(lambda c: [put(str(n), b"x" * 3000)(c) for n in range(100)])
    database.close()
    with path.open("r+b") as file:
        file.seek(4096 * 3)
        file.write(b"\xff" * 4096 * 50)
    database.open()
    try:
        with pytest.raises(StorageError, match="damaged"):
            await database.read(lambda c: c.execute("SELECT count(data), max(name), max(data) FROM things").fetchall())
    finally:
        database.close()


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match="cannot make the folder"):
        Database(tmp_path / "file" / "x.sqlite3", TABLE).open()


def test_nobody_else_may_read_it(database: Database) -> None:
    assert stat.S_IMODE(database.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(database.path.parent.stat().st_mode) == 0o700


async def test_a_search_without_end_is_given_up(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "READ_SECONDS", 0.2)
    endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    with pytest.raises(StorageError, match="narrow it down"):
        await database.read(lambda c: c.execute(endless).fetchall())
    assert await database.read(names) == []


def fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"\0" * 4096)


@pytest.mark.root
async def test_a_full_disk_fails_who_waits_and_heals(tiny_disk: Path) -> None:
    database = Database(tiny_disk / "x.sqlite3", TABLE)
    database.open()
    try:
        ballast = tiny_disk / "ballast"
        fill(ballast)
        many = [database.write(put(f"lost {n}", b"x" * 20_000)) for n in range(20)]
        results = await asyncio.gather(*many, return_exceptions=True)
        assert {type(result) for result in results} == {StorageError}
        assert "space" in str(results[0])
        ballast.unlink()
        await database.write(put("kept", b"x" * 20_000))
        assert await database.read(names) == ["kept"]
    finally:
        database.close()


@given(st.text(st.characters(), max_size=5000))
def test_pack_and_unpack(text: str) -> None:
    value = Properties(subject=text, sender=Address(text))
    expected = text.encode("utf-8", "replace").decode()
    assert unpack(pack(value), Properties) == Properties(subject=expected, sender=Address(expected))


def test_long_rows_are_compressed() -> None:
    value = Properties(subject="long " * 5000)
    assert len(pack(value)) < 1000
    assert unpack(pack(value), Properties) == value
