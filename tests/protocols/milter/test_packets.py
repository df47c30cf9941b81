from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.protocols.milter.conftest import commands, replies

from lazaretto.errors import ProtocolError
from lazaretto.protocols import milter as m
from lazaretto.protocols.milter import packets


def decoded(data: bytes, table: dict[bytes, object]) -> object:
    framer = packets.Framer()
    framer.receive(data)
    framed = framer.next_packet()
    assert framed is not None
    assert framer.next_packet() is None
    return table[bytes((framed[0],))](framed[1])  # type: ignore[operator]  # tables of two types


@given(commands)
@settings(max_examples=100)
def test_commands_survive_the_wire(said: m.Command) -> None:
    back = decoded(packets.command(said), packets.COMMANDS)
    assert back == said


@given(replies)
@settings(max_examples=100)
def test_replies_survive_the_wire(said: m.Replies) -> None:
    back = decoded(packets.reply(said), packets.REPLIES)
    if isinstance(said, m.AddHeader | m.InsertHeader | m.ChangeHeader):
        assert packets.value_in(back.value, True) == said.value  # type: ignore[attr-defined]  # one of these
    else:
        assert back == said


@given(st.lists(commands, max_size=8), st.data())
@settings(max_examples=100)
def test_any_split_gives_the_same_packets(said: list[m.Command], data: st.DataObject) -> None:
    stream = b"".join(map(packets.command, said))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    framer, found = packets.Framer(), []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        framer.receive(stream[start:end])
        while (framed := framer.next_packet()) is not None:
            found.append(framed)
    assert b"".join(packets.packet(bytes((code,)), data) for code, data in found) == stream


def test_byte_by_byte_takes_linear_time() -> None:
    framer = packets.Framer()
    stream = packets.packet(b"B", b"x" * 200_000)
    for at in range(len(stream)):
        framer.receive(stream[at : at + 1])
    assert framer.next_packet() == (ord("B"), b"x" * 200_000)


@pytest.mark.parametrize("size", [0, packets.MAX_PACKET + 1, 2**32 - 1])
def test_a_packet_of_impossible_size_is_refused_before_it_is_read(size: int) -> None:
    framer = packets.Framer()
    framer.receive(struct.pack(">IB", size, 66))
    with pytest.raises(ProtocolError):
        framer.next_packet()


@pytest.mark.parametrize(
    ("code", "data"),
    [
        (b"C", b"no end"),
        (b"C", b"host\0"),
        (b"C", b"host\0" + b"4\0"),
        (b"C", b"host\0" + b"9\0\0x\0"),
        (b"C", b"host\0" + b"4\0\0x\0y\0"),
        (b"D", b""),
        (b"D", b"Zi\0x\0"),
        (b"D", b"Mi\0"),
        (b"H", b"no end"),
        (b"L", b"name\0"),
        (b"L", b"\0value\0"),
        (b"L", b"na:me\0value\0"),
        (b"M", b""),
        (b"T", b"x"),
        (b"O", b"\0\0\0\6"),
        (b"O", bytes(12) + b"\0\0\0\1no end"),
        (b"O", bytes(12) + b"\0\0\0\7x\0"),
    ],
)
def test_nonsense_is_a_protocol_error(code: bytes, data: bytes) -> None:
    with pytest.raises(ProtocolError):
        packets.COMMANDS[code](data)


def test_a_long_body_goes_in_chunks() -> None:
    body = bytes(range(256)) * 1000
    framer = packets.Framer()
    framer.receive(packets.reply(m.ReplaceBody(body)))
    chunks = []
    while (framed := framer.next_packet()) is not None:
        assert framed[0] == ord("b")
        chunks.append(framed[1])
    assert max(map(len, chunks)) == packets.CHUNK
    assert b"".join(chunks) == body
    assert packets.reply(m.ReplaceBody(b"")) == b"\0\0\0\1b"  # an empty body is a body


def test_a_refusal_on_the_wire() -> None:
    said = m.ReplyCode(550, b"5.7.1", "100% bad\nsecond\tline ä".encode())
    assert packets.reply(said)[5:] == b"550-5.7.1 100%% bad\r\n550 5.7.1 second?line ??\0"


@pytest.mark.parametrize(
    "said",
    [
        m.ReplyCode(250, b"2.0.0", b"fine"),
        m.ReplyCode(550, b"4.7.1", b"which?"),
        m.AddHeader(b"X", b"a\0b"),
    ],
)
def test_what_cannot_be_said(said: m.Replies) -> None:
    with pytest.raises(ValueError, match=r"refusal|NUL"):
        packets.reply(said)


def test_header_values_without_leading_space() -> None:
    assert packets.value_in(b"v\n w", leading_space=False) == b" v\r\n w"
    assert packets.value_out(b" v\r\n w", leading_space=False) == b"v\n w"
    assert packets.value_out(b"v", leading_space=False) == b"v"
