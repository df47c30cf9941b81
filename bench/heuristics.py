"""How the heuristics of all engines do on the project's own samples: ``python -m bench.heuristics``.

Each engine with a ``weights.toml`` has ``tests/engines/ENGINE/samples.py`` with ``graded()``, which yields a name,
whether the sample is hostile in shape (all of them are harmless), a file name and the bytes.  What the weights make of
them stands in ``tests/golden/grades.toml``; a test fails when one gets worse, and ``--write`` takes the present state
for the expected one.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lazaretto import config, heuristics
from lazaretto.explanation import Explainer
from lazaretto.inspection import Inspector
from lazaretto.model import Kind, Severity

GRADES = Path(__file__).parents[1] / "tests" / "golden" / "grades.toml"
# By the worst finding of the engines that weigh: what cannot be looked at is no judgement.
_NONE = frozenset({Kind.LIMIT, Kind.ENCRYPTED, Kind.FAILED, Kind.AMBIGUOUS})
# What may be wrong, and is written down by name.
LISTS = {
    "missed": "hostile, and neither suspicious nor malicious",
    "mild": "hostile, and only suspicious",
    "alarms": "harmless, and malicious",
    "doubts": "harmless, and suspicious",
}


@dataclass(frozen=True)
class Row:
    name: str
    hostile: bool
    severity: Severity
    fired: frozenset[str]  # heuristics, as "engine id"


def rows(source: str) -> list[Row]:
    """Every sample of an engine, judged by all engines that weigh."""
    samples = importlib.import_module(f"tests.engines.{source}.samples").graded()
    found = [Row(name, hostile, *_judged(file, data)) for name, hostile, file, data in samples]
    twice = [name for name, count in Counter((row.name, row.hostile) for row in found).items() if count > 1]
    if twice:
        raise ValueError(f"samples of {source} with one name: {twice}")
    return found


@cache
def _machine() -> tuple[Inspector, Explainer, frozenset[str]]:
    return Inspector(config.Loaded(config.Config(), None)), Explainer(), frozenset(heuristics.every())


def _judged(file: str, data: bytes) -> tuple[Severity, frozenset[str]]:
    inspector, explainer, sources = _machine()
    found = [one for one in inspector.inspect(data, None, file).findings if one.source in sources]
    explained, _ = explainer.split(found)
    fired = frozenset(f"{each.finding.source} {reason.id}" for each in explained for reason in each.reasons)
    return max((one.severity for one in found if one.kind not in _NONE), default=Severity.INFORMATIONAL), fired


def lists(found: Iterable[Row]) -> dict[str, list[str]]:
    """What is not as it should be, by the names of ``LISTS``."""
    out: dict[str, list[str]] = {name: [] for name in LISTS}
    for row in found:
        if row.hostile and row.severity < Severity.HIGH:
            out["missed" if row.severity < Severity.MEDIUM else "mild"].append(row.name)
        elif not row.hostile and row.severity >= Severity.MEDIUM:
            out["alarms" if row.severity >= Severity.HIGH else "doubts"].append(row.name)
    return {name: sorted(names) for name, names in out.items()}


def expected() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(GRADES.read_text()) if GRADES.exists() else {}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.heuristics", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--write", action="store_true", help=f"make it what is expected ({GRADES.name})")
    given = parser.parse_args()
    text = ["# What the weights make of the samples, by engine; written by `python -m bench.heuristics --write`."]
    for source, sheet in heuristics.every().items():
        try:
            found = rows(source)
        except (ImportError, AttributeError) as error:
            print(f"{source}: no samples ({error})", file=sys.stderr)
            continue
        wrong = lists(found)
        _print(sheet, found, wrong)
        text.append(f"\n[{source}]")
        for name, means in LISTS.items():
            items = "".join(f'  "{each}",\n' for each in wrong[name])
            text.append(f"{name} = [\n{items}]  # {means}" if items else f"{name} = []  # {means}")
    if given.write:
        GRADES.write_text("\n".join(text) + "\n")
    return 0


def _print(sheet: heuristics.Sheet, found: list[Row], wrong: dict[str, list[str]]) -> None:
    hostile, harmless = [row for row in found if row.hostile], [row for row in found if not row.hostile]
    print(f"\n{sheet.source}: {len(hostile)} hostile, {len(harmless)} harmless samples")
    for name, means in LISTS.items():
        print(f"  {name:8}{len(wrong[name]):5}  {means}{': ' + ' '.join(wrong[name]) if wrong[name] else ''}")
    print(f"\n  {'heuristic':28}{'weight':>7}{'hostile':>9}{'harmless':>10}")
    for each in sheet.heuristics.values():
        key = f"{sheet.source} {each.id}"
        counts = [sum(key in row.fired for row in part) for part in (hostile, harmless)]
        weak = " weak" if each.weak else ""
        print(f"  {each.id:28}{each.weight:>7}{counts[0]:>9}{counts[1]:>10}{weak}{'' if any(counts) else ' never'}")


if __name__ == "__main__":
    sys.exit(main())
