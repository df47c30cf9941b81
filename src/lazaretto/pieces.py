"""Pieces of one message that come in several mails (message/partial, RFC 2046, 5.2.2), inspected together.

Each piece by itself is a LIMIT finding, and policy decides what becomes of it.  When the one comes that completes
its message, a worker gets all of them at once, and what is found in the message they make is found in this mail.
Nothing is opened here: what a mail is a piece of stands in the finding.

Pieces belong together by their id alone, for that is all that readers go by: whoever cuts up a threat may send every
piece from another address.  The price is that somebody who knows an id can add pieces of his own to a stranger's
message.  Then all messages that may come of them are inspected, and too many of them are a finding that nothing
takes back: he can have the message stopped, but not have it pass unseen.

All this is kept in memory, and for one node.  What is lost, by a restart or for want of room, was never inspected
together, and the finding of its last piece simply stays what it is.
"""

from __future__ import annotations

import re
import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from time import monotonic, perf_counter

from lazaretto.mime import partial
from lazaretto.mime.partial import Described
from lazaretto.model import ArtifactSummary, Envelope, Finding, Inspection, Kind, Priority, Severity
from lazaretto.unpack.joining import CROWDED, MISSING, SOURCE, VIEW, WHOLE
from lazaretto.workers.pool import Pool

MAX_BYTES = 64 * 2**20  # of all mails that are kept: less than a large mail takes while it is inspected
MAX_IDS = 100  # messages in pieces at one time; nothing but old programs and attackers cuts mail up
MAX_AGE = 7 * 86_400.0  # seconds without a new piece; a mail server tries for 5 days (RFC 5321, 4.5.4.1)
MAX_IDS_OF_ONE = 4  # that one mail brings pieces of, so that it cannot drive out all others
MAX_TRIES = 16  # inspections of one message: each new piece of a complete one costs as much as all of them
_OVERHEAD = 1024  # bytes that a kept mail takes beside its own
_SHOWN = 8  # mails named in a line for people
_JOINED = re.compile(rf"[\d.]*~{VIEW}/")
_SEEN = "all pieces are here and have been inspected together"


@dataclass(slots=True)
class _Mail:
    raw: bytes = field(repr=False)
    envelope: str
    passed: bool = False  # by the latest decision about a mail with this piece


@dataclass(slots=True)
class _Set:
    """The mails with pieces of one id; the same piece in two mails (a second try, another recipient) counts once."""

    pieces: dict[Described, _Mail] = field(default_factory=dict)
    size: int = 0
    tries: int = 0
    used: float = 0.0

    def mails(self) -> list[_Mail]:
        return list({id(mail): mail for mail in self.pieces.values()}.values())


class Pieces:
    """Belongs to one event loop."""

    def __init__(self, workers: Pool, clock: Callable[[], float] = monotonic) -> None:
        self._workers, self._clock = workers, clock
        self._sets: OrderedDict[str, _Set] = OrderedDict()  # the least recently used first
        self._size = 0

    async def together(self, raw: bytes, envelope: Envelope, inspection: Inspection, priority: Priority) -> Inspection:
        """The inspection of a mail, with what is found in the messages that it completes.  Raises WorkerError."""
        for number, (name, pieces) in enumerate(_pieces(inspection).items(), 1):
            known = self._keep(name, pieces, _Mail(raw, envelope.id))
            if known is None or not partial.complete(known.pieces) or known.pieces.keys() <= set(pieces):
                continue  # also where this mail holds them all: it has been inspected with what they make
            known.tries += 1
            if known.tries > MAX_TRIES:
                evidence = (f"its pieces have been inspected together {MAX_TRIES} times already",)
                more = Finding(SOURCE, CROWDED, Kind.LIMIT, Severity.MEDIUM, evidence=evidence)
                inspection = replace(inspection, findings=(*inspection.findings, more))
                continue
            passed = all(mail.passed for piece, mail in known.pieces.items() if piece not in pieces)
            mails, began = known.mails(), perf_counter()
            joint = await self._workers.inspect(_bundle(mails), None, name="pieces.eml", priority=priority)
            spent = inspection.timings.get("pieces", 0.0) + perf_counter() - began
            inspection = _with(inspection, joint, name, number, mails, passed=passed)
            inspection = replace(inspection, timings={**inspection.timings, "pieces": spent})
        return inspection

    def decided(self, inspection: Inspection, *, passed: bool) -> None:
        """What has become of a mail: a piece that is held is not in the hands of its recipient yet."""
        for name, pieces in _pieces(inspection).items():
            known = self._sets.get(name)
            for piece in pieces:
                if known and (mail := known.pieces.get(piece)):
                    mail.passed = passed

    def _keep(self, name: str, pieces: Iterable[Described], mail: _Mail) -> _Set | None:
        """All that is known of this id now; None when there is no room for it."""
        now = self._clock()
        while self._sets and now - next(iter(self._sets.values())).used > MAX_AGE:
            self._forget_oldest()
        known = self._sets.setdefault(name, _Set())
        known.used = now
        self._sets.move_to_end(name)
        if new := [piece for piece in pieces if piece not in known.pieces]:
            known.pieces.update(dict.fromkeys(new, mail))
            cost = len(mail.raw) + _OVERHEAD * len(new)
            known.size += cost
            self._size += cost
        while self._size > MAX_BYTES or len(self._sets) > MAX_IDS:
            self._forget_oldest()
        return self._sets.get(name)

    def _forget_oldest(self) -> None:
        _, oldest = self._sets.popitem(last=False)
        self._size -= oldest.size


