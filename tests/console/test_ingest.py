from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from lazaretto.console import ingest
from lazaretto.console.models import Counter, Cursor, Detail, Item, LoginFailure, Message, NodeEvent
from lazaretto.control.types import Entries, Entry
from lazaretto.model import Event, EventKind, new_id, now


def entries(*events: Event, first: int = 1) -> Entries:
    return Entries(tuple(Entry(first + place, event) for place, event in enumerate(events)), first + len(events) - 1)


def unknown(item_id: str) -> None:
    return None


def total(family: str) -> int:
    return sum(Counter.objects.filter(family=family, width=60).values_list("value", flat=True))


def test_events_and_cursor_are_written_together(mails: Any, database: None) -> None:
    started = Event(new_id(), now(), "mx1", EventKind.NODE_STARTED)
    assert ingest.record(entries(mails.mail(), started, mails.mail("infected")), unknown) == 3
    assert (Message.objects.count(), Detail.objects.count(), NodeEvent.objects.count()) == (2, 2, 1)
    assert (Item.objects.count(), total("category"), ingest.cursor()) == (1, 2, 3)


def test_the_same_events_again_change_nothing(mails: Any, database: None) -> None:
    events = [mails.mail(), mails.mail("infected"), Event(new_id(), now(), "mx1", EventKind.NODE_STARTED)]
    ingest.record(entries(*events), unknown)
    assert ingest.record(entries(*events, events[0]), unknown) == 0
    assert (Message.objects.count(), NodeEvent.objects.count(), total("category")) == (2, 1, 2)


def test_any_overlap_of_answers_gives_every_event_once(mails: Any, database: None) -> None:
    dice = random.Random(7)
    events = [mails.mail(dice.choice(list(mails.SORTS))) for _ in range(60)]
    place = 0
    while place < len(events):
        first = max(0, place - dice.randrange(8))
        last = min(len(events), place + dice.randrange(1, 15))
        ingest.record(entries(*events[first:last], first=first + 1), unknown)
        place = last
    assert list(Message.objects.order_by("pk").values_list("event_id", flat=True)) == [event.id for event in events]
    assert total("category") == total("reply") == 60


def test_a_failure_in_the_middle_leaves_nothing_behind(mails: Any, database: None, monkeypatch: Any) -> None:
    def broken(*_: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(ingest, "_items", broken)
        with pytest.raises(OSError, match="disk full"):
            ingest.record(entries(mails.mail("infected")), unknown)
    assert (Message.objects.count(), Counter.objects.count(), ingest.cursor()) == (0, 0, 0)


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        (EventKind.ITEM_RELEASED, "released"),
        (EventKind.ITEM_FORWARDED, "forwarded"),
        (EventKind.ITEM_DELETED, "deleted"),
        (EventKind.ITEM_EXPIRED, "expired"),
        (EventKind.ITEM_EXPORTED, "held"),
    ],
)
def test_an_item_follows_its_events(mails: Any, database: None, kind: EventKind, state: str) -> None:
    event = mails.mail("infected")
    ingest.record(entries(event), unknown)
    item_id = event.outcomes[0].item
    later = Event(new_id(), now(), "mx1", kind, item=item_id, actor="carol")
    ingest.record(entries(later, first=2), unknown)
    item = Item.objects.get(item_id=item_id)
    assert (item.state, item.changed_by) == (state, "" if state == "held" else "carol")


def test_the_vault_is_asked_first(mails: Any, node: Any, read: Any) -> None:
    event = mails.mail("infected")
    node.happen(event)
    node.items[event.outcomes[0].item] = mails.replace(node.items[event.outcomes[0].item], resent_to=("x@example.com",))
    read()
    assert Item.objects.get().resent_to == ["x@example.com"]


def test_old_events_are_passed_over_but_the_cursor_moves(mails: Any, database: None) -> None:
    old = mails.mail(at=now() - timedelta(days=100))
    assert ingest.record(entries(old, mails.mail()), unknown, now() - timedelta(days=90)) == 1
    assert ingest.cursor() == 2


def test_pruning_removes_what_is_old_and_nothing_that_waits(mails: Any, database: None) -> None:
    old = now() - timedelta(days=100)
    held, gone = mails.mail("infected", at=old), mails.mail("infected", at=old)
    end = Event(new_id(), old, "mx1", EventKind.ITEM_DELETED, item=gone.outcomes[0].item)
    ingest.record(entries(held, gone, end, mails.mail("clean"), mails.mail(at=now() - timedelta(hours=60))), unknown)
    LoginFailure.objects.create(at=timezone.now() - timedelta(days=2), ip="127.0.0.1", login="x")
    ingest.prune(timedelta(days=90))
    assert list(Message.objects.values_list("status", flat=True)) == ["clean", "clean"]
    assert Detail.objects.count() == 2
    assert [item.item_id for item in Item.objects.all()] == [held.outcomes[0].item]
    assert (NodeEvent.objects.count(), LoginFailure.objects.count()) == (0, 0)
    assert total("category") == 1


def test_trouble_is_kept_until_the_node_is_heard(database: None) -> None:
    ingest.heard("gone")
    assert Cursor.objects.get().trouble == "gone"
    ingest.heard()
    assert (Cursor.objects.get().trouble, Cursor.objects.get().checked_at is not None) == ("", True)
