"""Runs the inspection over labelled sets and prints one table.

FOLDER holds ``manifest.jsonl``: one object a line with ``path`` (below FOLDER), ``set``, ``label`` and, where known,
``note``.  Of the labels, ``payload``, ``hidden-name`` and ``encrypted`` say what must be found, ``ham`` and ``benign``
what must not; the others are only run.  A note "password x" names the word that opens an encrypted one.  Nothing of
such a folder belongs into the repository.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from lazaretto import config
from lazaretto.inspection import Inspector
from lazaretto.model import Kind, Severity, Status

SLOW = 1.0  # seconds of one message that are worth a line
_GRADES = ("malicious", "suspicious")
_HEAD = (
    "n",
    "found",
    "held",
    "clean",
    "named",
    "locked",
    "opened",
    "ambiguous",
    "graded",
    "suspicious",
    "malicious",
    "failed",
    "slow",
    "ms max",
    "ms mean",
)


@dataclass(frozen=True)
class Result:
    """What came of one file."""

    row: dict[str, Any]
    status: Status
    ambiguous: Severity | None  # the worst finding of that kind
    locked: bool  # said to be encrypted, whether or not a word opened it
    opened: bool  # by a word
    grade: str  # the worst word of what judges the unknown: "malicious", "suspicious" or ""
    failed: bool
    names: frozenset[str]
    seconds: float


@dataclass
class Tally:
    results: list[Result] = field(default_factory=list)

    def cells(self) -> Iterator[float]:
        every = self.results
        seconds = [one.seconds for one in every]
        yield len(every)
        yield sum(one.status is Status.INFECTED for one in every)
        yield sum(one.status in (Status.SUSPICIOUS, Status.UNSCANNABLE) for one in every)
        yield sum(one.status is Status.CLEAN for one in every)
        yield sum(named(one) for one in every)
        yield sum(one.locked for one in every)
        yield sum(one.opened for one in every)
        yield sum(one.ambiguous is not None for one in every)
        yield sum(bool(one.ambiguous) for one in every)
        yield sum(one.grade == "suspicious" for one in every)
        yield sum(one.grade == "malicious" for one in every)
        yield sum(one.failed for one in every)
        yield sum(second > SLOW for second in seconds)
        yield max(seconds) * 1000
        yield sum(seconds) / len(seconds) * 1000


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.detection", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sets", help="comma-separated; all if not given")
    parser.add_argument("--patterns", type=Path, help="folder of patterns for the payloads of these sets")
    parser.add_argument("--misses", action="store_true", help="also list what was not as its label says")
    given = parser.parse_args()
    rows = list(_rows(given.folder, given.sets.split(",") if given.sets else None))
    tallies: dict[tuple[str, str, str], Tally] = defaultdict(Tally)
    with ProcessPoolExecutor() as pool:
        for result in pool.map(_inspect, [(given, row) for row in rows], chunksize=8):
            row = result.row
            note = row.get("note") or "" if row["set"].startswith("mime-evasion") else ""
            tallies[row["set"], row["label"], note].results.append(result)
            if given.misses and (why := _miss(result)):
                print(f"{why}: {row['path']}", file=sys.stderr)
    _print(tallies)
    return 0


def _rows(folder: Path, sets: list[str] | None) -> Iterable[dict[str, Any]]:
    with (folder / "manifest.jsonl").open() as lines:
        for line in lines:
            row = json.loads(line)
            if sets is None or row["set"] in sets:
                yield row


@cache
def _inspector(patterns: Path | None, words: tuple[str, ...]) -> Inspector:
    given: dict[str, Any] = {"unpack": {"passwords": words}} if words else {}
    if patterns:
        given["engines"] = {"patterns": {"dirs": [str(patterns)]}}
    return Inspector(config.Loaded(config.Config.model_validate(given), None))


def _inspect(task: tuple[argparse.Namespace, dict[str, Any]]) -> Result:
    given, row = task
    path = Path(given.folder, row["path"])
    data = path.read_bytes()
    _, said, word = (row.get("note") or "").partition("password ")
    inspector = _inspector(given.patterns and given.patterns.resolve(), (word,) if said else ())
    began = time.perf_counter()
    # Names of mails in these sets end in anything; everything else is a file with its own name.
    found = inspector.inspect(data, None, "mail.eml" if row["set"].startswith("mime-") else path.name)
    seconds = time.perf_counter() - began
    kinds = [finding.severity for finding in found.findings if finding.kind is Kind.AMBIGUOUS]
    locks = [finding.name for finding in found.findings if finding.kind is Kind.ENCRYPTED]
    return Result(
        row,
        found.status,
        max(kinds, default=None),
        bool(locks),
        "unpack.password" in locks,
        next((word for word in _GRADES if any(each.name.endswith(f".{word}") for each in found.findings)), ""),
        any(finding.name.endswith((".crashed", ".failed")) for finding in found.findings),
        frozenset(name for artifact in found.artifacts for name in artifact.names),
        seconds,
    )


def named(result: Result) -> bool:
    """The name that broken MIME was to hide is among those that a rule about names sees."""
    hidden = result.row["label"] == "hidden-name"
    return hidden and any(name.lower().rstrip().endswith(".zip") for name in result.names)


def _miss(result: Result) -> str:
    label = result.row["label"]
    if label == "payload" and result.status is not Status.INFECTED:
        return f"payload is {result.status}"
    if label == "hidden-name" and not named(result):
        return "name not seen"
    if label == "encrypted" and not result.locked:
        return "lock not seen"
    if label in ("ham", "benign") and result.status is not Status.CLEAN:
        return f"{label} is {result.status}"
    return f"took {result.seconds:.1f} s" if result.seconds > SLOW else "failed" if result.failed else ""


def _print(tallies: dict[tuple[str, str, str], Tally]) -> None:
    print(f"{'set':18}{'label':13}{'note':12}" + "".join(f"{head:>11}" for head in _HEAD))
    for (name, label, note), tally in sorted(tallies.items()):
        print(f"{name:18}{label:13}{note:12}" + "".join(f"{cell:>11.4g}" for cell in tally.cells()))


if __name__ == "__main__":
    sys.exit(main())
