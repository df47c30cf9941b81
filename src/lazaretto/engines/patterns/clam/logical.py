"""Lines of ``.ldb`` and ``.ndb`` as signatures, and what it takes for one to match.

Source: ClamAV documentation, "Logical signatures" and "Extended signature format".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lazaretto.engines.patterns.clam import body, compare, expression, offset, regex, targets
from lazaretto.engines.patterns.clam.body import Unsupported

LEVEL = 214  # functionality level that is claimed: ClamAV 1.4
_RANGE = re.compile(r"(\d{1,10})(?:-(\d{1,10}))?\Z")
_MODIFIED = re.compile(r"(.*)::([a-z]+)\Z", re.DOTALL)
_ELSEWHERE = ("Container", "Intermediates", "HandlerType", "IconGroup1", "IconGroup2")
_RANGES = ("FileSize", "EntryPoint", "NumberOfSections")


@dataclass(frozen=True, slots=True)
class Text:
    """A body that has to begin somewhere; in two forms when it is looked for wide and not."""

    bodies: tuple[body.Body, ...]
    offset: offset.Offset


Subsignature = Text | compare.Compare | regex.Regex


@dataclass(frozen=True, slots=True)
class Signature:
    name: str
    target: int
    subsignatures: tuple[Subsignature, ...]
    expression: expression.Expression | None = None  # None: the one body, once
    ranges: tuple[tuple[str, int, int], ...] = ()

    @property
    def triggers(self) -> frozenset[int] | None:
        """Bodies of which one at least must occur."""
        if self.expression is None:
            return frozenset({0})
        named = self.expression.triggers(self._rarity)
        resolved: set[int] = set()
        for each in named or ():
            sub = self.subsignatures[each]
            inner = frozenset({each}) if isinstance(sub, Text) else self._behind(sub)
            if inner is None:
                return None
            resolved |= inner
        return frozenset(resolved) if named is not None else None

    def _behind(self, sub: Subsignature) -> frozenset[int] | None:
        if isinstance(sub, compare.Compare):
            return frozenset({sub.of})
        return sub.trigger.triggers(self._rarity) if isinstance(sub, regex.Regex) else None

    def _rarity(self, number: int) -> int:
        sub = self.subsignatures[number]
        if isinstance(sub, Text):
            return min(len(each.best.literal) for each in sub.bodies)
        behind = self._behind(sub)
        return min(map(self._rarity, behind)) if behind else 0


def extended(line: str) -> Signature:
    """``name:target:offset:hex[:minimum level[:maximum level]]``."""
    fields = line.split(":")
    if not 4 <= len(fields) <= 6:
        raise ValueError("not four to six fields")
    name, kind, where, text = fields[:4]
    _level(*fields[4:])
    number = _target(kind)
    return Signature(_name(name), number, (Text(body.parse(text), offset.parse(where, number)),))


def logical(line: str) -> Signature:
    """``name;description;expression;subsignature;...``."""
    name, *fields = line.split(";")
    if len(fields) < 3:
        raise ValueError("fewer than four fields")
    description, text, *written = fields
    if len(written) > expression.SUBSIGNATURES:
        raise ValueError(f"more than {expression.SUBSIGNATURES} subsignatures")
    number, ranges = _description(description)
    parsed = expression.parse(text)
    if max(parsed.named) >= len(written):
        raise ValueError("the expression names a subsignature that is not there")
    subs: list[Subsignature] = []
    for each in written:
        subs.append(_subsignature(each, number, subs))
    _countable(parsed, subs)
    return Signature(_name(name), number, tuple(subs), parsed, ranges)


def _subsignature(text: str, target: int, before: list[Subsignature]) -> Subsignature:
    if text.startswith("${"):
        raise Unsupported("macro subsignature")
    if text.startswith("fuzzy_img#"):
        raise Unsupported("fuzzy hash of a picture")
    if "/" in text:
        found = regex.parse(text, target)
        _earlier(found.trigger.named, before)
        return found
    modified = _MODIFIED.match(text)
    text, modifiers = (modified[1], modified[2]) if modified else (text, "")
    if compare.is_one(text):
        compared = compare.parse(text)
        _earlier(frozenset({compared.of}), before)
        if not isinstance(before[compared.of], Text):
            raise ValueError("a byte comparison counts from a body")
        return compared
    where, _, hexes = text.rpartition(":")
    return Text(body.parse(hexes, modifiers), offset.parse(where or "*", target))


def _earlier(named: frozenset[int], before: list[Subsignature]) -> None:
    if max(named) >= len(before):
        raise ValueError("depends on a subsignature that is not before it")
    if any(isinstance(before[each], regex.Regex) for each in named):
        raise Unsupported("regular expression that triggers another")


def _countable(parsed: expression.Expression, subs: list[Subsignature]) -> None:
    """Hyperscan tells that an expression matches, not how often as PCRE counts."""
    stack: list[bool] = []  # whether a regular expression is in it
    for step in parsed.steps:
        if step.what == "id":
            stack.append(isinstance(subs[step.value], regex.Regex))
        elif step.what in "&|":
            right, left = stack.pop(), stack.pop()
            stack.append(left or right)
        elif stack[-1] and ((step.what, step.value) not in _PRESENCE or step.different):
            raise Unsupported("counting matches of a regular expression")


_PRESENCE = (("=", 0), (">", 0), ("<", 1))  # what can be said without counting


def _description(text: str) -> tuple[int, tuple[tuple[str, int, int], ...]]:
    number, ranges = 0, []
    for pair in text.split(","):
        key, colon, value = pair.partition(":")
        if not colon:
            raise ValueError(f"{pair[:20]!r} is no description of a target")
        if key == "Engine":
            low, high = _span(value)
            _level(str(low), str(high))
        elif key == "Target":
            number = _target(value)
        elif key in _RANGES:
            ranges.append((key, *_span(value)))
        elif key in _ELSEWHERE:
            raise Unsupported(key)
        else:
            raise Unsupported(f"description {key[:20]}")
    if number not in offset.PROGRAMS and any(key != "FileSize" for key, _, _ in ranges):
        raise Unsupported("entry point or sections of what is no PE or ELF program")
    return number, tuple(ranges)


def _span(text: str) -> tuple[int, int]:
    found = _RANGE.match(text)
    if not found:
        raise ValueError(f"{text[:20]!r} is no range")
    return int(found[1]), int(found[2] or found[1])


def _level(low: str = "", high: str = "") -> None:
    for level in (low, high):
        if level and not (level.isascii() and level.isdigit() and len(level) < 10):
            raise ValueError(f"level {level[:10]!r}")
    if (low and int(low) > LEVEL) or (high and int(high) < LEVEL):
        raise Unsupported("level of another engine")


def _target(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 2:
        raise ValueError(f"target {text[:10]!r}")
    if int(text) not in targets.TYPES:
        raise Unsupported(f"target {int(text)}")
    return int(text)


def _name(text: str) -> str:
    if not text or len(text) > 300:
        raise ValueError("no name")
    return re.sub(r"[\x00-\x1f\x7f]", "_", text)
