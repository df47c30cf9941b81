"""Everything that anybody may see in a message: the parts of the standard reading, then what other readings add.

An ordinary message has one reading.  Where the parser or a decoder met a doubt, the rivals of ``mime.views`` and
``mime.transfer`` are decoded as well, and what is new in them is handed on; the same bytes are handed on once.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from lazaretto.mime import base64, coverage, defects, observed, parse, partial, transfer, views
from lazaretto.model import Finding, Kind, Message, Part, Severity
from lazaretto.plugin import Member
from lazaretto.unpack.grade import Seen, difference
from lazaretto.unpack.joining import piece
from lazaretto.unpack.signatures import MAIL

_SHOWN = 16  # lines of evidence in one finding
_MOST_UNREGISTERED = 1_000  # parts in an encoding that no RFC knows; old decoders cost more than their input
LIMIT_VIEWS = "limit-views"  # more would have to be decoded again than a message is worth
_REREAD, _ALWAYS_REREAD = 2, 64_000_000  # times the message, and bytes whatever its size, decoded in other readings
_UU_COST = 3  # uuencode is decoded line by line
# Defects that let two readers see two different messages; the rest is only ugly.
_TOLD = frozenset(
    {
        defects.DUPLICATE_FIELD,
        defects.DUPLICATE_PARAMETER,
        defects.BAD_ENCODING,
        defects.SAME_BOUNDARY,
        defects.PART_AFTER_CLOSE,
        defects.ENCODED_MULTIPART,
        defects.BASE64_AFTER_PADDING,
        # Readers that guess the boundary, or read its parameter otherwise, see parts where we see one text.
        defects.NO_BOUNDARY,
        defects.NO_DELIMITER,
    }
)
# A header in which something stands that may be meant as a part of it, or of the body.
_SPILT = frozenset({defects.JUNK_LINE, defects.NO_SEPARATOR, defects.ODD_FIELD})


class _Leaf(NamedTuple):
    part: Part
    first: transfer.Decoded


class Union:
    """The union of all readings of one message."""

    def __init__(self, message: Message) -> None:
        self._message = message
        self._odd: list[tuple[str, str]] = []  # path of a part, defect
        self._watch = observed.Watch(message.raw)
        self._known = parse.Boundaries(message.raw)
        self._unregistered = 0
        self._may_reread = _ALWAYS_REREAD + _REREAD * len(message.raw)
        self._leaves: list[_Leaf] = []
        self._names: dict[bytes, set[str]] = {}  # of what has been handed on
        self._differences: dict[str, None] = {}
        self._readings: dict[str, None] = {}  # that somebody has and that come to other parts

    def members(self) -> Iterator[Member | Finding]:
        """Lazily; the findings come last."""
        yield from self._standard()
        odd = frozenset(defect for _, defect in self._odd)
        doubts = [leaf for leaf in self._leaves if transfer.doubtful(leaf.part, leaf.first)]
        if doubts or not views.CAUSES.isdisjoint(odd):
            yield from self._others(doubts, odd)
        self._odd += (("", limit) for limit in views.limits(self._message, odd, self._known))
        yield from self._findings()

    def _standard(self) -> Iterator[Member | Finding]:
        raw = self._message.raw
        for part in _open_parts(self._message.root):
            self._odd += ((part.path, defect) for defect in part.defects)
            if not _SPILT.isdisjoint(part.defects):
                yield Member(("header",), [raw[part.start : part.body]], place=part.path, guess=True)
            if defects.ENCODED_MULTIPART in part.defects:  # against RFC 2045, 6.4, but who decodes it sees parts
                whole = b"Content-Type: multipart/mixed; boundary=" + _quoted(part.boundary) + b"\r\n\r\n"
                if self._spend(part):
                    data = transfer.transfer(raw, part.encoding, part.body, part.end).data
                    yield Member((), [whole, data], MAIL, place=part.path, view="decoded", guess=True)
            if part.children and part.media_type.startswith("multipart/"):
                yield from self._outside(part)
                continue
            if part.children:  # message/rfc822: its own parts are found when it is opened
                yield Member(part.names, [raw[part.body : part.end]], part.media_type, place=part.path)
                continue
            yield from self._leaf(part)

    def _leaf(self, part: Part) -> Iterator[Member]:
        raw = self._message.raw
        self._unregistered += part.encoding not in transfer.REGISTERED
        if self._unregistered > _MOST_UNREGISTERED:
            self._odd.append((part.path, LIMIT_VIEWS))
            yield Member(part.names, [raw[part.body : part.end]], part.media_type, place=part.path)
            return
        first = transfer.decoded(raw, part)
        self._odd += ((part.path, defect) for defect in first.defects)
        self._leaves.append(_Leaf(part, first))
        # Sound base64 holds no hyphen; a message inside is opened by itself.
        sound_base64 = part.encoding == "base64" and not first.defects
        if not sound_base64 and not part.media_type.startswith("message/"):
            self._note_hidden(part.path, part.body, part.end)
        member = Member(part.names, [first.data], part.media_type, place=part.path)
        yield piece(member, self._message, part) if part.media_type == partial.TYPE else member

    def _outside(self, part: Part) -> Iterator[Member]:
        """What stands around the parts of a multipart, which some readers show and others scan for attachments."""
        raw = self._message.raw
        if part.path:  # a delimiter of the parts around it, in the middle of its header
            self._note_hidden(part.path, part.start, part.body)
        for span in coverage.around(raw, part):
            if span.place in coverage.OUTSIDE and (text := raw[span.start : span.end]).strip():
                self._note_hidden(part.path, span.start, span.end)
                yield Member((str(span.place),), [text], place=part.path)

    def _note_hidden(self, path: str, start: int, end: int) -> None:
        if self._watch.shows(start, end):
            self._odd.append((path, defects.HIDDEN_DELIMITER))

    def _others(self, doubts: list[_Leaf], odd: frozenset[str]) -> Iterator[Member]:
        for part, first in self._leaves:
            self._names.setdefault(first.data, set()).update(part.names)
        standard = [Seen(part.names, first.data) for part, first in self._leaves]
        for part, first in doubts:
            head = 0
            for other in self._rivals(self._message.raw, part, first):
                if other.reading == base64.STOPPED:
                    head = len(other.data)
                if other.plausible:
                    ours, theirs = [Seen(part.names, first.data)], [Seen(part.names, other.data)]
                    self._differ(other.reading, ours, theirs, head=head)
                yield from self._new(part, other.data, part.path, other.reading, guess=not other.plausible)
        for view in views.rivals(self._message, odd, self._known):
            yield from self._view(view, standard)

    def _view(self, view: views.View, standard: list[Seen]) -> Iterator[Member]:
        seen: list[Seen] = []
        raw, name, guess = view.message.raw, view.reading.name, not view.reading.plausible
        self._odd += (("", limit) for limit in view.message.root.defects if limit in parse.LIMITS)
        for part in _open_parts(view.message.root):
            if part.children:
                continue
            if not self._spend(part):
                return
            first = transfer.decoded(view.message, part)
            seen.append(Seen(part.names, first.data))
            place = self._place(view.message, part)
            if part.media_type == partial.TYPE:  # these bytes may be known, but not that they are a piece
                member = Member(part.names, [first.data], part.media_type, place=place, view=name, guess=guess)
                yield piece(member, view.message, part)
            else:
                yield from self._new(part, first.data, place, name, guess=guess)
            if transfer.doubtful(part, first):
                for other in self._rivals(raw, part, first):
                    yield from self._new(part, other.data, place, f"{name}-{other.reading}", guess=True)
        if view.reading.plausible:
            if any(not any(each.data in ours.data for ours in standard) for each in seen):  # more than less of the same
                self._readings.setdefault(f"also read as {name} ({view.reading.readers})")
            # Who takes a line of blanks, or one that somebody forgot to fold, for the end of the header has the source
            # of all the rest before him as text: much honest mail looks so, and what he misses is no second face.
            early = view.reading.blank_ends or view.reading.junk_ends
            self._differ(f"{name} ({view.reading.readers})", standard, seen, lost=not early)

    def _rivals(self, raw: bytes, part: Part, first: transfer.Decoded) -> Iterator[transfer.Rival]:
        rivals = transfer.rivals(raw, part, first)
        while self._spend(part):
            if (other := next(rivals, None)) is None:
                return
            yield other

    def _spend(self, part: Part) -> bool:
        """Whether the body may be decoded once more."""
        size = part.end - part.body
        self._may_reread -= size * _UU_COST if "uu" in part.encoding else size
        if self._may_reread < 0:
            self._odd.append(("", LIMIT_VIEWS))
        return self._may_reread >= 0

    def _new(self, part: Part, data: bytes, place: str, reading: str, *, guess: bool) -> Iterator[Member]:
        """The leaf of another reading, if nobody has seen these bytes under these names."""
        known = self._names.get(data)
        if not data or (known is not None and known.issuperset(part.names)):
            return
        self._names.setdefault(data, set()).update(part.names)
        yield Member(part.names, [data], part.media_type, place=place, view=reading, guess=guess)

    def _differ(
        self, reading: str, standard: list[Seen], seen: list[Seen], *, lost: bool = True, head: int = 0
    ) -> None:
        for line in difference(standard, seen, lost=lost, head=head):
            self._differences.setdefault(f"read as {reading}: {line}")

    def _place(self, message: Message, part: Part) -> str:
        """Path of the innermost part of the message that holds what another reading sees as this part."""
        if len(message.raw) != len(self._message.raw):
            return ""
        holder = self._message.root
        while True:
            at = bisect_right(holder.children, part.start, key=_start) - 1
            if at < 0 or part.end > holder.children[at].end:
                return holder.path
            holder = holder.children[at]

    def _findings(self) -> Iterator[Finding]:
        told = dict.fromkeys(self._odd)
        for limit in sorted({defect for _, defect in told if defect.startswith("limit-")}):
            where = tuple(f"in part {path or '(root)'}" for path, each in told if each == limit)[:_SHOWN]
            yield Finding("unpack", limit.replace("-", ".", 1), Kind.LIMIT, Severity.MEDIUM, evidence=where)
        lines = tuple(f"{defect} in part {path or '(root)'}" for path, defect in told if defect in _TOLD)
        lines += tuple(self._readings)
        if self._differences:
            evidence = (*self._differences, *lines)[:_SHOWN]
            yield Finding("unpack", "mime.two-faced", Kind.AMBIGUOUS, Severity.MEDIUM, evidence=evidence)
        elif lines:
            yield Finding("unpack", "mime.ambiguous", Kind.AMBIGUOUS, Severity.INFORMATIONAL, evidence=lines[:_SHOWN])


def _start(part: Part) -> int:
    return part.start


def _quoted(boundary: bytes) -> bytes:
    return b'"' + boundary.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def _open_parts(root: Part) -> Iterator[Part]:
    """All parts but those inside a message that is a part itself."""
    waiting = [root]
    while waiting:
        part = waiting.pop()
        yield part
        if part.media_type.startswith("multipart/"):
            waiting.extend(reversed(part.children))
