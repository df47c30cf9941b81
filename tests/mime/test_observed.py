from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lazaretto.mime.observed import Watch, observe
from lazaretto.mime.parse import LIMIT_DELIMITERS
from lazaretto.mime.transfer import body

PART = (
    b"--x\r\nContent-Type: text/plain\r\n\r\none\r\n"
    b"--x\r\nContent-Transfer-Encoding: base64\r\n\r\ndHdv\r\n--x--\r\ntail"
)


def bodies(raw: bytes) -> list[bytes]:
    message = observe(raw)
    assert message is not None
    return [body(message, part) for part in message.root.children]


@pytest.mark.parametrize("raw", [PART, PART.replace(b"\r\n", b"\n"), PART.replace(b"\r\n", b"\r"), b"hello\n" + PART])
def test_what_looks_like_parts_is_parts(raw: bytes) -> None:
    assert bodies(raw) == [b"one", b"two", b"tail"]


@pytest.mark.parametrize(
    "raw",
    [
        b"  --x\nContent-Type: text/plain\n\none",
        b"--x\nX-First: y\nContent-Type: text/plain\n\none",
        b"--x\n\0Content-Type: text/plain\n\none",
        b"-- x --\nMIME-Version: 1.0\n\none",
    ],
)
def test_loosely_written_ones_too(raw: bytes) -> None:
    assert Watch(raw).shows(0, len(raw))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"a -- b\n",
        b"-- \nAnn\nhttp://example.org/content-type\n",
        b"---\n src/a.c | 2 +-\n 1 file changed\n\ndiff --git a/a.c b/a.c\n--- a/a.c\n+++ b/a.c\n",
        b"x--x\nContent-Type: text/plain\n",
        b"--begin certificate--\nabc\n",
    ],
)
def test_ordinary_text_has_none(raw: bytes) -> None:
    assert not Watch(raw).shows(0, len(raw))
    assert observe(raw) is None


def test_many_hyphens_far_from_a_field_are_passed_over() -> None:
    raw = b"--\n" * 600_000 + b"x\n" * 5 + PART
    assert Watch(raw).shows(0, len(raw))
    assert bodies(raw) == [b"one", b"two", b"tail"]


@pytest.mark.parametrize("size", range(0, 1_001, 100))
def test_a_field_is_as_far_as_the_lines_between_let_it_be(size: int) -> None:
    line = b"x" * min(size, 998)
    raw = (
        b"--\n" * 9_000
        + b"x\n" * 5
        + b"--"
        + b"n" * size
        + b"\r" * size
        + b"\n"
        + (line + b"\r\r\n") * 3
        + b"Content-Type: a\n"
    )
    assert [at for _, at, _ in Watch(raw).delimiters(0, len(raw))] == [27_010]


@settings(max_examples=200, deadline=None)
@given(raw=st.lists(st.sampled_from([b"--x", b"--", b"\r", b"\n", b"Content-Type:", b" ", b"y"]), max_size=40))
def test_parts_are_in_order_and_do_not_overlap(raw: list[bytes]) -> None:
    message = observe(b"".join(raw))
    at = 0
    for part in message.root.children if message else ():
        assert at <= part.start <= part.body <= part.end <= len(b"".join(raw))
        at = part.end


@pytest.mark.parametrize(
    "raw",
    [b"--\n" * 1_300_000, b"-" * 4_000_000, b"--x\nContent-Type: a\n" * 200_000, b"\n--" + b"\r" * 4_000_000],
)
def test_time_is_linear(raw: bytes) -> None:
    start = time.process_time()
    observe(raw)
    assert time.process_time() - start < 3


def test_a_cap_is_told() -> None:
    message = observe(b"--x\nContent-Type: a\n" * 20_000)
    assert message is not None
    assert LIMIT_DELIMITERS in message.root.defects
    dashes = b"--\n" * 600_000
    assert not Watch(dashes).shows(0, len(dashes))  # without a field no header follows
    near = b"xcontent-type\n"  # no field, but nothing short of looking says so
    dashes = (b"--\n" * 1_000 + near) * 600
    assert Watch(dashes).shows(0, len(dashes))  # nobody looked to the end
    message = observe(dashes)
    assert message is not None
    assert LIMIT_DELIMITERS in message.root.defects
