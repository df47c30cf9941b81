from __future__ import annotations

from typing import Any

import pytest

from lazaretto.model import Finding, Kind
from lazaretto.plugin import Engine, discover
from lazaretto.testing import artifact


def inspect(data: bytes, **settings: Any) -> list[Finding]:
    cls = discover("engines", Engine)["shouting"]
    return list(cls(cls.Settings(**settings)).inspect(artifact(data, type="text/plain")))


def test_capitals_are_found() -> None:
    (finding,) = inspect(b"BUY NOW, IT IS VERY CHEAP INDEED!")
    assert finding.kind is Kind.CONTENT
    assert finding.evidence == ("all of 25 letters are capitals",)


@pytest.mark.parametrize("data", [b"", b"OK", b"Quiet words, as they should be", b"\xff\xfe\x00", b"1234567890" * 9])
def test_the_rest_is_left_alone(data: bytes) -> None:
    assert inspect(data) == []


def test_the_number_of_letters_is_a_setting() -> None:
    assert inspect(b"OK", letters=2)
