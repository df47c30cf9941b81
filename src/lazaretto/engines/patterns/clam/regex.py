"""PCRE subsignatures: ``offset:0&1/expression/flags``, run by hyperscan, in time that grows with the content alone.

Source: ClamAV documentation, "PCRE subsignatures".  Only whether one matches is known, not how often; what is not
regular (back references, looking around) hyperscan refuses.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass

import hyperscan

from lazaretto.engines.patterns.clam import expression, offset
from lazaretto.engines.patterns.clam.body import Unsupported

LONGEST = 8000
LARGEST = 5000  # single characters that a repeated group may come to; more takes hyperscan seconds to compile
_FLAGS = {"i": hyperscan.HS_FLAG_CASELESS, "s": hyperscan.HS_FLAG_DOTALL, "m": hyperscan.HS_FLAG_MULTILINE}

_TOKEN = re.compile(r"\\.|\[\^?\]?|\{(\d{1,6})(?:,(\d{0,6}))?\}|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Regex:
    trigger: expression.Expression
    offset: offset.Offset
    database: hyperscan.Database
    anchored: bool
    confined: bool

    def matches(self, data: bytes, low: int, high: int) -> bool:
        """Whether it begins within ``low`` and ``high``; ``confined``: and ends there."""
        if low > len(data):
            return False
        text = data if self.offset.kind == "*" else data[low : high if self.confined else None]
        found: list[bool] = []
        furthest = len(data) if self.anchored or not self.offset.shift else high - low

        def match(_id: int, start: int, _end: int, _flags: int, _context: object) -> bool:
            found.extend([True] if start <= furthest else [])
            return bool(found)

        with contextlib.suppress(hyperscan.ScanTerminated):  # the first is enough
            self.database.scan(text, match_event_handler=match)
        return bool(found)


def parse(text: str, target: int) -> Regex:
    first, last = text.find("/"), text.rfind("/")
    if not 0 < first < last - 1 or last - first > LONGEST:
        raise ValueError(f"{text[:20]!r} is no regular expression with a trigger")
    where, _, trigger = text[:first].rpartition(":")
    flags, source = text[last + 1 :], text[first + 1 : last]
    if strange := set(flags) - set("greismxAEU"):
        raise ValueError(f"flag {min(strange)!r} of a regular expression")
    if "E" in flags and "$" in source:
        raise Unsupported("regular expression with flag E")
    if _grown(source) > LARGEST:
        raise Unsupported("regular expression with a large group repeated often")
    place = offset.parse(where or "*", target)
    anchored = "A" in flags or (place.kind != "*" and not place.shift and "r" not in flags)
    written = f"{'(?x)' if 'x' in flags else ''}{source}"
    bits = sum(bit for flag, bit in _FLAGS.items() if flag in flags) | hyperscan.HS_FLAG_ALLOWEMPTY
    if place.shift and not anchored:
        bits |= hyperscan.HS_FLAG_SOM_LEFTMOST
    else:
        bits |= hyperscan.HS_FLAG_SINGLEMATCH
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    try:
        database.compile([(rf"\A(?:{written})" if anchored else written).encode("utf-8")], flags=bits)
    except (hyperscan.HyperscanError, UnicodeEncodeError):
        raise Unsupported("regular expression that hyperscan refuses") from None
    return Regex(expression.parse(trigger), place, database, anchored, "e" in flags and bool(place.shift))


def _grown(source: str) -> int:
    """How many single characters the largest repeated group stands for, written out."""
    open_groups, last, group, largest, inside = [0], 0, False, 0, False
    for token in _TOKEN.finditer(source):
        text = token[0]
        if inside or text[0] == "[":  # a class, which is one character
            inside = text != "]"
            last, group = 1, False
            open_groups[-1] += not inside
        elif text == "(":
            open_groups.append(0)
        elif text == ")" and len(open_groups) > 1:
            last, group = open_groups.pop(), True
            open_groups[-1] += last
        elif token[1]:
            times = int(token[2] or token[1])
            open_groups[-1] += last * max(0, times - 1)
            largest = max(largest, last * times if group else 0)
        else:
            last, group = 1, False
            open_groups[-1] += 1
    return largest
