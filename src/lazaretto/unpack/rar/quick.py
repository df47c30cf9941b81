"""The quick open record of RAR 5: copies of headers that unrar believes in place of the headers themselves
(technote, "Quick open header").  What they say otherwise is another reading of the archive."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lazaretto.errors import Malformed
from lazaretto.unpack.rar import rar5
from lazaretto.unpack.rar.blocks import MOST, Archive, Item

_NOTES = 16


def compare(data: bytes, archive: Archive) -> None:
    """Adds to the archive what only the copies say: names, other readings of files, files, notes."""
    at = {item.header: number for number, item in enumerate(archive.items)}
    records = [item for item in archive.items if item.service == "QO"]
    if archive.quick and archive.quick not in at:
        hidden = rar5.copied(data, data[archive.quick : _behind(data, archive.quick)], archive.quick)
        if hidden and hidden.service == "QO":
            archive.notes.append("a quick open record that is none of the blocks")
            records.append(hidden)
    for record in records:
        if record.lock is None and not record.method:
            try:
                for where, block in _copies(data, record):
                    _merge(data, archive, at, where, block)
            except Malformed as error:
                archive.notes.append(f"the quick open record is damaged: {error}")


def _behind(data: bytes, at: int) -> int:
    """Where the header ends that begins here, if one does."""
    fields = rar5.Fields(data, at + 4)
    try:
        size = fields.vint()
    except Malformed:
        return at
    return fields.at + size


def _copies(data: bytes, record: Item) -> Iterator[tuple[int, bytes]]:
    """Offset of the header and its copy, of each entry of the record."""
    fields = rar5.Fields(data, record.start, record.start + record.packed)
    for _ in range(MOST):
        if fields.at >= fields.end:
            return
        fields.u32()
        size = fields.vint()
        entry = rar5.Fields(data, fields.at, fields.at + size)
        fields.take(min(size, fields.end - fields.at))
        entry.vint()
        back = entry.vint()
        yield record.header - back, entry.take(entry.vint())


def _merge(data: bytes, archive: Archive, at: dict[int, int], where: int, block: bytes) -> None:
    if where < 0 or data.startswith(block, where):
        return
    copy = rar5.copied(data, block, where)
    if copy is None or copy.service or len(archive.items) >= MOST:
        return
    number = at.get(where)
    item = None if number is None else archive.items[number]
    if len(archive.notes) < _NOTES:
        what = f"{item.names[0]!r} is {copy.names[0]!r}" if item else f"{copy.names[0]!r} is added"
        archive.notes.append(f"by the quick open record, {what}")
    if number is None or item is None or _data(copy) != _data(item):
        archive.items.append(copy)
    if number is not None and item is not None:
        archive.items[number] = replace(item, names=tuple(dict.fromkeys((*item.names, *copy.names))))


def _data(item: Item) -> tuple[int, int, int, int | None, bool]:
    """What decides what comes out."""
    return item.start, item.packed, item.method, item.size, item.folder
