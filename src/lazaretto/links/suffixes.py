"""The registrable domain of a host, by the Public Suffix List (publicsuffix.org/list, its section "Algorithm").

The list is the snapshot that comes with ``tldextract``.  Its file is read without the package: that would bring a
client for HTTP into every worker.
"""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from typing import NamedTuple

_PRIVATE = "===BEGIN PRIVATE DOMAINS==="


class Rules(NamedTuple):
    """``public`` and ``private`` rules without their marks: "co.uk"; "*.ck" as "ck" among ``wild``."""

    public: frozenset[str]
    private: frozenset[str]
    wild: frozenset[str]
    exceptions: frozenset[str]


class Split(NamedTuple):
    """``domain`` is what somebody has registered ("example.co.uk"); ``label`` its first label.  ``hosted``: anybody
    gets a name below the suffix from a provider ("github.io")."""

    domain: str
    label: str
    suffix: str
    hosted: bool


def rules(text: str) -> Rules:
    public: set[str] = set()
    private: set[str] = set()
    wild: set[str] = set()
    exceptions: set[str] = set()
    into = public
    for line in text.splitlines():
        if _PRIVATE in line:
            into = private
        rule = line.strip()
        if not rule or rule.startswith("//"):
            continue
        rule = rule.split()[0].lower()
        if rule.startswith("!"):
            exceptions.add(_ascii(rule[1:]))
        elif rule.startswith("*."):
            wild.add(_ascii(rule[2:]))
        else:
            into.add(_ascii(rule))
    return Rules(*map(frozenset, (public, private, wild, exceptions)))


@cache
def load() -> Rules:
    spec = importlib.util.find_spec("tldextract")
    places = spec.submodule_search_locations if spec else None
    return rules((Path(next(iter(places or ("",)))) / ".tld_set_snapshot").read_text("utf-8"))


def split(host: str, known: Rules) -> Split:
    """``host`` in ASCII.  The longest rule counts; without one the last label is the suffix."""
    labels = host.split(".")
    for at in range(max(0, len(labels) - 6), len(labels)):
        name = ".".join(labels[at:])
        is_exception = name in known.exceptions
        above = ".".join(labels[at + 1 :])
        if not (is_exception or name in known.public or name in known.private or above in known.wild):
            continue
        suffix, first = (above, at) if is_exception else (name, max(0, at - 1))
        return Split(".".join(labels[first:]), labels[first], suffix, suffix in known.private)
    return Split(".".join(labels[-2:]), labels[-2] if len(labels) > 1 else host, labels[-1], False)


def _ascii(rule: str) -> str:
    return ".".join(
        label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii") for label in rule.split(".")
    )
