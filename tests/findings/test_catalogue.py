"""No name that the code gives is missing in the catalogue, and none in it is dead."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import lazaretto
from lazaretto import heuristics
from lazaretto.findings import catalogue
from lazaretto.model import Finding, Kind, Severity

SOURCE = Path(lazaretto.__file__).parent
NAME = re.compile(r"[a-z][a-z0-9]*(?:\.[a-z0-9_-]+)+")
# What has the look of a finding's name and is none: properties of pages' scripts, names of members.
OTHERS = {"document.write", "object.ole", "object.bin", "script.js"}
GRADES = ("present", "suspicious", "malicious")  # engines/macros/signs.py: f"{prefix}.{grade}"
FAILURES = {"LimitExceeded": "limit."}
# Names that are put together: settings of [unpack] that bound seconds, what every remote engine says.
ELSEWHERE = {"limit.program_seconds", "clamd.max_bytes", "icap.max_bytes"}


def modules() -> Iterator[ast.Module]:
    for path in sorted(SOURCE.rglob("*.py")):
        if not {"console", "cli", "findings"} & set(path.relative_to(SOURCE).parts):
            yield ast.parse(path.read_text())


def strings(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def said() -> set[str]:
    """Every string in the code that has the form of a finding's name in a group of the catalogue, and every name
    that is given where a finding is made."""
    known = {group.name for group in catalogue.groups()}
    found = set(ELSEWHERE)
    for tree in modules():
        texts = set(strings(tree))
        found |= {text for text in texts if NAME.fullmatch(text) and text.partition(".")[0] in known}
        found |= {"limit." + text.removeprefix("limit-") for text in texts if re.fullmatch("limit-[a-z0-9-]+", text)}
        for call in ast.walk(tree):
            if not isinstance(call, ast.Call):
                continue
            called = call.func.id if isinstance(call.func, ast.Name) else ""
            first = call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else None
            if called in FAILURES and isinstance(first, str):
                found.add(FAILURES[called] + first.removeprefix("limit-"))
            if called == "Finding" and len(call.args) > 1:
                found |= {text for text in strings(call.args[1]) if NAME.fullmatch(text)}
    for grades in (GRADES, GRADES[1:]):  # what judges documents says nothing of those that do nothing remarkable
        prefixes = {name for name in found if f"{name}.{grades[0]}" in catalogue.entries()}
        found = {f"{prefix}.{grade}" for prefix in prefixes for grade in grades} | found - prefixes
    return found - OTHERS


def signs() -> set[str]:
    """Ids of heuristics, which have names of the same form."""
    sheets = (path.parent.name for path in SOURCE.glob("engines/*/weights.toml"))
    return {each for sheet in sheets for each in heuristics.load(sheet).heuristics}


def test_no_name_is_missing() -> None:
    missing = sorted(name for name in said() - signs() if not catalogue.find(name))
    assert not missing, f"add a line for each to src/lazaretto/findings/catalogue.toml: {missing}"


def test_no_name_is_dead() -> None:
    dead = sorted(catalogue.entries().keys() - said() - {"inspection.failed"})
    assert not dead, f"nothing gives these any more: {dead}"


def test_every_name_says_what_it_means_and_what_to_do() -> None:
    for group in catalogue.groups():
        assert group.title
        assert group.do.endswith(".")
        assert re.fullmatch(r"[SB]\d+", group.feature)
        for entry in group.entries:
            assert NAME.fullmatch(entry.name)
            assert entry.meaning
            assert entry.mildest <= entry.worst


@pytest.mark.parametrize(
    ("kind", "severity", "right"),
    [
        (Kind.AMBIGUOUS, Severity.MEDIUM, True),
        (Kind.AMBIGUOUS, Severity.HIGH, False),
        (Kind.MALWARE, Severity.MEDIUM, False),
    ],
)
def test_an_entry_covers_what_it_says(kind: Kind, severity: Severity, right: bool) -> None:
    entry = catalogue.find("zip.contradiction")
    assert entry
    assert entry.covers(Finding("unpack", "zip.contradiction", kind, severity)) is right


def test_the_failure_of_any_engine_is_known_and_names_of_others_are_not() -> None:
    assert catalogue.find("macros.failed")
    assert catalogue.find("Win.Trojan.Agent-1") is None
