from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from tests.nexthop.sink import OFFERS, Sink
from tests.smtpd.doors import Line, connected, opened

STRANGER = {"trusted": ()}


async def test_a_whole_message_with_everything_passed_on(sink: Sink) -> None:
    line = Line()
    async with opened(sink, line) as door, connected(door) as peer:
        await peer.ask("EHLO me.example")
        await peer.ask(
            "MAIL FROM:<ä@b.example> SIZE=9 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=x",
            "RCPT TO:<ü@d.example> NOTIFY=NEVER ORCPT=rfc822;x",
        )
        assert (await peer.ask("DATA")).startswith("354")
        assert await peer.ask(b"Subject: x\r\n\r\n..dot\r\n.") == "250 2.0.0 taken"
    (mail,) = sink.mails
    assert mail.raw == b"Subject: x\r\n\r\n.dot\r\n"
    assert mail.sender == "<ä@b.example> SIZE=9 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=x"
    assert mail.recipients == ["<ü@d.example> NOTIFY=NEVER ORCPT=rfc822;x"]
    ((raw, envelope),) = line.seen
    assert raw == mail.raw
    assert (envelope.sender.address, envelope.peer.ip, envelope.peer.helo) == (
        "ä@b.example",
        "127.0.0.1",
        "me.example",
    )
    assert [each.address for each in envelope.recipients] == ["ü@d.example"]


async def test_only_what_the_next_hop_can_do_is_offered() -> None:
    async with Sink(offers=("SIZE 5000",)) as sink, opened(sink, **STRANGER) as door, connected(door) as peer:
        said = await peer.ask("EHLO x")
        assert said.split()[1:] == ["door.example", "PIPELINING", "SIZE", "5000", "ENHANCEDSTATUSCODES", "CHUNKING"]
        assert (await peer.ask("MAIL FROM:<a@b> BODY=8BITMIME")).startswith("554 5.6.3")
    async with Sink() as sink, opened(sink) as door, connected(door) as peer:
        said = await peer.ask("EHLO x")
        assert all(f" {word} " in f"{said} " for word in ("8BITMIME", "SMTPUTF8", "DSN", "XFORWARD", "XCLIENT"))


async def test_the_next_hop_down_is_temporary() -> None:
    async with opened("127.0.0.1:1") as door, connected(door) as peer:
        assert "8BITMIME" in await peer.ask("EHLO x")
        assert (await peer.ask("MAIL FROM:<a@b>")).startswith("451 4.4.1")


async def test_its_answers_are_passed_back() -> None:
    def answer(said: str) -> str | None:
        return {
            "RCPT TO:<no@d>": "550 no such user",
            "RCPT TO:<bye@d>": "421 4.3.2 bye",
            "MAIL FROM:<spam@d>": "554 5.7.1 we know you",
        }.get(said)

    async with Sink(answer=answer) as sink, opened(sink) as door, connected(door) as peer:
        await peer.ask("EHLO x")
        assert await peer.ask("MAIL FROM:<spam@d>") == "554 5.7.1 we know you"
        assert await peer.ask("MAIL FROM:<a@d>", "RCPT TO:<no@d>") == "550 5.0.0 no such user"
        assert await peer.ask("DATA") == "554 5.5.1 No valid recipients"
        assert (await peer.ask("RCPT TO:<bye@d>")).startswith("451 4.3.2 bye")
        assert (await peer.ask("RSET", "NOOP")).startswith("250")


async def test_order() -> None:
    async with Sink() as sink, opened(sink) as door, connected(door) as peer:
        assert (await peer.ask("MAIL FROM:<a@b>")).startswith("503")
        assert (await peer.ask("EHLO x")).startswith("250")
        assert (await peer.ask("RCPT TO:<a@b>")).startswith("503")
        assert (await peer.ask("DATA")).startswith("503")
        assert (await peer.ask("MAIL FROM:<a@b>", "MAIL FROM:<a@b>")).startswith("503")
        assert (await peer.ask("EHLO y")).startswith("250")  # gives up the message
        assert (await peer.ask("MAIL FROM:<a@b>", "RSET", "VRFY x", "EXPN x", "HELP", "NOOP x")).startswith("250")
        assert (await peer.ask("LHLO x")).startswith("500")
        assert (await peer.ask("QUIT")).startswith("221")
        assert await peer.hear() is None


