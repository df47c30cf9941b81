from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lazaretto.errors import ProtocolError
from lazaretto.protocols import milter as m
from lazaretto.protocols.milter import packets
from lazaretto.protocols.milter.filter import State, WrongReply

ACTIONS = m.Action(0x1FF)
QUIET = m.Option.QUIET_CONNECT | m.Option.QUIET_HELO | m.Option.QUIET_MAIL | m.Option.QUIET_RCPT
QUIET |= m.Option.QUIET_HEADERS | m.Option.QUIET_BODY | m.Option.QUIET_END_OF_HEADERS | m.Option.QUIET_DATA
WHOLE = QUIET | m.Option.LEADING_SPACE

TALK: list[m.Command] = [
    m.Negotiate(6, ACTIONS, m.Option(0x1FFFFF)),
    m.Macros(b"C", {b"j": b"mx"}),
    m.Connect(b"client", b"4", 25, b"192.0.2.1"),
    m.Macros(b"H", {b"tls_version": b"TLSv1.3"}),
    m.Helo(b"client"),
    m.Macros(b"M", {b"i": b"4F1"}),
    m.MailFrom(b"<a@b>", (b"SIZE=1",)),
    m.RcptTo(b"<c@d>"),
    m.Header(b"Subject", b" x\r\n y"),
    m.Body(b"one"),
    m.Body(b"two"),
    m.EndOfMessage(),
]


def new(options: m.Option = WHOLE) -> m.FilterConnection:
    return m.FilterConnection(ACTIONS, options, ((m.Stage.MAIL, b"i"),))


def tell(connection: m.FilterConnection, *said: m.Command) -> list[m.Command]:
    """Feeds commands; agrees to an offer; returns the events."""
    connection.receive(b"".join(map(packets.command, said)))
    events = []
    while (event := connection.next_event()) is not None:
        events.append(event)
        if isinstance(event, m.Negotiate):
            connection.agree(event)
    return events


def ready(options: m.Option = WHOLE, *more: m.Command) -> m.FilterConnection:
    connection = new(options)
    tell(connection, TALK[0], *more)
    return connection


def test_a_whole_message_is_told_as_it_was_sent() -> None:
    connection = new()
    assert tell(connection, *TALK) == TALK
    assert connection.state is State.VERDICT
    assert connection.owes_reply
    assert connection.macro(b"i") == b"4F1"
    assert connection.macro(b"tls_version") == b"TLSv1.3"
    assert connection.macro(b"unheard") == b""


@given(st.lists(st.integers(0, 1000), max_size=20))
@settings(max_examples=100)
def test_any_split_gives_the_same_events(cuts: list[int]) -> None:
    stream = b"".join(map(packets.command, TALK))
    points = sorted({min(cut, len(stream)) for cut in cuts} | {0, len(stream)})
    connection, events = new(), []
    for start, end in itertools.pairwise(points):
        connection.receive(stream[start:end])
        while (event := connection.next_event()) is not None:
            events.append(event)
            if isinstance(event, m.Negotiate):
                connection.agree(event)
    assert events == TALK


def test_negotiation_takes_no_more_than_is_offered() -> None:
    connection = new()
    connection.receive(packets.command(m.Negotiate(2, m.Action(0x3), m.Option(0x7F))))
    offer = connection.next_event()
    assert isinstance(offer, m.Negotiate)
    answer = packets.negotiated(connection.agree(offer)[5:])
    assert answer == m.Negotiate(2, m.Action(0x3), m.Option(0))
    tell(connection, m.MailFrom(b"<a@b>"))
    assert connection.owes_reply
    connection.send(m.Continue())
    # Without LEADING_SPACE the mail server has eaten the space.
    assert tell(connection, m.Header(b"S", b" v")) == [m.Header(b"S", b"  v")]


def test_macros_are_asked_for_where_that_can_be() -> None:
    connection = new()
    answer = packets.negotiated(connection.agree(m.Negotiate(6, ACTIONS, m.Option(0x1FFFFF)))[5:])
    assert answer.macros == ((m.Stage.MAIL, b"i"),)


def test_a_future_version_gets_ours() -> None:
    answer = packets.negotiated(new().agree(m.Negotiate(9, ACTIONS, m.Option(0)))[5:])
    assert answer.version == 6


def test_too_old() -> None:
    with pytest.raises(ProtocolError):
        new().agree(m.Negotiate(1, ACTIONS, m.Option(0)))


