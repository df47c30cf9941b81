"""Writing down what the journal told: every event once, with the cursor, in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from lazaretto.console import counters, records
from lazaretto.console.models import Counter, Cursor, Detail, Item, LoginFailure, Message, NodeEvent
from lazaretto.control.types import Entries
from lazaretto.model import Event, EventKind
from lazaretto.model import Item as Held

JOURNAL = "journal"
LookUp = Callable[[str], Held | None]  # asks the vault; None when it cannot say

_MINUTES_KEPT = timedelta(hours=50)  # the dashboard's longest period in minutes is a day
_HOURS_KEPT = timedelta(days=400)
_BATCH = 2000  # rows removed in one transaction


def cursor() -> int:
    return Cursor.objects.get_or_create(name=JOURNAL)[0].value


def restart() -> None:
    """Reads the journal from its beginning: events that are known already are recognised by their id."""
    Cursor.objects.filter(name=JOURNAL).update(value=0)


def heard(trouble: str = "") -> None:
    """Notes that the node answered, or why it did not."""
    Cursor.objects.update_or_create(
        name=JOURNAL, defaults={"trouble": trouble} if trouble else {"trouble": "", "checked_at": timezone.now()}
    )


def record(entries: Entries, look_up: LookUp, oldest: datetime | None = None) -> int:
    """Stores what is new and moves the cursor.  Returns how many events were new.

    ``oldest``: events from before are passed over, they would be pruned at once.  The vault is asked before the
    transaction begins, so that no lock is held while waiting for the node."""
    events = [entry.event for entry in entries.entries if oldest is None or entry.event.at >= oldest]
    held = _ask(events, look_up)
    with transaction.atomic():
        fresh = _unknown(events)
        judged = [event for event in fresh if event.kind in records.MESSAGE_KINDS]
        others = [event for event in fresh if event.kind not in records.MESSAGE_KINDS]
        rows = Message.objects.bulk_create([records.message(event) for event in judged])
        Detail.objects.bulk_create([records.detail(row, event) for row, event in zip(rows, judged, strict=True)])
        NodeEvent.objects.bulk_create([records.node_event(event) for event in others])
        counters.add(counters.tally(judged))
        for event in fresh:
            _items(event, held)
        Cursor.objects.update_or_create(
            name=JOURNAL, defaults={"value": entries.cursor, "trouble": "", "checked_at": timezone.now()}
        )
    return len(fresh)


def prune(keep: timedelta) -> None:
    """Removes what is older, in small transactions that let others write in between.

    Items that still wait are kept whatever their age: their end is an event of the node."""
    now = timezone.now()
    while old := list(Message.objects.filter(at__lt=now - keep).order_by("at").values_list("pk", flat=True)[:_BATCH]):
        with transaction.atomic():
            Detail.objects.filter(pk__in=old).delete()
            Message.objects.filter(pk__in=old).delete()
    gone = Item.objects.exclude(state__in=("held", "forwarded"))
    gone.filter(at__lt=now - keep, changed_at__lt=now - keep).delete()
    NodeEvent.objects.filter(at__lt=now - keep).delete()
    LoginFailure.objects.filter(at__lt=now - timedelta(days=1)).delete()
    for width, age in ((counters.MINUTE, _MINUTES_KEPT), (counters.HOUR, _HOURS_KEPT)):
        Counter.objects.filter(width=width, at__lt=int((now - age).timestamp())).delete()


def _unknown(events: list[Event]) -> list[Event]:
    """Those whose id is in the database not yet, each once."""
    ids = [event.id for event in events]
    known = set(Message.objects.filter(event_id__in=ids).values_list("event_id", flat=True))
    known |= set(NodeEvent.objects.filter(event_id__in=ids).values_list("event_id", flat=True))
    return list({event.id: event for event in events if event.id not in known}.values())


def _ask(events: list[Event], look_up: LookUp) -> dict[str, Held]:
    wanted: dict[str, None] = {}
    for event in events:
        wanted.update(dict.fromkeys(records.item_ids(event)))
        if event.item and event.kind in (EventKind.ITEM_RELEASED, EventKind.ITEM_FORWARDED):
            wanted[event.item] = None  # the event does not say to whom; the vault does
    answers = {item_id: look_up(item_id) for item_id in wanted}
    return {item_id: held for item_id, held in answers.items() if held is not None}


def _items(event: Event, held: dict[str, Held]) -> None:
    for item_id in records.item_ids(event):
        _save(held.get(item_id) or records.item(event, item_id), event.node)
    if event.item and event.kind in records.STATES:
        if event.item in held:
            _save(held[event.item], event.node)
        Item.objects.filter(item_id=event.item).update(
            state=records.STATES[event.kind].value, changed_at=event.at, changed_by=event.actor
        )


def _save(held: Held, node: str) -> None:
    row = records.item_row(held, node)
    row.pk = Item.objects.filter(item_id=row.item_id).values_list("pk", flat=True).first()
    row.save()
