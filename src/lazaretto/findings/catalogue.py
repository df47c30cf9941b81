"""Every finding name that the program itself gives (``catalogue.toml``): kinds, severities, meaning, what to do.

A name is ``group.id``, in lower case, and keeps its meaning for ever: policies, journals and people go by it.  Names
of threats come from others (rules, hash lists, peers), and rules of the organisation are called as the policy calls
them; these are in no catalogue.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from lazaretto.model import Finding, Kind, Severity

# Every engine and filter may fail, and the finding that says so has its name in front.
FAILED = ".failed"


@dataclass(frozen=True, slots=True)
class Entry:
    name: str
    kinds: frozenset[Kind]
    mildest: Severity
    worst: Severity
    meaning: str
    do: str

    def covers(self, finding: Finding) -> bool:
        """Whether the finding is what the catalogue says of its name."""
        return finding.kind in self.kinds and self.mildest <= finding.severity <= self.worst


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    title: str
    feature: str
    do: str
    entries: tuple[Entry, ...]


@cache
def groups() -> tuple[Group, ...]:
    document = tomllib.loads((files("lazaretto.findings") / "catalogue.toml").read_text("utf-8"))
    return tuple(
        Group(
            name,
            group["title"],
            group["feature"],
            group["do"],
            tuple(_entry(f"{name}.{each}", *line) for each, line in group["names"].items()),
        )
        for name, group in document.items()
    )


@cache
def entries() -> Mapping[str, Entry]:
    return {entry.name: entry for group in groups() for entry in group.entries}


def find(name: str) -> Entry | None:
    """What is known of a name; None when somebody else has given it."""
    return entries().get(name) or (entries()["inspection.failed"] if name.endswith(FAILED) else None)


def of(finding: Finding) -> Entry | None:
    """What is known of a finding by its name; None when it is none of ours.  A name that somebody gave to a threat may
    be one of ours too: the kind tells."""
    entry = find(finding.name)
    return entry if entry and finding.kind in entry.kinds else None


def _entry(name: str, kinds: str, severity: str, meaning: str, do: str = "") -> Entry:
    mildest, _, worst = severity.upper().partition("-")
    return Entry(
        name,
        frozenset(Kind(kind) for kind in kinds.split("|")),
        Severity[mildest],
        Severity[worst or mildest],
        meaning,
        do,
    )
