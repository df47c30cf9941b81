from __future__ import annotations

import math
import random
from typing import Any

import pytest

from lazaretto.console import counters
from lazaretto.console.models import Counter


def test_quantiles_are_right_within_ten_percent() -> None:
    dice = random.Random(3)
    values = sorted(dice.lognormvariate(-3, 1) for _ in range(2001))
    bins: dict[int, int] = {}
    for value in values:
        bins[counters.bin_of(value)] = bins.get(counters.bin_of(value), 0) + 1
    for share in (0.5, 0.95):
        exact = values[math.ceil(len(values) * share) - 1]
        assert counters.quantile(bins, share) == pytest.approx(exact, rel=0.10)
    assert counters.quantile({}, 0.5) is None


def test_extremes_have_a_bin() -> None:
    assert counters.bin_of(0) == counters.bin_of(-1) == 0
    assert counters.bin_of(1e12) == counters.bin_of(1e13)


def test_every_message_is_counted_in_its_minute_and_hour(mails: Any, database: None) -> None:
    events = [mails.mail("clean"), mails.mail("infected"), mails.mail("spam")]
    counters.add(counters.tally(events))
    counters.add(counters.tally(events[:1]))
    for width in (counters.MINUTE, counters.HOUR):
        rows = Counter.objects.filter(width=width)
        assert dict(rows.filter(family="category").values_list("name", "value")) == {
            "clean": 2,
            "infected": 1,
            "spam": 1,
        }
        assert dict(rows.filter(family="threat").values_list("name", "value")) == {"EICAR-Test-File": 1, "GTUBE": 1}
        assert dict(rows.filter(family="sender").values_list("name", "value")) == {"alice@example.org": 2}
