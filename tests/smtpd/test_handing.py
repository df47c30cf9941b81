from __future__ import annotations

import asyncio

import pytest
from tests.nexthop.sink import HANG_UP, OFFERS, Sink
from tests.smtpd.doors import Line, accept, connected, opened

from lazaretto.model import Address, Decision, Delivery, Envelope
from lazaretto.model import Reply as Word
from lazaretto.protocols.smtp.reply import Reply
from lazaretto.smtpd.handing import settled

A, B = "a@d.example", "b@d.example"
RAW = b"Subject: x\r\n\r\nhello\r\n"


def split(raw: bytes, envelope: Envelope) -> Decision:
    """Everybody gets bytes of his own."""
    return Decision(
        Word.ACCEPT, tuple(Delivery((each,), raw + each.address.encode() + b"\r\n") for each in envelope.recipients)
    )


def to(*addresses: str, raw: bytes | None = None) -> Line:
    return Line(lambda _, __: Decision(Word.ACCEPT, (Delivery(tuple(map(Address, addresses)), raw),)))


@pytest.mark.parametrize(
    ("decision", "reply"),
    [
        (Decision(Word.REJECT, text="no\r\nviruses"), "550 5.7.1 no??viruses"),
        (Decision(Word.REJECT), "550 5.7.1 Message refused"),
        (Decision(Word.DEFER), "451 4.7.1 Try again later"),
        (Decision(Word.DISCARD), "250 2.0.0 Ok: "),
        (Decision(Word.ACCEPT), "451 4.7.1"),
    ],
)
async def test_nothing_is_handed_on(sink: Sink, decision: Decision, reply: str) -> None:
    line = Line(lambda raw, envelope: decision)
    async with opened(sink, line) as door, connected(door) as peer:
        said = await peer.send(RAW, "x@y", A, B)
        assert said.startswith(reply)
        if decision.reply is Word.DISCARD:
            assert said.endswith(line.seen[0][1].id)
        assert (await peer.ask("MAIL FROM:<a@b>")).startswith("250")
    assert not sink.mails
    assert sink.said("DATA") == []
    assert sink.connections == 1


async def test_one_group_uses_the_transaction_that_is_open(sink: Sink) -> None:
    async with opened(sink, to(B, A, raw=b"new\xff\r\n")) as door, connected(door) as peer:
        assert await peer.send(RAW, "x@y", A, B) == "250 2.0.0 taken"
    assert sink.mails[0].raw == b"new\xff\r\n"
    assert len(sink.said("MAIL")) == 1


async def test_other_recipients_get_an_envelope_of_their_own(sink: Sink) -> None:
    async with opened(sink, to("postmaster@d.example", A, raw=b"\xff\r\n")) as door, connected(door) as peer:
        await peer.ask("EHLO x")
        await peer.ask("MAIL FROM:<x@y> RET=FULL", f"RCPT TO:<{A}> NOTIFY=NEVER", f"RCPT TO:<{B}>")
        await peer.ask("DATA")
        assert await peer.ask(RAW + b".") == "250 2.0.0 taken"
    (mail,) = sink.mails
    assert mail.sender == "<x@y> SIZE=3 BODY=8BITMIME RET=FULL"
    assert mail.recipients == ["<postmaster@d.example>", f"<{A}> NOTIFY=NEVER"]
    assert sink.connections == 1


async def test_groups_get_each_their_bytes(sink: Sink) -> None:
    line = Line(split)
    async with opened(sink, line) as door, connected(door) as peer:
        assert await peer.send(RAW, "x@y", A, B) == f"250 2.0.0 Ok: {line.seen[0][1].id}"
    assert [(mail.recipients, mail.raw) for mail in sink.mails] == [
        ([f"<{each}>"], RAW + each.encode() + b"\r\n") for each in (A, B)
    ]
    verbs = [command.split()[0] for command in sink.commands]
    assert verbs.index("DATA") > len(verbs) - 1 - verbs[::-1].index("MAIL"), "all envelopes before the first data"


@pytest.mark.parametrize("reply", ["550 5.1.1 gone", "450 4.2.1 later", HANG_UP])
async def test_an_envelope_of_a_group_refused_means_nothing_was_sent(reply: str) -> None:
    def answer(said: str) -> str | None:
        return reply if said == f"RCPT TO:<{B}>" and sink.said("RSET") else None

    async with Sink(answer=answer) as sink, opened(sink, Line(split)) as door, connected(door) as peer:
        assert (await peer.send(RAW, "x@y", A, B)).startswith("451 4.4.1")
    assert not sink.said("DATA")


