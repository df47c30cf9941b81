"""Signs in packages (Office Open XML, OpenDocument): what is loaded from elsewhere, and actions of slides."""

from __future__ import annotations

import re

from lazaretto.engines.documents.cases import Case, Cases
from lazaretto.engines.documents.grade import Signs
from lazaretto.model import Artifact, Finding, Severity

_EXTERNAL = frozenset({"ooxml.external", "odf.external"})
_TEMPLATE = "attachedtemplate"
_NUMBER = re.compile(r"//(?:[^/@\s]{1,80}@|(?:(?:\d{1,3}\.){3}\d{1,3}|0x[0-9a-f]{8}|\d{8,10})(?=[/:]|$))")
# ECMA-376 part 1, 21.1.2.3.5: what a click on a shape does.
_ACTION = re.compile(rb"<(?:\w{1,20}:)?hlink(Click|MouseOver|Hover)\b[^<>]{0,1000}?action=[\"']ppaction://program")
_HOVER = re.compile(rb"<(?:\w{1,20}:)?hlink(?:MouseOver|Hover)\b")


def look(case: Case, cases: Cases, signs: Signs) -> None:
    for artifact, finding in cases.about(case):
        if finding.name in _EXTERNAL:
            _external(case.where(artifact), finding, signs)
    for part in case.parts:
        if part.type == "text/xml" and b"ppaction://program" in part.data:
            _actions(part, signs)


def _external(where: str, finding: Finding, signs: Signs) -> None:
    """Each line is the kind of relation and its target; the severity says where that is (unpack/ooxml.py)."""
    for line in finding.evidence:
        relation, _, target = line.partition(": ")
        lower = target.lower()
        if finding.severity >= Severity.HIGH:
            signs.add("office.handler", where, line)
        elif finding.severity == Severity.MEDIUM:
            signs.add("office.template" if relation == _TEMPLATE else "office.object", where, line)
            if lower.rstrip().endswith("!") or "!x-usc:" in lower:
                signs.add("office.bang", where, line)
        elif finding.severity == Severity.LOW:
            signs.add("office.share", where, line)
        if finding.severity >= Severity.LOW and _NUMBER.search(lower.replace("\\", "/")):
            signs.add("office.number", where, target)


def _actions(part: Artifact, signs: Signs) -> None:
    if found := _ACTION.search(part.data):
        signs.add("office.action", part.name)
        if found[1] != b"Click" or _HOVER.search(part.data):
            signs.add("office.hover", part.name)
