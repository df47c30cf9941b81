"""SMTP smuggling, CVE-2023-51764 (Postfix), -51765 (sendmail), -51766 (Exim); sec-consult.com, December 2023.

A sender hides a second message behind something that one server takes for an end of data and another does not.
We must neither be the server that sees the false end, nor hand it on to one that might.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import product

import pytest
from tests.nexthop.sink import Sink
from tests.smtpd.doors import Client, Line, connected, opened

from lazaretto.protocols.smtp.data import stuff

HIDDEN = b"MAIL FROM:<boss@d.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\nSubject: smuggled\r\n\r\npay\r\n"
LINE_ENDS = [b"\r\n", b"\n", b"\r", b"\r\r\n", b"\n\r", b"\0\r\n", b"\r\0\n", b"\r\n\0", b"\n\0"]
VARIANTS = [
    before + dot + after
    for before, dot, after in product(LINE_ENDS, (b".", b"..", b"\0.", b".\0"), LINE_ENDS)
    if (before + dot + after).find(b"\r\n.\r\n") < 0
]


def ends(wire: bytes) -> int:
    """As many ends of data as a server sees that takes any line end, and forgets NUL."""
    text = (b"\r\n" + wire).replace(b"\0", b"").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return text.count(b"\n.\n")


@pytest.fixture
async def peer() -> AsyncIterator[tuple[Client, Line, Sink]]:
    line = Line()
    async with Sink() as sink, opened(sink, line) as door, connected(door) as client:
        yield client, line, sink


async def test_no_variant_ends_a_message_or_goes_on(peer: tuple[Client, Line, Sink]) -> None:
    client, line, sink = peer
    for variant in VARIANTS:
        line.seen.clear()
        sink.mails.clear()
        reply = await client.send(b"Subject: outer\r\n\r\nx" + variant + HIDDEN)
        assert len(line.seen) <= 1, f"{variant!r} ended the message"
        if reply.startswith("250"):
            (mail,) = sink.mails
            assert HIDDEN in mail.raw
            assert ends(stuff(mail.raw)) == 1, f"{variant!r} went on"
        else:
            assert reply.startswith("550 5.6.0")
            assert not sink.mails


@pytest.mark.parametrize("variant", [b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r.\r\n", b"\n.\r", b"\r.\n", b"\r\n\0.\r\n"])
async def test_the_published_variants_are_refused(variant: bytes, peer: tuple[Client, Line, Sink]) -> None:
    client, line, sink = peer
    assert await client.send(b"Subject: x\r\n\r\nx" + variant + HIDDEN) == "550 5.6.0 Dot between bare line ends"
    assert not line.seen
    assert not sink.mails


async def test_nor_by_chunks(peer: tuple[Client, Line, Sink]) -> None:
    client, _, sink = peer
    await client.ask("EHLO x")
    await client.ask("MAIL FROM:<a@b>", "RCPT TO:<c@d>")
    raw = b"x\n.\r\n" + HIDDEN
    client.writer.write(b"BDAT %d LAST\r\n" % len(raw) + raw)
    assert str(await client.hear()).startswith("550 5.6.0")
    await client.ask("MAIL FROM:<a@b>", "RCPT TO:<c@d>")
    raw = b"x\r\n.\r\n" + HIDDEN  # no trick inside a chunk, and its dot is doubled on the way out
    client.writer.write(b"BDAT %d LAST\r\n" % len(raw) + raw)
    assert str(await client.hear()).startswith("250")
    assert [mail.raw for mail in sink.mails] == [raw]


async def test_commands_behind_bare_newlines_are_no_commands(peer: tuple[Client, Line, Sink]) -> None:
    client, _, _ = peer
    await client.ask("EHLO x")
    client.writer.write(b"MAIL FROM:<a@b>\nRCPT TO:<c@d>\r\n")
    assert str(await client.hear()).startswith("500 5.5.2")
    assert str(await client.hear()).startswith("503"), "no MAIL was heard"
