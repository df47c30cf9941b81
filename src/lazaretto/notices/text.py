"""Notices as text.  A template is ``string.Template``: ``$name`` and nothing else, so that it can run no code."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib import resources
from string import Template

from lazaretto.model import Finding, one_line

LISTED = 10  # findings named in one notice


@dataclass(frozen=True, slots=True)
class Facts:
    """What a template may name, as ``$name`` and so on."""

    name: str  # of the file that was taken out
    threats: str
    time: str
    id: str  # of the message, to ask about
    rule: str
    contact: str  # whom to ask
    original: str = ""  # whether a copy is kept; from the language's own words


@dataclass(frozen=True, slots=True)
class Language:
    """One packaged file: the notice, and words that stand in it."""

    notice: str
    unnamed: str  # in place of a name that is not there
    kept: str
    gone: str


FIELDS = tuple(Facts.__dataclass_fields__)


def languages() -> list[str]:
    files = resources.files(__package__).iterdir()
    return sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml"))


def language(name: str) -> Language:
    """Raises KeyError when there is no such language."""
    if name not in languages():
        raise KeyError(name)
    return Language(**tomllib.loads(resources.files(__package__).joinpath(f"{name}.toml").read_text("utf-8")))


def problems(template: str) -> list[str]:
    """What is wrong with a template that somebody wrote."""
    parsed = Template(template)
    if not parsed.is_valid():
        return ["the notice has a $ that starts no name: write $$ for the sign itself"]
    known = ", ".join(f"${field}" for field in FIELDS)
    return [f"the notice names ${each}: there are {known}" for each in parsed.get_identifiers() if each not in FIELDS]


def fill(template: str, facts: Facts) -> str:
    """The text.  Names come from strangers: they are made fit for one line before they get in here."""
    return Template(template).safe_substitute(asdict(facts))


def threats(findings: Iterable[Finding]) -> str:
    """ "EICAR-Test-File (malware), AutoOpen (macro)": each once, at most ``LISTED``."""
    named = list(dict.fromkeys(f"{one_line(each.name)} ({each.kind})" for each in findings))
    more = f", … ({len(named)})" if len(named) > LISTED else ""
    return ", ".join(named[:LISTED]) + more


def moment(at: datetime) -> str:
    """RFC 3339 with a space, to the second: the same in every language."""
    return at.isoformat(" ", "seconds")
