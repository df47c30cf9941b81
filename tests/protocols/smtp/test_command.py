from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lazaretto.protocols.smtp.command import (
    Attributes,
    BadCommand,
    Chunk,
    Command,
    Mail,
    Recipient,
    mail_line,
    parse,
    recipient_line,
    xforward_lines,
)

ALL = {"SIZE": "0", "8BITMIME": "", "SMTPUTF8": "", "DSN": ""}


def refusal(line: bytes) -> str:
    with pytest.raises(BadCommand) as caught:
        parse(line)
    return str(caught.value.reply)[:9].strip()


def test_mail_with_everything() -> None:
    line = b"mail from: <a@b.example> size=10 body=8bitmime SMTPUTF8 RET=hdrs ENVID=x+20y AUTH=<>"
    mail = parse(line)
    assert isinstance(mail, Mail)
    assert (mail.sender, mail.size, mail.body, mail.smtputf8, mail.ret, mail.envid) == (
        "a@b.example",
        10,
        "8BITMIME",
        True,
        "HDRS",
        "x+20y",
    )
    assert mail_line(mail, ALL) == (b"MAIL FROM:<a@b.example> SIZE=10 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=x+20y\r\n")


def test_recipient_with_everything() -> None:
    recipient = parse(b'RCPT TO:<"a b"@c.example> NOTIFY=success,DELAY ORCPT=rfc822;a+2Bb@c.example')
    assert isinstance(recipient, Recipient)
    assert recipient.address == '"a b"@c.example'
    assert recipient_line(recipient, ALL) == (
        b'RCPT TO:<"a b"@c.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;a+2Bb@c.example\r\n'
    )
    assert recipient_line(recipient, {}) == b'RCPT TO:<"a b"@c.example>\r\n'


def test_what_a_server_cannot_carry_is_not_sent() -> None:
    assert mail_line(Mail("MAIL", sender="a@b", size=1, body="7BIT"), {}) == b"MAIL FROM:<a@b>\r\n"
    for mail in (Mail("MAIL", body="8BITMIME"), Mail("MAIL", smtputf8=True)):
        with pytest.raises(BadCommand):
            mail_line(mail, {})


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"", "500 5.5.2"),
        (b" EHLO x", "500 5.5.2"),
        (b"FOO", "500 5.5.2"),
        (b"EHLO", "501 5.5.4"),
        (b"DATA now", "501 5.5.4"),
        (b"MAIL", "501 5.1.7"),
        (b"MAIL FROM:a@b", "501 5.1.7"),
        (b"MAIL FROM <a@b>", "501 5.1.7"),
        (b"MAIL TO:<a@b>", "501 5.1.7"),
        (b"MAIL FROM:<a@b> SIZE=x", "501 5.5.4"),
        (b"MAIL FROM:<a@b> SIZE=1 SIZE=2", "501 5.5.4"),
        (b"MAIL FROM:<a@b> BODY=BINARYMIME", "501 5.5.4"),
        (b"MAIL FROM:<a@b> SMTPUTF8=1", "501 5.5.4"),
        (b"MAIL FROM:<a@b> RET=X", "501 5.5.4"),
        (b"MAIL FROM:<a@b> FOO=1", "555 5.5.4"),
        (b"MAIL FROM:<a@b> =", "501 5.5.4"),
        ("MAIL FROM:<ä@b>".encode(), "553 5.6.7"),
        (b"MAIL FROM:<\xff@b>", "500 5.5.2"),
        (b"RCPT TO:<>", "501 5.1.3"),
        (b"RCPT TO:<a@b> NOTIFY=NEVER,DELAY", "501 5.5.4"),
        (b"RCPT TO:<a@b> ORCPT=x", "501 5.5.4"),
        (b"RCPT TO:<a@b> SIZE=1", "555 5.5.4"),
        (b"BDAT", "501 5.5.4"),
        (b"BDAT -1", "501 5.5.4"),
        (b"BDAT 1 FIRST", "501 5.5.4"),
        (b"XCLIENT", "501 5.5.4"),
        (b"XCLIENT ADDR", "501 5.5.4"),
        (b"XFORWARD HELO=a+0D+0Ab", "501 5.5.4"),
        (b"XFORWARD HELO=+zz", "501 5.5.4"),
    ],
)
def test_refusals(line: bytes, expected: str) -> None:
    assert refusal(line) == expected


def test_a_chunk_without_a_size_ends_the_connection() -> None:
    with pytest.raises(BadCommand) as caught:
        parse(b"BDAT x")
    assert caught.value.fatal


def test_simple_ones() -> None:
    assert parse(b"ehlo me.example ") == Command("EHLO", "me.example")
    assert parse(b"NOOP anything") == Command("NOOP", "anything")
    assert parse(b"Quit") == Command("QUIT")
    assert parse(b"bdat 12 last") == Chunk("BDAT", "12 last", 12, True)


def test_attributes_are_decoded() -> None:
    told = parse(b"XFORWARD NAME=[UNAVAILABLE] addr=192.0.2.1 HELO=a+20b")
    assert isinstance(told, Attributes)
    assert told.values == {"NAME": None, "ADDR": "192.0.2.1", "HELO": "a b"}


def test_xforward_is_cut_into_commands_of_512_octets() -> None:
    values = dict.fromkeys(("NAME", "ADDR", "HELO"), "ü" * 85) | {"IDENT": "1"}
    lines = xforward_lines(values, "NAME ADDR HELO")
    assert len(lines) == 3
    assert all(len(line) <= 540 for line in lines)
    read = {}
    for line in lines:
        told = parse(line[:-2])
        assert isinstance(told, Attributes)
        read |= told.values
    assert read == dict.fromkeys(("NAME", "ADDR", "HELO"), "ü" * 85)


@settings(max_examples=200)
@given(st.sampled_from([b"", b"MAIL FROM:<", b"RCPT TO:<", b"MAIL FROM:<a@b> ", b"BDAT ", b"XCLIENT "]), st.binary())
def test_anything_is_a_command_or_refused(start: bytes, rest: bytes) -> None:
    """What is accepted is said again in the same sense."""
    with contextlib.suppress(BadCommand):
        command = parse(start + rest)
        if isinstance(command, Mail):
            again = parse(mail_line(command, ALL)[:-2])
            assert isinstance(again, Mail)
            assert (again.sender, again.size, again.envid) == (command.sender, command.size, command.envid)
