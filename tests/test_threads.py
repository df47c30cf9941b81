"""A mail says the password, an answer to it brings the locked file."""

from __future__ import annotations

import asyncio
import base64
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lazaretto import config, testing
from lazaretto.errors import StorageError
from lazaretto.inspection import Inspector
from lazaretto.model import Envelope, Finding, Inspection, Kind, Priority, Properties, Severity
from lazaretto.threads import MOST_ROWS, Threads
from lazaretto.workers.pool import Pool as RealPool

LOCKED = Finding("unpack", "unpack.encrypted", Kind.ENCRYPTED, Severity.MEDIUM)


class Pool:
    """Takes the place of the workers: says which words it was given."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []

    async def inspect(
        self, raw: bytes, envelope: Envelope | None, *, priority: Priority, words: tuple[str, ...]
    ) -> Inspection:
        self.asked.append(words)
        return Inspection(Properties(), (), (), "opened")


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def threads(tmp_path: Path, clock: Clock) -> Iterator[Threads]:
    made = Threads(Pool(), tmp_path / "threads.sqlite3", 7, clock)  # type: ignore[arg-type]
    made.open()
    yield made
    made.close()


def told(*thread: str, words: tuple[str, ...] = (), locked: bool = False) -> Inspection:
    return Inspection(Properties(), (), (LOCKED,) if locked else (), "first", {}, thread, words)


def again(threads: Threads, inspection: Inspection) -> str:
    envelope = testing.envelope()
    return asyncio.run(threads.again(b"", envelope, inspection, Priority.DELIVERY)).patterns


def test_an_answer_gets_the_words_of_what_it_answers(threads: Threads) -> None:
    assert again(threads, told("<1@a>", words=("sun", "moon"))) == "first"
    assert again(threads, told("<3@b>", "<2@b>", "<1@a>", locked=True)) == "opened"
    assert threads._workers.asked == [("sun", "moon")]  # type: ignore[attr-defined]


def test_only_what_is_locked_is_inspected_again(threads: Threads) -> None:
    again(threads, told("<1@a>", words=("sun",)))
    assert again(threads, told("<2@b>", "<1@a>")) == "first"
    assert again(threads, told("<2@b>", "<9@a>", locked=True)) == "first"


def test_an_opened_one_is_not_inspected_again(threads: Threads) -> None:
    again(threads, told("<1@a>", words=("sun",)))
    opened = Finding("unpack", "unpack.password", Kind.ENCRYPTED, Severity.INFORMATIONAL)
    assert again(threads, Inspection(Properties(), (), (opened,), "first", {}, ("<1@a>",))) == "first"


def test_words_expire(threads: Threads, clock: Clock) -> None:
    again(threads, told("<1@a>", words=("sun",)))
    clock.now += 7 * 86_400
    assert again(threads, told("<2@b>", "<1@a>", locked=True)) == "first"
    again(threads, told("<5@a>", words=("x1",)))
    rows = asyncio.run(threads._database.read(lambda c: c.execute("SELECT count(*) FROM words").fetchone()))
    assert rows == (1,)


def test_the_file_says_nothing_without_the_mail(threads: Threads, tmp_path: Path) -> None:
    again(threads, told("<secret-id@a>", words=("sunflower",)))
    threads.close()
    written = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"sunflower" not in written
    assert b"secret-id" not in written
    threads.open()
    assert asyncio.run(threads.recall(["<secret-id@a>"])) == ("sunflower",)


def test_a_damaged_file_costs_the_words_and_not_the_mail(threads: Threads) -> None:
    again(threads, told("<1@a>", words=("sun",)))
    asyncio.run(threads._database.write(lambda c: c.execute("UPDATE words SET sealed = zeroblob(40)")))
    with pytest.raises(StorageError, match=r"delete threads\.sqlite3"):
        asyncio.run(threads.recall(["<1@a>"]))
    assert again(threads, told("<1@a>", locked=True)) == "first"


def test_room_is_bounded(threads: Threads, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    assert MOST_ROWS == 100_000
    monkeypatch.setattr("lazaretto.threads.MOST_ROWS", 3)
    for number in range(5):
        clock.now += 1
        again(threads, told(f"<{number}@a>", words=("sun",)))
    assert [bool(asyncio.run(threads.recall([f"<{number}@a>"]))) for number in range(5)] == [
        False,
        False,
        True,
        True,
        True,
    ]


def test_what_an_inspection_says_of_thread_and_words() -> None:
    raw = (
        b"From: a@example.org\r\nMessage-ID: <3@a>\r\nIn-Reply-To: <2@a>\r\nReferences: <1@a>\r\n <2@a>\r\n"
        b"Content-Type: text/plain\r\n\r\nThe password is sunflower.\r\nOrder 4711 of today.\r\n"
    )
    kept = Inspector(config.load(None, {"LAZARETTO_UNPACK__THREAD_DAYS": "7"})).inspect(raw, testing.envelope())
    assert kept.thread == ("<3@a>", "<2@a>", "<1@a>")
    assert kept.words[0] == "sunflower"
    assert "4711" not in kept.words
    assert "sunflower" not in repr(kept)
    not_kept = Inspector(config.load(None, {})).inspect(raw, testing.envelope())
    assert (not_kept.thread, not_kept.words) == ((), ())


def test_with_real_workers_and_a_real_locked_archive(tmp_path: Path) -> None:
    given = {"workers": {"count": 1}, "unpack": {"thread_days": 7, "passwords": ()}}
    loaded = config.Loaded(config.Config.model_validate(given), None)
    (tmp_path / "eicar.com").write_bytes(
        rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
    )
    command = ["7z", "a", "-bd", "-pSunflower-77", "-mem=AES256", "offer.zip", "eicar.com"]
    subprocess.run(command, cwd=tmp_path, check=True, stdout=subprocess.DEVNULL)
    first = b"Message-ID: <1@a>\r\n\r\nThe file follows.  Its password is Sunflower-77.\r\n"
    second = (
        b"Message-ID: <2@b>\r\nIn-Reply-To: <1@a>\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: application/zip; name=offer.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    )

    async def check() -> None:
        pool = RealPool(loaded)
        threads = Threads(pool, tmp_path / "threads.sqlite3", 7)
        await pool.start()
        threads.open()
        try:

            async def pass_on(raw: bytes) -> Inspection:
                envelope = testing.envelope()
                inspection = await pool.inspect(raw, envelope)
                return await threads.again(raw, envelope, inspection, Priority.DELIVERY)

            raw = second + base64.encodebytes((tmp_path / "offer.zip").read_bytes())
            assert (await pass_on(raw)).status == "unscannable"
            await pass_on(first)
            opened = await pass_on(raw)
            assert opened.status == "infected"
            evidence = [finding.evidence for finding in opened.findings if finding.name == "unpack.password"]
            assert evidence == [("opened with a word of an earlier mail of the thread",)]
        finally:
            threads.close()
            await pool.stop()

    asyncio.run(check())
