from __future__ import annotations

import bz2
import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unpack import mailcontainers as make

from lazaretto.errors import LimitExceeded, Malformed
from lazaretto.mime import openpgp

BODY = make.literal(b"hello " * 300, b"run.js")


@pytest.mark.parametrize(
    "data",
    [
        make.packet(11, BODY),
        make.old_packet(11, BODY),
        make.old_packet(11, BODY, 2),
        make.old_packet(11, BODY, 3),
        make.partial_packet(11, BODY),
        make.partial_packet(11, BODY, 0),
    ],
)
def test_every_way_of_giving_a_length(data: bytes) -> None:
    (packet,) = openpgp.packets(data)
    assert (packet.tag, packet.whole) == (openpgp.LITERAL, True)
    assert packet.body(data) == BODY
    assert openpgp.literal(packet.body(data)) == ("run.js", b"hello " * 300)
    assert openpgp.begins(data)


def test_short_lengths() -> None:
    body = make.literal(b"x" * 300)
    assert [each.body(b"") for each in openpgp.packets(b"")] == []
    data = b"\xcb\x07b\0\0\0\0\0x" + bytes([0xCB, 192 + (len(body) - 192 >> 8), len(body) - 192 & 255]) + body
    assert [packet.body(data) for packet in openpgp.packets(data)] == [b"b\0\0\0\0\0x", body]


def test_names() -> None:
    assert openpgp.literal(make.literal(b"x", "ä.js".encode())).name == "ä.js"
    assert openpgp.literal(make.literal(b"x", b"\xe4.js")).name == "\ufffd.js"
    assert openpgp.literal(make.literal(b"x", b"_CONSOLE")).name == ""
    with pytest.raises(Malformed):
        openpgp.literal(b"b")


@pytest.mark.parametrize(
    "data",
    [
        make.packet(8, make.packed(make.packet(11, BODY), 0)),
        make.packet(8, make.packed(make.packet(11, BODY), 1)),
        make.old_packet(8, make.packed(make.packet(11, BODY), 2), 3),
        make.old_packet(8, b"\x03" + bz2.compress(make.packet(11, BODY)), 3),
        make.packet(8, make.packed(make.packet(8, make.packed(make.packet(11, BODY))))),
        make.packet(10, b"PGP") + make.packet(11, BODY),
        make.packet(4, b"\3\0\x08\1" + bytes(8) + b"\1")
        + make.packet(11, BODY)
        + make.packet(2, b"\4\0\1" + bytes(20)),
        make.packet(3, b"\4\x09\3\x08" + bytes(9)) + make.packet(18, b"\1" + bytes(40)),
        make.packet(1, b"\3" + bytes(8) + b"\1" + bytes(90)) + make.packet(9, bytes(40)),
        make.packet(9, bytes(40)),
    ],
)
def test_messages_are_recognised(data: bytes) -> None:
    assert openpgp.begins(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfet\0e\0x\0t\0",
        "ÄÖÜ text that begins so\n".encode(),
        "Ëb: text\n".encode(),
        "É uma linha de trinta e quatro b.\n".encode("latin-1"),
        "Лиза, это текст\n".encode("cp1251") * 20,
        b"\xcb\xff\0\0\0\5x\0\0\0\0",
        make.packet(11, BODY)[:-1],
        make.packet(11, BODY) + b"text behind",
        make.packet(8, b"\x01" + bytes(300)),
        make.packet(8, b"\x01" + make.packed(b"hello hello")[1:]),
        b"\xa7" + bytes(100),
    ],
)
def test_others_are_not(data: bytes) -> None:
    assert not openpgp.begins(data)


def test_random_data_is_hardly_ever_taken_for_it() -> None:
    dice = random.Random(5)
    assert sum(openpgp.begins(dice.randbytes(dice.randint(20, 3000))) for _ in range(50_000)) <= 10


def test_pieces_are_counted() -> None:
    start = time.monotonic()
    assert len(next(openpgp.packets(b"\xcb" + b"\xe0x" * 2_000_000)).spans) == openpgp.MAX_PIECES
    for data in (b"\xcb" + b"\xe0x" * 2_000_000, b"\xcd\x00" * 2_000_000):
        with pytest.raises(LimitExceeded):
            list(openpgp.packets(data))
    assert time.monotonic() - start < 15


def test_claims_of_any_size() -> None:
    (packet,) = openpgp.packets(b"\xcb\xff\xff\xff\xff\xffb\0\0\0\0\0hello")
    assert not packet.whole
    (packet,) = openpgp.packets(b"\xcb\xfe" + BODY)
    assert not packet.whole


@given(st.binary(max_size=200), st.sampled_from([b"", b"\xcb", b"\xc8", b"\xa3", b"\xcb\xe9"]))
def test_any_bytes(data: bytes, head: bytes) -> None:
    openpgp.begins(head + data)
    openpgp.begins(head + data, exact=False)
    end = 0
    try:
        for packet in openpgp.packets(head + data):
            assert packet.end > end
            end = packet.end
            packet.body(head + data)
    except Malformed:
        pass
