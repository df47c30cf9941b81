"""The node's side of results: takes the news of answers, publishes what two workers agree on, counts."""

from __future__ import annotations

from collections import Counter

from lazaretto.results.recall import News
from lazaretto.results.table import Table

COUNTS = ("own", "shared", "misses", "evictions", "disputes")


class Shelf:
    """Of one crew, and gone with it.  Without a size, or where the kernel cannot seal memory, workers keep what they
    know to themselves."""

    def __init__(self, size: int) -> None:
        self._table: Table | None = None
        self._size = size
        self.counts: Counter[str] = Counter()
        if size:
            try:
                self._table = Table(size)
            except OSError:
                self._size = 0

    @property
    def fd(self) -> int:
        return self._table.fd if self._table else -1

    def take(self, worker: int, news: News) -> None:
        """``news`` may be the words of an exploit: it gets no further than a worker's own word gets."""
        self.counts.update({"own": news.own, "shared": news.shared, "misses": news.misses})
        if self._table is None:
            return
        for key, value in news.fresh:
            self._table.report(worker, key, value)
        for name in ("evictions", "disputes"):
            self.counts[name] = self._table.counts[name]

    def memory(self) -> dict[str, int]:
        """What is there now: "entries" and "bytes"."""
        if self._table is None:
            return {"entries": 0, "bytes": 0}
        return {"entries": self._table.counts["entries"], "bytes": self._table.used}

    def close(self) -> None:
        if self._table:
            self._table.close()
            self._table = None
