"""Everything that was in an inspected thing, as people see it: one line an artifact, indented by where it was."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import msgspec
from rich.text import Text

from lazaretto.cli.listing import size, visible
from lazaretto.model import ArtifactSummary, Finding, Inspection, Severity


def lines(inspection: Inspection) -> Iterator[Text]:
    """Outer things before inner ones, each with what was found in it."""
    found: dict[str | None, list[Finding]] = defaultdict(list)
    for finding in inspection.findings:
        found[finding.artifact].append(finding)
    inside: dict[str | None, list[ArtifactSummary]] = defaultdict(list)
    paths = {artifact.path for artifact in inspection.artifacts}
    for artifact in inspection.artifacts:
        inside[artifact.parent if artifact.parent in paths else None].append(artifact)
    for finding in found[None]:
        yield _finding(finding, 1)
    waiting = [(artifact, 1) for artifact in reversed(inside[None])]
    while waiting:
        artifact, indent = waiting.pop()
        yield _artifact(artifact, indent)
        for finding in found[artifact.path]:
            yield _finding(finding, indent + 1)
        waiting += [(each, indent + 1) for each in reversed(inside[artifact.path])]


def fields(artifact: ArtifactSummary) -> dict[str, Any]:
    """The same for programs; keys are never renamed."""
    shown: dict[str, Any] = msgspec.to_builtins(artifact)
    opening = shown.pop("opening")
    return {**shown, **opening}


def _artifact(artifact: ArtifactSummary, indent: int) -> Text:
    name = visible(artifact.path if artifact.parent is None else artifact.path.removeprefix(f"{artifact.parent}!"))
    line = Text.assemble("  " * indent, (name, "bold"), f"  {artifact.type}  {size(artifact.size)}")
    opening = artifact.opening
    if opening.encrypted:
        line.append("  locked", "yellow")
    if opening.unpackers:
        line.append(f"  {', '.join(opening.unpackers)}, {opening.seconds * 1000:.1f} ms", "dim")
    if artifact.skipped:
        line.append(f"  not for {', '.join(artifact.skipped)}", "dim")
    return line.append(f"  {artifact.sha256}", "dim")


def _finding(finding: Finding, indent: int) -> Text:
    style = (
        "" if finding.severity is Severity.INFORMATIONAL else "red" if finding.severity >= Severity.HIGH else "yellow"
    )
    text = f"{finding.name} ({finding.kind.value}, {finding.severity.name.lower()})"
    said = f": {'; '.join(finding.evidence[:3])}" if finding.evidence else ""
    return Text("  " * indent + visible(f"! {text}{said}"), style)
