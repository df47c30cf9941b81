"""What stands in a zip archive where no reader looks for a member: comments, gaps between members, data behind."""

from __future__ import annotations

from collections.abc import Iterator

from lazaretto.plugin import Member
from lazaretto.unpack.identify import identify
from lazaretto.unpack.zipindex import Index

_MOST = 200  # gaps and comments that are given
_GAP = 256  # bytes; less is a data descriptor, padding or the end of some table
_REMARK = 64  # bytes of a member's comment that are worth a look whatever they are


def members(data: bytes, index: Index, *, guess: bool = False) -> Iterator[Member]:
    """``guess``: the archive lies in something else (old presentations have several packages in one stream, records
    between them), so that nobody opens what stands in a gap."""
    for start, end in _comments(data, index):
        yield Member((f"comment-{start}",), [data[start:end]])
    for start, end in _gaps(index.taken, len(data)):
        piece = data[start:end]
        if piece.strip(b"\0"):
            last = end == len(data)
            yield Member(("trailing-data" if last else f"gap-{start}",), [piece], guess=guess and not last)


def _comments(data: bytes, index: Index) -> list[tuple[int, int]]:
    """Comments that are long, or that are anything else than text."""
    spans = dict.fromkeys(span for span in index.comments if span[1] <= len(data))
    return [
        (start, end)
        for start, end in list(spans)[:_MOST]
        if end - start >= _REMARK or identify(data[start:end]) != "text/plain"
    ]


def _gaps(taken: list[tuple[int, int]], size: int) -> list[tuple[int, int]]:
    """Not the one before the first: what stands there is the file itself, an archive is behind it."""
    spans = sorted(taken)
    if not spans:
        return []
    found, reach = [], spans[0][0]
    for start, end in [*spans, (size, size)]:
        if start > reach and (start - reach >= _GAP or start == size):
            found.append((reach, start))
        reach = max(reach, end)
    return found[:_MOST]
