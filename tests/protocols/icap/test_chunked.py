from __future__ import annotations

import pytest

from lazaretto.errors import ProtocolError
from lazaretto.protocols.icap.chunked import LAST, WHOLE, ChunkReader, chunk
from lazaretto.protocols.icap.head import MAX_HEAD


@pytest.mark.parametrize("step", [1, 2, 3, 7, 1000])
def test_what_is_written_is_read(step: int) -> None:
    wire = chunk(b"hello ") + chunk(b"") + chunk(b"\r\n0\r\n\r\n" * 20) + LAST + b"next"
    reader, content = ChunkReader(), b""
    for start in range(0, len(wire), step):
        if reader.done:
            break
        content += reader.feed(wire[start : start + step])
    assert content == b"hello " + b"\r\n0\r\n\r\n" * 20
    assert (reader.done, reader.ieof) == (True, False)
    assert b"next".startswith(reader.rest)


def test_the_end_of_a_whole_preview() -> None:
    reader = ChunkReader()
    assert reader.feed(chunk(b"x") + WHOLE) == b"x"
    assert reader.done
    assert reader.ieof


def test_extensions_and_trailers_mean_nothing() -> None:
    reader = ChunkReader()
    assert reader.feed(b'2;a="b"\r\nhi\r\n0\r\nX: y\r\n\r\n') == b"hi"
    assert reader.done


@pytest.mark.parametrize(
    "wire",
    [b"x\r\n", b"-1\r\n", b"+1\r\n", b"0x1\r\n", b" 1\r\n", b"123456789\r\n", b"\r\n", b"2\r\nabc\r\n", b"1" * 300,
     b"0\r\n" + b"A: b\r\n" * MAX_HEAD],
)  # fmt: skip
def test_what_is_no_chunk(wire: bytes) -> None:
    with pytest.raises(ProtocolError):
        ChunkReader().feed(wire)
