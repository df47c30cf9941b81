from __future__ import annotations

from lazaretto.cli import tree
from lazaretto.model import ArtifactSummary, Finding, Inspection, Kind, Opening, Properties, Severity


def artifact(path: str, parent: str | None, opening: Opening = Opening()) -> ArtifactSummary:  # noqa: B008
    return ArtifactSummary(path, (path,), "application/zip", "", "2", parent, 0, 2048, "ab" * 32, opening)


def test_outer_before_inner_with_what_was_found() -> None:
    artifacts = (
        artifact("2/a.zip", None, Opening(("zip",), 0.0021, True)),
        artifact("3/b", None),
        artifact("2/a.zip!x\x1b.js", "2/a.zip"),
    )
    findings = (
        Finding("f", "of all", Kind.SPAM, Severity.INFORMATIONAL),
        Finding("e", "Eicar", Kind.MALWARE, Severity.CRITICAL, "2/a.zip!x\x1b.js", ("offset 0", "b", "c", "d")),
    )
    shown = [line.plain for line in tree.lines(Inspection(Properties(), artifacts, findings, ""))]
    digest = "ab" * 32
    assert shown == [
        "  ! of all (spam, informational)",
        f"  2/a.zip  application/zip  2.0 KiB  locked  zip, 2.1 ms  {digest}",
        f"    x\\u001b.js  application/zip  2.0 KiB  {digest}",
        "      ! Eicar (malware, critical): offset 0; b; c",
        f"  3/b  application/zip  2.0 KiB  {digest}",
    ]


def test_fields_are_flat() -> None:
    shown = tree.fields(artifact("a", None, Opening(("zip",), 0.5, True)))
    assert (shown["unpackers"], shown["seconds"], shown["encrypted"], shown["sha256"]) == (
        ("zip",),
        0.5,
        True,
        "ab" * 32,
    )
    assert "opening" not in shown
