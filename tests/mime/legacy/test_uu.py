from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lazaretto.mime.legacy import uu

DATA = bytes(range(256)) + b"\0" * 50 + b"and the end"
PROSE = b"Hello Mark,\n\nbegin with the second one, please.\nWe begin on Monday.\nTHE END IS NEAR\nend\n"


def only(data: bytes) -> uu.Found:
    (found,) = uu.find(data)
    return found


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=200), end=st.sampled_from([b"\n", b"\r\n"]))
def test_round_trip(data: bytes, end: bytes) -> None:
    lines = [binascii.b2a_uu(data[at : at + 45], backtick=True).strip(b"\n") for at in range(0, len(data), 45)]
    encoded = end.join([b"begin 644 a name", *lines, b"`", b"end", b"behind"])
    assert uu.begins(encoded)
    assert uu.decode(encoded)[:2] == (data, True)


def test_known_vectors() -> None:
    """As GNU sharutils writes them."""
    assert only(b"begin 644 cat.txt\n#0V%T\n`\nend\n")[2:] == (("cat.txt",), b"Cat", True, "uuencode", False)
    assert only(b"begin 644 cat.txt\n1Eq3o\n+\nend\n").data == b"Cat"
    assert only(b"begin-base64 644 cat.txt\nQ2F0\n====\n").data == base64.b64decode(b"Q2F0")
    assert only(b"begin-base64-encoded 644 Y2F0LnR4dA==\nQ2F0\n====\n").names == ("cat.txt",)


def test_blanks_cut_off_and_check_characters_are_made_good() -> None:
    line = binascii.b2a_uu(b"abc\0\0\0").rstrip(b" \n")
    assert uu.decode(b"begin 644 x\n" + line + b"\nend\n")[:2] == (b"abc\0\0\0", True)
    line = binascii.b2a_uu(b"abcdef").rstrip(b"\n") + b"Z"
    assert uu.decode(b"begin 644 x\n" + line + b"\nend\n")[:2] == (b"abcdef", True)


def test_damage_is_told() -> None:
    assert uu.decode(b"%:&5L;&\\\n")[:2] == (b"hello", False)
    data, sound, _ = uu.decode(b"begin 644 x\n\xff\xff\xff\n%:&5L;&\\\nend\n")
    assert data.endswith(b"hello")
    assert not sound


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r", b"\r\r\n"])
@pytest.mark.parametrize(
    "begin", [b"begin 644 a b.exe", b"begin  a b.exe", b"begin 0100644 a b.exe", b"begin 6 a b.exe"]
)
@pytest.mark.parametrize("grave", [True, False])
def test_a_file_in_a_text(writers: Any, begin: bytes, end: bytes, grave: bool) -> None:
    for lines, name in ((writers.uu_lines(DATA, grave=grave), "uuencode"), (writers.xx_lines(DATA), "xxencode")):
        block = end.join([begin, *lines, b"+" if name == "xxencode" else b"`", b"end"])
        text = b"Hello," + end + end + block + end + b"Yours"
        found = only(text)
        assert found[2:] == (("a b.exe",), DATA, True, name, False) if begin != b"begin 0100644 a b.exe" else True
        assert found.data == DATA
        assert text[found.start : found.end] == block


def test_trimmed_blanks_and_no_end(writers: Any) -> None:
    lines = [line.rstrip(b" ") for line in writers.uu_lines(DATA)]
    assert only(b"\n".join([b"begin 644 x", *lines, b" ", b"end"]))[3:5] == (DATA, True)
    assert only(b"\n".join([b"begin 644 x", *lines, b"Yours sincerely"]))[3:5] == (DATA, False)
    assert only(b"\n".join([b"begin 644 x", *writers.xx_lines(DATA)]))[3:5] == (DATA, False)


def test_junk_between_the_lines_is_skipped_up_to_the_end_line(writers: Any) -> None:
    lines = writers.uu_lines(DATA)
    text = b"\n".join([b"begin 644 x", *lines[:2], *[b"some junk here"] * 20, *lines[2:], b"end"])
    assert only(text)[3:5] == (DATA, False)


def test_without_an_end_line_it_ends_where_lines_no_longer_decode(writers: Any) -> None:
    text = b"\n".join([b"begin 644 x", *writers.uu_lines(DATA), *[b"and so on"] * 20, b"#0V%T"])
    assert only(text)[3:5] == (DATA, False)


