"""How much it matters that two readers see two different messages.

Most oddities are honest: a footer behind the padding, a field written twice.  It matters when one of them gets a
program, an archive or a document that the other does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from lazaretto.model import one_line
from lazaretto.unpack import signatures
from lazaretto.unpack.identify import identify

_ACTIVE = (
    signatures.CONTAINERS - {signatures.MAIL, signatures.MBOX}
    | {signatures.OLE2, signatures.PDF, signatures.RTF, signatures.PE, signatures.DOS}
    | {"application/x-elf", "application/x-mach-binary", "application/java-vm", "application/x-ms-shortcut"}
    | {"application/x-apple-diskimage", "application/x-archive", "application/vnd.adobe.flash.movie"}
    | {"text/javascript", "text/vbscript", "text/x-windows-script", "text/x-powershell", "text/x-msdos-batch"}
    | {"text/x-shellscript", "application/x-mswinurl"}
)

_COMPARED = 100  # leaves of the other side that may be the same up to a tail


class Seen(NamedTuple):
    """One leaf as a reader has it."""

    names: tuple[str, ...]
    data: bytes


def difference(ours: Sequence[Seen], theirs: Sequence[Seen]) -> Iterator[str]:
    """A line for each program, archive or document that only one of two readers gets."""
    mine, others = _active(ours), _active(theirs)
    for data, (kind, names) in others.items():
        if data not in mine and not _same_but_tail(data, mine):
            yield f"{kind}{_called(names)} that others do not see"
    for data, (kind, names) in mine.items():
        if data not in others and not _same_but_tail(data, others):
            yield f"no {kind}{_called(names)}, which others see"


def _active(leaves: Sequence[Seen]) -> dict[bytes, tuple[str, tuple[str, ...]]]:
    found = {}
    for names, data in leaves:
        if (kind := identify(data, names)) in _ACTIVE:
            found[data] = (kind, names)
    return found


def _same_but_tail(data: bytes, others: dict[bytes, tuple[str, tuple[str, ...]]]) -> bool:
    """Whether another is the same up to a tail that is nothing by itself: what a footer decodes to."""
    for other in islice(others, _COMPARED):  # beyond them, a difference is a difference
        short, long = sorted((data, other), key=len)
        if short and long.startswith(short) and identify(long[len(short) :]) not in _ACTIVE:
            return True
    return False


def _called(names: tuple[str, ...]) -> str:
    return f" {one_line(names[0])!r}" if names else ""
