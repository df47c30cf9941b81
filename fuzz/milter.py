# Invariant: whatever bytes come, in whatever pieces, the filter side gives events or one ProtocolError, and the same
# ones for any pieces; whatever header two messages have, the changes between them can be told or are a ValueError.
"""The milter codec."""

from __future__ import annotations

from lazaretto.errors import ProtocolError
from lazaretto.protocols import milter

SEEDS = (
    b"\x07" + milter.MtaConnection().send(milter.Negotiate(6, milter.Action(0x1FF), milter.Option(0x1FFFFF))),
    b"\x01\0\0\0\x05Ma@b\0\0\0\0\x05Rc@d\0\0\0\0\x05Lx\0y\0\0\0\0\x02Bz\0\0\0\x01E",
    b"\x00A: 1\r\nB: 2\r\n\r\nbody|B: 2\r\nA: 3\r\n\r\nother",
)


def target(data: bytes) -> None:
    step = data[0] if data else 0
    if step == 0:
        _changes(data[1:])
    else:
        assert _events(data[1:], step) == _events(data[1:], len(data))


def _events(stream: bytes, step: int) -> list[object]:
    connection = milter.FilterConnection(milter.Action(0x1FF), milter.Option(0x1FFFFF))
    connection.agree(milter.Negotiate(6, milter.Action(0x1FF), milter.Option(0x18F000)))
    events: list[object] = []
    try:
        for start in range(0, len(stream), step):
            connection.receive(stream[start : start + step])
            while (event := connection.next_event()) is not None:
                events.append(event)
                if connection.owes_reply:
                    connection.send(milter.Continue())
    except ProtocolError as error:
        events.append(str(error))
    return events


def _changes(data: bytes) -> None:
    old, _, new = data.partition(b"|")
    try:
        replies = milter.changes(old, new)
    except ValueError:
        return
    assert bool(replies) or old == new or old.rstrip(b"\r\n") == new.rstrip(b"\r\n")