@pytest.mark.parametrize("line", ["EHLO x", "DATA", "STARTTLS"])
async def test_nothing_may_follow_what_ends_a_group(line: str, certificate: Path) -> None:
    async with Sink() as sink, opened(sink, tls_certificate=certificate) as door, connected(door) as peer:
        if line == "DATA":
            await peer.ask("EHLO x")
            await peer.ask("MAIL FROM:<a@b>", "RCPT TO:<a@b>")
        peer.writer.write(line.encode() + b"\r\nMAIL FROM:<x@y>\r\n")
        assert str(await peer.hear()).startswith("554 5.5.0")
        assert await peer.hear() is None
    assert not sink.mails


async def test_a_pipelined_group_is_answered_in_one_write(sink: Sink) -> None:
    async with opened(sink) as door, connected(door) as peer:
        await peer.ask("EHLO x")
        peer.writer.write(b"MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nRCPT TO:<e@d>\r\nDATA\r\n")
        data = await peer.reader.read(65536)
        assert data.count(b"\r\n") == 4


async def test_too_many_errors_recipients_commands(sink: Sink) -> None:
    async with opened(sink, max_errors=3, max_recipients=2, **STRANGER) as door:
        async with connected(door) as peer:
            assert (await peer.ask("GET / HTTP/1.1", "x", "y", "z")).startswith("421 4.7.0")
            assert await peer.hear() is None
        async with connected(door) as peer:
            await peer.ask("EHLO x")
            assert (await peer.ask("MAIL FROM:<a@b>", *["RCPT TO:<a@b>"] * 3)).startswith("452 4.5.3")
        async with connected(door) as peer:
            await peer.ask(*["NOOP"] * 103)
            assert str(await peer.hear()).startswith("421 4.7.0")


async def test_sizes(sink: Sink) -> None:
    async with opened(sink, max_message_bytes=2000, max_held_bytes=3000) as door, connected(door) as peer:
        await peer.ask("EHLO x")
        assert (await peer.ask("MAIL FROM:<a@b> SIZE=2001")).startswith("552 5.3.4")
        assert (await peer.send(b"x" * 3000 + b"\r\n")).startswith("552 5.3.4")
        assert (await peer.send(b"x" * 1000 + b"\r\n")).startswith("250")
        assert door.admission.held == 0
        async with connected(door) as other:
            await other.begin()
            other.writer.write(b"x" * 1990)
            await other.writer.drain()
            while door.admission.held < 1900:
                await peer.ask("NOOP")
            assert (await peer.send(b"x" * 1900 + b"\r\n")).startswith("452 4.3.1")
        await peer.ask("NOOP")
        assert door.admission.held == 0


async def test_an_internationalised_recipient_needs_smtputf8(sink: Sink) -> None:
    async with opened(sink) as door, connected(door) as peer:
        await peer.ask("EHLO x")
        assert (await peer.ask("MAIL FROM:<a@b>", "RCPT TO:<ü@d>")).startswith("553 5.6.7")


async def test_starttls_begins_anew(sink: Sink, certificate: Path, client_tls: ssl.SSLContext) -> None:
    line = Line()
    async with opened(sink, line, tls_certificate=certificate) as door, connected(door) as peer:
        assert "STARTTLS" in await peer.ask("EHLO x")
        assert (await peer.ask("STARTTLS")).startswith("220")
        await peer.start_tls(client_tls)
        assert (await peer.ask("MAIL FROM:<a@b>")).startswith("503")
        assert "STARTTLS" not in await peer.ask("EHLO me")
        assert (await peer.ask("STARTTLS")).startswith("502")
        assert (await peer.send(b"x\r\n")).startswith("250")
    assert line.seen[0][1].peer.tls == "TLSv1.3"


