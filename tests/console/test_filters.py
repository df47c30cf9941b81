from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict
from django.utils import timezone

from lazaretto.console.filters import ItemFilter, MessageFilter
from lazaretto.model import Direction, now


@pytest.fixture
def _traffic(mails: Any, node: Any, read: Any) -> None:
    for sort in mails.SORTS:
        node.happen(mails.mail(sort, subject=f"about {sort}"))
    node.happen(mails.mail(direction=Direction.OUTBOUND, door="smtp", at=now() - mails.timedelta(days=3)))
    read()


@pytest.mark.usefixtures("_traffic")
@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 8),
        ("category=infected", 1),
        ("category=spam", 1),
        ("kind=203", 1),
        ("reply=accept", 4),
        ("direction=outbound", 1),
        ("door=smtp", 1),
        ("period=24h", 7),
        ("q=EICAR", 1),
        ("q=about+phish", 1),
        ("category=nonsense", 8),
        ("since=never", 8),
        ("q=alice&category=clean&period=7d", 3),
    ],
)
def test_messages_are_found(query: str, count: int) -> None:
    assert MessageFilter(QueryDict(query)).rows().count() == count


@pytest.mark.usefixtures("_traffic")
def test_held_items_are_found(node: Any, read: Any) -> None:
    assert ItemFilter({}).rows().count() == 2
    first = ItemFilter({}).rows()[0]
    first.state, first.resent_to = "released", ["bob@example.com"]
    first.save()
    assert ItemFilter({}).rows().count() == 1
    assert ItemFilter({"state": "released"}).rows().get() == first
    assert ItemFilter({"state": "any", "resent": "yes"}).rows().get() == first
    assert ItemFilter({"state": "any", "resent": "no"}).rows().count() == 1
    assert ItemFilter({"purpose": "backup"}).rows().count() == 0
    assert ItemFilter({"state": "any", "q": "gtube"}).rows().count() == 1


def test_times_are_the_readers_own(mails: Any, node: Any, read: Any) -> None:
    at = mails.datetime(2026, 11, 20, 12, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    node.happen(mails.mail(at=at))
    read()
    asked = {"since": "2026-11-20T12:00", "until": "2026-11-20T13:00"}
    with timezone.override(ZoneInfo("Europe/Berlin")):
        assert MessageFilter(asked).rows().count() == 1
    with timezone.override(ZoneInfo("UTC")):
        assert MessageFilter(asked).rows().count() == 0


def test_a_filter_knows_whether_anything_was_asked() -> None:
    assert not MessageFilter({}).active
    assert not MessageFilter({"category": "nonsense"}).active
    assert MessageFilter({"q": "x"}).active
