"""From bytes to a tree of spans, in one pass, without recursion and without an exception for any input.

How it stays linear: the parts that are open form a stack.  Each open multipart knows where the next delimiter
line of its own is (a C-speed search, bounded by the delimiter of the part around it, redone only when it has
been passed); the earliest of them is the next event.  Header and body are never looked at line by line.

The reading is that of RFC 2046, 5.1 where the message is sound.  Where it is not: delimiters must fill their
line (blanks and text behind a blank are allowed), the delimiter of an outer multipart closes the inner ones,
a delimiter after the close-delimiter opens a part again, and a part that nothing ends ends with the message.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Final, NamedTuple

from lazaretto.mime import boundary, defects, header
from lazaretto.mime.content import RFC822, TEXT_PLAIN, Content, content
from lazaretto.mime.header import Field
from lazaretto.mime.parameters import parameters
from lazaretto.mime.readings import MAX_BOUNDARIES, STANDARD, Reading
from lazaretto.model import Message, Part

LIMIT_PARTS: Final = "limit-parts"  # the rest of the message belongs to the last part
LIMIT_DEPTH: Final = "limit-depth"  # a deeper multipart is a part without children
LIMIT_FIELDS: Final = "limit-fields"  # Content-* fields behind these were not read
LIMIT_DELIMITERS: Final = "limit-delimiters"  # too much to search for delimiters: not parsed further
LIMIT_HEADER: Final = "limit-header"  # a header longer than anybody writes; only its beginning was read
LIMIT_BOUNDARIES: Final = "limit-boundaries"  # more strings that may be the boundary than are followed
LIMITS: Final = frozenset({LIMIT_PARTS, LIMIT_DEPTH, LIMIT_FIELDS, LIMIT_DELIMITERS, LIMIT_HEADER, LIMIT_BOUNDARIES})

MAX_PARTS, MAX_DEPTH = 10_000, 100
_MAX_CLOSES = 100_000  # close-delimiters; an honest multipart has one
_MAX_TYPES = 64  # Content-Type fields of one part whose boundaries are candidates
_MAX_CONTENT = 1_000  # Content-* fields of one part; honest ones have under ten
_MAX_SAID, _FIELD_COST = 5_000_000, 50  # bytes of all Content-* fields, and what each of them counts beside its own
_MAX_ODD = 32  # multiparts whose boundary is not plain, in which the candidates are looked for
_NEAR_KEPT, _LINE = 64, 1_000  # lines that begin like a delimiter, and bytes of one, that are compared
_MAX_NEAR_MISSES = 1_000_000  # lines that begin like a delimiter and are none
_MAX_SEARCHED = 16  # times the message may be searched; every open multipart searches the parts inside it
_ALWAYS_SEARCHED = 16_000_000  # bytes, whatever the size of the message

# Behind "--boundary": close, padding (RFC 2046, 5.1.1: transport-padding), text that should not be there.
_TAIL = re.compile(rb"(--)?(?:[ \t\r]*+|([ \t][^\n]*+))(?:\n|\Z)")
_LINE_ENDS = re.compile(rb"(?:--)?[ \t]*(?:[\r\n]|\Z)")
_ANY_TAIL = re.compile(rb"(--)?([^\n]*+)(?:\n|\Z)")


def parse(
    raw: bytes,
    reading: Reading = STANDARD,
    known: Boundaries | None = None,
    *,
    max_parts: int = MAX_PARTS,
    max_depth: int = MAX_DEPTH,
) -> Message:
    """The structure of a mail.  Never raises; what was odd is in ``Part.defects``, limits that were reached
    (LIMITS) in those of the root.  ``message/rfc822`` parts are leaves: their body is a mail to parse again.
    ``known`` is what other readings of the same bytes have searched already."""
    return Message(raw, _Parser(raw, reading, known or Boundaries(raw), max_parts, max_depth).run())


class Boundaries:
    """Which of the candidates for the boundary of a part occur as one in a message.  Remembers what it has searched."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._may_search = _ALWAYS_SEARCHED + _MAX_SEARCHED * len(raw)
        self._known: dict[bytes, bool] = {}

    def of(self, part: Part) -> tuple[bytes, ...]:
        """The strings that somebody may take for the boundary and that occur, most credible first; one more than
        MAX_BOUNDARIES at the most."""
        return self.among([field for field in header.fields(self._raw, part) if field.name == "content-type"])

    def among(self, fields: list[Field]) -> tuple[bytes, ...]:
        values = [field.value for field in fields[:_MAX_TYPES]]
        found = boundary.candidates([parameters(value) for value in values], values)
        return tuple(islice((one for one in found if self._occurs(one)), MAX_BOUNDARIES + 1))

    @property
    def exhausted(self) -> bool:
        """Whether there was more to search than is searched."""
        return self._may_search < 0

    def _occurs(self, candidate: bytes) -> bool:
        if candidate not in self._known:
            self._known[candidate] = not self.exhausted and self._delimits(b"--" + candidate)
        return self._known[candidate]

    def _delimits(self, delimiter: bytes) -> bool:
        """Whether a line is this delimiter and no longer one: what is cut off a boundary (at a blank, as Lotus Notes
        has them, or a parenthesis, as Sun had) begins the same lines and changes nothing."""
        raw, at = self._raw, -1
        for _ in range(_NEAR_KEPT):
            last, at = at, raw.find(delimiter, at + 1)
            self._may_search -= (len(raw) if at < 0 else at) - last
            if at < 0:
                return False
            if _LINE_ENDS.match(raw, at + len(delimiter)):
                return True
        return False


