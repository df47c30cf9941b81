"""Names of signatures that the operator wants to hear nothing of: ``.ign2`` and the older ``.ign``.

Source: ClamAV documentation, "Allow Lists": ``name[:MD5 of the signature's line]``; of ``.ign`` the lines are
``file:line:name``.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field


@dataclass
class Ignored:
    names: dict[str, set[str]] = field(default_factory=dict)  # name to digests of lines; "" stands for any

    def __len__(self) -> int:
        return sum(map(len, self.names.values()))

    def read(self, lines: list[str], old: bool) -> list[tuple[int, str]]:
        refused = []
        for number, line in enumerate(lines, 1):
            text = line.strip()
            if not text or text[0] == "#":
                continue
            fields = text.split(":")
            name, digest = (fields[2] if len(fields) > 2 else "", "") if old else (fields[0], "".join(fields[1:2]))
            if not name or len(digest) not in (0, 32):
                refused.append((number, f"{text[:20]!r} names no signature"))
            else:
                self.names.setdefault(name, set()).add(digest.lower())
        return refused

    @property
    def silent(self) -> frozenset[str]:
        """Names that are ignored whatever the line."""
        return frozenset(name for name, digests in self.names.items() if "" in digests)

    def __call__(self, name: str, line: str) -> bool:
        digests = self.names.get(name)
        if not digests:
            return False
        if "" in digests:
            return True
        return hashlib.md5(line.encode("utf-8", "surrogateescape"), usedforsecurity=False).hexdigest() in digests