def test_every_step_is_answered_unless_agreed_otherwise() -> None:
    connection = ready(m.Option(0))
    for said in (m.Connect(b"c"), m.Helo(b"c"), m.MailFrom(b"<>"), m.RcptTo(b"<c@d>"), m.Data(), m.Header(b"a", b"")):
        tell(connection, said)
        assert connection.owes_reply, said
        connection.send(m.Continue())
        assert not connection.owes_reply


@pytest.mark.parametrize(
    "said",
    [
        [m.RcptTo(b"<a@b>")],
        [m.Header(b"a", b"b")],
        [m.Body(b"x")],
        [m.EndOfMessage()],
        [m.Negotiate(6, ACTIONS, m.Option(0))],
        [m.MailFrom(b"<>"), m.Body(b"x"), m.Header(b"a", b"b")],
        [m.MailFrom(b"<>"), m.Header(b"a", b"b"), m.RcptTo(b"<a@b>")],
        [m.MailFrom(b"<>"), m.EndOfMessage(), m.MailFrom(b"<>")],
        [m.Quit(), m.Helo(b"x")],
    ],
)
def test_commands_out_of_order(said: list[m.Command]) -> None:
    connection = ready()
    with pytest.raises(ProtocolError):
        tell(connection, *said)


def test_negotiation_comes_first() -> None:
    with pytest.raises(ProtocolError):
        tell(new(), m.Helo(b"x"))


def test_an_unknown_command() -> None:
    connection = ready()
    connection.receive(packets.packet(b"?"))
    with pytest.raises(ProtocolError):
        connection.next_event()


def test_abort_gives_the_message_up_and_its_macros() -> None:
    connection = ready(WHOLE, *TALK[1:9])
    assert tell(connection, m.Abort()) == [m.Abort()]
    assert connection.state is State.IDLE
    assert connection.macro(b"i") == b""
    assert connection.macro(b"tls_version") == b"TLSv1.3"
    tell(connection, *TALK[6:])
    connection.send(m.Accept())
    assert connection.state is State.IDLE


def test_a_new_connection_forgets_all_macros() -> None:
    connection = ready(WHOLE, *TALK[1:5], m.QuitNewConnection())
    assert connection.macro(b"tls_version") == b""
    tell(connection, m.Connect(b"other"))


def test_the_end_may_bring_the_last_of_the_body() -> None:
    connection = ready(WHOLE, m.MailFrom(b"<>"), m.RcptTo(b"<a@b>"))
    connection.receive(packets.packet(b"E", b"tail"))
    assert connection.next_event() == m.Body(b"tail")
    assert not connection.owes_reply
    assert connection.next_event() == m.EndOfMessage()
    assert connection.owes_reply


def test_replies_in_their_place_only() -> None:
    connection = ready(WHOLE, m.MailFrom(b"<>"), m.RcptTo(b"<a@b>"))
    with pytest.raises(WrongReply):
        connection.send(m.Continue())
    tell(connection, m.EndOfMessage())
    connection.send(m.Progress())
    connection.send(m.AddHeader(b"X", b" 1"))
    connection.send(m.Continue())
    with pytest.raises(WrongReply):
        connection.send(m.Continue())


def test_what_was_not_agreed_is_not_sent() -> None:
    connection = m.FilterConnection(m.Action.ADD_HEADERS, WHOLE)
    tell(connection, TALK[0], m.MailFrom(b"<>"), m.EndOfMessage())
    for said in (m.ReplaceBody(b""), m.DeleteRecipient(b"<a@b>"), m.AddRecipient(b"<a@b>"), m.Quarantine(b"")):
        with pytest.raises(WrongReply):
            connection.send(said)


def test_modifications_wait_for_the_end() -> None:
    connection = ready(m.Option(0), m.MailFrom(b"<>"))
    with pytest.raises(WrongReply):
        connection.send(m.AddHeader(b"X", b" 1"))


def test_a_refused_recipient_leaves_the_message_open() -> None:
    connection = ready(m.Option(0), m.MailFrom(b"<>"))
    connection.send(m.Continue())
    tell(connection, m.RcptTo(b"<a@b>"))
    connection.send(m.Reject())
    assert connection.state is State.ENVELOPE
    tell(connection, m.RcptTo(b"<c@d>"))
    connection.send(m.Discard())
    assert connection.state is State.IDLE
