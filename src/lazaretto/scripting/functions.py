"""Functions of strings and lists that scripts take text apart and put it together with; what they give for known
arguments.  None: not known."""

from __future__ import annotations

import re
from collections.abc import Callable

from lazaretto.scripting import operators, texts
from lazaretto.scripting.values import ITEMS, Pattern, State, Value, text_of, whole

Call = Callable[[State, Value, list[Value]], Value]
_CLASS = re.compile(r"\[([^\]^][^\]]{0,40})\][+*]?|\\([sd])[+*]?")
_PLAIN = re.compile(r"(?:[^\\\[\](){}.*+?^$|]|\\[^A-Za-z0-9])+")


def replaced(state: State, text: str, old: Value, new: str, *, everywhere: bool = True) -> Value:
    """A text in place of a text or pattern; patterns that are more than a text or one class are not followed."""
    state.spend(len(text))
    state.tricks["replace"] += len(text) > 8
    if isinstance(old, Pattern):
        if (found := _CLASS.fullmatch(old.text)) and not new:
            return re.sub(f"[{re.escape(found[1])}]" if found[1] else rf"\{found[2]}", "", text)
        if not _PLAIN.fullmatch(old.text):
            return None
        old = texts.unescaped(old.text)
    old = text_of(old)
    if not old:
        return text
    count = text.count(old) if everywhere else 1
    if count * len(new) > 2**20:
        state.spend(count * len(new))
    return state.kept(text.replace(old, new, -1 if everywhere else 1))


def replace(state: State, owner: Value, items: list[Value]) -> Value:
    if not isinstance(owner, str) or len(items) < 2 or (new := text_of(items[1])) is None:
        return None
    return replaced(state, owner, items[0], new)


def split(state: State, owner: Value, items: list[Value]) -> Value:
    if not isinstance(owner, str):
        return None
    mark = items[0] if items else " "
    if isinstance(mark, Pattern):
        mark = texts.unescaped(mark.text) if _PLAIN.fullmatch(mark.text) else None
    if not isinstance(mark, str):
        return None
    state.spend(len(owner) * (8 if not mark else 1))
    state.tricks["split"] += len(owner) > 8
    pieces = list(owner) if not mark else owner.split(mark)
    return pieces if len(pieces) <= ITEMS else None


def join(state: State, owner: Value, items: list[Value]) -> Value:
    mark = text_of(items[0]) if items else ","
    return operators.joined(state, owner, mark or "") if isinstance(owner, list) else None


def reverse(state: State, owner: Value, _: list[Value]) -> Value:
    if isinstance(owner, list):
        state.spend(len(owner))
        state.tricks["reverse"] += len(owner) > 3
        owner.reverse()
        return owner
    return None


def from_codes(state: State, _: Value, items: list[Value]) -> Value:
    if len(items) == 2 and isinstance(items[1], list):  # fromCharCode.apply(null, [77, 90])
        items = items[1]
    state.spend(len(items))
    codes = [whole(each) for each in items if not isinstance(each, list)]
    text = texts.characters(list(codes)) if codes else None
    state.tricks["chars"] += len(codes) if text and text.strip() else 0
    return text


def code_at(_: State, owner: Value, items: list[Value]) -> Value:
    at = whole(items[0]) if items else 0
    return ord(owner[at]) if isinstance(owner, str) and at is not None and 0 <= at < len(owner) else None


def char_at(_: State, owner: Value, items: list[Value]) -> Value:
    at = whole(items[0]) if items else 0
    return owner[at] if isinstance(owner, str) and at is not None and 0 <= at < len(owner) else None


def substring(state: State, owner: Value, items: list[Value]) -> Value:
    return _cut(state, owner, items, is_length=False)


def substr(state: State, owner: Value, items: list[Value]) -> Value:
    return _cut(state, owner, items, is_length=True)


def _cut(state: State, owner: Value, items: list[Value], *, is_length: bool) -> Value:
    if not isinstance(owner, str | list) or not items or (start := whole(items[0])) is None:
        return None
    start = max(start + len(owner), 0) if start < 0 else start
    stop: int | None = None
    if len(items) > 1:
        if (last := whole(items[1])) is None:
            return None
        stop = start + max(last, 0) if is_length else last
    result = owner[start:stop]
    state.spend(len(result) + 1)
    return result


def decode64(state: State, _: Value, items: list[Value]) -> Value:
    """As a string of bytes."""
    if not items or not isinstance(items[0], str) or len(items[0]) < 4:
        return None
    state.spend(len(items[0]))
    state.tricks["base64"] += len(items[0]) > 11
    return state.decoded(texts.base64(items[0]).decode("latin-1"))


def unpercent(state: State, _: Value, items: list[Value]) -> Value:
    if not items or not isinstance(items[0], str):
        return None
    state.spend(len(items[0]))
    result = texts.unpercent(items[0])
    state.tricks["percent"] += result != items[0]
    return state.decoded(result) if result != items[0] else result


def integer(_: State, __: Value, items: list[Value]) -> Value:
    text = text_of(items[0]) if items else None
    radix = whole(items[1]) if len(items) > 1 else 10
    if text is None or radix is None or not 2 <= radix <= 36:
        return None
    found = re.match(r"\s*(?:0[xX])?([0-9A-Za-z]{1,12})", text)
    try:
        return int(found[1], 16 if text.strip()[:2].lower() == "0x" else radix) if found else None
    except ValueError:
        digits = re.match(r"\s*(\d{1,12})", text)
        return int(digits[1]) if digits and radix == 10 else None


def push(state: State, owner: Value, items: list[Value]) -> Value:
    if not isinstance(owner, list) or len(owner) + len(items) > ITEMS:
        return None
    state.spend(len(items))
    owner.extend(items)
    return len(owner)


def shift(state: State, owner: Value, _: list[Value]) -> Value:
    state.spend(len(owner) if isinstance(owner, list) else 0)
    return owner.pop(0) if isinstance(owner, list) and owner else None


def pop(_: State, owner: Value, __: list[Value]) -> Value:
    return owner.pop() if isinstance(owner, list) and owner else None


def concat(state: State, owner: Value, items: list[Value]) -> Value:
    for item in items:
        if isinstance(owner, str) and (more := text_of(item)) is not None:
            owner = state.kept(owner + more)
        elif isinstance(owner, list) and len(owner) < ITEMS:
            state.spend(len(owner))
            owner = owner + (item if isinstance(item, list) else [item])
        else:
            return None
    return owner


def same(_: State, owner: Value, __: list[Value]) -> Value:
    return owner if isinstance(owner, str | list) else text_of(owner)


def stripped(_: State, owner: Value, __: list[Value]) -> Value:
    return owner.strip() if isinstance(owner, str) else None


def lower(state: State, owner: Value, __: list[Value]) -> Value:
    return state.kept(owner.lower()) if isinstance(owner, str) else None


def upper(state: State, owner: Value, __: list[Value]) -> Value:
    return state.kept(owner.upper()) if isinstance(owner, str) else None


def index_of(_: State, owner: Value, items: list[Value]) -> Value:
    return owner.find(items[0]) if isinstance(owner, str) and items and isinstance(items[0], str) else None


def first(_: State, __: Value, items: list[Value]) -> Value:
    return items[0] if items else None


def listed(_: State, __: Value, items: list[Value]) -> Value:
    return items