async def test_a_failed_handshake_ends_the_connection(sink: Sink, certificate: Path) -> None:
    async with opened(sink, tls_certificate=certificate) as door, connected(door) as peer:
        await peer.ask("EHLO x")
        assert (await peer.ask("STARTTLS")).startswith("220")
        peer.writer.write(b"EHLO in the clear\r\n")
        while await peer.reader.read(65536):
            pass


async def test_xclient_and_xforward_are_for_trusted_peers(sink: Sink) -> None:
    async with opened(sink, **STRANGER) as door, connected(door) as peer:
        said = await peer.ask("EHLO x")
        assert "XCLIENT" not in said
        assert "XFORWARD" not in said
        assert (await peer.ask("XCLIENT ADDR=192.0.2.1")).startswith("550 5.7.0")
        assert (await peer.ask("XFORWARD ADDR=192.0.2.1")).startswith("550 5.7.0")


async def test_xclient_takes_the_place_of_the_client(sink: Sink) -> None:
    line = Line()
    async with opened(sink, line) as door, connected(door) as peer:
        assert (await peer.ask("XCLIENT ADDR=IPV6:2001:db8::1 LOGIN=joe NAME=[UNAVAILABLE]")).startswith("220")
        assert (await peer.ask("MAIL FROM:<a@b>")).startswith("503")
        assert (await peer.ask("XCLIENT ADDR=300.1.1.1")).startswith("501")
        assert (await peer.send(b"x\r\n")).startswith("250")
    peer_seen = line.seen[0][1].peer
    assert (peer_seen.ip, peer_seen.auth, peer_seen.helo) == ("2001:db8::1", "joe", "me.example")


async def test_xforward_is_for_one_message_and_goes_on() -> None:
    line = Line()
    offers = (*OFFERS, "XFORWARD NAME ADDR PROTO HELO SOURCE IDENT")
    async with Sink(offers=offers) as sink, opened(sink, line) as door, connected(door) as peer:
        await peer.ask("EHLO x")
        assert (await peer.ask("XFORWARD ADDR=192.0.2.1 HELO=far.example", "XFORWARD IDENT=ABC")).startswith("250")
        await peer.ask("MAIL FROM:<a@b>", "RCPT TO:<c@d>")
        assert (await peer.ask("XFORWARD ADDR=192.0.2.1")).startswith("503")
        await peer.ask("DATA")
        await peer.ask(b"x\r\n.")
        await peer.ask("MAIL FROM:<a@b>", "RCPT TO:<c@d>")
        await peer.ask("DATA")
        await peer.ask(b"x\r\n.")
    first, second = (envelope for _, envelope in line.seen)
    assert (first.peer.ip, first.peer.helo, first.queue_id) == ("192.0.2.1", "far.example", "ABC")
    assert (second.peer.ip, second.peer.helo, second.queue_id) == ("127.0.0.1", "x", "")
    assert "ADDR=192.0.2.1 PROTO=[UNAVAILABLE] HELO=far.example IDENT=ABC" in sink.mails[0].xforward[0]
    assert f"ADDR=127.0.0.1 PROTO=ESMTP HELO=x IDENT={second.id}" in sink.mails[1].xforward[0]


async def test_helo_without_extensions(sink: Sink) -> None:
    async with opened(sink, add_received=True) as door, connected(door) as peer:
        assert await peer.ask("HELO old.example") == "250 door.example"
        await peer.ask("MAIL FROM:<>", "RCPT TO:<c@d.example>")
        await peer.ask("DATA")
        assert (await peer.ask(b"Subject: x\r\n.")).startswith("250")
    raw = sink.mails[0].raw
    assert raw.startswith(b"Received: from old.example ([127.0.0.1])\r\n\tby door.example (Lazaretto) with SMTP id ")
    assert b"for <c@d.example>;" in raw
    assert raw.endswith(b"Subject: x\r\n")
