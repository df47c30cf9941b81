"""What every feature finds is compared with clamscan in tests/e2e/test_clamscan.py."""

from __future__ import annotations

import pytest

from lazaretto.engines.patterns.clam.database import Database, Hit
from lazaretto.engines.patterns.clam.logical import extended, logical
from lazaretto.engines.patterns.clam.occurrences import ExhaustedError


def names(*lines: str, data: bytes, kind: str = "application/octet-stream") -> list[str]:
    known = Database([logical(line) if ";" in line else extended(line) for line in lines])
    return [hit.name for hit in known.match(data, kind)]


def test_signatures_that_share_their_bytes_are_all_found() -> None:
    assert names("A:0:*:61626364", "B:0:0:61626364", "C:0:1:61626364", data=b"abcd") == ["A", "B"]


def test_a_signature_for_one_type_is_silent_for_others() -> None:
    assert names("A:10:*:61626364", data=b"abcd") == []
    assert names("A:10:*:61626364", data=b"abcd", kind="application/pdf") == ["A"]


def test_a_name_is_said_once() -> None:
    assert names("A:0:*:6162", "A:0:*:6263", data=b"abc", kind="text/plain") == ["A"]


def test_the_size_of_the_file_is_asked_for() -> None:
    line = "A;Target:0,FileSize:3-4;0;6162"
    assert [names(line, data=data) for data in (b"ab", b"abc", b"abcde")] == [[], ["A"], []]


def test_a_comparison_counts_from_the_last_place() -> None:
    assert names("A;Target:0;0&1;6162;0(>>2#ib1#=49)", data=b"ab0ab1") == ["A"]
    assert names("A;Target:0;0&1;6162;0(>>2#ib1#=49)", data=b"ab1ab0") == []


def test_a_regular_expression_waits_for_its_trigger() -> None:
    line = "A;Target:0;2;6162;6364;0&1/x+y/"
    assert names(line, data=b"ab xxy") == []
    assert names(line, data=b"ab cd xxy") == ["A"]


def test_absence_alone_can_be_a_signature() -> None:
    assert names("A;Target:0;0=0;6162", data=b"x") == ["A"]
    assert names("A;Target:0;0=0;6162", data=b"ab") == []


def test_the_place_is_that_of_the_first_bytes() -> None:
    (hit,) = Database([extended("A:0:*:6162")]).match(b"..ab", "application/octet-stream")
    assert hit == Hit("A", 2)


@pytest.mark.timeout(20)
def test_what_would_take_too_long_says_so() -> None:
    with pytest.raises(ExhaustedError):
        names(*(f"A{number}:0:*:6162*6162*6162{{1-3}}6162" for number in range(50)), data=b"ab" * 500_000)
