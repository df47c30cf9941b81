from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lazaretto.errors import Problem
from lazaretto.model import Address, Can, Direction, Envelope, Inspection, Peer, Properties, Step, Verdict
from lazaretto.testing import artifact
from lazaretto.workers import wire

ENVELOPE = Envelope(
    "01ID",
    "smtp",
    Direction.INBOUND,
    Address("a@example.org", "Ä"),
    (Address("b@example.net"), Address("c@example.net")),
    Can.REPORT | Can.SPLIT,
    datetime(2026, 1, 2, 3, 4, 5, 6, UTC),
    Peer("192.0.2.1", "helo"),
)


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        yield ours, theirs


def buffer() -> bytearray:
    return bytearray(2 * wire.INLINE)


@pytest.mark.parametrize("size", [0, 1, 20_000, wire.INLINE, wire.INLINE + 1, 3_000_000])
def test_a_request_of_any_size_arrives_whole(pair: tuple[socket.socket, socket.socket], size: int) -> None:
    ours, theirs = pair
    ours.setblocking(False)  # nobody reads yet: sending must not need it
    raw = os.urandom(size)
    wire.send_request(ours, wire.encode(wire.Inspect(ENVELOPE, "näme")), raw)
    received = wire.receive_request(theirs, buffer())
    assert received is not None
    request, arrived = received
    assert request == wire.Inspect(ENVELOPE, "näme")
    assert arrived == raw
    assert type(arrived) is bytes


def test_a_large_request_with_a_small_message(pair: tuple[socket.socket, socket.socket]) -> None:
    inspection = Inspection(Properties(subject="x" * 500_000), (), (), "1")
    verdict = Verdict("rule", (Address("a@b"),), (Step("tag", {"subject": "[X]"}),), (), "Because.")
    wire.send_request(pair[0], wire.encode(wire.Treat(verdict, inspection)), b"raw")
    assert wire.receive_request(pair[1], buffer()) == (wire.Treat(verdict, inspection), b"raw")


def test_the_end(pair: tuple[socket.socket, socket.socket]) -> None:
    pair[0].close()
    assert wire.receive_request(pair[1], buffer()) is None


def test_no_descriptor_stays_behind(pair: tuple[socket.socket, socket.socket]) -> None:
    before = set(os.listdir("/proc/self/fd"))
    wire.send_request(pair[0], wire.encode(wire.Look()), bytes(1_000_000))
    wire.receive_request(pair[1], buffer())
    assert set(os.listdir("/proc/self/fd")) == before


def test_a_memory_file_is_sealed() -> None:
    sheet = wire.sealed(b"abc", b"def")
    for attempt in (lambda: os.write(sheet, b"x"), lambda: os.ftruncate(sheet, 0), lambda: os.ftruncate(sheet, 99)):
        with pytest.raises(PermissionError):
            attempt()
    assert wire.read_sealed(sheet, 2) == (b"ab", b"cdef")
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(sheet)


def test_a_reply_is_cut_into_packets_that_fit(pair: tuple[socket.socket, socket.socket]) -> None:
    reply = os.urandom(wire.CHUNK + 1)
    wire.send_reply(pair[0], reply)
    arrived, last = b"", False
    while not last:
        chunk, last = wire.split_chunk(memoryview(pair[1].recv(wire.CHUNK + 1)))
        arrived += chunk
    assert arrived == reply


@given(st.binary(max_size=400))
@settings(max_examples=100)
def test_a_forged_reply_is_refused_and_nothing_worse(data: bytes) -> None:
    try:
        reply = wire.decode_reply(data)
    except (msgspec.MsgspecError, ValueError):
        return
    assert isinstance(reply, wire.Ready | wire.Answer | wire.Failure)


def test_a_reply_of_the_wrong_shape_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        wire.decode_inspection(wire.encode({"properties": 1, "artifacts": [], "findings": [], "patterns": ""}))


def test_a_problem_travels() -> None:
    flaws = [wire.Flaw.of(Problem(Path("/etc/\udcff"), 3, "what\ud800", "remedy"))]
    assert flaws == [wire.Flaw("/etc/?", 3, "what?", "remedy")]
    assert wire.decode_flaws(wire.encode(flaws)) == flaws


def test_what_is_handed_out_travels() -> None:
    thing = wire.decode_reply(wire.hand(("clamd",), ("2/a",), artifact(b"\0\xff", name="a\udcff")))
    assert thing == wire.Hand(("clamd",), ("2/a",), "a?", "application/octet-stream", b"\0\xff")