class _Mark(NamedTuple):
    """A delimiter line; ``after`` < 0: there is none up to ``at``."""

    at: int  # its line begins behind the LF at this offset
    after: int = -1  # where the next line begins
    closes: bool = False
    text: bool = False


class _Node:
    """A part that is open."""

    __slots__ = ("body", "children", "closed", "content", "defects", "mark", "needle", "path", "start")

    def __init__(self, path: str, start: int, body: int, content: Content, odd: tuple[str, ...]) -> None:
        self.path, self.start, self.body, self.content = path, start, body, content
        self.defects = dict.fromkeys(odd + content.defects)
        self.children: list[Part] = []
        self.needle = b""  # what begins a delimiter; empty: no multipart
        self.mark = _Mark(-1)
        self.closed = False


class _Parser:
    def __init__(self, raw: bytes, reading: Reading, known: Boundaries, max_parts: int, max_depth: int) -> None:
        self.raw, self.reading, self.known = raw, reading, known
        self.max_parts, self.max_depth = max_parts, max_depth
        self.tail = _ANY_TAIL if reading.prefix else _TAIL
        self.stack: list[_Node] = []
        self.limits: dict[str, None] = {}
        self.needles: set[bytes] = set()
        self.near: set[bytes] = set()  # lines that begin like a delimiter and are none of this multipart
        self.parts = self.closes = self.said = self.fields = self.near_misses = self.searched = self.odd = 0
        self.may_search = _ALWAYS_SEARCHED + _MAX_SEARCHED * len(raw)

    def run(self) -> Part:
        raw = self.raw
        cursor = self._open(0, "", None)
        while (level := self._next(cursor)) is not None:
            node = self.stack[level]
            mark = node.mark
            if not mark.closes and self.parts >= self.max_parts:
                self.limits[LIMIT_PARTS] = None
                break
            self._close_above(level, mark.at)
            if mark.text:
                node.defects[defects.DELIMITER_TEXT] = None
            if mark.closes:
                node.closed, cursor = True, mark.after - 1
                self.closes += 1
                if self.closes > _MAX_CLOSES:
                    self.limits[LIMIT_DELIMITERS] = None
                    break
                continue
            if node.closed:
                node.closed = False
                node.defects[defects.PART_AFTER_CLOSE] = None
            if mark.after >= len(raw):
                break
            number = len(node.children) + 1
            cursor = self._open(mark.after, f"{node.path}.{number}" if node.path else str(number), node)
        self._close_above(0, len(raw))
        root = self.stack.pop()
        if not self.near <= self.needles:  # an inner boundary that begins with the outer one is no rarity
            root.defects[defects.NEAR_DELIMITER] = None
        return self._finish(root, len(raw), self.limits)

    def _open(self, start: int, path: str, parent: _Node | None) -> int:
        """Puts the part at ``start`` on the stack; returns where the search for delimiters goes on."""
        self.parts += 1
        level = self._next(start - 1) if parent else None
        # The LF before a delimiter belongs to the delimiter, but may end the header as well.
        limit = len(self.raw) if level is None else self.stack[level].mark.at + 1
        body, odd = header.split(self.raw, start, limit, self.reading)
        digest = parent is not None and parent.content.media_type == "multipart/digest"
        fields: list[Field] = []
        if body > start:
            fields = self._content_fields(start, body)
            odd = (*odd, *header.oddities(self.raw, start, min(body, start + header.MAX_HEADER), fields))
        says = content(fields, RFC822 if digest else TEXT_PLAIN, self.reading)
        if self.reading.boundary and says.multipart:
            says = self._with_boundary(says, fields)
        node = _Node(path, start, body, says, odd)
        if says.multipart and says.boundary:
            if len(self.stack) >= self.max_depth:
                self.limits[LIMIT_DEPTH] = None
            else:
                node.needle = b"\n--" + says.boundary
                self.needles.add(says.boundary)
                if any(outer.needle == node.needle for outer in self.stack):
                    node.defects[defects.SAME_BOUNDARY] = None
        self.stack.append(node)
        return max(body - 1, 0)

    def _with_boundary(self, says: Content, fields: list[Field]) -> Content:
        """The same with the boundary that this reading is about."""
        if boundary.DOUBTED.isdisjoint(says.defects) or self.odd >= _MAX_ODD:
            return says
        self.odd += 1
        found = self.known.among([field for field in fields if field.name == "content-type"])
        return says._replace(boundary=found[min(self.reading.boundary, len(found) - 1)]) if found else says

    def _content_fields(self, start: int, body: int) -> list[Field]:
        found: list[Field] = []
        if body - start > header.MAX_HEADER:
            self.limits[LIMIT_HEADER] = None
            body = start + header.MAX_HEADER
        for field in header.scan(self.raw, start, body):
            self.fields += 1
            says = field.name.startswith("content-")
            self.said += (len(field.value) + _FIELD_COST) * says
            if self.fields > header.MAX_FIELDS or self.said > _MAX_SAID or len(found) >= _MAX_CONTENT:
                self.limits[LIMIT_FIELDS] = None
                break
            if says:
                found.append(field)
        return found

    def _next(self, cursor: int) -> int | None:
        """Level of the open multipart whose delimiter comes first at or behind ``cursor``."""
        best = None
        bound = len(self.raw)
        for level, node in enumerate(self.stack):
            if not node.needle:
                continue
            if node.mark.at < cursor:
                node.mark = self._find(node.needle, cursor, bound)
            at = node.mark.at
            if node.mark.after < 0 or at > bound:
                continue
            # Of multiparts with the same boundary, the innermost that is not closed.
            if at < bound or best is None or not node.closed or self.stack[best].closed:
                best, bound = level, at
        return best

    def _find(self, needle: bytes, cursor: int, bound: int) -> _Mark:
        raw, size = self.raw, len(needle)
        if self.searched > self.may_search:
            self.limits[LIMIT_DELIMITERS] = None
            return _Mark(bound)
        at = raw.find(needle, cursor, bound + size)
        self.searched += (bound if at < 0 else at) - cursor
        while at >= 0:
            tail = self.tail.match(raw, at + size)
            if tail:
                return _Mark(at, tail.end(), tail[1] is not None, bool(tail[2]))
            self.near_misses += 1
            if len(self.near) < _NEAR_KEPT:
                line = raw[at + 3 : at + 3 + _LINE].partition(b"\n")[0].rstrip()
                self.near.update({line} if line in self.needles else {line.removesuffix(b"--")})
            if self.near_misses > _MAX_NEAR_MISSES:
                self.limits[LIMIT_DELIMITERS] = None
                break
            at = raw.find(needle, at + 1, bound + size)
        return _Mark(bound)

    def _close_above(self, level: int, at: int) -> None:
        """Ends all parts inside the one at ``level`` where the line break before a delimiter begins."""
        if at < len(self.raw) and self.raw[at - 1 : at] == b"\r":
            at -= 1
        while len(self.stack) > level + 1:
            node = self.stack.pop()
            self.stack[-1].children.append(self._finish(node, at, {}))

    def _finish(self, node: _Node, end: int, limits: dict[str, None]) -> Part:
        if node.needle:
            if not node.children:
                node.defects[defects.NO_DELIMITER] = None
            elif not node.closed:
                node.defects[defects.UNCLOSED] = None
        end = max(node.body, end, node.children[-1].end if node.children else 0)
        says = node.content
        return Part(
            node.path,
            node.start,
            node.body,
            end,
            says.media_type,
            says.charset,
            says.names,
            says.disposition,
            says.encoding,
            says.boundary,
            says.content_id,
            (*node.defects, *limits),
            tuple(node.children),
        )
