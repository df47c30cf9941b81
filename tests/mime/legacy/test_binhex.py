from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lazaretto.mime.legacy import binhex

DATA = bytes(range(256)) + b"A" * 600 + b"\x90\x90\x90"
INTRO = b"(This file must be converted with BinHex 4.0)"


def test_a_known_vector() -> None:
    """A file of Peter Lewis' definition: 2B 90 00 90 04 is 2B 90 90 90 90."""
    assert binhex._unpacked(b"\x2b\x90\x00\x90\x04") == (b"\x2b\x90\x90\x90\x90", False)
    assert binhex._unpacked(b"\x00\x11\x22\x33\x44\x55\x66\x77") == (b"\x00\x11\x22\x33\x44\x55\x66\x77", False)
    assert binhex._unpacked(b"\x11\x22\x90\x04\x33") == (b"\x11\x22\x22\x22\x22\x33", False)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r", b"\r\r\n"])
def test_both_forks(writers: Any, packed: bool, end: bytes) -> None:
    block = writers.binhex(b"a b.exe", DATA, b"the resource", packed=packed)
    text = (b"Hello:\n\n" + block + b"\nYours: M.\n").replace(b"\n", end)
    data, resource = binhex.find(text)
    assert data[2:] == (("a b.exe",), DATA, True, "binhex", False)
    assert resource[2:] == (("a b.exe.rsrc",), b"the resource", True, "binhex", False)
    assert text[data.start :].startswith(INTRO)
    assert text[data.end - 1 :].startswith(b":")
    assert binhex.decode(text) == (DATA + b"the resource", True)


@settings(max_examples=60, deadline=None)
@given(data=st.binary(min_size=1, max_size=300), name=st.binary(max_size=63))
def test_round_trip(writers: Any, data: bytes, name: bytes) -> None:
    assert binhex.decode(writers.binhex(name, data)) == (data, True)
    assert binhex.decode(writers.binhex(name, data).removeprefix(INTRO)) == (data, True)


def test_two_files(writers: Any) -> None:
    text = writers.binhex(b"1", b"one") + b"and\n" + writers.binhex(b"2", b"two")
    assert [(each.names, each.data) for each in binhex.find(text)] == [(("1",), b"one"), (("2",), b"two")]
    assert binhex.decode(text) == (b"one", True)


def test_damage(writers: Any) -> None:
    block = writers.binhex(b"x", DATA)
    open_end = block.rstrip(b":\n") + b"\n\nYours \x9f M.\n"
    assert next(binhex.find(open_end))[2:5] == (("x",), DATA, False)
    junk = block[:80] + b"\n~~ \xff\n" + block[80:]
    assert next(binhex.find(junk))[3:5] == (DATA, False)
    (cut, *_) = binhex.find(block[:150])
    assert DATA.startswith(cut.data)
    assert not cut.sound


def test_nothing_is_lost_behind_lengths_that_lie(writers: Any) -> None:
    stream = b"\x01x\0TEXTttxt\0\0" + (2).to_bytes(4, "big") + bytes(4) + b"\0\0" + b"hi\0\0" + b"\0\0" + b"the payload"
    found = list(binhex.find(INTRO + b"\n" + writers.six_bits(stream)))
    assert [each.data for each in found] == [b"hi", b"the payload"]
    assert not any(each.sound for each in found)
    stream = b"\xff" + bytes(40)  # no header at all
    assert [each.data for each in binhex.find(INTRO + b"\n" + writers.six_bits(stream))] == [stream]


def test_a_body_without_colons(writers: Any) -> None:
    stream = b"\xffabc"
    assert binhex.decode(writers.six_bits(stream).strip(b":"))[1] is False


def test_a_bomb_is_cut_off_and_says_so(writers: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binhex, "LONGEST", 10_000)
    stream = b"\xff" + b"a\x90\xff" * 100
    (found,) = binhex.find(INTRO + b"\n" + writers.six_bits(stream))
    assert (len(found.data), found.cut, found.sound) == (10_000, True, False)
    tracemalloc.start()
    try:
        assert binhex._unpacked(b"a\x90\xff" * 200_000)[1]  # 51 MB, were it unpacked
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_ordinary_text_holds_nothing() -> None:
    assert list(binhex.find(b"Note:\n:-)\nBinHex is a format.\n: x\n")) == []
    assert list(binhex.find(b":-) said he, and no more than this was in the text of that day\n")) == []
    assert not binhex.present(b"BinHex is a format.\n")


@settings(max_examples=200, deadline=None)
@given(
    pieces=st.lists(
        st.one_of(st.sampled_from([INTRO, b"\n:", b":", b"!!3r2cmr2cmr2`!!!!", b"\r\n"]), st.binary(max_size=40))
    )
)
def test_any_bytes(pieces: list[bytes]) -> None:
    data = b"".join(pieces)
    for found in binhex.find(data):
        assert 0 <= found.start < found.end <= len(data)
        assert found.data
    binhex.decode(data)


@pytest.mark.parametrize(
    ("head", "pattern"),
    [
        (b"", INTRO + b"\n"),
        (b"", INTRO + b"\n:!!!\n"),
        (INTRO + b"\n", b"\n :"),
        (INTRO + b"\n:", b"!!)J"),
        (INTRO + b"\n:", b'B@)N"'),
        (b"", b":" + b"!" * 30),
    ],
)
def test_time_is_linear(spend: Callable[..., None], head: bytes, pattern: bytes) -> None:
    spend(binhex.find, head, pattern)
