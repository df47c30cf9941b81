"""The examination: every hostile case is found or held, nearly all are found, and no harmless mail is touched."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest
from tests.ambiguity.build import Case
from tests.ambiguity.catalogue import CLASSES, cases
from tests.ambiguity.controls import Control, controls

from lazaretto import config
from lazaretto.inspection import Inspector
from lazaretto.model import Kind, Severity, Status

FOUND = 0.98  # of all cases, by decoding; the rest may be held
KINDS = tuple(module.KIND for module in CLASSES)


@cache
def inspector() -> Inspector:
    return Inspector(config.load(None, {}))


@cache
def results() -> dict[str, tuple[Case, Status]]:
    return {each.id: (each, inspector().inspect(each.raw, None, "case.eml").status) for each in cases()}


def table() -> str:
    """One line for a class: how many were found, held and missed; then the misses by id."""
    every = Counter((case.kind, status) for case, status in results().values())
    rows = [f"{'class':18} cases found  held missed"]
    for kind in KINDS:
        of = {status: every[kind, status] for status in Status}
        found, missed = of[Status.INFECTED], of[Status.CLEAN]
        rows.append(f"{kind:18} {sum(of.values()):5} {found:5} {sum(of.values()) - found - missed:5} {missed:6}")
    return "\n".join(rows)


def listed(kind: str | None, *statuses: Status) -> str:
    return "\n".join(
        f"  {status}: {case.id} ({case.note})"
        for case, status in results().values()
        if status in statuses and kind in (None, case.kind)
    )


@pytest.mark.parametrize("kind", KINDS)
def test_every_case_of_the_class_is_found_or_held(kind: str) -> None:
    missed = listed(kind, Status.CLEAN)
    assert not missed, f"passed as clean:\n{missed}\n{table()}"


def test_nearly_all_cases_are_found_by_decoding() -> None:
    found = sum(status is Status.INFECTED for _, status in results().values())
    held = listed(None, Status.SUSPICIOUS, Status.UNSCANNABLE, Status.CLEAN)
    assert found >= FOUND * len(results()), f"found {found} of {len(results())}\n{table()}\nnot found:\n{held}"


@pytest.mark.parametrize("control", controls(), ids=lambda control: control.id)
def test_a_harmless_mail_has_no_finding_above_informational(control: Control) -> None:
    findings = inspector().inspect(control.raw, None, "case.eml").findings
    above = [
        finding
        for finding in findings
        if finding.severity > Severity.INFORMATIONAL and not (control.encrypted and finding.kind is Kind.ENCRYPTED)
    ]
    assert above == []


def test_there_are_enough_of_both_and_each_has_a_name_of_its_own() -> None:
    hostile, harmless = cases(), controls()
    assert len(hostile) >= 420
    assert len(harmless) >= 100
    assert len({each.id for each in hostile}) == len({each.raw for each in hostile}) == len(hostile)
    assert len({each.id for each in harmless}) == len({each.raw for each in harmless}) == len(harmless)
    assert {each.kind for each in hostile} == set(KINDS)
    assert Counter(each.kind for each in hostile)["combination"] >= 40
    assert all(each.note for each in hostile)


def test_the_same_is_made_each_time() -> None:
    assert cases() == cases()
    assert controls() == controls()
