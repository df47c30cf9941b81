from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lazaretto.errors import LimitExceeded, Malformed
from lazaretto.unpack.sevenzip import extraction
from lazaretto.unpack.sevenzip.archive import Archive
from lazaretto.unpack.sevenzip.library import Library

Pack = Callable[..., bytes]
Opened = Callable[..., Archive]


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


def test_all_items_come_in_one_run(pack: Pack, opened: Opened) -> None:
    files = {f"{number}.bin": os.urandom(number * 700_000) for number in range(5)}
    with opened(pack(files)) as archive:
        items = {item.index: item.path for item in archive.items()}
        with archive.extract(list(items)) as run:
            found = {items[index]: b"".join(chunks) for index, chunks in run}
    assert found == files
    assert set(run.results.values()) == {extraction.OK}


def test_items_that_nobody_reads_are_passed_over(pack: Pack, opened: Opened) -> None:
    files = {"a": b"a" * 9_000_000, "b": b"b" * 9, "c": b"c" * 9_000_000, "d": b"d" * 9}
    with opened(pack(files)) as archive:
        items = {item.index: item.path for item in archive.items()}
        found = {}
        with archive.extract(list(items)) as run:
            for index, chunks in run:
                if items[index] == "c":
                    next(chunks)
                if items[index] in "bd":
                    found[items[index]] = b"".join(chunks)
    assert found == {"b": files["b"], "d": files["d"]}


def test_what_nobody_reads_has_an_end(pack: Pack, opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extraction, "MOST_UNREAD", 20_000_000)
    with opened(pack({"a": bytes(60_000_000), "b": b"b"})) as archive, archive.extract([0, 1]) as run:
        assert [index for index, _ in run] == [0]
        assert "nobody reads" in str(run.trouble())


def test_closing_stops_it_at_once_and_ends_its_thread(pack: Pack, opened: Opened, library: Library) -> None:
    before = len(library.tables.objects)
    with opened(pack({"a": bytes(100_000_000)}, "-mx1")) as archive:
        started = time.monotonic()
        with archive.extract([0]) as run:
            for _, chunks in run:
                next(chunks)
                break
        assert time.monotonic() - started < 1
        with archive.extract([0]) as run:  # and can be asked again
            assert len(next(next(iter(run))[1])) == 1 << 20
    assert not [thread for thread in threading.enumerate() if thread.name == "7-Zip"]
    assert len(library.tables.objects) == before


def test_only_a_few_chunks_wait(pack: Pack, opened: Opened) -> None:
    with opened(pack({"a": bytes(100_000_000)}, "-mx1")) as archive, archive.extract([0]) as run:
        before = resident()
        for _, chunks in run:
            for number, _ in enumerate(chunks):
                if number == 3:
                    time.sleep(0.3)
                    assert resident() - before < 40_000_000


def test_damage_comes_after_what_could_be_read(pack: Pack, opened: Opened) -> None:
    data = bytearray(pack({"a": os.urandom(3_000_000)}, "-mx0"))
    data[2_500_000] ^= 1
    with opened(bytes(data)) as archive, archive.extract([0]) as run:
        _, chunks = next(iter(run))
        assert sum(len(next(chunks)) for _ in range(3)) == 3_000_000
        with pytest.raises(Malformed, match="checksum"):
            next(chunks)
        assert run.results == {0: extraction.CHECKSUM}
    assert extraction.said(77) == "result 77"


def test_without_threads_all_is_decoded_at_once_up_to_a_limit(
    pack: Pack, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    data = pack({"a": b"a" * 3_000_000, "b": b"b" * 3_000_000})
    monkeypatch.setattr(threading.Thread, "start", refuse)
    with opened(data) as archive, archive.extract([0, 1]) as run:
        assert [sum(map(len, chunks)) for _, chunks in run] == [3_000_000, 3_000_000]
    monkeypatch.setattr(extraction, "MOST_AT_ONCE", 4_000_000)
    with opened(data) as archive, archive.extract([0, 1]) as run:
        found = iter(run)
        assert sum(map(len, next(found)[1])) == 3_000_000
        with pytest.raises(LimitExceeded, match="no thread"):
            list(next(found)[1])


def test_nothing_stays_behind_after_many_archives(pack: Pack, library: Library, opened: Opened) -> None:
    data, objects = pack({"a": b"hello" * 1000, "b": b"x"}), len(library.tables.objects)
    sizes = []
    for _ in range(3):
        for _ in range(500):
            with opened(data) as archive:
                list(archive.items())
                with archive.extract([0, 1]) as run:
                    for _, chunks in run:
                        for _ in chunks:
                            pass
        sizes.append(resident())
    assert sizes[2] - sizes[1] < 500_000
    assert len(library.tables.objects) == objects
    assert not [thread for thread in threading.enumerate() if thread.name == "7-Zip"]
