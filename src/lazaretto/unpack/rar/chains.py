"""Files of an archive in the groups that have to be decompressed together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lazaretto.unpack.rar.blocks import Item


@dataclass(slots=True)
class Chain:
    """One stored file, or compressed ones of which each continues with the dictionary of the one before.  ``broken``:
    why it cannot be decompressed."""

    items: list[Item] = field(default_factory=list)
    broken: str = ""

    @property
    def stored(self) -> bool:
        return not self.items[0].method


def of(items: Iterable[Item]) -> Iterator[Chain]:
    """In the order of their beginnings.  Files that are stored, and services, do not touch the dictionary."""
    chains: list[Chain] = []
    current: Chain | None = None
    for item in items:
        if not item.method or item.folder:
            chains.append(Chain([item], _broken(item) if item.method else ""))
        elif item.service:
            chains.append(Chain([item], _broken(item)))
        elif item.solid and current is not None:
            current.items.append(item)
            current.broken = current.broken or _broken(item)
        else:
            missing = "needs the file before it" if item.solid else ""
            current = Chain([item], _broken(item) or missing)
            chains.append(current)
    yield from chains


def _broken(item: Item) -> str:
    if item.before:
        return "begins in an earlier volume"
    if item.version not in (20, 26, 29, 36, 50) or item.method > 5:
        return f"packed by method {item.version}.{item.method}"
    return ""