def _pieces(inspection: Inspection) -> Mapping[str, list[Described]]:
    """What this mail has pieces of, by id."""
    found: dict[str, list[Described]] = {}
    for finding in inspection.findings:
        if finding.name in (MISSING, WHOLE) and (piece := _read(finding)):
            if piece.id not in found and len(found) == MAX_IDS_OF_ONE:
                continue
            found.setdefault(piece.id, []).append(piece)
    return found


def _read(finding: Finding) -> Described | None:
    return partial.read(finding.evidence[0]) if finding.source == SOURCE and finding.evidence else None


def _bundle(mails: Iterable[_Mail]) -> bytes:
    """One mail with all of them in it, every byte as it came: nobody can have written this boundary."""
    boundary = b"pieces-" + secrets.token_hex(16).encode()
    head = b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=" + boundary + b"\r\n\r\n"
    delimiter = b"--" + boundary + b"\r\nContent-Type: message/rfc822\r\n\r\n"
    return b"".join([head, *(delimiter + mail.raw + b"\r\n" for mail in mails), b"--" + boundary + b"--\r\n"])


def _with(
    inspection: Inspection, joint: Inspection, name: str, number: int, mails: list[_Mail], *, passed: bool
) -> Inspection:
    """``inspection`` with what ``joint`` has found in the message of this id."""
    ids = ", ".join(mail.envelope for mail in mails[:_SHOWN]) + ", ..." * (len(mails) > _SHOWN)
    where = f"in the message that its pieces make, which came in {len(mails)} mails: {ids}"
    findings: list[Finding] = []
    broken = False  # the look at all of them ended too early
    for finding in joint.findings:
        if finding.artifact and _JOINED.match(finding.artifact):
            path = _renamed(finding.artifact, number)
            findings.append(replace(finding, artifact=path, evidence=(where, *finding.evidence), cleanable=False))
        elif finding.kind in (Kind.LIMIT, Kind.FAILED) and finding.name != MISSING:
            if finding.artifact is None:
                findings.append(replace(finding, evidence=(where, *finding.evidence)))
            # Within one of the mails it has been told about that mail; a piece may lie behind a limit.
            broken |= finding.artifact is None or finding.kind is Kind.LIMIT
    artifacts = tuple(_moved(each, number) for each in joint.artifacts if _JOINED.match(each.path))
    seen = bool(artifacts) and not broken and not any(_waits(finding, name) for finding in joint.findings)
    own = inspection.findings
    if seen:
        own = tuple(_noted(each, passed=passed) if _waits(each, name) and _read(each) else each for each in own)
    return replace(inspection, artifacts=inspection.artifacts + artifacts, findings=(*own, *findings))


def _waits(finding: Finding, name: str) -> bool:
    """Whether it says that a piece of this id waits, or of one that it does not name."""
    if finding.source != SOURCE or finding.name != MISSING:
        return False
    piece = _read(finding)
    return piece is None or piece.id == name


def _noted(finding: Finding, *, passed: bool) -> Finding:
    """A piece is no limit any more when its recipient has all the others; those that are held are let go together,
    by somebody who has looked."""
    severity = Severity.INFORMATIONAL if passed else finding.severity
    return replace(finding, severity=severity, evidence=(*finding.evidence, _SEEN))


def _moved(artifact: ArtifactSummary, number: int) -> ArtifactSummary:
    """Known to the rules of policy by its names, and in no part of this mail that could be taken out."""
    parent = _renamed(artifact.parent, number) if artifact.parent else None
    return replace(artifact, path=_renamed(artifact.path, number), parent=parent, part="")


def _renamed(path: str, number: int) -> str:
    """The mail may hold another message in pieces, all in itself."""
    return _JOINED.sub(f"~pieces/{number}/", path, count=1)
