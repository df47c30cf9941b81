from __future__ import annotations

import itertools
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lazaretto.protocols.smtp.command import Command
from lazaretto.protocols.smtp.server import MAX_LINE, Content, ContentEnd, Incoming, Refused, ServerCodec


def portions(data: bytes, cuts: Iterable[int]) -> list[bytes]:
    edges = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[start:stop] for start, stop in itertools.pairwise(edges)]


def converse(pieces: Iterable[bytes]) -> list[object]:
    """What a server sees that accepts every DATA: commands, refusals by their text, whole contents."""
    codec, seen, content = ServerCodec(), [], b""
    for piece in pieces:
        codec.feed(piece)
        while (event := codec.next_event()) is not None:
            match event:
                case Content(data):
                    content += data
                case ContentEnd():
                    seen.append(content)
                    content = b""
                case Refused(error):
                    seen.append(str(error.reply))
                case Command():
                    seen.append(event)
                    if event.verb == "DATA":
                        codec.begin_data()
    return [*seen, content, codec.in_content]


lines = st.lists(
    st.sampled_from(
        [
            b"EHLO x\r\n",
            b"MAIL FROM:<a@b>\r\n",
            b"DATA\r\n",
            b".\r\n",
            b"..\r\n",
            b"BDAT 5\r\n",
            b"BDAT 0 LAST\r\n",
            b"NOOP\n",
            b"NO\rOP\r\n",
            b"\r\n",
            b"text\r",
            b"x" * (MAX_LINE + 10),
            b"\n",
            b"QUIT\r\n",
        ]
    ),
    max_size=12,
).map(b"".join)


@settings(max_examples=300)
@given(lines, st.lists(st.integers(0, 10_000), max_size=8))
def test_portions_make_no_difference(data: bytes, cuts: list[int]) -> None:
    assert converse(portions(data, cuts)) == converse([data])


@settings(max_examples=50)
@given(lines)
def test_nor_do_single_octets(data: bytes) -> None:
    assert converse(data[at : at + 1] for at in range(len(data))) == converse([data])


def events(data: bytes) -> list[Incoming]:
    codec, found = ServerCodec(), []
    codec.feed(data)
    while (event := codec.next_event()) is not None:
        found.append(event)
    return found


@pytest.mark.parametrize("line", [b"NOOP\n", b"NO\rOP\r\n", b"\rNOOP\r\n", b"NOOP\r\r\n", b"NO\0OP\r\n", b"NOOP\n\r\n"])
def test_only_crlf_ends_a_command(line: bytes) -> None:
    first = events(line + b"QUIT\r\n")[0]
    assert isinstance(first, Refused)


def test_a_long_line_is_refused_once_and_dropped_in_constant_memory() -> None:
    codec, refused = ServerCodec(), 0
    for _ in range(1000):
        codec.feed(b"x" * 1000)
        while (event := codec.next_event()) is not None:
            assert isinstance(event, Refused)
            refused += 1
        assert codec.pending <= MAX_LINE
    codec.feed(b"x\r\nQUIT\r\n")
    assert refused == 1
    assert codec.next_event() == Command("QUIT")


def test_a_line_of_the_greatest_length_is_read() -> None:
    line = b"NOOP " + b"x" * (MAX_LINE - 7) + b"\r\n"
    assert isinstance(events(line)[0], Command)
    assert isinstance(events(b"x" + line)[0], Refused)


def test_chunks_carry_anything() -> None:
    data = b"a\r\n.\r\nQUIT\r\n\0\n"
    assert converse([b"BDAT %d\r\n%bBDAT 0 LAST\r\nQUIT\r\n" % (len(data), data)])[1::2][:2] == [data, b""]


def test_forgetting_drops_what_was_sent_ahead() -> None:
    codec = ServerCodec()
    codec.feed(b"STARTTLS\r\nMAIL FROM:<evil@example.org>\r\n")
    assert codec.next_event() == Command("STARTTLS")
    assert codec.pending
    codec.forget()
    codec.feed(b"QUIT\r\n")
    assert codec.next_event() == Command("QUIT")
