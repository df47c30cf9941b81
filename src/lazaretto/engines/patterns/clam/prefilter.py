"""Which fixed bytes of which signatures a content has, in one pass of hyperscan.

Each is reported once at most (``HS_FLAG_SINGLEMATCH``), so that what calls back is bounded by the set and not by the
content.
"""

from __future__ import annotations

from collections.abc import Iterable

import hyperscan

LONGEST = 60  # bytes of a literal; the rest is confirmed later


class Prefilter:
    """Literals to numbers.  Made before the fork; the scratch belongs to a process and is made by its first scan."""

    def __init__(self, literals: Iterable[tuple[bytes, bool]]) -> None:
        """Each in lower case, or with False exactly; its place is its number."""
        self._count = 0
        texts, flags = [], []
        for literal, nocase in literals:
            texts.append(b"".join(b"\\x%02x" % byte for byte in literal[:LONGEST]))
            flags.append(hyperscan.HS_FLAG_SINGLEMATCH | (hyperscan.HS_FLAG_CASELESS if nocase else 0))
        self._database: hyperscan.Database | None = None
        if texts:
            self._database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
            self._database.compile(texts, ids=list(range(len(texts))), flags=flags)

    def find(self, data: bytes) -> list[int]:
        found: list[int] = []

        def note(number: int, _start: int, _end: int, _flags: int, _context: object) -> None:
            found.append(number)

        if self._database is not None and data:
            self._database.scan(data, match_event_handler=note)
        return found

    @property
    def memory(self) -> int:
        return self._database.size() if self._database is not None else 0
