"""How much it matters that two readers see two different messages.

Most oddities are honest: a footer behind the padding, a field written twice.  It matters when one of them gets a
program, an archive or a document that the other does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from lazaretto.model import one_line
from lazaretto.unpack import signatures
from lazaretto.unpack.identify import identify

_ACTIVE = (
    signatures.CONTAINERS - {signatures.MAIL, signatures.MBOX}
    | {signatures.PDF, signatures.RTF, signatures.PE, signatures.DOS}
    | {"application/x-elf", "application/x-mach-binary", "application/java-vm", "application/x-ms-shortcut"}
    | {"application/x-apple-diskimage", "application/x-archive", "application/vnd.adobe.flash.movie"}
    | {"text/javascript", "text/vbscript", "text/x-windows-script", "text/x-powershell", "text/x-msdos-batch"}
    | {"text/x-shellscript", "application/x-mswinurl", signatures.HTA, signatures.SYLK}
)

_COMPARED = 100  # leaves of both sides that may be the same up to a tail; of more, a difference is a difference
_HEAD = 1024  # bytes that are compared before all are
_FOOTER = 4096  # bytes of tails that differ: what the footer of a mailing list decodes to
_DIRECTORY = re.compile(rb"PK(?:\x01\x02|\x05\x06|\x06\x06)")  # APPNOTE 4.3.12 to 4.3.16: what is behind decides


class Seen(NamedTuple):
    """One leaf as a reader has it."""

    names: tuple[str, ...]
    data: bytes


def difference(ours: Sequence[Seen], theirs: Sequence[Seen], *, lost: bool = True, head: int = 0) -> Iterator[str]:
    """A line for each program, archive or document that only one of two readers gets; without ``lost``, that only the
    second gets.  ``head`` is how many bytes both must have in common before noise may follow in both; 0: in neither.
    """
    mine, others = _active(ours), _active(theirs)
    few = len(mine) + len(others) <= _COMPARED
    for data, (kind, names) in others.items():
        if data not in mine and not (few and _same_but_tail(data, mine, head)):
            yield f"{kind}{_called(names)} that others do not see"
    for data, (kind, names) in mine.items() if lost else ():
        if data not in others and not (few and _same_but_tail(data, others, head)):
            yield f"no {kind}{_called(names)}, which others see"


def _active(leaves: Sequence[Seen]) -> dict[bytes, tuple[str, tuple[str, ...]]]:
    found = {}
    for names, data in leaves:
        if (kind := identify(data, names)) in _ACTIVE:
            found[data] = (kind, names)
    return found


def _same_but_tail(data: bytes, others: dict[bytes, tuple[str, tuple[str, ...]]], head: int) -> bool:
    """Whether another is the same up to a tail that is nothing by itself: what a footer decodes to."""
    for other in others:
        same = _shared(data, other)
        tails = data[same:], other[same:]
        if (
            same
            and all(identify(tail) not in _ACTIVE for tail in tails)
            and (not all(tails) or (0 < head <= same and _is_footer(tails)))
        ):
            return True
    return False


def _shared(one: bytes, other: bytes) -> int:
    """How many bytes they have in common at the beginning; each is compared twice at the most."""
    low, high = 0, min(len(one), len(other))
    if one[:_HEAD] != other[:_HEAD]:  # most are nothing alike
        high = min(high, _HEAD)
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] != other[low:middle]:
            high = middle - 1
        else:
            low = middle
    return low


def _is_footer(tails: tuple[bytes, bytes]) -> bool:
    """Whether it is short.  Behind padding in the middle one reader starts anew and the other
    does not: both have all of the file, and then different noise."""
    return max(map(len, tails)) <= _FOOTER and not any(map(_DIRECTORY.search, tails))


def _called(names: tuple[str, ...]) -> str:
    return f" {one_line(names[0])!r}" if names else ""