def test_a_line_of_the_other_alphabet_does_not_hide_a_file(writers: Any) -> None:
    text = b"\n".join([b"begin 644 x", b"#0V%T", *[line + b" " for line in writers.xx_lines(DATA)], b"end"])
    found = only(text)
    assert (found.format, found.sound) == ("xxencode", False)
    assert found.data.endswith(DATA)


def test_every_file_of_a_text(writers: Any) -> None:
    block = b"\n".join([b"begin 644 x", *writers.uu_lines(DATA), b"end"])
    other = b"begin-base64 644 y\n" + base64.encodebytes(DATA) + b"====\n"
    found = list(uu.find(block + b"\nand\n" + block + b"\n" + other))
    assert [each.data for each in found] == [DATA] * 3
    assert [each.format for each in found] == ["uuencode", "uuencode", "base64"]


def test_begin_base64_without_its_end() -> None:
    text = b"begin-base64 644 y\n" + base64.encodebytes(DATA) + b"\nYours sincerely, M.\n"
    assert only(text)[3:] == (DATA, False, "base64", False)
    assert uu.decode(text)[:2] == (DATA, False)


def test_xxencode_as_a_transfer_encoding(writers: Any) -> None:
    lines = writers.xx_lines(DATA)
    assert uu.decode_xx(b"\n".join([b"begin 644 x", *lines, b"+", b"end"]))[:2] == (DATA, True)
    assert uu.decode_xx(b"\n".join(lines))[:2] == (DATA, False)


def test_ordinary_text_holds_nothing() -> None:
    assert list(uu.find(PROSE)) == []
    assert list(uu.find(b"begin x\nHELLO WORLD\nend\n")) == []
    assert list(uu.find(b"begin\nfoo\nend\n")) == []
    assert not uu.present(b"We begin on Monday.\n  begin 644 x\n")


@settings(max_examples=200, deadline=None)
@given(
    pieces=st.lists(
        st.one_of(
            st.sampled_from([b"begin 644 x\n", b"begin-base64 1 y\r", b"end\n", b"#0V%T\n", b"`\n"]),
            st.binary(max_size=9),
        )
    )
)
def test_any_bytes(pieces: list[bytes]) -> None:
    data = b"".join(pieces)
    for found in uu.find(data):
        assert 0 <= found.start < found.end <= len(data)
        assert found.data
    uu.decode(data)
    uu.decode_xx(data)


@pytest.mark.parametrize(
    ("head", "pattern"),
    [
        (b"", b"begin 644 x\n#AAAA\n"),
        (b"", b"begin "),
        (b"begin 644 x\n", b"!AA\n"),
        (b"begin 644 x\n#AAAA\n", b"x\n"),
        (b"", b"begin 644 x\n#AAAA\n" + b"x\n" * 12),
        (b"", b"begin-base64 644 x\nQUJD\n"),
        (b"begin-base64 644 x\n", b"QUJD\n"),
        (b"begin 644 ", b"\t "),
    ],
)
def test_time_is_linear(spend: Callable[..., None], head: bytes, pattern: bytes) -> None:
    spend(uu.find, head, pattern)


def test_garbage_behind_a_line_of_odd_length_is_cut_off() -> None:
    line = b'75$E625)54RU415-4+49)3$4A)$@K2"H`'  # 23 bytes, which end in the middle of a group
    whole, sound, _ = uu.decode(b"begin 644 x\n" + line + b"$%06S1<4\n`\nend\n")
    assert whole == uu.decode(b"begin 644 x\n" + line + b"\n`\nend\n").data
    assert sound


@pytest.mark.parametrize("more", [64, 128])
def test_six_bits_of_the_length_count(more: int) -> None:
    line = binascii.b2a_uu(DATA[200:245])
    odd = bytes([line[0] + more & 255]) + line[1:]
    found = only(b"begin 644 a\n" + line + odd + line + b"`\nend\n")
    assert found.data == DATA[200:245] * 3
    assert not found.sound


def test_a_word_between_the_lines_is_no_line() -> None:
    line = binascii.b2a_uu(DATA[200:245])
    assert only(b"begin 644 a\n" + line + b"x\nmore\n" + line + b"`\nend\n").data == DATA[200:245] * 2
