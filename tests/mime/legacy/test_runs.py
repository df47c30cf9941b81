from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lazaretto.mime.legacy import runs

DATA = bytes(range(256)) * 2


def only(data: bytes) -> runs.Found:
    (found,) = runs.find(data)
    return found


def wrapped(data: bytes, width: int) -> list[bytes]:
    text = base64.b64encode(data)
    return [text[at : at + width] for at in range(0, len(text), width)]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r", b"\r\r\n", b" \n", b"\n\n", b"\n> "])
@pytest.mark.parametrize("width", [40, 64, 76, 10_000])
def test_a_run_in_a_text(end: bytes, width: int) -> None:
    block = end.join(wrapped(DATA, width))
    text = b"Hello Mark,\nhere it is:\n\n" + block + b"\n\nYours\n"
    found = only(text)
    assert found.data == DATA
    assert found.format == "base64"
    assert text[found.start : found.end] == block


@settings(max_examples=60, deadline=None)
@given(data=st.binary(min_size=40, max_size=300))
def test_round_trip(data: bytes) -> None:
    assert only(b"Hi\n\n" + base64.encodebytes(data) + b"\nYours sincerely, M.\n")[3:5] == (data, True)


def test_inside_a_line_of_a_program() -> None:
    text = base64.b64encode(DATA)
    assert only(b'var x = "' + text + b'"; run(x)\n').data == DATA
    assert [each.data for each in runs.find(b'["' + text + b'",\n"' + text + b'"]\n')] == [DATA, DATA]
    assert only(b"<p>" + text + b"</p>andwordsbehind\n").data == DATA


def test_a_word_behind_the_padding_is_no_part_of_it() -> None:
    assert only(b"\n".join([*wrapped(DATA[:-1], 76), b"Yours", b"Mark"])).data == DATA[:-1]
    assert only(b"\n".join([*wrapped(DATA[:50], 76), b"Yours", b"Mark"])).data == DATA[:50]


def test_junk_and_padding_inside() -> None:
    lines = wrapped(DATA, 76)
    assert only(b"\n".join(line[:50] + b".-" + line[50:] for line in lines))[3:5] == (DATA, False)
    chunks = b"\n".join(base64.b64encode(DATA[at : at + 40]) for at in range(0, len(DATA), 40))
    assert only(chunks)[3:5] == (DATA, False)
    assert only(b"\n".join(lines).rstrip(b"="))[3:5] == (DATA, False)
    joined = b".".join(wrapped(DATA * 9, 60))
    assert only(joined).data == DATA * 9


def test_short_lines_where_the_text_says_base64() -> None:
    lines = b"\n".join(wrapped(DATA, 12))
    assert list(runs.find(lines)) == []
    assert only(b"Content-Transfer-Encoding: BASE64\n\n" + lines + b"\n\nYours\n").data == DATA
    assert only(b"base64\n" + lines + b"\n\n" + b"and so on\n" + b"A" * 39 + b"\n").data == DATA
    odd = b"\n".join([*wrapped(DATA[:12], 8), *wrapped(DATA[12:], 76)])
    assert only(b"base64\n\n" + odd).data == DATA
    found = list(runs.find(b"base64\n" + lines + b"\n\nand so on\n" + base64.encodebytes(DATA)))
    assert [each.data for each in found] == [DATA, DATA]


def test_ordinary_text_holds_nothing() -> None:
    assert list(runs.find(b"A word\nand\nanother\n" + b"-" * 72 + b"\nhttps://example.org/a-b/c?d=e\n" * 9)) == []
    assert not runs.present(b"words and words\n" * 99)


def test_lenient() -> None:
    assert runs.lenient(b"YWJj\r\n") == (b"abc", True)
    assert runs.lenient(b"YWI=") == (b"ab", True)
    assert runs.lenient(b"YWI") == (b"ab", False)
    assert runs.lenient(b"YW.Jj") == (b"abc", False)
    assert runs.lenient(b"YQ==YWJj") == (b"aabc", False)
    assert runs.lenient(b"YWJjY") == (b"abc", False)
    assert runs.lenient(b"===") == (b"", False)


@settings(max_examples=300, deadline=None)
@given(
    pieces=st.lists(
        st.one_of(
            st.sampled_from([b"A" * 40, b"base64\n", b"YWJj\n", b"=", b"\r", b"\n> ", b'"', b" ", b"."]),
            st.binary(max_size=9),
        )
    )
)
def test_any_bytes(pieces: list[bytes]) -> None:
    data = b"".join(pieces)
    at = 0
    for found in runs.find(data):
        assert at <= found.start < found.end <= len(data)
        assert found.data
        at = found.end
    runs.lenient(data)


@pytest.mark.parametrize(
    ("head", "pattern"),
    [
        (b"", b"A"),
        (b"", b"A" * 76 + b"\n"),
        (b"", b"A" * 40 + b" "),
        (b"", b"A" * 40 + b"=\n"),
        (b"", b"A" * 40 + b"-" * 200),
        (b"", b"A" * 41 + b"\n" + b" " * 1000),
        (b"A" * 41 + b"\n", b" "),
        (b"A" * 41, b"\r"),
        (b"A" * 41, b"A="),
        (b"base64 ", b"A" * 39 + b" "),
        (b"base64\n", b"AAAA\nBBBB\n\n"),
        (b"base64\n", b"\n" + b"A" * 39 + b"=" * 2000 + b"."),
        (b"base64\n", b"AAAA\n" + b"B" * 36 + b"\n= =\n"),
    ],
)
def test_time_is_linear(spend: Callable[..., None], head: bytes, pattern: bytes) -> None:
    spend(runs.find, head, pattern)
    spend(runs.find, head, pattern[::-1])


def test_a_thousand_lines_and_one_more() -> None:
    data = bytes(range(256)) * 400
    encoded = base64.encodebytes(data)
    damaged = encoded.replace(b"\n", b"\n> ").replace(b"A", b"*A", 1)
    for text in (encoded, b"hello\n\n" + encoded.replace(b"\n", b"\r\n> "), damaged):
        assert [found.data for found in runs.find(text)] == [data]
