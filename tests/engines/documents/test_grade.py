from __future__ import annotations

from collections.abc import Mapping

import pytest
from tests.engines.documents import samples
from tests.engines.documents.pairs import ELSEWHERE, PAIRS
from tests.engines.documents.weigh import grade, graded, seen

from lazaretto import heuristics
from lazaretto.engines.documents.grade import Signs, limit
from lazaretto.model import Kind, Severity

SHEET = heuristics.load("documents")
GROUPS: Mapping[str, tuple[Mapping[str, bytes], int]] = {
    "pdf": (samples.PDF, 25),
    "rtf": (samples.RTF, 25),
    "ole": (samples.OLE, 10),
    "office": (samples.OFFICE, 10),
    "onenote": (samples.ONENOTE, 8),
    "delivery": (samples.DELIVERY, 25),
}


@pytest.mark.parametrize("group", GROUPS)
def test_hostile_shapes(group: str) -> None:
    shapes, least = GROUPS[group]
    missed = [name for name, data in shapes.items() if not grade(name, data)]
    assert len(shapes) >= least
    assert missed == []


@pytest.mark.parametrize("name", samples.HARMLESS)
def test_harmless_ones(name: str) -> None:
    assert grade(name, samples.HARMLESS[name]) == ""


def signs(*names: str) -> Signs:
    found = Signs(SHEET)
    for name in names:
        found.add(name, "here")
    return found


def test_what_acts_by_itself_counts_once() -> None:
    assert signs("pdf.opening-script", "pdf.opening-link").score == 40
    assert signs("pdf.opening-script", "pdf.script").score == 20


def test_nothing_is_malicious_for_what_honest_documents_have() -> None:
    assert signs("pdf.script", "pdf.form").grade == ""
    assert signs("pdf.server", "pdf.opening-link").grade == "suspicious"
    assert signs("pdf.server", "pdf.opening-link", "pdf.script").grade == "suspicious"
    assert signs("pdf.program", "pdf.opening-launch").grade == "malicious"


def test_kinds() -> None:
    def kind(*names: str) -> Kind:
        (finding,) = signs(*names).finding("document.x", "a", "weighs")
        return finding.kind

    assert kind("office.handler") is Kind.EXPLOIT
    assert kind("ole.control") is Kind.SCRIPT  # suspicious alone
    assert kind("pdf.picture") is Kind.PHISHING
    assert kind("deliver.console") is Kind.CONTENT


def test_a_finding_names_what_it_is_about_and_why() -> None:
    (finding,) = graded("launch.pdf", samples.PDF["launch.pdf"])
    assert finding.name == "document.pdf.malicious"
    assert finding.severity is Severity.HIGH
    assert finding.artifact == "launch.pdf"
    assert finding.evidence[0] == "pdf: weighs 100"
    assert finding.evidence[1] == "Launch cmd.exe /c echo hello: starts a program (pdf.program)"


def test_limits() -> None:
    assert limit("too much", "a").kind is Kind.LIMIT


# ---------------------------------------------------------------------------- the sheet


def test_every_heuristic_has_its_samples() -> None:
    assert PAIRS.keys() | ELSEWHERE == SHEET.heuristics.keys()


@pytest.mark.parametrize("name", PAIRS)
def test_a_sample_shows_it_and_another_does_not(name: str) -> None:
    positive, negative = PAIRS[name]
    assert name in seen(*positive)
    assert name not in seen(*negative)


def test_the_table_is_whole() -> None:
    assert set(SHEET.kinds) == {each.does for each in SHEET.heuristics.values()}
    for each in SHEET.heuristics.values():
        assert 0 < each.weight <= 90, each.id
        assert each.docs.endswith("."), each.id
        assert "|" not in each.docs
        assert all(word == word.lower() for words in each.words.values() for word in words), each.id
