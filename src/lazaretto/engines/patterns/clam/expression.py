"""Logical expressions of ClamAV: ``(0&1)|2>3``, ``((0|1|2)=2,1)&3``.

Source: ClamAV documentation, "Logical signatures".  ``&`` and ``|`` bind alike, and from the right; within brackets the
last one of all binds least: ``(0|1&2|3)`` is ``(0|(1&2))|3`` (clamscan 1.4.6 was asked).  An expression is kept as a
list in reverse Polish order, so nothing recurses.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

SUBSIGNATURES = 64
LONGEST = 4096

_TOKEN = re.compile(r"(\d{1,9})|([&|()])|([=<>])(\d{1,9})(?:,(\d{1,9}))?")


@dataclass(frozen=True, slots=True)
class Step:
    """A number of a subsignature, "&", "|", or a condition on what stands before it."""

    what: str  # "id" "&" "|" "=" "<" ">"
    value: int = 0
    different: int = 0  # how many different subsignatures at least


@dataclass(frozen=True, slots=True)
class Expression:
    steps: tuple[Step, ...]

    @property
    def named(self) -> frozenset[int]:
        return frozenset(step.value for step in self.steps if step.what == "id")

    def holds(self, count: Callable[[int], int]) -> bool:
        """``count`` says how often a subsignature was found; it is asked only for what the answer needs of it."""
        stack: list[tuple[bool, int, frozenset[int]]] = []
        for step in self.steps:
            if step.what == "id":
                times = count(step.value)
                stack.append((times > 0, times, frozenset({step.value})))
            elif step.what in "&|":
                right, left = stack.pop(), stack.pop()
                true = left[0] and right[0] if step.what == "&" else left[0] or right[0]
                ids = frozenset[int]().union(*(side[2] for side in (left, right) if side[0]))
                stack.append((true, left[1] + right[1], ids) if true else (False, 0, frozenset()))
            else:
                stack.append(_condition(step, stack.pop()))
        return stack[-1][0]

    def triggers(self, rarity: Callable[[int], int]) -> frozenset[int] | None:
        """Subsignatures of which one at least must be found, as rare as possible; None: it may hold without any."""
        stack: list[frozenset[int] | None] = []
        for step in self.steps:
            if step.what == "id":
                stack.append(frozenset({step.value}))
            elif step.what in "&|":
                right, left = stack.pop(), stack.pop()
                if step.what == "|":
                    stack.append(None if left is None or right is None else left | right)
                else:
                    known = [side for side in (left, right) if side is not None]
                    stack.append(max(known, key=lambda ids: min(map(rarity, ids)), default=None))
            elif step.what == "<" or (step.what == "=" and step.value == 0):
                stack[-1] = None
        return stack[-1]


def _condition(step: Step, given: tuple[bool, int, frozenset[int]]) -> tuple[bool, int, frozenset[int]]:
    _, times, ids = given
    fits = {"=": times == step.value, "<": times < step.value, ">": times > step.value}[step.what]
    return (True, times, ids) if fits and len(ids) >= step.different else (False, 0, frozenset())


def parse(text: str) -> Expression:
    if len(text) > LONGEST:
        raise ValueError(f"expression longer than {LONGEST} characters")
    out: list[Step] = []
    waiting: list[tuple[str, int]] = []  # signs, and where in ``out`` begins what stands behind each
    operand = True  # whether one is due
    at = 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if not token:
            raise ValueError(f"{text[at : at + 10]!r} in an expression")
        number, sign, condition, value, different = token.groups()
        if (operand and not number and sign != "(") or (not operand and (number or sign == "(")):
            raise ValueError(f"{token[0][:10]!r} at {at} of an expression")
        if number:
            if int(number) >= SUBSIGNATURES:
                raise ValueError(f"more than {SUBSIGNATURES} subsignatures")
            out.append(Step("id", int(number)))
            operand = False
        elif condition:
            out.append(Step(condition, int(value), int(different or 0)))
        elif sign == ")":
            _close(out, waiting)
        else:
            waiting.append((sign, len(out)))  # from the right: earlier ones wait
            operand = True
        at = token.end()
    if operand or any(sign == "(" for sign, _ in waiting):
        raise ValueError("expression ends too early")
    out.extend(Step(sign) for sign, _ in reversed(waiting))
    return Expression(tuple(out))


def _close(out: list[Step], waiting: list[tuple[str, int]]) -> None:
    signs = []
    while waiting and waiting[-1][0] != "(":
        signs.append(waiting.pop())
    if not waiting:
        raise ValueError("a bracket too many in an expression")
    waiting.pop()
    if signs:
        (last, place), *earlier = signs
        out[place:place] = [Step(sign) for sign, _ in earlier]
        out.append(Step(last))
