"""What the engine sees in a file or mail, by id, whether or not it is worth a finding."""

from __future__ import annotations

from functools import cache

from lazaretto import config, plugin
from lazaretto.engines.documents import Documents
from lazaretto.engines.documents.cases import Cases
from lazaretto.engines.documents.grade import Signs
from lazaretto.inspection import Inspector
from lazaretto.mime.parse import parse
from lazaretto.model import Artifact, Finding, Inspection
from lazaretto.unpack import tree
from lazaretto.unpack.identify import looks_like_mail
from lazaretto.unpack.limits import Budget


@cache
def inspector() -> Inspector:
    return Inspector(config.load(None, {}))


@cache
def _unpackers() -> tree.Table:
    return tree.Table(plugin.build(config.load(None, {}), "unpack", plugin.Unpacker))


def inspected(name: str, data: bytes) -> Inspection:
    return inspector().inspect(data, None, name)


def graded(name: str, data: bytes) -> list[Finding]:
    """The engine's findings, the first about the outermost."""
    found = [each for each in inspected(name, data).findings if each.source == "documents"]
    return sorted(found, key=lambda finding: len(finding.artifact or ""))


def grade(name: str, data: bytes) -> str:
    """The worst word: "malicious", "suspicious", or ""."""
    words = {each.name.rpartition(".")[2] for each in graded(name, data)}
    return next((word for word in ("malicious", "suspicious") if word in words), "")


def seen(name: str, data: bytes) -> set[str]:
    """Ids of all heuristics, in all cases."""
    budget = Budget(config.Unpack())
    if looks_like_mail(data):
        things = list(tree.explode_message(parse(data), budget, _unpackers()))
    else:
        things = list(tree.explode(data, (name,), budget, _unpackers()))
    artifacts = [each for each in things if isinstance(each, Artifact)]
    findings = [each for each in things if isinstance(each, Finding)]
    findings += [each for each in inspector().inspect(data, None, name).findings if each.source == "macros"]
    engine = Documents(Documents.Settings())
    cases = Cases(artifacts, findings, engine._sheet)
    found: set[str] = set()
    for case in reversed(cases.all):
        signs = Signs(engine._sheet)
        engine._look(case, cases, signs)
        found |= signs.seen.keys()
        cases.said.setdefault(case.artifact.path, []).extend(engine._judged(case, cases))
    return found
