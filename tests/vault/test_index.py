from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lazaretto.errors import ControlError, NotFound
from lazaretto.model import (
    Address,
    ArtifactSummary,
    Can,
    Direction,
    Envelope,
    Event,
    EventKind,
    Finding,
    Item,
    ItemState,
    Kind,
    Properties,
    Severity,
    new_id,
    now,
)
from lazaretto.vault.index import SORTS, Blob, Change, Index, Intent, Stats

BLOB = Blob("aa" * 32, "key", 100)
OTHER = Blob("bb" * 32, "key", 50)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    index = Index(tmp_path / "index.sqlite3")
    index.open()
    yield index
    index.close()


def item(**more: Any) -> Item:
    envelope = Envelope(new_id(), "smtp", Direction.INBOUND, Address(more.pop("sender", "a@b")), (), Can.HOLD, now())
    artifact = ArtifactSummary("1/x", (more.pop("name", "a.zip"),), "", "", "1", None, 1, 1, "0")
    given = {
        "id": new_id(), "at": now(), "purpose": "quarantine", "state": ItemState.HELD, "envelope": envelope,
        "properties": Properties(more.pop("subject", "hello")), "rule": "malware", "sentence": "", "size": 1,
        "findings": (Finding("patterns", "EICAR", Kind.MALWARE, Severity.CRITICAL, "1/x"),),
        "sha256": "0", "recipients": (Address(more.pop("recipient", "c@d")),), "artifacts": (artifact,),
    }  # fmt: skip
    return Item(**{**given, **more})


def change(one: Item, state: ItemState, *to: str) -> Change:
    return Change(one.id, state, Event(new_id(), now(), "node", EventKind.ITEM_RELEASED, actor="ann"), to)


async def add(index: Index, *items: Item, blob: Blob = BLOB) -> None:
    for each in items:
        await index.add(each, blob)


async def ids(index: Index, query: str = "", state: str = "", purpose: str = "", sort: str = "at") -> list[str]:
    found, total = await index.items(query=query, state=state, purpose=purpose, sort=sort, limit=100, offset=0)
    assert total == len(found)
    return [each.id for each in found]


async def test_an_item_comes_back_whole(index: Index) -> None:
    one = item()
    await add(index, one)
    assert await index.item(one.id) == one
    assert await index.blob_of(one.id) == BLOB.name
    for call in (index.item, index.blob_of):
        with pytest.raises(NotFound, match="no item nobody"):
            await call("nobody")


async def test_sorting_by_every_column(index: Index) -> None:
    first = item(sender="A@x", recipient="A@x", subject="a", name="A", size=1, rule="a", at=now() - timedelta(1))
    second = item(sender="b@x", recipient="b@x", subject="B", name="b", size=10, rule="B")
    third = item(sender="C@x", recipient="C@x", subject="ç", name="C", size=9 * 10, rule="c", at=now() + timedelta(1))
    await add(index, second, third, first)
    await index.change(change(third, ItemState.RELEASED))
    expected = [first.id, second.id, third.id]
    for column in SORTS:
        if column != "state":
            assert await ids(index, sort=column) == expected, column
            assert await ids(index, sort=f"-{column}") == expected[::-1], column
    assert (await ids(index, sort="state"))[-1] == third.id
    for wrong in ("data", "at; DROP TABLE items", "", "--at"):
        with pytest.raises(ControlError, match="cannot sort"):
            await ids(index, sort=wrong)


async def test_filter_and_search(index: Index) -> None:
    one, two = item(subject="Große Rechnung", name="brief.docm"), item(sender="boss@corp.example", purpose="backup")
    await add(index, one, two)
    await index.change(change(two, ItemState.RELEASED))
    assert await ids(index, state="held") == [one.id]
    assert await ids(index, state="released") == [two.id]
    assert await ids(index, purpose="backup") == [two.id]
    assert await ids(index, state="held", purpose="backup") == []
    for query, found in {
        "grosse": [one.id], "RECHN": [one.id], "docm": [one.id], "corp.ex boss": [two.id], "eicar": [one.id, two.id],
        "rechnung boss": [], "br": [one.id], '" OR 1': [],
    }.items():  # fmt: skip
        assert await ids(index, query=query) == found, query


