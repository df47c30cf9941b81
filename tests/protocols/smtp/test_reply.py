from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lazaretto.errors import ProtocolError
from lazaretto.protocols.smtp.reply import MAX_LINE, MAX_LINES, Reply, ReplyReader

printable = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=60)
replies = st.builds(Reply, st.integers(200, 599), st.lists(printable, min_size=1, max_size=5).map(tuple))


def read(data: bytes, *, step: int) -> list[Reply]:
    reader, found = ReplyReader(), []
    for at in range(0, len(data), step):
        reader.feed(data[at : at + step])
        while (reply := reader.next_reply()) is not None:
            found.append(reply)
    assert not reader.pending
    return found


@settings(max_examples=100)
@given(st.lists(replies, max_size=4), st.integers(1, 50))
def test_what_is_written_is_read_in_any_portions(written: list[Reply], step: int) -> None:
    assert read(b"".join(reply.encode() for reply in written), step=step) == written


def test_a_reply_cannot_be_made_to_carry_another() -> None:
    assert Reply(250, ("a\r\n250 b", "ü")).encode() == b"250-a??250 b\r\n250 ?\r\n"


@pytest.mark.parametrize(
    "data", [b"hello\r\n", b"199 x\r\n", b"250-a\r\n251 b\r\n", b"250_x\r\n", b"250" + b"x" * MAX_LINE]
)
def test_refuses(data: bytes) -> None:
    reader = ReplyReader()
    reader.feed(data)
    with pytest.raises(ProtocolError):
        reader.next_reply()


def test_endless_replies_are_cut() -> None:
    reader = ReplyReader()
    reader.feed(b"250-x\r\n" * (MAX_LINES + 1))
    with pytest.raises(ProtocolError):
        reader.next_reply()


def test_short_and_bare_forms() -> None:
    assert read(b"250\r\n354 go\n", step=3) == [Reply(250), Reply(354, ("go",))]


def test_enhanced_codes_are_added_where_they_miss() -> None:
    assert Reply(250, ("2.1.5 Ok", "fine")).enhanced() == Reply(250, ("2.1.5 Ok", "2.0.0 fine"))
    assert Reply.of("550 no such user").enhanced() == Reply.of("550 5.0.0 no such user")
    assert Reply.of("354 go").enhanced() == Reply.of("354 go")
    assert str(Reply.of("250 2.0.0 Ok")) == "250 2.0.0 Ok"


def test_classes() -> None:
    assert Reply(250).ok
    assert Reply(451).temporary
    assert not Reply(550).ok
    assert not Reply(550).temporary
