"""Mails to begin with, and how deep a look at one goes."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

from lazaretto import config, plugin
from lazaretto.mime.parse import parse
from lazaretto.model import Artifact, Finding, Kind, Severity
from lazaretto.unpack import tree
from lazaretto.unpack.limits import Budget

ROOT = Path(__file__).parent.parent
LIMITS = config.Unpack(depth=8, count=2000, member_bytes=2**20, total_bytes=2**24, seconds=8)


def mails() -> tuple[bytes, ...]:
    """Golden mails, the cases of the rival readings, and the catalogue of ambiguous mail."""
    if str(ROOT) not in sys.path:
        sys.path.append(str(ROOT))
    from tests.ambiguity.catalogue import cases
    from tests.ambiguity.controls import controls
    from tests.mime.test_views import CASES

    golden = [path.read_bytes() for path in sorted((ROOT / "tests" / "golden").glob("*.eml"))]
    return (*golden, *CASES.values(), *(one.raw for one in cases()), *(one.raw for one in controls()))


@cache
def unpackers() -> list[plugin.Unpacker]:
    return plugin.build(config.load(None, {}), "unpack", plugin.Unpacker)  # type: ignore[type-abstract]  # found


def looked_at(raw: bytes) -> tuple[list[Artifact], list[Finding]]:
    """Everything in a mail, and what was said about it."""
    things = list(tree.explode_message(parse(raw), Budget(LIMITS), unpackers()))
    return (
        [thing for thing in things if isinstance(thing, Artifact)],
        [thing for thing in things if isinstance(thing, Finding)],
    )


def opened(file: bytes) -> list[bytes] | None:
    """What is in a file; None if it is damaged."""
    things = list(tree.explode(file, (), Budget(LIMITS), unpackers()))
    if any(isinstance(thing, Finding) and thing.kind in (Kind.FAILED, Kind.AMBIGUOUS) for thing in things):
        return None
    return [thing.data for thing in things[1:] if isinstance(thing, Artifact)]


def held(findings: list[Finding]) -> bool:
    """Whether the default policy lets the message pass to nobody: something was not looked at or is damaged, or readers
    get different files."""
    return any(
        finding.kind in (Kind.LIMIT, Kind.FAILED) or finding.name == "mime.two-faced"
        for finding in findings
        if finding.severity > Severity.INFORMATIONAL
    )
