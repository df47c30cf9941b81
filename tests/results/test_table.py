from __future__ import annotations

import mmap
import os
import signal
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lazaretto.results import table
from lazaretto.results.table import Table, View

SIZE = 1 << 16


@pytest.fixture
def pair() -> Iterator[tuple[Table, View]]:
    made = Table(SIZE)
    view = View.open(made.fd)
    yield made, view
    made.close()
    view._map.close()


def key(number: int) -> bytes:
    return number.to_bytes(4, "little") + b"k" * 12


def agree(made: Table, name: bytes, value: bytes) -> None:
    made.report(1, name, value)
    made.report(2, name, value)


def test_two_workers_make_a_result(pair: tuple[Table, View]) -> None:
    made, view = pair
    for value in (b"", b"v" * 500):
        name = key(len(value))
        assert view.get(name) is None
        made.report(1, name, value)
        made.report(1, name, value)  # one worker twice is one worker
        assert view.get(name) is None
        made.report(2, name, value)
        assert view.get(name) == value


def test_nobody_else_can_write(pair: tuple[Table, View]) -> None:
    made, view = pair
    with pytest.raises(OSError, match="not permitted"):
        mmap.mmap(made.fd, SIZE, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE)
    with pytest.raises(OSError, match="not permitted"):
        os.pwrite(made.fd, b"x", 0)
    with pytest.raises(TypeError):
        view._map[0:1] = b"x"


def test_who_differs_forgets_it_and_who_differs_from_two_forgets_all(pair: tuple[Table, View]) -> None:
    made, view = pair
    agree(made, key(1), b"")
    made.report(1, key(2), b"")
    made.report(2, key(2), b"bad")
    made.report(3, key(2), b"")
    assert view.get(key(2)) is None
    assert view.get(key(1)) == b""
    made.report(3, key(1), b"bad")
    assert view.get(key(1)) is None
    assert made.counts["disputes"] == 2
    for name in (key(1), key(2)):  # and all is learned anew
        agree(made, name, b"")
        assert view.get(name) == b""
    assert made.counts["entries"] == 2


def test_to_forget_all_costs_nothing_however_large_it_is() -> None:
    """The node's event loop does it, and whoever owns a worker can make it do so with each answer."""
    made = Table(1 << 30)
    agree(made, key(1), b"")
    before = Path("/proc/self/statm").read_text().split()
    made.report(3, key(1), b"bad")
    after = Path("/proc/self/statm").read_text().split()
    made.close()
    assert int(after[1]) - int(before[1]) < 1000  # pages


def twin(value: bytes, other: bytes) -> bytes:
    """``other`` with four bytes more, so that the CRC-32 of both is the same."""
    table = [zlib.crc32(bytes([byte])) ^ zlib.crc32(b"\0") for byte in range(256)]
    high = {entry >> 24: byte for byte, entry in enumerate(table)}
    state, found = zlib.crc32(value) ^ 0xFFFFFFFF, []
    for _ in range(4):
        found.append(high[state >> 24])
        state = (state ^ table[found[-1]]) << 8 & 0xFFFFFFFF | found[-1]
    tail, state = b"", zlib.crc32(other) ^ 0xFFFFFFFF
    for byte in reversed(found):
        tail += bytes([(state ^ byte) & 255])
        state = table[byte] ^ state >> 8
    assert zlib.crc32(other + tail) == zlib.crc32(value)
    return other + tail


def test_nobody_can_write_a_value_that_fits_the_slot_of_another(pair: tuple[Table, View]) -> None:
    """Files of a stranger's choice make values of the length and with the checksum that his trojan's has; when the
    ring comes round, one of them lies where the trojan's lay."""
    made, view = pair
    bad = b"this is a trojan" * 4
    fine = twin(bad, b"there is nothing of any interest in this".ljust(60))
    agree(made, key(1), bad)
    ring = made._room // len(bad)
    for number in range(2, ring + 4):
        made.report(1, key(number * 256), fine)
        assert view.get(key(1)) in (bad, None)


def test_a_result_grows_old_and_is_not_made_young_by_one(
    pair: tuple[Table, View], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, view = pair
    began = time.monotonic()
    agree(made, key(1), b"v")
    monkeypatch.setattr(time, "monotonic", lambda: began + table.OLDEST - 1)
    made.report(3, key(1), b"v")
    assert view.get(key(1)) == b"v"
    monkeypatch.setattr(time, "monotonic", lambda: began + table.OLDEST + 1)
    assert view.get(key(1)) is None
    made.report(3, key(1), b"v")
    assert view.get(key(1)) is None
    made.report(4, key(1), b"v")
    assert view.get(key(1)) == b"v"


def test_it_stays_bounded_and_the_old_go(pair: tuple[Table, View], monkeypatch: pytest.MonkeyPatch) -> None:
    made, view = pair
    slots = made._buckets * 8
    for number in range(slots * 4):
        monkeypatch.setattr(time, "monotonic", lambda number=number: 1000 + number / 100)
        agree(made, key(number), b"" if number % 2 else number.to_bytes(60, "little"))
    assert made.counts["entries"] == slots
    assert made.counts["evictions"] == slots * 3
    assert made.used <= SIZE
    last = slots * 4 - 1
    assert view.get(key(last)) == b""
    assert view.get(key(last - 1)) == (last - 1).to_bytes(60, "little")
    assert view.get(key(0)) is None
    # What the ring has written over is a miss, never another's value.
    for number in range(slots * 4):
        assert view.get(key(number)) in (None, b"", number.to_bytes(60, "little"))


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 3), st.binary(max_size=3)), max_size=200))
def test_what_is_given_out_was_said_by_two(reports: list[tuple[int, int, bytes]]) -> None:
    made = Table(2 * (16 + 256))  # one bucket
    said: dict[tuple[int, bytes], set[int]] = {}
    for number, worker, value in reports:
        made.report(worker, key(number), value)
        said.setdefault((number, value), set()).add(worker)
        for each in range(41):
            known = made.get(key(each))
            assert known is None or len(said[each, known]) > 1
    made.close()


def test_what_is_too_long_or_no_key_is_not_taken(pair: tuple[Table, View]) -> None:
    made, view = pair
    agree(made, key(1), bytes(table.LONGEST + 1))
    agree(made, b"short", b"")
    assert view.get(key(1)) is None
    assert made.counts["entries"] == 0


def test_a_torn_slot_is_a_miss(pair: tuple[Table, View]) -> None:
    made, view = pair
    agree(made, key(1), b"value")
    start = made._bucket(key(1))
    for at in range(16, 32):
        before = made._map[start + at]
        made._map[start + at] = before ^ 0x40
        assert view.get(key(1)) is None
        made._map[start + at] = before
    assert view.get(key(1)) == b"value"


def test_reading_while_it_is_written_gives_the_value_or_nothing(pair: tuple[Table, View]) -> None:
    made, view = pair
    pid = os.fork()
    if pid == 0:
        number = 0
        while True:
            agree(made, key(number % 64), (number % 64).to_bytes(1, "little") * 300)
            if number % 7 == 0:
                made.report(3, key(number % 64), b"")  # all is forgotten
            number += 1
    hits = 0
    until = time.monotonic() + 1
    while time.monotonic() < until:
        for number in range(64):
            value = view.get(key(number))
            hits += value is not None
            assert value in (None, number.to_bytes(1, "little") * 300)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    assert hits
