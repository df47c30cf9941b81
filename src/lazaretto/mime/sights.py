"""What people get to see of one message: the leaves of the standard reading, and what other plausible readings add.

The difference to what is inspected: a reading that nobody is known to have (``Reading.plausible``) is inspected as a
precaution, but nobody misses what only it shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Final, NamedTuple

from lazaretto.errors import LimitExceeded
from lazaretto.mime import defects, header, transfer, views
from lazaretto.mime.parse import LIMITS, parse
from lazaretto.mime.readings import STANDARD, Reading
from lazaretto.model import Message, Part

MAX_NESTED: Final = 20  # messages within messages; more is deeper than the default of [unpack] depth
MAX_MESSAGES: Final = 1_000  # in one mail, over all readings

# RFC 2046, 5.2.1; RFC 6532, 3.7; RFC 5537 5 (obsolete): a whole message by itself
MAIL: Final = frozenset({"message/rfc822", "message/global", "message/news"})

# Where readers are known to go apart, whatever comes of it.  The other causes of rival readings stand in much honest
# mail and count only where a rival does show something else.
PARTED: Final = frozenset(
    {
        defects.BARE_CR,
        defects.BLANK_LINE,
        defects.CONTROLS,
        defects.JUNK_LINE,
        defects.ODD_FIELD,
        defects.BASE64_JUNK,
        defects.BASE64_SHORT,
        defects.BASE64_AFTER_PADDING,
        defects.QP_ODD,
        defects.LEGACY_DAMAGED,
        defects.BYTE_ORDER_MARK,
        defects.DUPLICATE_FIELD,
        defects.DUPLICATE_PARAMETER,
        defects.ENCODED_MULTIPART,
        defects.NO_BOUNDARY,
        defects.NO_DELIMITER,
        defects.PART_AFTER_CLOSE,
        defects.DELIMITER_TEXT,
        defects.SAME_BOUNDARY,
    }
)


class Leaf(NamedTuple):
    """A part without parts as one reading has it; ``part`` is a span of ``raw``."""

    raw: bytes
    part: Part
    data: bytes
    reading: Reading = STANDARD

    @property
    def is_mail(self) -> bool:
        return is_mail(self.part, self.data, self.raw)


class Sights:
    """The plausible readings of one message.  Raises LimitExceeded for one that is not read to its end: nobody can
    say what there is to see."""

    def __init__(self, message: Message) -> None:
        self.message = message
        parts = message.root.walk()
        odd: set[str] = set().union(*(part.defects for part in parts))
        decoded = [(part, transfer.decoded(message, part)) for part in parts if not part.children]
        odd.update(defect for _, first in decoded for defect in first.defects)
        self.odd = frozenset(odd)
        _within(self.odd.union(views.too_many_boundaries(message, self.odd)))
        self.leaves = [Leaf(message.raw, part, first.data) for part, first in decoded]
        self._doubts = [each for each in decoded if transfer.doubtful(*each)]

    @cached_property
    def rivals(self) -> list[views.View]:
        """The other views that somebody has."""
        if views.CAUSES.isdisjoint(self.odd):
            return []
        found = [view for view in views.rivals(self.message, self.odd) if view.reading.plausible]
        for view in found:
            _within(view.message.root.defects)
        return found

    @cached_property
    def others(self) -> list[Leaf]:
        """What the standard reading does not show; the same bytes once."""
        seen = {leaf.data for leaf in self.leaves}
        found = []
        for leaf in self._elsewhere():
            if leaf.data.strip() and leaf.data not in seen:
                seen.add(leaf.data)
                found.append(leaf)
        return found

    @property
    def ambiguous(self) -> bool:
        """Whether two readers may see two different things.  Messages inside are not looked at."""
        if not self.odd.isdisjoint(PARTED) or any(encoded(leaf) for leaf in self.leaves):
            return True
        if self.others:
            return True
        # Nothing more, but perhaps less: a reading that leaves something out.
        ours = {leaf.data for leaf in self.leaves if leaf.data.strip()}
        return any(not ours <= {leaf.data for leaf in leaves_of(view)} for view in self.rivals)

    def _elsewhere(self) -> Iterator[Leaf]:
        raw = self.message.raw
        for part, first in self._doubts:
            for other in transfer.rivals(raw, part, first):
                if other.plausible:
                    yield Leaf(raw, part, other.data)
        for view in self.rivals:
            yield from leaves_of(view)


def encoded(leaf: Leaf) -> bool:
    """A message in base64 or the like: RFC 2046, 5.2.1 forbids it, and readers that know it show a file."""
    return leaf.part.media_type in MAIL and leaf.data != leaf.raw[leaf.part.body : leaf.part.end]


def is_mail(part: Part, data: bytes, raw: bytes) -> bool:
    """Whether a leaf is a message by itself.  One that was encoded and begins with no field is a
    file."""
    if part.media_type not in MAIL:
        return False
    return data == raw[part.body : part.end] or header.begins(data)


def leaves_of(view: views.View) -> list[Leaf]:
    raw = view.message.raw
    return [
        Leaf(raw, part, transfer.decoded(raw, part).data, view.reading)
        for part in view.message.root.walk()
        if not part.children
    ]


def ambiguous(message: Message) -> bool:
    """Whether readers may see different things in a message or in a message within it."""
    waiting = [(message, 0)]
    count = 0
    while waiting:
        one, depth = waiting.pop()
        count += 1
        if depth > MAX_NESTED or count > MAX_MESSAGES:
            raise LimitExceeded("depth", "more messages within messages than are followed")
        sights = Sights(one)
        if sights.ambiguous:
            return True
        waiting += [(parse(leaf.data), depth + 1) for leaf in sights.leaves if leaf.is_mail]
    return False


def _within(odd: frozenset[str] | tuple[str, ...]) -> None:
    for limit in LIMITS.intersection(odd):
        raise LimitExceeded(limit, f"the message is not read to its end: {limit}")
