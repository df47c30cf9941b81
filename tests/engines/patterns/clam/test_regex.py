from __future__ import annotations

import pytest

from lazaretto.engines.patterns.clam.body import Unsupported
from lazaretto.engines.patterns.clam.regex import parse


def matches(text: str, data: bytes) -> bool:
    found = parse(text, 0)
    span = found.offset.span(len(data), None)
    return span is not None and found.matches(data, *span)


@pytest.mark.parametrize(
    ("text", "data", "expected"),
    [
        ("0/ab+c/", b".abbc", True),
        ("0/AB+C/", b".abbc", False),
        ("0/AB+C/i", b".abbc", True),
        ("0/a.c/", b"a\nc", False),
        ("0/a.c/s", b"a\nc", True),
        ("0/^b/", b"a\nb", False),
        ("0/^b/m", b"a\nb", True),
        ("0/a b/x", b"ab", True),
        ("1:0/ab/", b".ab", True),
        ("1:0/ab/", b"..ab", False),
        ("1:0/ab/r", b"..ab", True),
        ("0/ab/A", b".ab", False),
        ("0,2:0/ab/", b"..ab", True),
        ("0,2:0/ab/", b"...ab", False),
        ("0,4:0/ab.*d/e", b"ab..d", False),
        ("9:0/ab/", b"ab", False),
    ],
)
def test_it_matches(text: str, data: bytes, expected: bool) -> None:
    assert matches(text, data) is expected


@pytest.mark.timeout(10)
def test_what_makes_others_backtrack_takes_no_time() -> None:
    assert not matches("0/(a+)+$/", b"a" * 500_000 + b"b")


@pytest.mark.parametrize("text", [r"0/(a)\1/", "0/(?<=a)b/", "0/a(?!b)/", "0/(/", "0/a$/E", "0/(.{1,200}x){50}/"])
def test_what_is_not_regular_is_unsupported(text: str) -> None:
    with pytest.raises(Unsupported):
        parse(text, 0)


@pytest.mark.parametrize("text", ["/a/", "0//", "0/a", "0/a/z", "x/a/", "y:0/a/"])
def test_what_is_none_is_an_error(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - which of the reasons is for people
        parse(text, 0)
