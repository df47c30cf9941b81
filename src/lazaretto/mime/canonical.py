"""An ambiguous message in one form that every reader sees alike: fresh boundaries, one field of each name, base64.

The *union* has everything that a plausible reading shows: the standard reading in its structure, then as attachments
what only others see.  A single reading has what that reading shows.  Messages inside are put into that form as well.
Preambles, epilogues and what stands between parts are left out: no two readers agree about them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Final, NamedTuple

from lazaretto.errors import LimitExceeded, Malformed
from lazaretto.mime import plain, transfer, views
from lazaretto.mime.edit import line_end
from lazaretto.mime.parse import LIMITS, MAX_PARTS, parse
from lazaretto.mime.readings import RIVALS, STANDARD
from lazaretto.mime.sights import MAIL, MAX_NESTED, PARTED, Leaf, Sights, ambiguous, is_mail, leaves_of
from lazaretto.mime.views import View
from lazaretto.model import Message, Part

UNION: Final = "union"
READINGS: Final = (UNION, STANDARD.name, *(reading.name for reading in RIVALS if reading.plausible))

_MOST_GROWTH: Final = 4  # times the message: base64 needs 1.4, and each other reading of a body as much again
_ALWAYS: Final = 16_000_000  # bytes that may come out, whatever the size of the message


def canonical(message: Message, reading: str = UNION) -> bytes | None:
    """The message in the form that everybody reads alike; None if they do already.

    ``reading`` is one of READINGS; the standard one stands in for one that the message does not call for.  Raises
    LimitExceeded for a message that is not read to its end or that would grow beyond measure.
    """
    if not ambiguous(message):
        return None
    # RFC 2045, 6.4: what holds 8-bit fields of a message within it is itself 8bit.
    written, narrow = _Writer(message, reading, "7bit").run()
    if not narrow:
        written, _ = _Writer(message, reading, "8bit").run()
    verify(written)
    return written


def verify(raw: bytes) -> None:
    """Raises if the message leaves anybody a doubt, by what we know."""
    waiting = [raw]
    while waiting:
        message = parse(waiting.pop())
        for part in message.root.walk():
            for defect in part.defects:
                if defect in LIMITS:
                    raise LimitExceeded(defect, f"the new form is too large to be read: {defect}")
                if defect in views.CAUSES or defect in PARTED:
                    raise Malformed(f"the new form leaves a doubt: {defect} in part {part.path or '(root)'}")
            if not part.children:
                first = transfer.decoded(message, part)
                if transfer.doubtful(part, first):
                    raise Malformed(f"the new form leaves a doubt: {first.defects} in part {part.path or '(root)'}")
                waiting += [first.data] * (part.media_type in MAIL)


class _Entity(NamedTuple):
    """Something still to be written: a part of a view, how deep in messages, and whether a delimiter follows it."""

    view: View
    part: Part
    depth: int
    data: bytes | None = None  # of a leaf that another reading decodes otherwise
    attached: bool = False  # only other readings have it
    enclosed: bool = True


class _Writer:
    def __init__(self, message: Message, reading: str, wide: str) -> None:
        self._message, self._reading, self._wide = message, reading, wide
        self._newline = line_end(message.raw)
        # The same each time, and nowhere in the content: nobody writes a message that holds its own digest.
        self._tag = hashlib.sha256(message.raw).hexdigest()[:32]
        self._boundaries = self._entities = self._size = 0
        self._most = _ALWAYS + _MOST_GROWTH * len(message.raw)
        self._narrow = True

    def run(self) -> tuple[bytes, bool]:
        """The message, and whether it is ASCII below its own header."""
        pieces: list[bytes] = []
        waiting: list[bytes | _Entity] = list(self._mail(self._message, 0, enclosed=False))[::-1]
        while waiting:
            one = waiting.pop()
            if isinstance(one, bytes):
                self._size += len(one)
                if self._size > self._most:
                    raise LimitExceeded("total_bytes", "the new form is much larger than the message")
                pieces.append(one)
            else:
                waiting.extend(list(self._entity(one))[::-1])
        written = b"".join(pieces)
        return (written if written.endswith(self._newline) else written + self._newline), self._narrow

    def _mail(self, message: Message, depth: int, *, enclosed: bool) -> Iterator[bytes | _Entity]:
        """A whole message: its own fields, then what is in it."""
        if depth > MAX_NESTED:
            raise LimitExceeded("depth", "more messages within messages than are followed")
        sights = Sights(message)
        view = self._view(sights)
        block = b"".join(plain.fields(view.message.raw, view.message.root, self._newline))
        self._narrow = self._narrow and (depth == 0 or block.isascii())
        yield block + b"MIME-Version: 1.0" + self._newline
        root = _Entity(view, view.message.root, depth, enclosed=enclosed)
        others = sights.others if self._reading == UNION else []
        if not others:
            yield root
            return
        if root.part.media_type == "multipart/mixed" and root.part.children:
            inside = [_Entity(view, child, depth) for child in root.part.children]
        else:
            inside = [root._replace(enclosed=True)]
        inside += [
            _Entity(View(leaf.reading, Message(leaf.raw, leaf.part)), leaf.part, depth, leaf.data, attached=True)
            for leaf in others
        ]
        yield from self._multipart("multipart/mixed", inside, root=None)

    def _view(self, sights: Sights) -> View:
        found = (view for view in sights.rivals if view.reading.name == self._reading)
        return next(found, View(STANDARD, sights.message))

    def _entity(self, one: _Entity) -> Iterator[bytes | _Entity]:
        self._entities += 1
        if self._entities > MAX_PARTS:
            raise LimitExceeded("limit-parts", "the new form has more parts than are followed")
        part = one.part
        if part.children:
            kind = plain.media_type(part, multipart=True)
            yield from self._multipart(kind, [_Entity(one.view, each, one.depth) for each in part.children], root=one)
            return
        raw = one.view.message.raw
        data = transfer.decoded(raw, part).data if one.data is None else one.data
        if is_mail(part, data, raw):
            yield self._header(
                "Content-Type: message/rfc822", self._wide, plain.about(raw, part, attached=one.attached)
            )
            yield from self._mail(parse(data), one.depth + 1, enclosed=one.enclosed)
            return
        kind = plain.media_type(part)
        encoding, body = plain.body(data, kind, self._newline)
        # What ends a message ends a line; in base64 that adds nothing.
        cut = not one.enclosed and not body.endswith(self._newline)
        if encoding == "7bit" and cut:
            encoding, body = plain.body(data, "", self._newline)
        about = plain.about(raw, part, attached=one.attached)
        yield self._header(plain.type_field(raw, part, one.view.reading, kind), encoding, about) + body

    def _multipart(self, kind: str, inside: list[_Entity], *, root: _Entity | None) -> Iterator[bytes | _Entity]:
        self._boundaries += 1
        boundary = f"=_{self._tag}_{self._boundaries:06}"
        if root is None:
            yield self._header(f'Content-Type: {kind};\n boundary="{boundary}"', self._wide, [])
        else:
            raw = root.view.message.raw
            field = plain.type_field(raw, root.part, root.view.reading, kind, boundary)
            yield self._header(field, self._wide, plain.about(raw, root.part))
        delimiter = b"--" + boundary.encode()
        for number, each in enumerate(inside):
            yield (self._newline if number else b"") + delimiter + self._newline
            yield each
        yield self._newline + delimiter + b"--" + self._newline

    def _header(self, kind: str, encoding: str, about: list[str]) -> bytes:
        lines = "\n".join([kind, f"Content-Transfer-Encoding: {encoding}", *about, "", ""])
        return lines.encode("ascii").replace(b"\n", self._newline)


def shown(message: Message, reading: str = UNION) -> list[Leaf]:
    """The leaves that the new form has to hold, those of messages inside not among them."""
    sights = Sights(message)
    if reading == UNION:
        return [*sights.leaves, *sights.others]
    found = (view for view in sights.rivals if view.reading.name == reading)
    return leaves_of(next(found, View(STANDARD, message)))
