from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lazaretto.model import Address, Can, Direction, Envelope, Item, ItemState, Properties, new_id, now
from lazaretto.vault.forward import encoded, wrap

ITEM = Item(
    new_id(), now(), "quarantine", ItemState.HELD,
    Envelope(new_id(), "smtp", Direction.INBOUND, Address("a@b"), (), Can.HOLD, now()),
    Properties("Größe\nX-Evil: yes"), (), "malware", "Held because of <EICAR>.", 1, "0", (),
)  # fmt: skip
TO = ("labs@example.org", "second@example.org")


def mail(raw: bytes, item: Item = ITEM) -> bytes:
    return wrap(raw, item, sender="lazaretto@example.net", to=TO, at=now())


def read(wrapped: bytes) -> EmailMessage:
    parsed = email.message_from_bytes(wrapped, policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def test_the_mail_reads_well() -> None:
    parsed = read(mail(b"Subject: x\r\n\r\nhello\r\n"))
    assert parsed["Subject"] == "Fwd: Größe?X-Evil: yes"
    assert parsed["X-Evil"] is None
    assert parsed["To"] == ", ".join(TO)
    assert parsed["From"] == "lazaretto@example.net"
    assert parsed.defects == []
    note, attached = parsed.iter_parts()
    assert ITEM.id in note.get_content()
    assert "Held because of <EICAR>." in note.get_content()
    assert attached.get_filename() == f"{ITEM.id}.eml"


@pytest.mark.parametrize(
    ("raw", "media_type", "encoding"),
    [
        (b"Subject: x\r\n\r\nhello\r\n", "message/rfc822", "7bit"),
        (b"Subject: x\r\n\r\nhello", "message/rfc822", "7bit"),
        (b"Subject: x\r\n\r\nh\xc3\xa4\r\n", "message/rfc822", "8bit"),
        (b"Subject: x\n\nhello\n", "application/octet-stream", "base64"),
        (b"Subject: x\r\n\r\na\rb\r\n", "application/octet-stream", "base64"),
        (b"Subject: x\r\n\r\n\0\r\n", "application/octet-stream", "base64"),
        (b"Subject: x\r\n\r\n" + b"x" * 998 + b"\r\n", "message/rfc822", "7bit"),
        (b"Subject: x\r\n\r\n" + b"x" * 999 + b"\r\n", "application/octet-stream", "base64"),
    ],
)
def test_the_attachment_goes_as_it_can(raw: bytes, media_type: str, encoding: str) -> None:
    wrapped = mail(raw)
    attached = list(read(wrapped).iter_parts())[1]
    assert (attached.get_content_type(), attached["Content-Transfer-Encoding"]) == (media_type, encoding)
    if encoding == "base64":
        assert attached.get_content() == raw
    else:
        boundary = read(wrapped).get_boundary()
        assert wrapped.endswith(raw + f"\r\n--{boundary}--\r\n".encode())


@settings(max_examples=80)
@given(st.binary())
def test_any_message_arrives_byte_for_byte_and_survives_smtp(raw: bytes) -> None:
    wrapped = mail(raw)
    assert wrapped.count(b"\n") == wrapped.count(b"\r") == wrapped.count(b"\r\n")
    assert max(map(len, wrapped.split(b"\r\n"))) <= 998
    attached = list(read(wrapped).iter_parts())[1]
    assert (attached.get_content() if attached.get_content_type().startswith("app") else raw) == raw
    assert raw in wrapped or attached["Content-Transfer-Encoding"] == "base64"


@settings(max_examples=100)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=300))
def test_any_subject(text: str) -> None:
    value = encoded(text)
    assert value.isascii()
    assert all(len(line) <= 900 for line in value.split("\r\n"))
    assert str(email.header.make_header(email.header.decode_header(value))).split() == text.split()


def test_a_hostile_sentence_stays_in_its_part() -> None:
    parsed = read(mail(b"x", replace(ITEM, sentence="\r\n\r\n--boundary\r\n\udc80")))
    assert len(list(parsed.iter_parts())) == 2
