from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from tests.nexthop.sink import HANG_UP, OFFERS, Sink

from lazaretto.errors import NextHopError
from lazaretto.nexthop import NextHop
from lazaretto.protocols.smtp.command import Mail, Recipient
from lazaretto.protocols.smtp.reply import Reply

MAIL = Mail("MAIL", sender="a@b.example", ret="HDRS", envid="x+20y")
RECIPIENT = Recipient("RCPT", address="c@d.example", notify="NEVER", orcpt="rfc822;c@d.example")


def once(verb: str, reply: str) -> Callable[[str], str | None]:
    """Another reply to the first command of that verb."""
    left = [reply]
    return lambda said: left.pop() if left and said.split(" ")[0] == verb else None


async def whole(hop: NextHop) -> tuple[Reply, ...]:
    async with await hop.open() as transaction:
        assert (await transaction.mail(MAIL)).ok
        assert (await transaction.recipient(RECIPIENT)).ok
        return await transaction.data(b"x\r\n")


async def test_delivery_status_parameters_are_passed_on_where_offered() -> None:
    async with Sink() as sink:
        await whole(NextHop(sink.address))
    assert sink.mails[0].sender == "<a@b.example> RET=HDRS ENVID=x+20y"
    assert sink.mails[0].recipients == ["<c@d.example> NOTIFY=NEVER ORCPT=rfc822;c@d.example"]
    async with Sink(offers=("PIPELINING",)) as sink:
        await whole(NextHop(sink.address))
    assert sink.mails[0].sender == "<a@b.example>"
    assert sink.mails[0].recipients == ["<c@d.example>"]


async def test_xforward_tells_what_the_server_takes() -> None:
    client = {"NAME": "", "ADDR": "192.0.2.1", "HELO": "me + you", "IDENT": "1"}
    offers = (*OFFERS, "XFORWARD NAME ADDR HELO")
    async with Sink(offers=offers) as sink, await NextHop(sink.address).open(client) as transaction:
        await transaction.mail(MAIL)
        await transaction.recipient(RECIPIENT)
        await transaction.data(b"x\r\n")
    assert sink.mails[0].xforward == ["NAME=[UNAVAILABLE] ADDR=192.0.2.1 HELO=me+20+2B+20you"]


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("reply", [HANG_UP, "421 4.3.2 restarting"])
async def test_a_server_that_hangs_up_before_the_data_is_called_again(verb: str, reply: str) -> None:
    async with Sink(answer=once(verb, reply)) as sink:
        assert await whole(NextHop(sink.address)) == (Reply.of("250 2.0.0 taken"),)
    assert len(sink.mails) == 1
    assert len(sink.mails[0].recipients) == 1
    assert sink.connections == 2


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "."])
async def test_a_server_that_always_hangs_up_is_an_error(verb: str) -> None:
    async with Sink(answer=lambda said: HANG_UP if said.split(" ")[0] == verb else None) as sink:
        with pytest.raises(NextHopError):
            await whole(NextHop(sink.address))
    assert not sink.mails


async def test_after_the_data_nothing_is_said_twice() -> None:
    async with Sink(answer=once(".", HANG_UP)) as sink:
        with pytest.raises(NextHopError):
            await whole(NextHop(sink.address))
    assert sink.connections == 1


async def test_an_envelope_refused_the_second_time_is_an_error() -> None:
    replies = iter([HANG_UP, "450 4.2.0 later"])

    def answer(said: str) -> str | None:
        if said.startswith("RCPT") and sink.said("DATA"):
            return next(replies)
        return HANG_UP if said == "DATA" and sink.connections == 1 else None

    async with Sink(answer=answer) as sink:
        next(replies)
        with pytest.raises(NextHopError, match="had accepted") as caught:
            await whole(NextHop(sink.address))
    assert caught.value.code == 450


async def test_whole_envelopes_stop_at_the_first_refusal() -> None:
    recipients = [Recipient("RCPT", address=f"{name}@d.example") for name in "xyz"]
    async with Sink(answer=lambda said: "550 5.1.1 who?" if "<y@" in said else None) as sink:
        hop = NextHop(sink.address)
        async with await hop.open() as transaction:
            assert str(await transaction.envelope(MAIL, recipients)) == "550 5.1.1 who?"
        async with await hop.open() as transaction:
            assert (await transaction.envelope(MAIL, recipients[::2])).ok
            assert len(await transaction.data(b"x\r\n")) == 2
        await hop.close()
    assert sink.connections == 1


async def test_a_refusal_in_place_of_354_is_passed_back_and_the_connection_kept() -> None:
    async with Sink(answer=once("DATA", "451 4.3.0 later")) as sink:
        hop = NextHop(sink.address)
        assert await whole(hop) == (Reply.of("451 4.3.0 later"),)
        assert (await whole(hop))[0].ok
        await hop.close()
    assert sink.connections == 1


async def test_nothing_that_ends_early_goes_out() -> None:
    async with Sink() as sink, await NextHop(sink.address).open() as transaction:
        await transaction.mail(MAIL)
        await transaction.recipient(RECIPIENT)
        assert [reply.code for reply in await transaction.data(b"a\n.\r\nMAIL FROM:<x@y>\r\n")] == [554]
    assert not sink.mails


async def test_a_cancelled_transaction_leaves_no_reply_behind() -> None:
    release = asyncio.Event()

    async with Sink() as sink:
        hop = NextHop(sink.address)
        original = sink._data

        async def slow(*given: object) -> bool:
            await release.wait()
            return await original(*given)  # type: ignore[arg-type]  # the sink's own arguments

        sink._data = slow  # type: ignore[method-assign]  # a server that takes its time
        task = asyncio.create_task(whole(hop))
        while not sink.said("DATA"):
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        release.set()
        assert (await whole(hop))[0].ok
        await hop.close()
    assert sink.connections == 2
