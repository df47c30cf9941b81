from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lazaretto.console.listing import page, search
from lazaretto.console.models import Message
from lazaretto.console.views.messages import COLUMNS


@pytest.fixture
def _sixty(mails: Any, node: Any, read: Any) -> None:
    node.happen(*(mails.mail(subject=f"number {count:03d}", size=count) for count in range(60)))
    read()


@pytest.mark.usefixtures("_sixty")
def test_pages_and_sorting() -> None:
    shown = page(Message.objects.all(), COLUMNS, {"sort": "size", "size": "25", "page": "2"})
    assert [row.size for row in shown.rows] == list(range(25, 50))
    assert (shown.first, shown.last, shown.total, shown.pages, shown.more) == (26, 50, 60, 3, False)
    size = next(heading for heading in shown.headings if heading.column.key == "size")
    assert (size.direction, size.sort) == ("ascending", "-size")


@pytest.mark.usefixtures("_sixty")
@pytest.mark.parametrize("given", [{"page": "99"}, {"page": "-1"}, {"page": "²"}, {"size": "7"}, {"sort": "password"}])
def test_nonsense_is_ignored(given: dict[str, str]) -> None:
    assert page(Message.objects.all(), COLUMNS, given).rows


def test_counting_ends_somewhere(mails: Any, node: Any, read: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("lazaretto.console.listing._COUNTED", 5)
    node.happen(*(mails.mail() for _ in range(7)))
    read()
    shown = page(Message.objects.all(), COLUMNS, {})
    assert (shown.total, shown.more) == (5, True)


@pytest.mark.usefixtures("_sixty")
@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("umber", 60),
        ("NUMBER", 60),
        ("alice bob", 60),
        ('"number 017"', 0),
        ("nowhere", 0),
        ("%", 0),
        ("nu*", 0),
        ("nu", 60),
        ("number OR nowhere", 0),
    ],
)
def test_parts_of_words_are_found(text: str, count: int) -> None:
    assert search(Message.objects.all(), Message, text).count() == count


def test_the_index_follows_deletions(mails: Any, node: Any, read: Any) -> None:
    node.happen(mails.mail(subject="remarkable"), mails.mail(subject="remarkable too"))
    read()
    Message.objects.filter(subject="remarkable").delete()
    assert search(Message.objects.all(), Message, "remarkable").count() == 1


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=30))
def test_no_search_text_is_an_error(text: str) -> None:
    search(Message.objects.all(), Message, text).count()


@pytest.fixture(autouse=True)
def _migrated(config: Any) -> None:
    """The property test needs the tables and no rows."""
