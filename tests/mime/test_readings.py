from __future__ import annotations

import re
import time

from hypothesis import given, settings
from hypothesis import strategies as st

from lazaretto.mime import defects
from lazaretto.mime.readings import (
    BARE_CR,
    MAX_BARE_CR,
    RIVALS,
    STANDARD,
    cr_as_line_end,
    many_bare_cr,
    without_controls,
)

DEFECTS = {value for name, value in vars(defects).items() if name.isupper()}


def test_every_rival_has_a_cause_that_exists_and_a_name_of_its_own() -> None:
    assert len({reading.name for reading in (STANDARD, *RIVALS)}) == len(RIVALS) + 1
    for reading in RIVALS:
        assert reading.when
        assert reading.when <= DEFECTS


def test_a_rival_differs_from_the_standard() -> None:
    plain = STANDARD._replace(name="", when=frozenset(), readers="")
    assert all(reading._replace(name="", when=frozenset(), readers="") != plain for reading in RIVALS)


@given(raw=st.binary(max_size=100))
def test_offsets_stay_where_only_the_line_end_changes(raw: bytes) -> None:
    assert len(cr_as_line_end(raw)) == len(raw)


def test_controls() -> None:
    assert without_controls(b"a\0b\x0bc\x0cd\re\r\nf\r\r\n") == b"abcde\r\nf\r\r\n"


def test_runs_of_cr_are_rewritten_in_linear_time() -> None:
    started = time.process_time()
    assert cr_as_line_end(b"a\r" * 3 + b"\r" * 1_000_000 + b"\n") == b"a\na\na\r" + b"\r" * 1_000_000 + b"\n"
    assert without_controls(b"a\rb\0" + b"\r" * 1_000_000 + b"\n") == b"ab" + b"\r" * 1_000_000 + b"\n"
    assert time.process_time() - started < 1


def test_more_bare_cr_than_are_rewritten_are_noticed() -> None:
    assert not many_bare_cr(b"a\r" * MAX_BARE_CR)
    assert many_bare_cr(b"a\r" * (MAX_BARE_CR + 1))


@settings(max_examples=300, deadline=None)
@given(raw=st.lists(st.sampled_from([b"\r", b"\r\r", b"\n", b"\r\n", b"a"]), max_size=12).map(b"".join))
def test_a_run_of_cr_is_bare_unless_lf_follows(raw: bytes) -> None:
    runs = [found.span() for found in re.finditer(rb"\r+", raw) if raw[found.end() : found.end() + 1] != b"\n"]
    assert [found.span() for found in BARE_CR.finditer(raw)] == runs


def test_a_bare_cr_is_found_quickly() -> None:
    raw = b"x" * 50_000_000
    start = time.process_time()
    assert BARE_CR.search(raw) is None
    assert time.process_time() - start < 0.1
