"""Functions of ECMAScript and the browser that a folded script may call: what they give for constant arguments.

Each takes the account, the object before the dot and the arguments; None means that the result is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lazaretto.unpack.html import ecmascript, literal
from lazaretto.unpack.html.scriptvalue import PIECE, Account, Array, Letters, Text, Value

Items = Sequence[Value]
Function = Callable[[Account, Value, Items], Value]


def _atob(account: Account, _: Value, items: Items) -> Value:
    return _decoded(account, items, lambda text: literal.base64(text.encode("ascii", "replace")).decode("latin-1"))


def _unescape(account: Account, _: Value, items: Items) -> Value:
    return _decoded(account, items, literal.unescape)


def _decoded(account: Account, items: Items, step: Callable[[str], str]) -> Value:
    if not items or not isinstance(items[0], Text):
        return None
    account.spend(items[0].size)
    return Text(step(str(items[0])), decoded=True)


def _from_char_code(_: Account, __: Value, items: Items) -> Value:
    if len(items) > 1 and isinstance(items[1], Array):  # fromCharCode.apply(null, [77, 90])
        items = items[1].items
    numbers = [item for item in items if isinstance(item, int)]
    if len(numbers) != len(items) or not numbers:
        return None
    units = b"".join((number & 0xFFFF).to_bytes(2, "little") for number in numbers)
    return Text(units.decode("utf-16-le", "replace"), decoded=True)


def _first(_: Account, __: Value, items: Items) -> Value:
    first = items[0] if items else None
    return first if isinstance(first, Array | Text | Letters) else None


def _array(_: Account, __: Value, items: Items) -> Value:
    return Array(list(items))


def _join(account: Account, owner: Value, items: Items) -> Value:
    separator = str(account.text(items[0]))[:100] if items else ","
    return account.text(owner, separator) if isinstance(owner, Array | Letters) else None


def _split(account: Account, owner: Value, items: Items) -> Value:
    if not isinstance(owner, Text) or not items or not isinstance(items[0], Text):
        return None
    text, mark = str(owner), str(items[0])
    account.spend(owner.size)
    if not mark:
        return Letters(text, owner.decoded)
    account.spend(text.count(mark) * PIECE)
    return Array([Text(each, owner.decoded) for each in text.split(mark)])


def _reverse(account: Account, owner: Value, _: Items) -> Value:
    if isinstance(owner, Letters):
        account.spend(len(owner.text))
        return Letters(owner.text[::-1], owner.decoded)
    if isinstance(owner, Array):
        account.spend(len(owner.items))
        owner.items.reverse()  # in place, as Array.prototype.reverse
        return owner
    return None


def _replace(account: Account, owner: Value, items: Items) -> Value:
    if not isinstance(owner, Text) or len(items) < 2:
        return None
    old, new = ecmascript.unescaped(str(account.text(items[0]))), str(account.text(items[1]))
    if not old:
        return None
    if old.startswith("[") and old.endswith("]"):  # a regular expression of one class: any of its characters
        return _without(account, owner, old[1:-1], new)
    text = str(owner)
    account.spend(len(text) + text.count(old) * len(new))
    return Text(text.replace(old, new), owner.decoded)


def _without(account: Account, owner: Text, characters: str, new: str) -> Value:
    text = str(owner)
    if characters.startswith("^") or len(characters) > 32 or new:
        return None
    account.spend(len(text))
    return Text(text.translate({ord(each): None for each in characters}), owner.decoded)


def _concat(account: Account, owner: Value, items: Items) -> Value:
    for item in items:
        if isinstance(owner, Array):
            more: list[Value] = item.items if isinstance(item, Array) else [item]
            account.spend(len(owner.items) + len(more))
            owner = Array(owner.items + more)
        else:
            owner = account.join(owner, item)
    return owner


def _push(account: Account, owner: Value, items: Items) -> Value:
    if not isinstance(owner, Array):
        return None
    account.spend(len(items))
    owner.items.extend(items)
    return len(owner.items)


def _same(_: Account, owner: Value, __: Items) -> Value:
    return owner


def _slice(account: Account, owner: Value, items: Items) -> Value:
    start = items[0] if items else 0
    if not isinstance(owner, Text) or len(items) > 1 or not isinstance(start, int):
        return None
    account.spend(owner.size)
    return Text(str(owner)[start:], owner.decoded)


def _blob(account: Account, _: Value, items: Items) -> Value:
    first = items[0] if items else None
    if isinstance(first, Array) and len(first.items) == 1:
        first = first.items[0]
    account.report(first, sink=True)
    _save(account, None, items)
    return Text("") if isinstance(first, Text | Array) else None


def _save(account: Account, _: Value, items: Items) -> Value:
    if len(items) > 1:
        account.file_name(items[1])
    return None


def _attribute(account: Account, _: Value, items: Items) -> Value:
    if items and isinstance(items[0], Text) and str(items[0]).lower() == "download":
        _save(account, None, items)
    return None


FUNCTIONS: dict[str, Function] = {
    "atob": _atob,
    "unescape": _unescape,
    "decodeuri": _unescape,
    "decodeuricomponent": _unescape,
    "fromcharcode": _from_char_code,
    "fromcodepoint": _from_char_code,
    "apply": _from_char_code,
    "uint8array": _first,
    "from": _first,
    "array": _array,
    "of": _array,
    "join": _join,
    "split": _split,
    "reverse": _reverse,
    "replace": _replace,
    "replaceall": _replace,
    "concat": _concat,
    "push": _push,
    "trim": _same,
    "tostring": _same,
    "slice": _slice,
    "substr": _slice,
    "substring": _slice,
    "blob": _blob,
    "file": _blob,
    "mssaveoropenblob": _save,
    "mssaveblob": _save,
    "saveas": _save,
    "setattribute": _attribute,
}
