from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, ClassVar

import pytest
import uvloop
from pydantic import ValidationError

from lazaretto.errors import ConfigError
from lazaretto.listeners.milter import Milter, address_of, answers
from lazaretto.model import Address, Can, Decision, Delivery, Direction, Envelope, Peer, Priority, Reply
from lazaretto.plugin import Listener, discover
from lazaretto.protocols import milter as m
from lazaretto.protocols.milter.mta import commands

RAW = b"From: <a@b.example>\r\nSubject:  two\r\n\tlines\r\n\r\nbody\r\n"
BOB = b"<bob@example.test>"


class Line:
    """A line that passes everything on, or does what it was given."""

    hostname = "mx.example.test"

    def __init__(self, work: Callable[[bytes, Envelope], Coroutine[Any, Any, Decision]] | None = None) -> None:
        self.seen: list[tuple[bytes, Envelope]] = []
        self._work = work

    def direction(self, peer: Peer, sender: Address, recipients: Sequence[Address]) -> Direction:
        return Direction.OUTBOUND if peer.auth else Direction.INBOUND

    async def process(self, raw: bytes, envelope: Envelope, priority: Priority = Priority.DELIVERY) -> Decision:
        self.seen.append((raw, envelope))
        if self._work is not None:
            return await self._work(raw, envelope)
        return Decision(Reply.ACCEPT, (Delivery(envelope.recipients),))


class Mta:
    """A mail server that says what it is told to and collects the answers."""

    made: ClassVar[list[Mta]] = []
    loop: ClassVar[Any]

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.connection = m.MtaConnection()
        self.made.append(self)

    async def tell(self, *said: m.Command) -> list[m.Replies | m.Negotiate]:
        """All replies up to the final one to the last command."""
        found: list[m.Replies | m.Negotiate] = []
        for command in said:
            self.writer.write(self.connection.send(command))
            while self.connection.awaits_reply:
                if (reply := self.connection.next_event()) is not None:
                    found.append(reply)
                else:
                    data = await self.reader.read(65536)
                    if not data:
                        raise ConnectionResetError
                    self.connection.receive(data)
        return found

    async def message(self, raw: bytes = RAW, to: Sequence[bytes] = (BOB,)) -> list[m.Replies | m.Negotiate]:
        return await self.tell(*commands(raw, b"<a@b.example>", to))


@asynccontextmanager
async def opened(line: Line, grace: float = 1, **settings: Any) -> AsyncIterator[tuple[Milter, Mta]]:
    door = Milter(Milter.Settings(**{"listen": "127.0.0.1:0", **settings}))
    await door.start(line)
    try:
        yield door, await connected(door)
    finally:
        await door.stop(grace)


async def connected(door: Milter) -> Mta:
    if door.address.startswith("/"):
        mta = Mta(*await asyncio.open_unix_connection(door.address))
    else:
        mta = Mta(*await asyncio.open_connection(*door.address.rsplit(":", 1)))
    await mta.tell(mta.connection.offer)
    return mta


def run(work: Coroutine[Any, Any, None]) -> None:
    async def and_close() -> None:
        try:
            await asyncio.wait_for(work, 20)
        finally:
            while Mta.made:
                writer = Mta.made.pop().writer
                writer.close()
                with suppress(ConnectionError):
                    await writer.wait_closed()

    with asyncio.Runner(loop_factory=Mta.loop) as runner:
        runner.run(and_close())


