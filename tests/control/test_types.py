from __future__ import annotations

import msgspec
import pytest

from lazaretto.control import types
from lazaretto.control.types import DoorStatus, Entries, Entry, ItemRequest, NodeStatus, Result, WorkerStatus
from lazaretto.model import Address, Can, Direction, Envelope, Event, EventKind, Reply, new_id, now

ENVELOPE = Envelope(
    new_id(), "smtp", Direction.INBOUND, Address(""), (Address("a@b.example", "Ä"),), Can.REPORT | Can.SPLIT, now()
)
EVENT = Event(new_id(), now(), "node", EventKind.MESSAGE_HELD, ENVELOPE, reply=Reply.DISCARD, timings={"total": 0.1})
STATUS = NodeStatus(
    "node", "1", now(), True, ("a",), (DoorStatus("smtp", "x:1"),), (WorkerStatus(1, False, 2),), 0, ("s",), ("l",),
    "p", "q", None, 0, 0, 1, {"messages": 1},
)  # fmt: skip


@pytest.mark.parametrize(
    "value", [Entries((Entry(1, EVENT),), 1), STATUS, ItemRequest(("1",), "me"), Result("1", True)]
)
def test_what_is_sent_is_what_arrives(value: object) -> None:
    assert msgspec.json.decode(msgspec.json.encode(value), type=type(value)) == value


def test_everything_is_immutable() -> None:
    for each in vars(types).values():
        if isinstance(each, type) and each.__module__ == types.__name__:
            assert each.__dataclass_params__.frozen, each  # type: ignore[attr-defined]
