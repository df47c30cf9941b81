"""Byte compare subsignatures: ``0(>>4#ib2#>100,<200)``.

Source: ClamAV documentation, "Byte Compare Subsignatures".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lazaretto.engines.patterns.clam.body import Unsupported

_FORM = re.compile(
    r"(\d{1,2})\((>>|<<)?(0x[0-9a-fA-F]{1,8}|\d{1,9})#([hdai])([lbe]{0,2})(\d{1,9}|0x[0-9a-f]{1,8})#(.+)\)\Z"
)
_CONDITION = re.compile(r"([<>=])(0x[0-9a-fA-F]{1,16}|\d{1,20})\Z")
_DIGITS = {16: re.compile(rb"(?:0[xX])?([0-9a-fA-F]+)"), 10: re.compile(rb"([0-9]+)")}
LONGEST = 255


def is_one(text: str) -> bool:
    return text.endswith(")") and text.count("#") == 2 and "(" in text


@dataclass(frozen=True, slots=True)
class Compare:
    of: int  # the subsignature whose place it counts from
    distance: int
    base: int  # 0: binary
    order: str
    exact: bool
    size: int
    conditions: tuple[tuple[str, int], ...]

    def holds(self, data: bytes, place: int) -> bool:
        at = place + self.distance
        if at < 0 or at + self.size > len(data):
            return False
        value = self._value(data[at : at + self.size])
        if value is None:
            return False
        return all({"<": value < wanted, ">": value > wanted, "=": value == wanted}[s] for s, wanted in self.conditions)

    def _value(self, raw: bytes) -> int | None:
        if not self.base:
            return int.from_bytes(raw, "little" if self.order == "l" else "big", signed=self.size == 8)
        text = raw.lstrip(b" \t\n\v\f\r")
        digits = _DIGITS[self.base].match(text)
        if self.exact and (not digits or digits.end() != self.size):
            return None
        return int(digits[1], self.base) if digits else 0


def parse(text: str) -> Compare:
    found = _FORM.match(text)
    if not found:
        raise ValueError(f"{text[:20]!r} is no byte comparison")
    of, sign, distance, kind, options, size, conditions = found.groups()
    order = "l" if "l" in options else "b"
    if kind == "a" or (kind == "h" and order == "l"):
        raise Unsupported("byte compare with guessed base or little-endian digits")
    if kind == "d" and order == "l":
        raise ValueError("decimal digits are big-endian")
    length = int(size, 0)
    if not 0 < length <= LONGEST or (kind == "i" and length not in (1, 2, 4, 8)):
        raise ValueError(f"{length} bytes to compare")
    wanted: list[tuple[str, int]] = []
    for condition in conditions.split(",", 2):
        each = _CONDITION.match(condition)
        if not each or len(wanted) == 2:
            raise ValueError(f"{condition[:20]!r} is no comparison")
        wanted.append((each[1], int(each[2], 16 if each[2][:2] == "0x" else 10)))
    distance = int(distance, 16 if distance[:2] == "0x" else 10)
    return Compare(
        int(of),
        -distance if sign == "<<" else distance,
        {"h": 16, "d": 10, "i": 0}[kind],
        order,
        "e" in options,
        length,
        tuple(wanted),
    )
