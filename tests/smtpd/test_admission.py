from __future__ import annotations

import pytest

from lazaretto.smtpd import admission as module
from lazaretto.smtpd.admission import Admission
from lazaretto.smtpd.settings import DoorSettings


def admission(**settings: int) -> Admission:
    return Admission(DoorSettings(listen="127.0.0.1:0", **settings))


def test_connections_of_one_address() -> None:
    door = admission(max_connections_per_ip=2)
    assert door.enter("a") is None
    assert door.enter("a") is None
    assert str(door.enter("a")).startswith("421")
    assert door.enter("b") is None
    door.leave("a")
    assert door.enter("a") is None
    for ip in ("a", "a", "b"):
        door.leave(ip)
    assert not door._by_ip


def test_messages_in_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: clock[0])
    door = admission(max_messages_per_minute=2)
    assert [door.begin("a") is None for _ in range(3)] == [True, True, False]
    assert door.begin("b") is None
    clock[0] += 60
    assert door.begin("a") is None
    assert len(door._messages) == 1


def test_memory() -> None:
    door = admission(max_held_bytes=2000)
    assert door.hold(1500) is None
    assert str(door.hold(501)).startswith("452")
    door.release(1500)
    assert door.hold(2000) is None
