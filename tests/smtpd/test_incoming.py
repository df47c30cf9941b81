from __future__ import annotations

from email.message import Message
from email.parser import BytesParser

from tests.nexthop.sink import Sink

from lazaretto.model import Address, Can, Direction, Envelope, Peer, now
from lazaretto.nexthop import NextHop
from lazaretto.protocols.smtp.command import Mail, Recipient
from lazaretto.smtpd.admission import Admission
from lazaretto.smtpd.incoming import MAX_HOPS, Incoming, received_field
from lazaretto.smtpd.settings import DoorSettings

SETTINGS = DoorSettings(listen="127.0.0.1:0", max_message_bytes=2**20, max_held_bytes=2**20)


async def incoming(sink: Sink, raw: bytes) -> Incoming:
    transaction = await NextHop(sink.address).open()
    found = Incoming(Mail("MAIL"), transaction, SETTINGS, Admission(SETTINGS))
    transaction.accepted = [Recipient("RCPT", address=each) for each in ("a@b", "c@d", "a@b")]
    found.keep(raw)
    return found


async def test_loops_are_cut(sink: Sink) -> None:
    for hops, refused in ((MAX_HOPS, False), (MAX_HOPS + 1, True)):
        message = await incoming(sink, b"RECEIVED: from x\r\n\tby y\r\n" * hops + b"\r\nReceived: no\r\n" * 200)
        message.take()
        assert (message.refusal is not None) == refused
        assert not refused or str(message.refusal).startswith("554 5.4.6")


async def test_recipients_are_named_once(sink: Sink) -> None:
    assert (await incoming(sink, b"")).recipients == (Address("a@b"), Address("c@d"))


async def test_what_is_dropped_takes_no_memory(sink: Sink) -> None:
    message = await incoming(sink, b"x" * 2**20)
    assert message.kept == 2**20
    message.keep(b"x")
    assert message.kept == 0
    assert message.take() == b""
    message.release()
    message.release()
    assert str(message.refusal).startswith("552")


def field(helo: str, ip: str, *recipients: str) -> Message:
    envelope = Envelope(
        "ID", "smtp", Direction.INBOUND, Address(""), tuple(map(Address, recipients)), Can(0), now(), Peer(ip, helo)
    )
    raw = received_field(envelope, "door.example", "ESMTPS")
    parsed = BytesParser().parsebytes(raw + b"Subject: x\r\n\r\n")
    assert parsed.keys() == ["Received", "Subject"]
    return parsed


def test_the_trace_field_is_one_field_whatever_the_peer_says() -> None:
    evil = "x\r\nFrom: a (b) <c>;"
    assert "from x??From:?a??b???c??" in field(evil, "192.0.2.1", "a@b")["Received"]
    assert "([IPv6:2001:db8::1])" in field("x", "2001:db8::1", "a@b")["Received"]
    assert "for <" not in field("", "", "a@b", "c@d")["Received"]
    assert "for <" not in field("", "", "ü@d")["Received"]
