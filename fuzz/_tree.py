"""What holds for whatever is opened."""

from __future__ import annotations

import io
import zipfile
from functools import cache

from lazaretto import config, plugin
from lazaretto.model import Artifact, Finding
from lazaretto.unpack import tree
from lazaretto.unpack.limits import Budget

LIMITS = config.Unpack(
    depth=5, count=80, member_bytes=200_000, total_bytes=500_000, ratio=1000, seconds=2, passwords=("w",)
)


@cache
def unpackers() -> list[plugin.Unpacker]:
    return plugin.build(config.load(None, {}), "unpack", plugin.Unpacker)  # type: ignore[type-abstract]  # found


def explode(data: bytes, name: str = "x") -> None:
    """Raises AssertionError where the tree of unpackers does not keep its word."""
    things = list(tree.explode(data, (name,), Budget(LIMITS), unpackers()))
    artifacts = [thing for thing in things if isinstance(thing, Artifact)]
    findings = [thing for thing in things if isinstance(thing, Finding)]
    assert not [finding for finding in findings if finding.name == "unpack.crashed"], findings
    assert len(artifacts) <= LIMITS.count
    assert sum(len(artifact.data) for artifact in artifacts) <= LIMITS.total_bytes
    assert len({artifact.path for artifact in artifacts}) == len(artifacts)


def zip_of(method: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("a.txt", b"some text " * 9)
        archive.writestr("b/c.bin", bytes(300))
    return out.getvalue()
