"""What a name that another program gives means here: kind and severity, by the words that are in it.

ClamAV's names are platform.category.name-signature-revision (docs.clamav.net, Signature names); what is not its own
ends in UNOFFICIAL.  Others write W32/Name, Trojan:Win32/Name and so on, but use the same words for what is no malware.
"""

from __future__ import annotations

import re

from lazaretto.model import Kind, Severity

MALWARE = Kind.MALWARE, Severity.CRITICAL

# Whole beginnings first: what ClamAV finds by heuristics of its own (docs.clamav.net, Alerts).
_HEURISTICS = (
    ("heuristics.limits.exceeded", Kind.LIMIT, Severity.MEDIUM),
    ("heuristics.encrypted", Kind.ENCRYPTED, Severity.LOW),
    ("heuristics.phishing", Kind.PHISHING, Severity.MEDIUM),
    ("heuristics.safebrowsing", Kind.PHISHING, Severity.HIGH),
    ("heuristics.structured", Kind.CONTENT, Severity.MEDIUM),  # numbers of credit cards
    ("heuristics.ole2.containsmacros", Kind.MACRO, Severity.LOW),
    ("heuristics.broken", Kind.AMBIGUOUS, Severity.LOW),
    ("heuristics.xml.dataleak", Kind.CONTENT, Severity.LOW),
    ("heuristics.exploit", Kind.EXPLOIT, Severity.HIGH),
)
# "Potentially unwanted": looked for only where the operator asked for it.
_UNWANTED = {
    "phishing": (Kind.PHISHING, Severity.LOW),
    "script": (Kind.SCRIPT, Severity.LOW),
    "js": (Kind.SCRIPT, Severity.LOW),
    "doc": (Kind.MACRO, Severity.LOW),
}
_WORDS = (
    (frozenset({"phishing", "phish"}), Kind.PHISHING, Severity.HIGH),
    (frozenset({"spam", "junk", "scam", "scamnailer"}), Kind.SPAM, Severity.HIGH),
    (frozenset({"exploit"}), Kind.EXPLOIT, Severity.CRITICAL),
)
_SEPARATORS = re.compile(r"[./:_!-]")


def meaning(name: str) -> tuple[Kind, Severity]:
    """What says nothing else is malware."""
    lower = name.lower()
    for beginning, kind, severity in _HEURISTICS:
        if lower.startswith(beginning):
            return kind, severity
    words = _SEPARATORS.split(lower)[:20]
    if words[0] == "pua":
        return next((_UNWANTED[word] for word in words if word in _UNWANTED), (Kind.CONTENT, Severity.MEDIUM))
    for known, kind, severity in _WORDS:
        if not known.isdisjoint(words):
            return kind, severity
    return MALWARE
