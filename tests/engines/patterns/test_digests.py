from __future__ import annotations

import hashlib
import os

import pytest

from lazaretto.engines.patterns.digests import ANY_SIZE, WIDTH, Digests


def made(count: int) -> Digests:
    table = Digests()
    for number in range(count):
        table.add(hashlib.sha256(b"%d" % number).digest(), f"Win.Thing-{number}-0", number)
    table.seal()
    return table


def test_every_entry_is_found_and_nothing_else() -> None:
    table = made(5000)
    for number in range(5000):
        assert list(table.find(hashlib.sha256(b"%d" % number).digest(), number)) == [f"Win.Thing-{number}-0"]
        assert list(table.find(hashlib.sha256(b"x%d" % number).digest(), number)) == []
    assert len(table) == 5000


def test_the_size_must_fit() -> None:
    table = made(10)
    assert list(table.find(hashlib.sha256(b"3").digest(), 4)) == []
    assert table.wants(3)
    assert not table.wants(300)


@pytest.mark.parametrize(
    "name", ["Plain", "A-1", "A-1-2", "A-01", "A-1-02", "A-", "A-1-2-3", "-5", "Ä-7", "A-1234567890"]
)
def test_names_come_back_as_they_were(name: str) -> None:
    table = Digests()
    table.add(b"d" * 16, name, ANY_SIZE)
    table.seal()
    assert list(table.find(b"d" * 16, 12345)) == [name]


def test_two_names_of_one_digest_are_both_said() -> None:
    table = Digests()
    table.add(b"d" * 20, "A", ANY_SIZE)
    table.add(b"d" * 20, "B", 3)
    table.seal()
    assert sorted(table.find(b"d" * 20, 3)) == ["A", "B"]


def test_names_share_their_stems_and_entries_their_width() -> None:
    table = made(5000)
    assert table.memory == 5000 * WIDTH
    assert len(table._names) == 1


def test_children_look_up_in_the_memory_of_the_parent() -> None:
    table = made(1000)
    child = os.fork()
    if child == 0:
        found = list(table.find(hashlib.sha256(b"7").digest(), 7))
        os._exit(0 if found == ["Win.Thing-7-0"] else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_nothing_is_found_in_nothing() -> None:
    table = Digests()
    table.seal()
    assert not table.wants(0)
    assert list(table.find(b"d" * 16, 0)) == []
