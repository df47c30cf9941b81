# Invariant: whatever a file holds, and whatever its unpackers say of it, the engine "documents" gives findings about
# artifacts that are there, each with few lines of evidence; never an exception, never the same word twice about one.
"""Documents and deliveries, through their unpackers and the engine that judges them."""

from __future__ import annotations

from functools import cache

from fuzz._tree import LIMITS, unpackers
from tests.engines.documents import samples

from lazaretto.engines.documents import Documents
from lazaretto.model import Artifact, Finding
from lazaretto.unpack import tree
from lazaretto.unpack.limits import Budget

SEEDS = tuple(
    data
    for group in (samples.PDF, samples.RTF, samples.OLE, samples.OFFICE, samples.ONENOTE, samples.DELIVERY)
    for data in group.values()
    if len(data) < 20_000
)
_NAMES = ("a.rtf", "a.msc", "a.rdp", "a.theme", "a.url")


@cache
def engine() -> Documents:
    return Documents(Documents.Settings())


def target(data: bytes) -> None:
    name = _NAMES[len(data) % len(_NAMES)]
    things = list(tree.explode(data, (name,), Budget(LIMITS), unpackers()))
    artifacts = [thing for thing in things if isinstance(thing, Artifact)]
    found = list(engine().judge(artifacts, [thing for thing in things if isinstance(thing, Finding)]))
    assert {finding.artifact for finding in found} <= {artifact.path for artifact in artifacts}
    assert all(0 < len(finding.evidence) <= 30 for finding in found)
    assert len({(finding.artifact, finding.name) for finding in found}) == len(found)
