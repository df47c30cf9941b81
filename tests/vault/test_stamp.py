from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lazaretto.model import new_id
from lazaretto.vault.stamp import MAX_AGE, NAME, find, make, verify

KEY, NOW = b"k" * 32, 1_790_000_000.0
ITEM = new_id()
RAW = b"From: a@b\r\nSubject: x\r\n\r\nbody\r\n.\r\nend\r\n"
STAMP = make(RAW, KEY, ITEM, NOW)
RECEIVED = (
    b"Return-Path: <a@b>\r\nReceived: from localhost (localhost [127.0.0.1])\r\n\tby mx.example (Postfix) with ESMTP"
    b" id 4X\r\n\tfor <c@d>; Mon, 23 Nov 2026 18:00:00 +0000 (UTC)\r\n"
)


def proved(raw: bytes, key: bytes = KEY, now: float = NOW) -> tuple[str, bytes] | None:
    found = verify(raw, key, now)
    return (found.item, found.raw) if found else None


@settings(max_examples=100)
@given(st.binary())
def test_any_message_proves_true_and_comes_back(body: bytes) -> None:
    raw = b"Subject: x\r\n\r\n" + body
    assert proved(make(raw, KEY, ITEM, NOW) + raw) == (ITEM, raw)


@settings(max_examples=200)
@given(st.binary())
def test_no_input_breaks_it(data: bytes) -> None:
    assert proved(data) is None
    assert proved(STAMP[:20] + data) is None


def test_trace_fields_above_are_allowed_and_kept() -> None:
    assert proved(RECEIVED + STAMP + RAW) == (ITEM, RECEIVED + RAW)
    assert proved(b"ARC-Seal: i=1\nDelivered-To: c@d\n" + STAMP + RAW) is not None


@pytest.mark.parametrize(
    "above", [b"Subject: other\r\n", b"Content-Type: text/html\r\n", b"X-A: b\r\n", b"junk\r\n", b"\r\n"]
)
def test_nothing_else_may_stand_above(above: bytes) -> None:
    assert proved(above + STAMP + RAW) is None
    assert proved(RECEIVED + above + STAMP + RAW) is None


def test_what_mail_servers_do_on_the_way() -> None:
    raw = b"Bcc: hidden@example\r\n too@example\r\nSubject: x\r\n\r\nContent-Length: in the body\r\nlast line"
    stamped = make(raw, KEY, ITEM, NOW) + raw
    assert proved(stamped.replace(b"\r\n", b"\n"))  # another line end
    assert proved(stamped + b"\r\n")  # a last line has to end
    assert proved(stamped.replace(b"Bcc: hidden@example\r\n too@example\r\n", b""))  # Postfix: message_drop_headers
    assert proved(stamped.replace(b"; h=", b";\r\n\th="))  # folded
    assert not proved(stamped.replace(b"Content-Length: in the body\r\n", b""))


@pytest.mark.parametrize(
    "forged",
    [
        STAMP + RAW.replace(b"body", b"Body"),
        STAMP + b"To: more@example\r\n" + RAW,
        STAMP + RAW + b"more",
        STAMP.replace(ITEM.encode(), new_id().encode()) + RAW,
        STAMP.replace(b"; t=1", b"; t=2") + RAW,
        STAMP.replace(b"v=1", b"v=2") + RAW,
        STAMP[:-3] + b"\r\n" + RAW,
        STAMP + STAMP + RAW,
        RAW.replace(b"Subject", STAMP + b"Subject"),
        RAW + STAMP,
        RAW.replace(b"\r\n\r\n", b"\r\n\r\n" + STAMP),
        b" " + STAMP + RAW,
        f"{NAME}: \xe9\r\n".encode() + RAW,
        RAW,
        b"",
    ],
)
def test_forged(forged: bytes) -> None:
    assert proved(forged) is None


def test_another_key() -> None:
    assert proved(STAMP + RAW, b"K" * 32) is None


@pytest.mark.parametrize(
    ("age", "good"), [(0, True), (MAX_AGE - 1, True), (MAX_AGE + 1, False), (-30, True), (-90, False)]
)
def test_age(age: float, good: bool) -> None:
    assert (proved(STAMP + RAW, now=NOW + age) is not None) is good


def test_a_stamp_of_another_release_is_another_stamp() -> None:
    first = verify(STAMP + RAW, KEY, NOW)
    second = verify(make(RAW, KEY, ITEM, NOW + 0.001) + RAW, KEY, NOW)
    assert first
    assert second
    assert first.signature != second.signature


def test_a_header_without_end_is_not_read_to_its_end() -> None:
    assert find(b"Received: x\r\n" * 100_000 + STAMP) is None
    assert find(b"Received: x\r\n" + b" folded\r\n" * 1_000_000 + STAMP) is None


def test_a_message_without_header() -> None:
    raw = b"\r\nbody"
    assert proved(make(raw, KEY, ITEM, NOW) + raw) == (ITEM, raw)
