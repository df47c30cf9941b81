"""ClamAV body signatures (``.ndb``) as YARA rules.

Source: ClamAV documentation, "Body-based Signature Content Format" and "Extended signature format".  A line is
``name:target:offset:hex[:minimum level[:maximum level]]``.  What cannot be said in YARA raises Unsupported, and
is counted and named for the operator.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lazaretto.filetypes.catalogue import TEXTS

TARGETS: dict[int, tuple[str, ...]] = {
    0: ("*",),
    1: ("application/vnd.microsoft.portable-executable", "application/x-dosexec"),
    2: (
        *("application/x-ole-storage", "application/msword", "application/vnd.ms-*", "application/x-msi"),
        *("application/x-mspublisher", "application/vnd.visio", "application/x-hwp", "application/vnd.stardivision.*"),
    ),
    3: ("text/html", "application/hta"),
    4: ("message/rfc822",),
    5: ("image/*",),
    6: ("application/x-elf", "application/x-executable"),
    7: ("text/*", *sorted(TEXTS)),
    9: ("application/x-mach-binary", "application/x-mach-o"),
    10: ("application/pdf",),
    11: ("application/x-shockwave-flash",),
    12: ("application/java-vm", "application/x-java-applet"),
}
"""True types that each target stands for; ClamAV's normalised HTML and text are matched as they are."""

_HEXDIGITS = re.compile(r"(?:[0-9a-fA-F?]{2})+")
_GAP = re.compile(r"\{(\d*)(-?)(\d*)\}")
_RANGE = re.compile(r"\[(\d+)-(\d+)\]")
_ALTERNATIVES = re.compile(r"\(((?:[0-9a-fA-F?]{2})+(?:\|(?:[0-9a-fA-F?]{2})+)*)\)")
_SECTION = re.compile(r"S(\d+|L)\+(\d+)\Z")


class Unsupported(ValueError):
    """A feature of the format that has no counterpart here."""


@dataclass(frozen=True, slots=True)
class BodySignature:
    """One line, as the parts of a YARA rule."""

    name: str
    target: int
    hex: str  # inside of a YARA hex string
    condition: str
    modules: frozenset[str]

    def rule(self, number: int) -> str:
        return (
            f'rule clamav_{number} {{ meta: threat = "{self.name}" target = {self.target} '
            f"strings: $a = {{ {self.hex} }} condition: {self.condition} }}"
        )


def parse(line: str) -> BodySignature:
    """Raises Unsupported, or ValueError for a line that is no signature."""
    fields = line.split(":")
    if len(fields) < 4:
        raise ValueError("fewer than four fields")
    name, target, offset, body = fields[:4]
    if not target.isdigit() or int(target) not in TARGETS:
        raise Unsupported(f"target {target[:10]}")
    condition, modules = _offset(offset)
    return BodySignature(re.sub(r'["\\\x00-\x1f]', "_", name), int(target), _hex(body), condition, modules)


def _hex(body: str) -> str:
    out: list[str] = []
    at = 0
    while at < len(body):
        if digits := _HEXDIGITS.match(body, at):
            out.append(digits[0])
            at = digits.end()
        elif body[at] == "*":
            out.append("[-]")
            at += 1
        elif gap := _GAP.match(body, at):
            low, dash, high = gap.groups()
            out.append(f"[{low or 0}-{high}]" if dash else f"[{low}]")
            at = gap.end()
        elif either := _ALTERNATIVES.match(body, at):
            out.append(f"( {either[1].replace('|', ' | ')} )")
            at = either.end()
        elif _RANGE.match(body, at) or body[at] in "!([":
            raise Unsupported("anchored range, negation or boundary")
        else:
            raise ValueError(f"{body[at : at + 10]!r} at {at} is no hex signature")
    return _without_outer_gaps(" ".join(out))


def _without_outer_gaps(hexes: str) -> str:
    """YARA wants a byte first and last; a gap there says nothing anyway."""
    cleaned = re.sub(r"^(\[[^\]]*\]\s*)+|(\s*\[[^\]]*\])+$", "", hexes)
    if not cleaned:
        raise ValueError("nothing but gaps")
    return cleaned


def _offset(text: str) -> tuple[str, frozenset[str]]:
    """The condition for ``$a``; with a shift, ``n,m`` means anywhere from n to n+m."""
    place, _, shift = text.partition(",")
    if shift and not shift.isdigit():
        raise ValueError(f"offset {text!r}")
    if place == "*":
        return "$a", frozenset()
    if place.isdigit():
        start, modules = place, frozenset[str]()
    elif place.startswith("EOF-") and place[4:].isdigit():
        start, modules = f"filesize - {place[4:]}", frozenset()
    elif place.startswith("EP") and place[2:3] in "+-" and place[3:].isdigit():
        start, modules = f"pe.entry_point {place[2]} {place[3:]}", frozenset({"pe"})
    elif section := _SECTION.match(place):
        which = "pe.number_of_sections - 1" if section[1] == "L" else section[1]
        start, modules = f"pe.sections[{which}].raw_data_offset + {section[2]}", frozenset({"pe"})
    else:
        raise Unsupported(f"offset {place[:10]}")
    return (f"$a in ({start}..{start} + {shift})" if shift else f"$a at {start}"), modules
