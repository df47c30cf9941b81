"""Offsets of ClamAV signatures: where a body has to begin.

Source: ClamAV documentation, "Extended signature format".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lazaretto.engines.patterns.clam.body import Unsupported
from lazaretto.engines.patterns.clam.program import Layout

PROGRAMS = (1, 6)  # targets whose entry point and sections are known here: PE and ELF
_FORM = re.compile(r"(EP|EOF|SL|SE|S|)([+-]?)(\d{0,9})(?:\+(\d{1,9}))?(?:,(\d{1,9}))?\Z")


@dataclass(frozen=True, slots=True)
class Offset:
    kind: str  # "*", "" (absolute), "EOF", "EP", "S", "SL", "SE"
    value: int = 0
    section: int = 0
    shift: int = 0

    def span(self, size: int, layout: Layout | None) -> tuple[int, int] | None:
        """First and last place; None: nowhere in this file.  ``size`` -1: not known."""
        if self.kind == "*":
            return 0, 1 << 62
        if self.kind == "":
            start = self.value
        elif self.kind == "EOF":
            if size < 0:
                return None
            start = size - self.value
        elif layout is None:
            return None
        elif self.kind == "EP":
            start = layout.entry + self.value
        else:
            which = len(layout.sections) - 1 if self.kind == "SL" else self.section
            if not 0 <= which < len(layout.sections):
                return None
            place, length = layout.sections[which]
            if self.kind == "SE":
                return place, place + length
            start = place + self.value
        return (start, start + self.shift) if start >= 0 else None


def parse(text: str, target: int) -> Offset:
    if text in ("*", ""):
        return Offset("*")
    if text.startswith("VI"):
        raise Unsupported("offset VI")
    if "$" in text:
        raise Unsupported("macro group")
    found = _FORM.match(text)
    if not found:
        raise ValueError(f"offset {text[:20]!r}")
    kind, sign, number, more, shift = found.groups()
    fits = {
        "": bool(number) and not sign and not more,
        "EOF": sign == "-" and bool(number) and not more,
        "EP": bool(sign) and bool(number) and not more,
        "SL": sign == "+" and bool(number) and not more,
        "SE": not sign and bool(number) and not more,
        "S": not sign and bool(number) and bool(more),
    }
    if not fits[kind]:
        raise ValueError(f"offset {text[:20]!r}")
    if kind not in ("", "EOF") and target not in PROGRAMS:
        if target == 9:
            raise Unsupported("offsets into Mach-O programs")
        raise ValueError(f"offset {text[:20]!r} is only for programs")
    section, value = (int(number), int(more or 0)) if kind in ("S", "SE") else (0, int(number))
    return Offset(kind, -value if kind == "EP" and sign == "-" else value, section, int(shift or 0))
