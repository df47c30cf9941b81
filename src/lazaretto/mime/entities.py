"""What an XML document type declares: entities, and how much they would unpack to (XML 1.0 section 4)."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

MOST: Final = 10_000  # declarations that are looked at
ENDLESS: Final = 10**12  # characters; what is more is as good as endless
_DECLARATION = re.compile(
    r"<!ENTITY\s++(%\s++)?([^\s\"'<>%]++)\s++(?:(?:SYSTEM|PUBLIC\s++(?:\"[^\"]*+\"|'[^']*+'))\s++)?(\"[^\"]*+\"|'[^']*+')"
)
_REFERENCE = re.compile(r"[&%]([^\s;&%<>\"'#]++);")


class Entities(NamedTuple):
    """``external``: where content would be fetched from; ``values``: the texts that stand in the document itself;
    ``size``: characters that the references in the document would unpack to."""

    external: tuple[str, ...]
    values: tuple[str, ...]
    size: int


def declared(text: str) -> Entities:
    """The first declaration of a name counts (section 4.2)."""
    external: list[str] = []
    values: dict[str, str] = {}
    for number, found in enumerate(_DECLARATION.finditer(text)):
        if number >= MOST:
            return Entities(tuple(external), tuple(values.values()), ENDLESS)
        value = found[3][1:-1]
        if "SYSTEM" in (head := text[found.end(2) : found.start(3)]) or "PUBLIC" in head:
            external.append(value)
        else:
            values.setdefault(found[2], value)
    start = text.find("]>") if values else -1
    return Entities(tuple(external), tuple(values.values()), _size(values, text, max(start, 0)) if values else 0)


def _size(values: dict[str, str], text: str, start: int) -> int:
    sizes = _sizes(values)
    total = 0
    for found in _REFERENCE.finditer(text, start):
        total += sizes.get(found[1], 0)
        if total >= ENDLESS:
            return ENDLESS
    return total


def _sizes(values: dict[str, str]) -> dict[str, int]:
    """Of each entity with all that it refers to; one that refers to itself is endless.  Without recursion."""
    inner = {name: [each[1] for each in _REFERENCE.finditer(value)] for name, value in values.items()}
    sizes: dict[str, int] = {}
    for first in values:
        waiting, open_ = [first], set[str]()
        while waiting:
            name = waiting[-1]
            if name in sizes:
                waiting.pop()
                continue
            if name not in open_:
                open_.add(name)
                unknown = [each for each in dict.fromkeys(inner[name]) if each in values and each not in sizes]
                if open_.isdisjoint(unknown):
                    waiting += unknown
                    continue
                sizes[name] = ENDLESS
                continue
            total = len(values[name]) + sum(sizes.get(each, 0) for each in inner[name])
            sizes[name] = min(total, ENDLESS)
            waiting.pop()
    return sizes
