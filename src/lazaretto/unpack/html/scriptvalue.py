"""Values of a script that is folded: strings as ropes, arrays, numbers; and the account of what they may cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Union

from lazaretto.errors import LimitExceeded

SHORTEST = 16  # characters of a string that is worth a look
COPIED = 64 * 2**20  # characters that may be copied for one page
LAST = 16 * 2**20  # and, when these are used up, for what stands in its variables then
PIECE = 200  # bytes that a string in an array costs at least

Value = Union["Text", "Letters", "Array", int, None]  # a name in quotes has no "|"; None: unknown


class Text:
    """A string as a list of pieces that grows at its end; two ropes may share a list."""

    __slots__ = ("_count", "_pieces", "decoded", "size")

    def __init__(self, text: str, decoded: bool = False) -> None:
        self._pieces, self._count = [text], 1
        self.size = len(text)
        self.decoded = decoded  # came out of a decoding step

    def __str__(self) -> str:
        if self._count > 1:
            self._pieces, self._count = ["".join(self._pieces[: self._count])], 1
        return self._pieces[0]

    @property
    def shared(self) -> bool:
        """Something else has been appended to the list: a copy is needed before this one can grow."""
        return self._count != len(self._pieces)

    def plus(self, other: Text) -> Text:
        tail = str(other)
        longer = Text(str(self) if self.shared else "", self.decoded or other.decoded)
        if not self.shared:
            longer._pieces = self._pieces
        longer._pieces.append(tail)
        longer._count, longer.size = len(longer._pieces), self.size + len(tail)
        return longer


@dataclass(frozen=True, slots=True)
class Letters:
    """What ``split("")`` gives: one object for a million letters."""

    text: str
    decoded: bool = False


@dataclass(slots=True)
class Array:
    items: list[Value]


@dataclass(frozen=True, slots=True)
class Built:
    """A string that the script has built; ``sink`` when it goes into a Blob or File."""

    text: str
    decoded: bool = False
    sink: bool = False
    parts: tuple[str, ...] = ()  # of an array whose use is unknown: joined it is ``text``


class Account:
    """What one page has built so far and may still cost.  Raises LimitExceeded when it is used up."""

    def __init__(self) -> None:
        self.built: list[Built] = []
        self.names: list[str] = []  # file names of downloads
        self._seen: set[Built] = set()
        self._left = COPIED
        self._reserve = True

    def spend(self, size: int) -> None:
        if size > self._left:
            raise LimitExceeded("script", f"a script that joins more than {COPIED} characters")
        self._left -= size

    def join(self, left: Value, right: Value) -> Value:
        """``left + right``; what is joined with something unknown is reported, and the rest starts anew."""
        if left is None or right is None:
            self.report(left)
            return right
        first, second = self.text(left), self.text(right)
        self.spend(second.size + (first.size if first.shared else 1))
        return first.plus(second)

    def text(self, value: Value, separator: str = ",") -> Text:
        if isinstance(value, Text):
            return value
        if isinstance(value, Letters):
            self.spend(len(value.text) * (1 + len(separator)))
            return Text(separator.join(value.text) if separator else value.text, value.decoded)
        if isinstance(value, Array):
            return self._joined(value.items, separator)
        return Text("" if value is None else str(value))

    def _joined(self, items: Sequence[Value], separator: str) -> Text:
        texts = [Text(str(item)) if isinstance(item, int) else item for item in items if isinstance(item, Text | int)]
        self.spend(sum(each.size for each in texts) + len(texts) * (1 + len(separator)))
        return Text(separator.join(map(str, texts)), any(each.decoded for each in texts))

    def file_name(self, value: Value) -> None:
        if isinstance(value, Text) and value.size and len(self.names) < 32:
            self.names.append(str(value)[:300])

    def report(self, value: Value, *, sink: bool = False, last: bool = False) -> None:
        """A value that goes where it cannot be followed."""
        parts: tuple[str, ...] = ()
        if last and self._reserve and self._left < LAST:
            self._left, self._reserve = LAST, False
        if isinstance(value, Array) and value.items and all(isinstance(item, int) for item in value.items):
            self.spend(len(value.items))
            numbers = bytes(item & 255 for item in value.items if isinstance(item, int))
            value = Text(numbers.decode("latin-1"), decoded=True)
        elif isinstance(value, Array | Letters):
            if isinstance(value, Array) and len(value.items) > 1:
                parts = tuple(str(item) for item in value.items if isinstance(item, Text) and item.size >= SHORTEST)
            value = self.text(value, "")
        if not isinstance(value, Text) or value.size < SHORTEST:
            return
        built = Built(str(value), value.decoded, sink, parts)
        if built not in self._seen:
            self.spend(value.size)
            self._seen.add(built)
            self.built.append(built)
