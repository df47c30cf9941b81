from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lazaretto.mime.legacy import yenc

DATA = bytes(range(256)) * 3


def whole(body: bytes, size: int, *, name: bytes = b"a b.exe", end: bool = True) -> bytes:
    begin = b"=ybegin line=128 size=%d name=%s\r\n" % (size, name)
    return begin + body + b"\r\n" + (b"=yend size=%d crc32=0\r\n" % size if end else b"")


def piece(body: bytes, number: int, first: int, last: int, *, size: int = 768) -> bytes:
    return (
        b"=ybegin part=%d total=3 line=128 size=%d name=x.bin\r\n=ypart begin=%d end=%d\r\n"
        % (number, size, first, last)
        + body
        + b"\r\n=yend size=%d part=%d pcrc32=0\r\n" % (last - first + 1, number)
    )


def only(data: bytes) -> yenc.Found:
    (found,) = yenc.find(data)
    return found


def test_a_known_vector() -> None:
    """NUL, CR, LF and "=" escaped, as the specification asks; TAB, blank and dot as many encoders do."""
    text = b"=ybegin line=128 size=8 name=x\r\n=@=M=J=}=I=`=nk\r\n=yend size=8\r\n"
    assert only(text).data == bytes((code - 42) & 255 for code in b"\0\r\n=\t .k")


@settings(max_examples=60, deadline=None)
@given(data=st.binary(min_size=1, max_size=300))
def test_round_trip(writers: Any, data: bytes) -> None:
    text = b"Hello,\r\n\r\n" + whole(writers.yenc(data), len(data)) + b"Yours\r\n"
    found = only(text)
    assert found[2:] == (("a b.exe",), data, True, "yenc", False)
    assert text[found.start :].startswith(b"=ybegin ")
    assert text[: found.end].endswith(b"crc32=0")
    assert yenc.decode(text) == (data, True)


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\r\n"])
def test_other_line_ends(writers: Any, end: bytes) -> None:
    assert only(whole(writers.yenc(DATA), len(DATA)).replace(b"\r\n", end))[3:5] == (DATA, True)


def test_without_its_end(writers: Any) -> None:
    assert only(b"Hi\n" + whole(writers.yenc(DATA), len(DATA), end=False))[3:5] == (DATA, False)


def test_doubled_dots_are_undone_where_the_size_asks_for_it() -> None:
    dots = bytes((code - 42) & 255 for code in b"..a")
    assert only(whole(b"..a", 3)).data == dots
    assert only(whole(b"...a", 3))[3:5] == (dots, True)
    assert only(whole(b"abc\r\n...a", 6)).data[3:] == dots


def test_parts_are_joined_in_their_order(writers: Any) -> None:
    parts = [piece(writers.yenc(DATA[at : at + 256]), at // 256 + 1, at + 1, at + 256) for at in (0, 256, 512)]
    found = only(b"text\r\n".join([parts[2], parts[0], parts[1]]))
    assert found[2:] == (("x.bin",), DATA, True, "yenc", False)
    assert only(parts[0] + parts[2])[3:5] == (DATA[:256] + DATA[512:], False)
    assert [each.data for each in yenc.find(parts[0] + parts[0])] == [DATA[:256], DATA[:256]]


def test_two_files(writers: Any) -> None:
    text = whole(writers.yenc(b"one"), 3, name=b"1") + whole(writers.yenc(b"two"), 3, name=b"2")
    assert [(each.names, each.data) for each in yenc.find(text)] == [(("1",), b"one"), (("2",), b"two")]


def test_a_body_without_a_begin_line(writers: Any) -> None:
    assert yenc.decode(writers.yenc(DATA)) == (DATA, False)
    assert yenc.decode(writers.yenc(b"abc") + b"\r\n=yend size=3\r\n") == (b"abc", False)
    assert yenc.decode(b"=ybegin line=128 size=0 name=x\r\n=yend size=0\r\n") == (b"", False)


def test_ordinary_text_holds_nothing() -> None:
    assert list(yenc.find(b"a =ybegin line=1\n the word =ybegin\n==ybegin x\n")) == []
    assert not yenc.present(b"We begin on Monday.\n")


@settings(max_examples=200, deadline=None)
@given(
    pieces=st.lists(
        st.one_of(
            st.sampled_from(
                [
                    b"=ybegin part=1 name=x\n",
                    b"=ybegin size=3 name=\r",
                    b"\n=ypart begin=0\n",
                    b"\n=yend",
                    b"=",
                    b"..\n",
                ]
            ),
            st.binary(max_size=9),
        )
    )
)
def test_any_bytes(pieces: list[bytes]) -> None:
    data = b"".join(pieces)
    for found in yenc.find(data):
        assert 0 <= found.start < found.end <= len(data)
        assert found.data
    yenc.decode(data)


@pytest.mark.parametrize(
    ("head", "pattern"),
    [
        (b"", b"=ybegin line=1 name=x\n"),
        (b"", b"=ybegin part=1 line=1 name=x\n=ypart begin=1 end=2\nabc\n"),
        (b"=ybegin line=1 name=x\n", b"=a"),
        (b"=ybegin line=1 size=3 name=x\n", b"..\r\n"),
        (b"=ybegin name=a\n", b"=yend"),
        (b"=ybegin ", b" size=1"),
    ],
)
def test_time_is_linear(spend: Callable[..., None], head: bytes, pattern: bytes) -> None:
    spend(yenc.find, head, pattern)
