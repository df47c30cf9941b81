from __future__ import annotations

import pytest

from lazaretto.results import shelf, table
from lazaretto.results.recall import News
from lazaretto.results.shelf import Shelf


def test_it_counts_and_publishes() -> None:
    made = Shelf(1 << 16)
    view = table.View.open(made.fd)
    for worker in (1, 2):
        made.take(worker, News(1, 2, 3, ((b"k" * 16, b"v"),)))
    assert view.get(b"k" * 16) == b"v"
    assert (made.counts["own"], made.counts["shared"]) == (2, 4)
    assert made.memory() == {"entries": 1, "bytes": 34}
    assert set(made.counts) <= set(shelf.COUNTS)
    made.close()
    made.take(3, News(1))  # an answer that was on its way


def test_without_room_or_a_kernel_that_can_it_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(size: int) -> None:
        raise OSError(22, "Invalid argument")

    monkeypatch.setattr(shelf, "Table", refused)
    for made in (Shelf(0), Shelf(1 << 16)):
        assert made.fd == -1
        made.take(1, News(1, 0, 1, ((b"k" * 16, b""),)))
        assert made.counts["misses"] == 1
        assert made.memory() == {"entries": 0, "bytes": 0}
