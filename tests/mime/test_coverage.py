from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from lazaretto.mime.coverage import Place, coverage
from lazaretto.mime.parse import parse

MAIL = (
    b"Subject: x\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\nbefore\r\n--a\r\n\r\none\r\n--a--\r\nbetween\r\n"
    b"--a\r\n\r\ntwo\r\n--a--\r\nafter"
)


def assert_tiles(raw: bytes) -> None:
    at = 0
    for span in sorted(coverage(parse(raw)), key=lambda span: span.start):
        assert span.start == at, span
        assert span.end > span.start
        at = span.end
    assert at == len(raw)


def test_each_byte_has_its_place() -> None:
    shown = {span.place: MAIL[span.start : span.end].strip() for span in coverage(parse(MAIL))}
    assert shown[Place.PREAMBLE] == b"before"
    assert shown[Place.GAP] == b"between"
    assert shown[Place.EPILOGUE] == b"after"
    assert_tiles(MAIL)


def test_golden_mails_are_covered(golden: bytes) -> None:
    assert_tiles(golden)
    for size in range(0, len(golden), 7):
        assert_tiles(golden[:size])


WORDS = [b"--a", b"--a--", b"--b", b"\r\n", b"\n", b"Content-Type: multipart/mixed; boundary=", b"a", b"b", b" ", b"x"]


@settings(max_examples=400, deadline=None)
@given(words=st.lists(st.sampled_from(WORDS), max_size=40))
def test_any_message_is_covered(words: list[bytes]) -> None:
    assert_tiles(b"Content-Type: multipart/mixed; boundary=a\n\n" + b"".join(words))
    assert_tiles(b"".join(words))
