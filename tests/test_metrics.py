from __future__ import annotations

import socket
from urllib.request import urlopen

import pytest
from prometheus_client import generate_latest

from lazaretto.errors import ConfigError
from lazaretto.metrics import Metrics
from lazaretto.model import (
    Address,
    Can,
    Direction,
    Envelope,
    Event,
    EventKind,
    Finding,
    Kind,
    Properties,
    RemoteStatus,
    Reply,
    Severity,
    Status,
    new_id,
    now,
)

ENVELOPE = Envelope(new_id(), "smtp", Direction.INBOUND, Address(""), (Address("a@b.example"),), Can.REPORT, now())
EVENT = Event(
    new_id(), now(), "node", EventKind.MESSAGE_HELD, ENVELOPE, Properties(size=100), Status.INFECTED, Reply.DISCARD,
    findings=(Finding("patterns", "EICAR", Kind.MALWARE, Severity.HIGH),), timings={"total": 0.02},
)  # fmt: skip


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_what_is_observed_can_be_scraped() -> None:
    metrics, port = Metrics(), free_port()
    metrics.observe(EVENT)
    metrics.observe(Event(new_id(), now(), "node", EventKind.NODE_STARTED))
    metrics.serve(f"127.0.0.1:{port}")
    try:
        with urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            text = answer.read().decode()
    finally:
        metrics.close()
    assert 'lazaretto_messages_total{direction="inbound",door="smtp",reply="discard",status="infected"} 1.0' in text
    assert 'lazaretto_findings_total{kind="malware",source="patterns"} 1.0' in text
    assert "lazaretto_bytes_total 100.0" in text
    assert 'lazaretto_seconds_bucket{le="0.02",stage="total"} 1.0' in text
    assert metrics.counters == {"messages": 1, "infected": 1, "discard": 1}


def test_a_port_in_use_is_the_operators_mistake() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ConfigError, match=r"metrics\.listen: cannot listen on .*in use"):
            Metrics().serve(f"127.0.0.1:{taken.getsockname()[1]}")


def test_results_are_counted() -> None:
    metrics = Metrics()
    now = {"own": 3, "shared": 4, "misses": 5, "evictions": 1, "disputes": 0, "entries": 9, "bytes": 288}
    metrics.watch_results(lambda: now)
    text = generate_latest(metrics.registry).decode()
    assert 'lazaretto_results_lookups_total{known="node"} 4.0' in text
    assert 'lazaretto_results_lookups_total{known="no"} 5.0' in text
    assert "lazaretto_results_bytes 288.0" in text
    now["shared"] = 6
    assert 'lazaretto_results_lookups_total{known="node"} 6.0' in generate_latest(metrics.registry).decode()


def test_servers_that_engines_ask() -> None:
    metrics = Metrics()
    metrics.watch_remotes(
        lambda: [RemoteStatus("clamd", "unix:/a", True, "1", 2, 30, 4, 1.5), RemoteStatus("clamd", "b:1", False)]
    )
    told = generate_latest(metrics.registry).decode()
    where = '{engine="clamd",server="unix:/a"}'
    for line in ("up{} 1.0", "busy{} 2.0", "scans_total{} 30.0", "failures_total{} 4.0", "seconds_total{} 1.5"):
        assert f"lazaretto_remote_{line.replace('{}', where)}" in told
    assert 'lazaretto_remote_up{engine="clamd",server="b:1"} 0.0' in told
