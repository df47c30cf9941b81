"""Operators of constant values."""

from __future__ import annotations

import math
from typing import Final

from lazaretto.scripting.values import ITEMS, Name, State, Value, number_of, text_of

JOINS: Final = frozenset(("+", "&"))
# Names of the place where everything stands: window.atob is atob.
ITSELF: Final = frozenset(("window", "self", "globalThis", "this", "top", "document.defaultView"))
_MOST = 2**60


def literal(text: str) -> int | float | None:
    text = text.rstrip("nLlumMkKgG") if text[:2].lower() != "0x" else text
    try:
        if text[:2].lower() in ("0x", "&h"):
            return int(text[2:].rstrip("&"), 16) if len(text) < 20 else None
        return int(text) if text.isdigit() and len(text) < 20 else float(text) if len(text) < 30 else None
    except ValueError:
        return None


def combined(state: State, sign: str, left: Value, right: Value) -> Value:
    if isinstance(left, list) and sign in ("+", "&") and not isinstance(right, Name):
        more = right if isinstance(right, list) else [right]
        if len(left) + len(more) > ITEMS:
            return None
        state.spend(len(left) + len(more))
        return left + more
    if left is None or right is None or isinstance(left, Name) or isinstance(right, Name):
        return None
    if sign in ("*", "-mul") and isinstance(left, str):
        count = number_of(right)
        return state.kept(left * int(count)) if count and 0 < len(left) * count < 2**16 else None
    if sign in ("==", "===", "!=", "!==", "<", ">", "<=", ">=", "-eq", "-ne", "-lt", "-gt", "-le", "-ge", "<>", "="):
        return compared(sign, left, right)
    if sign in JOINS and (isinstance(left, str) or isinstance(right, str)):
        first, second = text_of(left), text_of(right)
        return None if first is None or second is None else state.kept(first + second)
    one, two = number_of(left), number_of(right)
    return None if one is None or two is None else _reckoned(sign, one, two)


def compared(sign: str, left: Value, right: Value) -> bool | None:
    one, two = number_of(left), number_of(right)
    if one is not None and two is not None:
        left, right = one, two
    elif not (isinstance(left, str) and isinstance(right, str)):
        return None
    match sign:
        case "==" | "===" | "=" | "-eq":
            return bool(left == right)
        case "!=" | "!==" | "<>" | "-ne":
            return bool(left != right)
        case "<" | "-lt":
            return bool(left < right)
        case ">" | "-gt":
            return bool(left > right)
        case "<=" | "-le":
            return bool(left <= right)
        case _:
            return bool(left >= right)


def _reckoned(sign: str, left: float, right: float) -> int | float | None:
    result: int | float | None = None
    match sign:
        case "+":
            result = left + right
        case "-":
            result = left - right
        case "*":
            result = left * right
        case "/" if right:
            result = left / right
        case "\\" | "div" if right:
            result = left // right
        case "%" | "mod" if right and math.isfinite(left) and math.isfinite(right):
            result = math.fmod(left, right)
        case _ if abs(left) < 2**62 and abs(right) < 2**62:
            result = _bits(sign, int(left), int(right))
    if result is None or not math.isfinite(result) or abs(result) > _MOST:
        return None
    return int(result) if isinstance(result, float) and result.is_integer() else result


def _bits(sign: str, left: int, right: int) -> int | None:
    match sign:
        case "^" | "xor" | "-bxor":
            return left ^ right
        case "&" | "and" | "-band":
            return left & right
        case "|" | "or" | "-bor":
            return left | right
        case "<<" | "-shl" if 0 <= right < 32:
            return (left << right) & 0xFFFFFFFF
        case ">>" | ">>>" | "-shr" if 0 <= right < 32:
            return left >> right
        case "&&":
            return right if left else left
        case "||":
            return left if left else right
    return None


def signed(state: State, sign: str, value: Value) -> Value:
    match sign:
        case "-" | "+":
            number = number_of(value)
            return None if number is None else -number if sign == "-" else number
        case "~":
            number = number_of(value)
            return ~int(number) if number is not None and abs(number) < _MOST else None
        case "!" | "not" | "-not":
            return None if value is None or isinstance(value, Name) else not value
        case "new" | "await":
            return value
        case "-join" if isinstance(value, list):
            return joined(state, value, "")
    return None


def joined(state: State, items: list[Value], mark: str) -> str | None:
    """What is not known is left out."""
    pieces = [piece for item in items if (piece := text_of(item)) is not None]
    if items and not pieces:
        return None
    state.spend(sum(map(len, pieces)) + len(pieces) * (1 + len(mark)))
    return state.kept(mark.join(pieces))