async def test_pages(index: Index) -> None:
    many = [item(at=now() + timedelta(seconds=n)) for n in range(7)]
    await add(index, *many)
    args: dict[str, Any] = {"query": "", "state": "", "purpose": "", "sort": "-at"}
    page, total = await index.items(**args, limit=3, offset=2)
    assert [each.id for each in page] == [each.id for each in many[4:1:-1]]
    assert total == 7


async def test_a_blob_goes_with_its_last_item(index: Index) -> None:
    one, two = item(), item()
    await add(index, one, two)
    assert await index.stats() == Stats(held=2, items=2, blobs=1, bytes=100)
    assert await index.drop(change(one, ItemState.DELETED)) is None
    assert await index.stored(BLOB.name) == 100
    assert await index.drop(change(two, ItemState.EXPIRED)) == BLOB.name
    assert await index.stored(BLOB.name) is None
    with pytest.raises(NotFound, match="is gone: it was expired"):
        await index.blob_of(two.id)
    assert await index.stats() == Stats(0, 0, 0, 0)


async def test_a_change_and_its_event_are_one(index: Index) -> None:
    one = item()
    await add(index, one)
    await index.begin(Intent(one.id, "release", ("x@y",), now()))
    assert [intent.recipients for intent in index.intents()] == [("x@y",)]
    first, second = change(one, ItemState.RELEASED, "x@y"), change(one, ItemState.FORWARDED, "x@y", "z@y")
    await index.change(first)
    await index.change(second)
    assert index.intents() == ()
    expected = replace(
        one, state=ItemState.FORWARDED, changed_at=second.event.at, changed_by="ann", resent_to=("x@y", "z@y")
    )
    assert await index.item(one.id) == expected
    assert await index.outbox() == [first.event, second.event]
    await index.told([first.event.id])
    assert await index.outbox() == [second.event]


async def test_nothing_sent_nothing_changed(index: Index) -> None:
    one = item()
    await add(index, one)
    await index.begin(Intent(one.id, "forward", (), now()))
    await index.give_up(one.id)
    assert index.intents() == ()
    assert await index.item(one.id) == one


async def test_items_move_to_another_blob(index: Index) -> None:
    one, two = item(), item()
    await add(index, one, two)
    assert index.keys() == {"key"}
    new = Blob("cc" * 32, "new", 100)
    assert await index.blobs_without("new") == [BLOB.name]
    await index.move(BLOB.name, new)
    assert await index.blob_of(one.id) == await index.blob_of(two.id) == new.name
    assert index.keys() == {"new"}
    assert await index.blobs_without("new") == []


async def test_the_oldest_go_first(index: Index) -> None:
    shared = [item(at=now() - timedelta(days=9)), item(at=now() - timedelta(days=1))]
    alone = item(at=now() - timedelta(days=5))
    await add(index, *shared)
    await add(index, alone, blob=OTHER)
    assert await index.older_than(now() - timedelta(days=3)) == [shared[0].id, alone.id]
    assert await index.surplus(150) == []
    assert await index.surplus(149) == [shared[0].id, alone.id]  # the first alone frees nothing: its blob is shared
    assert await index.surplus(10) == [shared[0].id, alone.id, shared[1].id]


async def test_what_is_forgotten(index: Index) -> None:
    gone, there = item(), item()
    await add(index, gone, there)
    await index.drop(change(gone, ItemState.DELETED))
    assert await index.use_stamp("s", now())
    assert not await index.use_stamp("s", now())
    await index.forget(now() - timedelta(1), now() - timedelta(1))
    assert len(await ids(index)) == 2
    await index.forget(now() + timedelta(1), now() + timedelta(1))
    assert await ids(index) == [there.id]
    assert await ids(index, query="hello") == [there.id]
    assert await index.use_stamp("s", now())
