"""What a match means: the metadata of a rule, by our own words and by the conventions of public sets.

Ours are ``threat``, ``kind``, ``severity``, ``confidence``.  Of the others:

===============================  ==================================================================
signature-base (LOKI, THOR)      ``score`` from 0 to 100; names that begin with what it is (``EXPL_``, ``HUNT_``)
Elastic                          ``threat_name``, ``severity`` from 0 to 100, ``scan_context``
ReversingLabs                    ``tc_detection_type``, ``tc_detection_name``, ``tc_detection_factor`` from 0 to 5
CCCS, others                     ``category``, ``malware_family``, ``threat_level`` and ``weight`` (0 to 10 or 100)
===============================  ==================================================================

Many of their rules hunt on live systems, where somebody looks at each hit.  Nobody does at a gateway: what is meant
for logs or memory, or scored below ``noted_below``, is told as informational and holds no mail.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lazaretto.model import Kind, Severity, one_line

NOTED_BELOW = 60  # LOKI's own line between a notice and a warning
_SURE = 70  # and what it takes an unscored rule for
_WORDS = {
    "info": Severity.INFORMATIONAL,
    "informational": Severity.INFORMATIONAL,
    "low": Severity.LOW,
    "medium": Severity.MEDIUM,
    "moderate": Severity.MEDIUM,
    "high": Severity.HIGH,
    "critical": Severity.CRITICAL,
}
_PERCENT = {"low": 30, "medium": 60, "moderate": 60, "high": 90}
_KINDS = (
    (re.compile(r"exploit|^expl$|^cve", re.I), Kind.EXPLOIT),
    (re.compile(r"phish", re.I), Kind.PHISHING),
    (re.compile(r"^spam", re.I), Kind.SPAM),
)
_NOT_FOR_MAIL = frozenset({"hunt", "hunting", "log", "logs", "mem", "memory", "vuln", "pua"})
"""First words of names, tags and categories of rules for logs, memory, inventories and threat hunters."""
_CATEGORIES = ("category", "tc_detection_type", "threat_type", "maltype", "type")
_NAMES = ("threat", "threat_name")
_FAMILIES = ("malware_family", "family", "malpedia_family", "tc_detection_name", "malware")
_SCORES = {"score": 1, "severity": 1, "weight": 1, "threat_level": 10, "tc_detection_factor": 20}


@dataclass(frozen=True, slots=True)
class Meaning:
    name: str
    kind: Kind
    severity: Severity
    confidence: int
    notes: tuple[str, ...]  # for the evidence: who says so, and why


def meaning(identifier: str, tags: tuple[str, ...], about: Mapping[str, Any], noted_below: int) -> Meaning:
    score = _score(about)
    name = next((one_line(str(about[key]), 300) for key in _NAMES if about.get(key)), identifier)
    severity = _severity(identifier, tags, about, score, noted_below)
    return Meaning(name, _kind(identifier, about), severity, _confidence(about, score), tuple(_notes(about, score)))


def _score(about: Mapping[str, Any]) -> int | None:
    """From 0 to 100, None where nobody gave one."""
    for key, factor in _SCORES.items():
        text = str(about.get(key, "")).strip()
        if re.fullmatch(r"\d{1,4}", text):
            value = int(text)
            small = 10 if key != "score" else 1  # severity and weight are from 0 to 10 as often as to 100
            return min(value * (factor if factor > 1 else small) if value <= 10 else value, 100)
    return None


def _severity(
    identifier: str, tags: tuple[str, ...], about: Mapping[str, Any], score: int | None, noted_below: int
) -> Severity:
    word = about.get("severity")
    if isinstance(word, str) and word.lower() in _WORDS:
        return _WORDS[word.lower()]
    context = str(about.get("scan_context", "file")).lower()
    first = {identifier.partition("_")[0].lower(), *(str(about.get(key, "")).lower() for key in _CATEGORIES)}
    if "kind" not in about and ("file" not in context or not _NOT_FOR_MAIL.isdisjoint({*first, *map(str.lower, tags)})):
        return Severity.INFORMATIONAL
    if score is None:
        return Severity.HIGH
    if score < noted_below:
        return Severity.INFORMATIONAL
    return Severity.HIGH if score >= _SURE else Severity.MEDIUM


def _kind(identifier: str, about: Mapping[str, Any]) -> Kind:
    given = str(about.get("kind", "")).lower()
    if given in {kind.value for kind in Kind}:
        return Kind(given)
    words = [*(str(about.get(key, "")) for key in _CATEGORIES), identifier.partition("_")[0]]
    return next((kind for pattern, kind in _KINDS if any(map(pattern.search, words))), Kind.MALWARE)


def _confidence(about: Mapping[str, Any], score: int | None) -> int:
    given = about.get("confidence")
    if isinstance(given, int):
        return max(0, min(given, 100))
    if isinstance(given, str) and given.lower() in _PERCENT:
        return _PERCENT[given.lower()]
    return 100 if score is None else score


def _notes(about: Mapping[str, Any], score: int | None) -> list[str]:
    """The Detection Rule License (DRL 1.1) asks that whoever shows a match names the rule's author."""
    parts = []
    if description := about.get("description"):
        parts.append(str(description))
    if family := next((str(about[key]) for key in _FAMILIES if about.get(key)), ""):
        parts.append(f"family {family}")
    if score is not None:
        parts.append(f"score {score}")
    for key in ("author", "license", "reference"):
        if about.get(key):
            parts.append(f"{key} {about[key]}")
    return [one_line("; ".join(parts), 500)] if parts else []
