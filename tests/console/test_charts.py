from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from lazaretto.console import charts, counters
from lazaretto.console.models import Counter
from lazaretto.model import now


@pytest.mark.parametrize("period", charts.PERIODS.values(), ids=lambda period: period.key)
def test_what_came_now_is_in_the_last_bar(
    period: charts.Period, mails: Any, database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = now()
    monkeypatch.setattr(charts.timezone, "now", lambda: at)  # the minute may end between mail and chart
    counters.add(counters.tally([mails.mail(sort, at, seconds=0.2) for sort in ("infected", "phishing")]))
    shown = charts.series(period)
    bars = period.length // period.bar
    assert len(shown["starts"]) == bars
    assert shown["category"]["infected"] == [0] * (bars - 1) + [1]
    assert shown["reply"]["reject"][-1] == 1
    assert shown["latency"]["median"][:-1] == [None] * (bars - 1)
    assert shown["latency"]["median"][-1] == pytest.approx(0.2, rel=0.1)
    assert shown["totals"]["messages"] == 2
    assert {row["name"] for row in shown["threats"]} == {"EICAR-Test-File", "Lookalike-Domain"}
    assert shown["senders"] == [{"name": "alice@example.org", "count": 2}]


def test_bars_begin_at_the_readers_own_hours(database: None) -> None:
    for name in ("Asia/Kolkata", "Europe/Berlin", "America/St_Johns"):
        with timezone.override(ZoneInfo(name)):
            starts = charts.series(charts.PERIODS["30d"])["starts"]
        local = datetime.fromtimestamp(starts[-1], ZoneInfo(name))
        assert (local.hour % 12, local.minute) == (0, 0), name


def test_what_is_older_than_the_period_is_not_shown(mails: Any, database: None) -> None:
    counters.add(counters.tally([mails.mail(at=now() - timedelta(hours=2))]))
    assert charts.series(charts.PERIODS["1h"])["totals"]["messages"] == 0
    assert charts.series(charts.PERIODS["24h"])["totals"]["messages"] == 1


def test_the_most_frequent_come_first(database: None) -> None:
    period = charts.PERIODS["24h"]
    for count in range(12):
        Counter.objects.create(family="threat", width=60, at=10**10, name=f"T{count}", value=count)
    top = charts.top("threat", period, 0)
    assert [row["name"] for row in top] == [f"T{count}" for count in range(11, 3, -1)]
    assert period.bar_title == "30 minutes"
