"""The dashboard's numbers, read from the counters."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from lazaretto.console.counters import HOUR, MINUTE, quantile
from lazaretto.console.models import Counter

CATEGORIES = ("clean", "spam", "suspicious", "unscannable", "infected")
REPLIES = ("accept", "defer", "reject", "discard")


@dataclass(frozen=True, slots=True)
class Period:
    key: str
    title: str
    length: int  # seconds
    bar: int  # seconds of one bar
    width: int  # of the counters that are read

    @property
    def bar_title(self) -> str:
        return {MINUTE: "minute", HOUR: "hour"}.get(self.bar) or (
            f"{self.bar // MINUTE} minutes" if self.bar < HOUR else f"{self.bar // HOUR} hours"
        )


PERIODS = {
    period.key: period
    for period in (
        Period("1h", "1 hour", HOUR, MINUTE, MINUTE),
        Period("24h", "24 hours", 24 * HOUR, 30 * MINUTE, MINUTE),
        Period("7d", "7 days", 7 * 24 * HOUR, 3 * HOUR, HOUR),
        Period("30d", "30 days", 30 * 24 * HOUR, 12 * HOUR, HOUR),
    )
}

_SUMS = """
SELECT family, (at + %s) / %s * %s - %s AS bar, name, SUM(value) FROM console_counter
WHERE family IN ('category', 'reply', 'latency') AND width = %s AND at >= %s AND at < %s GROUP BY 1, 2, 3
"""


def series(period: Period) -> dict[str, Any]:
    """Everything that the charts show, as JSON for console/dashboard.js.  Bars begin at full local hours or days."""
    shift = int((timezone.localtime().utcoffset() or timedelta()).total_seconds())
    now = int(timezone.now().timestamp())
    last = (now + shift) // period.bar * period.bar - shift
    starts = list(range(last - period.length + period.bar, last + 1, period.bar))
    counts: dict[str, dict[str, dict[int, int]]] = defaultdict(lambda: defaultdict(dict))
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, [shift, period.bar, period.bar, shift, period.width, starts[0], last + period.bar])
        for family, bar, name, value in cursor.fetchall():
            counts[family][name][bar] = value
    return {
        "period": period.key,
        "bar": period.bar,
        "bar_title": period.bar_title,
        "starts": starts,
        "category": _rows(counts["category"], CATEGORIES, starts),
        "reply": _rows(counts["reply"], REPLIES, starts),
        "latency": _latency(counts["latency"], starts),
        "totals": _totals(counts),
        "threats": top("threat", period, starts[0]),
        "senders": top("sender", period, starts[0]),
    }


def top(family: str, period: Period, since: int, limit: int = 8) -> list[dict[str, Any]]:
    """The most frequent names since then."""
    counters = Counter.objects.filter(family=family, width=period.width, at__gte=since)
    rows = counters.values("name").annotate(count=Sum("value")).order_by("-count", "name")[:limit]
    return [{"name": row["name"], "count": row["count"]} for row in rows]


def _rows(counts: dict[str, dict[int, int]], names: tuple[str, ...], starts: list[int]) -> dict[str, list[int]]:
    return {name: [counts[name].get(start, 0) for start in starts] for name in names}


def _latency(counts: dict[str, dict[int, int]], starts: list[int]) -> dict[str, list[float | None]]:
    bins = [{int(name): bars[start] for name, bars in counts.items() if start in bars} for start in starts]
    return {
        "median": [quantile(each, 0.5) for each in bins],
        "p95": [quantile(each, 0.95) for each in bins],
    }


def _totals(counts: dict[str, dict[str, dict[int, int]]]) -> dict[str, Any]:
    category = {name: sum(counts["category"][name].values()) for name in CATEGORIES}
    all_bins = {int(name): sum(bars.values()) for name, bars in counts["latency"].items()}
    return {
        **category,
        "messages": sum(category.values()),
        "median": quantile(all_bins, 0.5),
        "p95": quantile(all_bins, 0.95),
        **{reply: sum(counts["reply"][reply].values()) for reply in REPLIES},
    }
