from __future__ import annotations

import asyncio
import time

import pytest
from tests.nexthop.sink import Sink
from tests.smtpd.doors import Line, connected, opened

ODD = b"Subject: \xff\r\n\r\n.\r\n..\r\n\rbare\r\n\nlf\n.x\r\n\0\r\n" + b"y" * 5000 + b"\r\n"


async def test_odd_bytes_arrive_as_they_are(sink: Sink) -> None:
    line = Line()
    async with opened(sink, line) as door, connected(door) as peer:
        stuffed = ODD.replace(b"\r\n.", b"\r\n..")
        assert (await peer.send(stuffed)).startswith("250")
    assert sink.mails[0].raw == line.seen[0][0] == ODD


@pytest.mark.parametrize("size", [1, 7, 1000])
async def test_in_any_portions(sink: Sink, size: int) -> None:
    async with opened(sink) as door, connected(door) as peer:
        await peer.begin()
        wire = ODD[:200].replace(b"\r\n.", b"\r\n..") + b"\r\n.\r\n"
        for at in range(0, len(wire), size):
            peer.writer.write(wire[at : at + size])
            await peer.writer.drain()
            await asyncio.sleep(0)
        assert str(await peer.hear()).startswith("250")
    assert sink.mails[0].raw == ODD[:200] + b"\r\n"


async def test_an_empty_message(sink: Sink) -> None:
    async with opened(sink) as door, connected(door) as peer:
        assert (await peer.send(b"")).startswith("250")
    assert sink.mails[0].raw == b""


async def test_chunks(sink: Sink) -> None:
    async with opened(sink) as door, connected(door) as peer:
        await peer.ask("EHLO x")
        await peer.ask("MAIL FROM:<a@b>", "RCPT TO:<c@d>")
        peer.writer.write(b"BDAT 7\r\na\r\n.\r\nbBDAT 2\r\n\r\nBDAT 0 LAST\r\nMAIL FROM:<a@b>\r\n")
        replies = [str(await peer.hear()) for _ in range(4)]
        assert [reply[:9] for reply in replies] == ["250 2.0.0"] * 4
        assert replies[0] == "250 2.0.0 7 octets received"
        assert (await peer.ask("RSET")).startswith("250")
    assert sink.mails[0].raw == b"a\r\n.\r\nb\r\n"


async def test_chunks_out_of_order(sink: Sink) -> None:
    async with opened(sink, max_message_bytes=1024) as door, connected(door) as peer:
        await peer.ask("EHLO x")
        assert (await peer.ask(b"BDAT 3 LAST\r\nx")).startswith("503")  # the octets are x, CR, LF
        await peer.ask("MAIL FROM:<a@b>")
        assert (await peer.ask(b"BDAT 3\r\nx")).startswith("554")
        await peer.ask("RCPT TO:<c@d>")
        assert (await peer.ask(b"BDAT 3\r\nx")).startswith("250")
        assert (await peer.ask("DATA")).startswith("503")
        assert (await peer.ask("RCPT TO:<c@d>")).startswith("503")
        assert (await peer.ask(b"BDAT 2000\r\n" + b"x" * 1998)).startswith("552 5.3.4")
        assert (await peer.ask(b"BDAT 3 LAST\r\nx")).startswith("503")
        assert (await peer.ask("BDAT many")).startswith("501")
        assert await peer.hear() is None
    assert not sink.mails


async def test_a_slow_peer_is_let_go(sink: Sink) -> None:
    async with opened(sink, data_timeout=0.2, min_rate=1000) as door, connected(door) as peer:
        await peer.begin()
        started = time.monotonic()
        while time.monotonic() - started < 2 and not peer.reader.at_eof():
            peer.writer.write(b"x")
            await asyncio.sleep(0.02)
            if peer.reader._buffer:  # type: ignore[attr-defined]  # something was said
                break
        assert str(await peer.hear()).startswith("421 4.4.2")
        assert 0.15 < time.monotonic() - started < 1


async def test_a_steady_peer_is_not(sink: Sink) -> None:
    async with opened(sink, data_timeout=0.1, min_rate=10_000) as door, connected(door) as peer:
        await peer.begin()
        for _ in range(10):
            peer.writer.write(b"x" * 5000)
            await asyncio.sleep(0.03)
        assert (await peer.ask(b"\r\n.")).startswith("250")


async def test_bare_newlines_can_be_refused(sink: Sink) -> None:
    async with opened(sink, bare_newline="reject") as door, connected(door) as peer:
        assert (await peer.send(b"a\nb\r\n")).startswith("550 5.6.0")
        assert (await peer.send(b"a\r\n")).startswith("250")


async def test_direction_can_be_given(sink: Sink) -> None:
    line = Line()
    async with opened(sink, line, direction="outbound") as door, connected(door) as peer:
        await peer.send(b"x\r\n")
    assert line.seen[0][1].direction == "outbound"
