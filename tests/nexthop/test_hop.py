from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest
from tests.nexthop.sink import HANG_UP, OFFERS, Sink

from lazaretto.errors import NextHopError
from lazaretto.nexthop import NextHop, Timeouts, Tls
from lazaretto.protocols.smtp.reply import Reply

RAW = b"Subject: x\r\n\r\n.dot\r\nbare\rcr\nlf\xff\r\n"


async def test_send_is_byte_exact_and_connections_are_used_again() -> None:
    async with Sink() as sink:
        hop = NextHop(sink.address, hostname="me.example")
        for _ in range(3):
            assert await hop.send(RAW, "a@b.example", ["c@d.example"]) == (Reply.of("250 2.0.0 taken"),)
        await hop.close()
    assert [mail.raw for mail in sink.mails] == [RAW] * 3
    assert sink.mails[0].sender == f"<a@b.example> SIZE={len(RAW)} BODY=8BITMIME"
    assert sink.connections == 1
    assert sink.said("EHLO") == ["EHLO me.example"]


async def test_each_recipient_has_its_reply() -> None:
    async with Sink(answer=lambda said: "550 5.1.1 who?" if said == "RCPT TO:<no@d.example>" else None) as sink:
        hop = NextHop(sink.address)
        replies = await hop.send(b"x\r\n", "", ["a@d.example", "no@d.example", "b@d.example"])
        assert [reply.code for reply in replies] == [250, 550, 250]
        assert [reply.code for reply in await hop.send(b"x\r\n", "", ["no@d.example"])] == [550]
        await hop.close()
    assert sink.mails[0].recipients == ["<a@d.example>", "<b@d.example>"]
    assert len(sink.said("DATA")) == 1
    assert len(sink.said("RSET")) == 1


async def test_lmtp_over_a_unix_socket(tmp_path: Path) -> None:
    def answer(said: str) -> str | None:
        return "452 4.2.2 full" if said == ". <b@d.example>" else None

    async with Sink(lmtp=True, path=str(tmp_path / "lmtp"), answer=answer) as sink:
        hop = NextHop(sink.address, lmtp=True)
        replies = await hop.send(b"x\r\n", "", ["a@d.example", "b@d.example"])
        await hop.close()
    assert [str(reply) for reply in replies] == ["250 2.0.0 taken", "452 4.2.2 full"]


async def test_a_refused_sender_is_an_error_with_the_reply() -> None:
    async with Sink(answer=lambda said: "550 5.7.1 no" if said.startswith("MAIL") else None) as sink:
        with pytest.raises(NextHopError) as caught:
            await NextHop(sink.address).send(b"x\r\n", "a@b", ["c@d"])
    assert (caught.value.code, caught.value.text) == (550, "5.7.1 no")


@pytest.mark.parametrize("extension", ["8BITMIME", "SMTPUTF8"])
async def test_what_the_server_cannot_carry_is_refused(extension: str) -> None:
    async with Sink(offers=tuple(offer for offer in OFFERS if offer != extension)) as sink:
        with pytest.raises(NextHopError) as caught:
            await NextHop(sink.address).send(b"\xff\r\n", "ä@b.example", ["c@d.example"])
    assert caught.value.code // 100 == 5
    assert not sink.mails


async def test_old_servers_get_helo_and_one_command_at_a_time() -> None:
    async with Sink(offers=(), answer=lambda said: "500 what" if said.startswith("EHLO") else None) as sink:
        assert (await NextHop(sink.address).send(b"x\r\n", "a@b", ["c@d"]))[0].ok
    assert sink.mails[0].sender == "<a@b>"
    assert sink.said("HELO")


async def test_unreachable_and_unwilling() -> None:
    async with Sink() as sink:
        sink.greeting = "554 go away"
        with pytest.raises(NextHopError, match="does not want us") as caught:
            await NextHop(sink.address).offers()
        assert caught.value.code == 554
    with pytest.raises(NextHopError, match="cannot be reached"):
        await NextHop(sink.address).send(b"x\r\n", "a@b", ["c@d"])


async def test_silence_has_an_end() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(10)

    async with Sink(session=silent) as sink:
        with pytest.raises(NextHopError, match=r"no reply within 0\.05 s"):
            await NextHop(sink.address, timeouts=Timeouts(command=0.05)).offers()


async def test_nonsense_is_an_error() -> None:
    async with Sink(answer=lambda said: "hello" if said.startswith("MAIL") else None) as sink:
        with pytest.raises(NextHopError, match="not a reply"):
            await NextHop(sink.address).send(b"x\r\n", "a@b", ["c@d"])


async def test_a_kept_connection_that_died_is_replaced() -> None:
    async with Sink() as sink:
        hop = NextHop(sink.address)
        await hop.send(b"1\r\n", "a@b", ["c@d"])
        sink.hang_up()
        await hop.send(b"2\r\n", "a@b", ["c@d"])  # it may or may not have noticed
        await hop.close()
    assert [mail.raw for mail in sink.mails] == [b"1\r\n", b"2\r\n"]
    assert sink.connections == 2


@pytest.mark.parametrize("address", ["", "host", "host:port", "host:99999"])
def test_addresses_are_checked(address: str) -> None:
    with pytest.raises(ValueError, match="host:port"):
        NextHop(address)


@pytest.mark.parametrize("tls", [Tls.OPPORTUNISTIC, Tls.REQUIRED])
async def test_tls(tls: Tls, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext) -> None:
    async with Sink(context=server_tls) as sink:
        context = client_tls if tls is Tls.REQUIRED else None
        hop = NextHop(sink.address.replace("127.0.0.1", "localhost"), tls=tls, context=context)
        assert (await hop.send(b"x\r\n", "a@b", ["c@d"]))[0].ok
        await hop.close()
    assert sink.tls == 1
    assert len(sink.said("EHLO")) == 2


async def test_required_tls_sends_nothing_in_the_clear(server_tls: ssl.SSLContext) -> None:
    async with Sink() as sink:
        with pytest.raises(NextHopError, match="does not offer STARTTLS"):
            await NextHop(sink.address, tls=Tls.REQUIRED).send(b"x\r\n", "a@b", ["c@d"])
        assert not sink.said("MAIL")
    async with Sink(context=server_tls, answer=lambda said: "454 no" if said == "STARTTLS" else None) as sink:
        with pytest.raises(NextHopError, match="refuses STARTTLS"):
            await NextHop(sink.address, tls=Tls.REQUIRED).offers()
    async with Sink(context=server_tls) as sink:
        with pytest.raises(NextHopError, match="TLS failed"):  # a certificate that nobody vouches for
            await NextHop(sink.address, tls=Tls.REQUIRED).offers()


async def test_words_in_the_clear_behind_starttls_count_for_nothing() -> None:
    """CVE-2021-38371 and its kin: a reply injected before TLS must not be read inside it."""

    def answer(said: str) -> str | None:
        return "220 go\r\n250 injected" if said == "STARTTLS" else HANG_UP if said.startswith("MAIL") else None

    async with Sink(offers=("STARTTLS",), answer=answer) as sink:
        with pytest.raises(NextHopError, match="in the clear"):
            await NextHop(sink.address, tls=Tls.OPPORTUNISTIC).offers()