@pytest.fixture(autouse=True, params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def _loop(request: pytest.FixtureRequest) -> None:
    """On both loops: their transports differ in more than speed."""
    Mta.loop = request.param


def test_it_is_found() -> None:
    assert discover("listeners", Listener)["milter"] is Milter  # type: ignore[type-abstract]  # mypy: abstract is meant


def test_message_and_envelope_arrive_as_they_are() -> None:
    async def work() -> None:
        line = Line()
        async with opened(line) as (_, mta):
            await mta.tell(
                m.Connect(b"client", b"6", 25, b"IPv6:2001:db8::1"),
                m.Helo(b"client.example"),
                m.Macros(b"M", {b"auth_authen": b"alice", b"tls_version": b"TLSv1.3"}),
            )
            said = list(commands(RAW, b"<a@b.example>", [BOB, BOB, b"<carol@example.test>"]))
            assert await mta.tell(*said[1:]) == [m.Continue()]
            ((raw, envelope),) = line.seen
            assert raw == RAW
            assert envelope.peer == Peer("2001:db8::1", "client.example", "TLSv1.3", "alice")
            assert envelope.direction is Direction.OUTBOUND
            assert envelope.sender == Address("a@b.example")
            assert envelope.recipients == (Address("bob@example.test"), Address("carol@example.test"))
            assert envelope.queue_id == "4F1"
            assert envelope.can == Milter.can

    run(work())


def test_messages_follow_each_other_and_an_abort_leaves_nothing() -> None:
    async def work() -> None:
        line = Line()
        async with opened(line) as (door, mta):
            await mta.message()
            await mta.tell(*list(commands(b"X: given up\r\n\r\n", b"<x@y>", [BOB]))[:-2], m.Abort())
            await mta.message(b"Y: 2\r\n\r\n")
            assert [raw for raw, _ in line.seen] == [RAW, b"Y: 2\r\n\r\n"]
            assert door.held == 0

    run(work())


def test_without_recipients_it_is_not_accepted() -> None:
    async def work() -> None:
        line = Line()
        async with opened(line) as (_, mta):
            (reply,) = await mta.message(to=())
            assert isinstance(reply, m.ReplyCode)
            assert reply.code == 451
            assert not line.seen

    run(work())


def test_direction_of_a_door_can_be_fixed() -> None:
    async def work() -> None:
        line = Line()
        async with opened(line, direction="internal") as (_, mta):
            await mta.message()
            assert line.seen[0][1].direction is Direction.INTERNAL

    run(work())


def test_a_mail_server_that_cannot_replace_is_known() -> None:
    async def work() -> None:
        line = Line()
        async with opened(line) as (door, _):
            mta = Mta(*await asyncio.open_connection(*door.address.rsplit(":", 1)))
            mta.connection = m.MtaConnection(actions=m.Action.ADD_HEADERS)
            await mta.tell(mta.connection.offer)
            await mta.message()
            assert line.seen[0][1].can == Milter.can & ~Can.REPLACE

    run(work())


@pytest.mark.parametrize(("too_big", "code"), [("reject", 552), ("defer", 451)])
def test_a_message_over_the_limit(too_big: str, code: int) -> None:
    async def work() -> None:
        line = Line()
        async with opened(line, max_message_bytes=2000, too_big=too_big) as (door, mta):
            (reply,) = await mta.message(RAW + b"x" * 3000)
            assert isinstance(reply, m.ReplyCode)
            assert reply.code == code
            assert not line.seen
            assert door.held == 0
            assert await mta.message() == [m.Continue()]

    run(work())


def test_too_many_recipients_are_too_much_as_well() -> None:
    async def work() -> None:
        async with opened(Line(), max_message_bytes=2000) as (_, mta):
            (reply,) = await mta.message(to=[BOB] * 1000)
            assert isinstance(reply, m.ReplyCode)
            assert reply.code == 552

    run(work())


def test_all_messages_together_have_a_limit() -> None:
    async def work() -> None:
        async with opened(Line(), max_held_bytes=5000) as (door, mta):
            other = await connected(door)
            await other.tell(*list(commands(RAW + b"x" * 4000, b"<>", [BOB]))[:-2], m.Unknown(b""))
            await asyncio.sleep(0.05)
            (reply,) = await mta.message(RAW + b"x" * 4000)
            assert isinstance(reply, m.ReplyCode)
            assert reply.code == 451
            other.writer.close()
            await asyncio.sleep(0.05)
            assert door.held == 0
            assert await mta.message(RAW + b"x" * 4000) == [m.Continue()]

    run(work())


def test_signs_of_life_while_the_verdict_takes_long() -> None:
    async def slow(raw: bytes, envelope: Envelope) -> Decision:
        await asyncio.sleep(0.3)
        return Decision(Reply.DISCARD)

    async def work() -> None:
        async with opened(Line(slow), progress=0.05) as (_, mta):
            *signs, last = await mta.message()
            assert signs.count(m.Progress()) == len(signs) >= 3
            assert last == m.Discard()

    run(work())


@pytest.mark.parametrize(
    "decision",
    [
        Decision(Reply.ACCEPT),
        Decision(Reply.ACCEPT, (Delivery((Address("bob@example.test"),), b"no header\r\n\r\n"),)),
        Decision(Reply.ACCEPT, (Delivery((Address("bob@example.test"),), b"X: a\0b\r\n\r\n"),)),
    ],
)
def test_a_decision_that_cannot_be_carried_out_defers(decision: Decision) -> None:
    async def decide(raw: bytes, envelope: Envelope) -> Decision:
        return decision

    async def work() -> None:
        async with opened(Line(decide)) as (_, mta):
            assert await mta.message() == [m.ReplyCode(451, b"4.7.1", b"try again later")]
            assert await mta.message() == [m.ReplyCode(451, b"4.7.1", b"try again later")]

    run(work())


def test_an_answer_that_comes_after_an_abort_is_not_given_to_the_next_message() -> None:
    async def decide(raw: bytes, envelope: Envelope) -> Decision:
        if raw == RAW:
            await asyncio.sleep(0.2)
            return Decision(Reply.REJECT)
        await asyncio.sleep(0.4)
        return Decision(Reply.DISCARD)

    async def work() -> None:
        async with opened(Line(decide)) as (door, mta):
            for said in commands(RAW, b"<>", [BOB]):
                mta.writer.write(mta.connection.send(said))
            await mta.tell(m.Abort())
            assert await mta.message(b"X: 1\r\n\r\n") == [m.Discard()]
            assert door.held == 0

    run(work())


def test_nonsense_closes_the_connection() -> None:
    async def work() -> None:
        async with opened(Line()) as (_, mta):
            mta.writer.write(b"GET / HTTP/1.1\r\n\r\n")
            with pytest.raises(ConnectionResetError):
                await mta.message()

    run(work())


def test_silence_closes_the_connection() -> None:
    async def work() -> None:
        async with opened(Line(), idle_timeout=0.1) as (door, mta):
            assert await mta.reader.read() == b""
            await asyncio.sleep(0.05)
            assert not door.sessions

    run(work())


def test_no_more_connections_than_allowed() -> None:
    async def work() -> None:
        async with opened(Line(), max_connections=1) as (door, mta):
            with pytest.raises(ConnectionError):
                await connected(door)
            assert await mta.message() == [m.Continue()]

    run(work())


def test_stop_waits_for_the_message_under_way() -> None:
    async def slow(raw: bytes, envelope: Envelope) -> Decision:
        await asyncio.sleep(0.2)
        return Decision(Reply.DISCARD)

    async def work() -> None:
        async with opened(Line(slow)) as (door, mta):
            idle = await connected(door)
            pending = asyncio.create_task(mta.message())
            await asyncio.sleep(0.05)
            stopping = asyncio.create_task(door.stop(5))
            assert await idle.reader.read() == b""
            assert await pending == [m.Discard()]
            await stopping
            with pytest.raises(ConnectionError):
                await connected(door)

    run(work())


def test_stop_does_not_wait_longer_than_its_grace() -> None:
    async def forever(raw: bytes, envelope: Envelope) -> Decision:
        await asyncio.Event().wait()
        raise AssertionError

    async def work() -> None:
        async with opened(Line(forever), grace=0.1) as (_, mta):
            pending = asyncio.create_task(mta.message())
            await asyncio.sleep(0.05)
        with pytest.raises(ConnectionError):
            await pending

    run(work())


def test_a_unix_socket(tmp_path: Path) -> None:
    async def work() -> None:
        path = tmp_path / "s"
        async with opened(Line(), listen=f"unix:{path}", mode="0600") as (door, mta):
            assert door.address == str(path)
            assert path.stat().st_mode & 0o777 == 0o600
            assert await mta.message() == [m.Continue()]
        assert not path.exists()

    run(work())


def test_a_taken_port_is_an_error_of_the_configuration() -> None:
    async def work() -> None:
        with socket.create_server(("127.0.0.1", 0)) as other:
            door = Milter(Milter.Settings(listen=f"127.0.0.1:{other.getsockname()[1]}"))
            with pytest.raises(ConfigError, match=r"\[listeners.milter\] listen"):
                await door.start(Line())
            await door.stop(1)

    run(work())


@pytest.mark.parametrize("settings", [{"listen": "here"}, {"mode": "rwx"}, {"direction": "up"}, {"max_bytes": 1}])
def test_settings_are_checked(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Milter.Settings(**settings)


# ---------------------------------------------------------------------------- answers


def test_refusals() -> None:
    assert answers(Decision(Reply.REJECT, text="no ä"), RAW, [BOB]) == [m.ReplyCode(550, b"5.7.1", b"no ?")]
    assert answers(Decision(Reply.DEFER), RAW, [BOB]) == [m.ReplyCode(451, b"4.7.1", b"try again later")]
    assert answers(Decision(Reply.DISCARD), RAW, [BOB]) == [m.Discard()]


def test_other_recipients() -> None:
    delivery = Delivery((Address("carol@example.test"), Address("dave@example.test")))
    assert answers(Decision(Reply.ACCEPT, (delivery,)), RAW, [BOB, b"carol@example.test"]) == [
        m.AddRecipient(b"<dave@example.test>"),
        m.DeleteRecipient(BOB),
        m.Continue(),
    ]


def test_recipients_that_read_alike_are_all_taken_away() -> None:
    told = [b"<b\xff@x.example>", b"<b\xfe@x.example>", b"b\xfe@x.example"]
    delivery = Delivery((Address("carol@example.test"),))
    replies = answers(Decision(Reply.ACCEPT, (delivery,)), RAW, told)
    assert [each.address for each in replies if isinstance(each, m.DeleteRecipient)] == told


def test_two_deliveries_are_more_than_a_milter_can() -> None:
    with pytest.raises(ValueError, match="one delivery"):
        answers(Decision(Reply.ACCEPT, (Delivery((Address("a"),)), Delivery((Address("b"),)))), RAW, [BOB])


@pytest.mark.parametrize(
    ("path", "address"),
    [(b"<>", ""), (b"<a@b>", "a@b"), (b"a@b", "a@b"), ("<ä@b>".encode(), "ä@b"), (b"<\xff@b>", "\ufffd@b")],
)
def test_addresses(path: bytes, address: str) -> None:
    assert address_of(path) == Address(address)
