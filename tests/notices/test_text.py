from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from lazaretto.model import Finding, Kind, Severity
from lazaretto.notices import text

GOLDEN = Path(__file__).with_name("golden")
FACTS = text.Facts(
    name="invoice.zip",
    threats="EICAR-Test-File (malware)",
    time="2026-11-23 10:00:00+00:00",
    id="01ARZ3NDEKTSV4RRFFQ69G5FAV",
    rule="default.malware",
    contact="postmaster@x.example",
    original="(about the original)",
)


@pytest.mark.parametrize("name", text.languages())
def test_every_language_says_everything(name: str) -> None:
    language = text.language(name)
    assert text.problems(language.notice) == []
    filled = text.fill(language.notice, FACTS)
    assert filled == (GOLDEN / f"{name}.txt").read_text("utf-8")
    assert "$" not in filled
    assert language.unnamed
    assert language.kept != language.gone


def test_english_and_german_are_there() -> None:
    assert text.languages() == ["de", "en"]


@pytest.mark.parametrize("name", ["fr", "../en", ""])
def test_an_unknown_language_is_an_error(name: str) -> None:
    with pytest.raises(KeyError):
        text.language(name)


@pytest.mark.parametrize(
    ("template", "says"),
    [("$nmae", "names $nmae: there are $name"), ("5 $", "write $$"), ("${name}", ""), ("5 $$", "")],
)
def test_templates_are_checked(template: str, says: str) -> None:
    wrong = text.problems(template)
    assert bool(wrong) == bool(says)
    assert says in "".join(wrong)


def test_what_is_filled_in_is_not_filled_again() -> None:
    facts = text.Facts("$contact {0.__class__} %(id)s", "", "", "", "", "SECRET")
    assert text.fill("$name", facts) == "$contact {0.__class__} %(id)s"


def test_threats_are_listed_once_and_not_without_end() -> None:
    def finding(name: str) -> Finding:
        return Finding("patterns", name, Kind.MALWARE, Severity.HIGH)

    assert text.threats([finding("A\nB"), finding("A\nB")]) == "A?B (malware)"
    assert text.threats(finding(f"V{number}") for number in range(50)).endswith("V9 (malware), … (50)")


def test_moment() -> None:
    assert text.moment(datetime(2026, 11, 23, 10, 0, 0, 123456, tzinfo=UTC)) == "2026-11-23 10:00:00+00:00"
