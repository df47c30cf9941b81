"""The guard over the weights of all engines: a change that catches less of the project's own samples, or that raises a
false alarm, fails here.  ``python -m bench.heuristics`` shows what every heuristic does, ``--write`` accepts it."""

from __future__ import annotations

from functools import cache

import pytest
from bench import heuristics as bench

from lazaretto import heuristics

SOURCES = sorted(heuristics.every())
LEAST = {"macros": 80}  # samples of each sort that the engine must have; others twenty


@cache
def rows(source: str) -> list[bench.Row]:
    return bench.rows(source)


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("name", bench.LISTS)
def test_nothing_got_worse(source: str, name: str) -> None:
    allowed = bench.expected()[source][name]
    new = sorted(set(bench.lists(rows(source))[name]) - set(allowed))
    if name == "mild":  # what was missed before and is suspicious now got better
        new = sorted(set(new) - set(bench.expected()[source]["missed"]))
    elif name == "doubts":
        new = sorted(set(new) - set(bench.expected()[source]["alarms"]))
    assert not new, f"{bench.LISTS[name]}: {new}"


@pytest.mark.parametrize("source", SOURCES)
def test_what_got_better_is_written_down(source: str) -> None:
    now = bench.lists(rows(source))
    assert {name: bench.expected()[source][name] for name in bench.LISTS} == now, "python -m bench.heuristics --write"


@pytest.mark.parametrize("source", SOURCES)
def test_the_share_that_is_caught(source: str) -> None:
    found = rows(source)
    hostile, harmless = sum(row.hostile for row in found), sum(not row.hostile for row in found)
    now = bench.lists(found)
    assert min(hostile, harmless) >= LEAST.get(source, 20)
    assert len(now["missed"]) <= 0.05 * hostile
    assert now["alarms"] == []
    assert len(now["doubts"]) <= 0.02 * harmless


def test_a_weaker_sheet_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard itself can fail."""
    found = [
        bench.Row("a", True, bench.Severity.LOW, frozenset()),
        bench.Row("b", False, bench.Severity.HIGH, frozenset()),
    ]
    assert bench.lists(found) == {"missed": ["a"], "mild": [], "alarms": ["b"], "doubts": []}
