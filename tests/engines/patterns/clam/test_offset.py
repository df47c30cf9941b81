from __future__ import annotations

import pytest

from lazaretto.engines.patterns.clam.body import Unsupported
from lazaretto.engines.patterns.clam.offset import parse
from lazaretto.engines.patterns.clam.program import Layout

LAYOUT = Layout(0x410, ((0x400, 0x200), (0x600, 0x100)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7", (7, 7)),
        ("7,5", (7, 12)),
        ("EOF-10", (990, 990)),
        ("EOF-2000", None),
        ("EP+0", (0x410, 0x410)),
        ("EP-16,4", (0x400, 0x404)),
        ("S1+2", (0x602, 0x602)),
        ("S2+2", None),
        ("SL+0,9", (0x600, 0x609)),
        ("SE0", (0x400, 0x600)),
    ],
)
def test_where_a_body_may_begin(text: str, expected: tuple[int, int] | None) -> None:
    assert parse(text, 1).span(1000, LAYOUT) == expected


def test_what_is_no_program_has_no_entry_point() -> None:
    assert parse("EP+0", 1).span(1000, None) is None


def test_an_end_that_is_not_known_is_nowhere() -> None:
    assert parse("EOF-3", 0).span(-1, None) is None


@pytest.mark.parametrize("text", ["x", "1,", "1,x", "EP", "EP+", "S1", "S+1", "SL-1", "EOF+1", "-1", "EP+0x", "1" * 10])
def test_what_is_no_offset_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="offset"):
        parse(text, 1)


def test_only_programs_have_entry_points() -> None:
    with pytest.raises(ValueError, match="only for programs"):
        parse("EP+0", 0)


@pytest.mark.parametrize(("text", "target"), [("VI", 1), ("$12", 0), ("EP+0", 9)])
def test_unsupported(text: str, target: int) -> None:
    with pytest.raises(Unsupported):
        parse(text, target)
