"""Changing a message by splices: what is not changed keeps its very bytes.

A ``Draft`` collects what is to be changed; ``result`` puts it in, or says that there is nothing to do, so
that a message nobody changed leaves as it came and its DKIM signature still verifies.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from lazaretto.mime import header, write
from lazaretto.mime.parse import parse
from lazaretto.mime.write import text_entity
from lazaretto.model import ArtifactSummary, Message, Part

__all__ = ["Draft", "line_end", "text_entity"]

_LINE_END = re.compile(rb"\r*+\n")
_ANY_LINE_END = re.compile(rb"\r?\n")


def line_end(raw: bytes) -> bytes:
    """How a message ends its lines: LF if its first line does, else CRLF."""
    first = raw.find(b"\n")
    return b"\n" if first >= 0 and raw[first - 1 : first] != b"\r" else b"\r\n"


class _Splice(NamedTuple):
    start: int
    end: int
    data: bytes


class Draft:
    """A message being edited (``plugin.Draft``)."""

    def __init__(self, message: Message, artifacts: Sequence[ArtifactSummary] = ()) -> None:
        self._message, self._artifacts = message, tuple(artifacts)
        self._newline = line_end(message.raw)
        self._fields = header.fields(message.raw, message.root)
        self._added: list[tuple[str, str]] = []  # in the order of the calls; the last comes out on top
        self._set: dict[int, tuple[str, str]] = {}  # by index in _fields
        self._removed: set[int] = set()  # by index in _fields
        self._rewrites: list[Callable[[bytes], bytes | None]] = []
        self._paths = {part.path: part for part in message.root.walk()}
        self._parts: dict[tuple[int, int], tuple[Part, bytes]] = {}

    @property
    def message(self) -> Message:
        return self._message

    @property
    def artifacts(self) -> Sequence[ArtifactSummary]:
        return self._artifacts

    def get_header(self, name: str) -> str | None:
        """First field of that name as it would come out, unfolded and decoded."""
        for added, value in reversed(self._added):
            if added.lower() == name.lower():
                return value
        index = self._index(name)
        if index is None:
            return None
        return self._set[index][1] if index in self._set else header.decode_words(self._fields[index].value)

    def add_header(self, name: str, value: str) -> None:
        """A new field on top.  Raises ValueError for a name that is none."""
        write.field(name, "")
        self._added.append((name, value))

    def set_header(self, name: str, value: str) -> None:
        """Replaces the first field of that name, or adds one; nothing changes if it already says so."""
        write.field(name, "")
        if self.get_header(name) == value:
            return
        for index in range(len(self._added) - 1, -1, -1):
            if self._added[index][0].lower() == name.lower():
                self._added[index] = (name, value)
                return
        position = self._index(name)
        if position is None:
            self._added.append((name, value))
        else:
            self._set[position] = (name, value)

    def remove_header(self, name: str) -> None:
        """All fields of that name that came with the message go; those that were added stay."""
        wanted = name.lower()
        gone = [index for index, field in enumerate(self._fields) if field.name == wanted]
        self._removed.update(gone)
        for index in gone:
            self._set.pop(index, None)

    def rewrite(self, make: Callable[[bytes], bytes | None]) -> None:
        """What ``make`` makes of the message, with all other edits in it, takes its place; None: it stays."""
        self._rewrites.append(make)

    def _index(self, name: str) -> int | None:
        wanted = name.lower()
        left = (index for index, field in enumerate(self._fields) if field.name == wanted)
        return next((index for index in left if index not in self._removed), None)

    def replace_part(self, part: Part, entity: bytes) -> None:
        """``entity`` (header, empty line, body) stands where the part stood; its line ends become those of the
        message.  In place of the message itself it replaces the body and the Content-* fields.

        The last of two replacements of one part counts; of a part and a part inside it, the outer.  Raises
        ValueError if a line of ``entity`` would be taken for a delimiter of a multipart around the part.
        """
        inner = parse(entity).root
        if inner.encoding != "binary":
            entity = _ANY_LINE_END.sub(lambda _: self._newline, entity)
        path = part.path
        while path:
            path = path.rpartition(".")[0]
            if b"\n--" + self._paths[path].boundary in b"\n" + entity:
                raise ValueError(f"a line of the new entity is a delimiter of part {path or '(root)'}")
        self._parts[part.start, part.end] = (part, entity)

    def result(self) -> bytes | None:
        """The changed message, None if nothing was changed."""
        return self.rewritten(self.spliced())

    def rewritten(self, spliced: bytes | None) -> bytes | None:
        """``spliced`` (None: the message itself) after all that was given to ``rewrite``; None if that changes nothing
        either."""
        changed = spliced
        for make in self._rewrites:
            made = make(self._message.raw if changed is None else changed)
            changed = changed if made is None else made
        return changed

    def spliced(self) -> bytes | None:
        """The message with all edits but those of ``rewrite``; None if there is none."""
        replaced = self._outermost()
        root = next((entity for part, entity in replaced if not part.path), None)
        # First the header: the sort is stable, and a message without bytes has all its places at 0.
        splices = self._header_splices(root is not None)
        if root is not None:
            splices += self._replace_root(root)
        else:
            splices += [self._replace(part, entity) for part, entity in replaced]
        if not splices:
            return None
        pieces, at = [], 0
        for splice in sorted(splices, key=lambda one: (one.start, one.end)):
            pieces += [self._message.raw[at : splice.start], splice.data]
            at = splice.end
        return b"".join([*pieces, self._message.raw[at:]])

    def _outermost(self) -> list[tuple[Part, bytes]]:
        outermost: list[tuple[Part, bytes]] = []
        for (start, end), one in sorted(self._parts.items(), key=lambda item: (item[0][0], -item[0][1])):
            if not outermost or start >= outermost[-1][0].end or end > outermost[-1][0].end:
                outermost.append(one)
        return outermost

    def _replace(self, part: Part, entity: bytes) -> _Splice:
        raw = self._message.raw
        # Usually the line end before the delimiter stays where it is; an empty part may have lost its own to
        # its header, and a part at the very end has none.
        follows = _LINE_END.match(raw, part.end) or part.end == len(raw)
        return _Splice(part.start, part.end, entity if follows else entity + self._newline)

    def _replace_root(self, entity: bytes) -> list[_Splice]:
        """All Content-* fields, and lines that are no field, make way for those of the entity, and so does the body."""
        root, newline = self._message.root, self._newline
        new = parse(entity).root
        splices = [
            _Splice(field.start, self._line_after(field.end), b"")
            for field in self._fields
            if field.name.startswith("content-")
        ]
        splices += self._junk()
        block = b"".join(
            entity[field.start : field.end] + newline
            for field in header.fields(entity, new)
            if field.name.startswith("content-")
        )
        if self._index("mime-version") is None:
            block += b"MIME-Version: 1.0" + newline  # RFC 2045, 4
        last = self._fields[-1] if self._fields else None
        at = self._line_after(last.end) if last else header.begin(self._message.raw)
        if last and at == last.end and not last.name.startswith("content-"):
            block = newline + block  # the header ended with the message, in the middle of a line
        return [*splices, _Splice(at, root.end, block + newline + entity[new.body : new.end])]

    def _junk(self) -> list[_Splice]:
        """What stands in front of the fields and between them and is none: with other fields around it, it would end
        the header."""
        at, found = header.begin(self._message.raw), []
        for field in self._fields:
            if field.start > at:
                found.append(_Splice(at, field.start, b""))
            at = self._line_after(field.end)
        return found

    def _line_after(self, end: int) -> int:
        follows = _LINE_END.match(self._message.raw, end)
        return follows.end() if follows else end

    def _header_splices(self, root_replaced: bool) -> list[_Splice]:
        splices = [
            _Splice(self._fields[index].start, self._fields[index].end, write.field(name, value, self._newline))
            for index, (name, value) in self._set.items()
            if not (root_replaced and self._fields[index].name.startswith("content-"))
        ]
        splices += [
            _Splice(self._fields[index].start, self._line_after(self._fields[index].end), b"")
            for index in self._removed
            if not (root_replaced and self._fields[index].name.startswith("content-"))
        ]
        if not self._added:
            return splices
        lines = b"".join(write.field(name, value, self._newline) + self._newline for name, value in self._added[::-1])
        at = self._fields[0].start if self._fields else header.begin(self._message.raw)
        if not self._fields and not root_replaced and not _LINE_END.match(self._message.raw, at):
            lines += self._newline  # there was no header, and what comes first is body
        # Zero width: sorts in front of a splice that begins at the same place.
        return [_Splice(at, at, lines), *splices]
