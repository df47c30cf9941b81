from __future__ import annotations

import pytest

from lazaretto.errors import ProtocolError
from lazaretto.protocols import milter as m
from lazaretto.protocols.milter import packets
from lazaretto.protocols.milter.mta import commands


def agreed(options: m.Option) -> m.MtaConnection:
    mta = m.MtaConnection()
    assert mta.send(mta.offer)
    assert mta.awaits_reply
    mta.receive(packets.negotiate(m.Negotiate(6, m.Action(0x1FF), options)))
    assert isinstance(mta.next_event(), m.Negotiate)
    assert not mta.awaits_reply
    return mta


def test_steps_that_the_filter_does_without_are_not_sent() -> None:
    mta = agreed(m.Option.NO_HELO | m.Option.QUIET_MAIL)
    assert mta.send(m.Helo(b"x")) == b""
    assert mta.send(m.MailFrom(b"<>"))
    assert not mta.awaits_reply
    assert mta.send(m.RcptTo(b"<a@b>"))
    assert mta.awaits_reply
    mta.receive(packets.reply(m.Progress()) + packets.reply(m.Continue()))
    assert mta.next_event() == m.Progress()
    assert mta.awaits_reply
    assert mta.next_event() == m.Continue()
    assert not mta.awaits_reply
    assert mta.next_event() is None


def test_a_filter_that_wants_too_much() -> None:
    mta = m.MtaConnection(actions=m.Action.ADD_HEADERS)
    mta.receive(packets.negotiate(m.Negotiate(6, m.Action.CHANGE_BODY, m.Option(0))))
    with pytest.raises(ProtocolError):
        mta.next_event()


def test_an_unknown_reply() -> None:
    mta = agreed(m.Option(0))
    mta.receive(packets.packet(b"?"))
    with pytest.raises(ProtocolError):
        mta.next_event()


def test_spaces_of_header_values_are_put_back() -> None:
    mta = agreed(m.Option(0))
    mta.receive(packets.reply(m.AddHeader(b"X", b" v\r\n w"), leading_space=False))
    assert mta.next_event() == m.AddHeader(b"X", b" v\r\n w")


def test_a_message_in_commands() -> None:
    raw = b"A: 1\r\n  2\r\nB:\r\n\r\n" + b"x" * 70_000
    told = list(commands(raw, b"<a@b>", [b"<c@d>"]))
    assert [each for each in told if isinstance(each, m.Header)] == [m.Header(b"A", b" 1\r\n  2"), m.Header(b"B", b"")]
    assert b"".join(each.data for each in told if isinstance(each, m.Body)) == b"x" * 70_000
    assert told[-1] == m.EndOfMessage()