@pytest.mark.parametrize(
    ("reply", "expected"), [("452 4.3.1 full", "452 4.3.1 full"), ("554 5.6.0 no", "554 5.6.0 no"), (HANG_UP, "451")]
)
async def test_a_group_that_fails_in_its_data(reply: str, expected: str) -> None:
    def answer(said: str) -> str | None:
        return reply if said == "." and sink.mails else None

    async with Sink(answer=answer) as sink, opened(sink, Line(split)) as door, connected(door) as peer:
        assert (await peer.send(RAW, "x@y", A, B)).startswith(expected)
    assert len(sink.mails) == 1


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("552 5.2.2 quota", "552 5.2.2 quota"),
        ("421 4.3.2 bye", "451 4.3.2 bye"),
        (HANG_UP, "451 4.4.1"),
        ("354 x", "451"),
    ],
)
async def test_never_250_without_the_next_hops(reply: str, expected: str) -> None:
    async with (
        Sink(answer=lambda said: reply if said == "." else None) as sink,
        opened(sink) as door,
        connected(door) as peer,
    ):
        assert (await peer.send(RAW, "x@y", A)).startswith(expected)
        assert not any(mail for mail in sink.mails)


async def test_a_next_hop_that_hung_up_meanwhile_is_called_again(sink: Sink) -> None:
    async def slow(raw: bytes, envelope: Envelope) -> Decision:
        sink.hang_up()
        await asyncio.sleep(0.05)
        return accept(raw, envelope)

    async with opened(sink, Line(slow)) as door, connected(door) as peer:
        assert await peer.send(RAW, "x@y", A, B) == "250 2.0.0 taken"
    assert sink.mails[0].recipients == [f"<{A}>", f"<{B}>"]
    assert sink.connections == 2


async def test_a_peer_that_hung_up_meanwhile_gets_nothing_delivered_twice(sink: Sink) -> None:
    begun, go_on, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slow(raw: bytes, envelope: Envelope) -> Decision:
        begun.set()
        await go_on.wait()
        done.set()
        return accept(raw, envelope)

    async with opened(sink, Line(slow)) as door:
        async with connected(door) as peer:
            await peer.begin()
            peer.writer.write(RAW + b".\r\n")
            await begun.wait()
        go_on.set()
        await done.wait()
    assert not sink.said("DATA")


async def test_lmtp_gives_each_recipient_the_store_s_answer() -> None:
    def answer(said: str) -> str | None:
        return "452 4.2.2 mailbox full" if said == f". <{B}>" else None

    async with Sink(lmtp=True, answer=answer) as sink, opened(sink, lmtp=True) as door, connected(door) as peer:
        assert (await peer.ask("EHLO x")).startswith("500")
        await peer.ask("LHLO x")
        await peer.ask("MAIL FROM:<x@y>", f"RCPT TO:<{A}>", f"RCPT TO:<{B}>", f"RCPT TO:<{A}>")
        await peer.ask("DATA")
        assert await peer.ask(RAW + b".") == "250 2.0.0 taken"
        assert [str(await peer.hear()) for _ in range(2)] == ["452 4.2.2 mailbox full", "250 2.0.0 taken"]


async def test_lmtp_groups_fail_alone() -> None:
    """The first is redirected, the second refused, the third held, the fourth delivered."""
    other, c, d = "other@d.example", "c@d.example", "d@d.example"

    def decide(raw: bytes, envelope: Envelope) -> Decision:
        return Decision(
            Word.ACCEPT, (Delivery((Address(other),), b"1\r\n"), Delivery((Address(B),)), Delivery((Address(d),)))
        )

    def answer(said: str) -> str | None:
        return {f". <{other}>": "552 5.2.2 quota", f". <{B}>": HANG_UP}.get(said)

    async with (
        Sink(lmtp=True, answer=answer) as sink,
        opened(sink, Line(decide), lmtp=True) as door,
        connected(door) as peer,
    ):
        await peer.ask("LHLO x")
        await peer.ask("MAIL FROM:<x@y>", *(f"RCPT TO:<{each}>" for each in (A, B, c, d)))
        await peer.ask("DATA")
        replies = [await peer.ask(RAW + b"."), *[str(await peer.hear()) for _ in range(3)]]
    assert [reply[:3] for reply in replies] == ["552", "451", "552", "250"]
    assert [mail.recipients for mail in sink.mails] == [[f"<{d}>"]]


async def test_lmtp_to_smtp() -> None:
    async with Sink() as sink, opened(sink, lmtp=True) as door, connected(door) as peer:
        await peer.ask("LHLO x")
        await peer.ask("MAIL FROM:<x@y>", f"RCPT TO:<{A}>", f"RCPT TO:<{B}>")
        await peer.ask("DATA")
        assert await peer.ask(RAW + b".") == "250 2.0.0 taken"
        assert str(await peer.hear()) == "250 2.0.0 taken"
    assert len(sink.mails) == 1


async def test_a_replacement_is_not_declared_8_bit_to_a_server_without_it() -> None:
    offers = tuple(offer for offer in OFFERS if offer != "8BITMIME")
    line = to("other@d.example", raw=b"\xff\r\n")
    async with Sink(offers=offers) as sink, opened(sink, line) as door, connected(door) as peer:
        assert (await peer.send(RAW)).startswith("250")
    assert "BODY" not in sink.mails[0].sender


def test_settled() -> None:
    assert settled(Reply.of("250 fine")) == Reply.of("250 2.0.0 fine")
    assert settled(Reply.of("421 4.3.2 bye")).code == 451
    assert settled(Reply.of("354 go")).code == 451
