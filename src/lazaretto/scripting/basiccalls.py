"""Functions of VBScript that texts are hidden with."""

from __future__ import annotations

from lazaretto.scripting import functions as known
from lazaretto.scripting import operators
from lazaretto.scripting.expressions import Call, Language
from lazaretto.scripting.values import State, Value, text_of, whole


def _method(function: Call) -> Call:
    """The first argument is what others have before the dot."""
    return lambda state, _, items: function(state, items[0], items[1:]) if items else None


def _chr(state: State, owner: Value, items: list[Value]) -> Value:
    return known.from_codes(state, owner, items[:1]) if items and whole(items[0]) is not None else None


def _reversed(state: State, _: Value, items: list[Value]) -> Value:
    if not items or not isinstance(items[0], str):
        return None
    state.tricks["reverse"] += len(items[0]) > 3
    state.spend(len(items[0]))
    return items[0][::-1]


def _mid(state: State, _: Value, items: list[Value]) -> Value:
    start = whole(items[1]) if len(items) > 1 else None
    if not isinstance(items[0] if items else None, str) or start is None or start < 1:
        return None
    count = whole(items[2]) if len(items) > 2 else None
    state.spend((count or 0) + 1)
    return items[0][start - 1 : None if count is None else start - 1 + max(count, 0)]


def _left(state: State, _: Value, items: list[Value]) -> Value:
    count = whole(items[1]) if len(items) > 1 else None
    return items[0][: max(count, 0)] if isinstance(items[0] if items else None, str) and count is not None else None


def _right(state: State, _: Value, items: list[Value]) -> Value:
    count = whole(items[1]) if len(items) > 1 else None
    if not isinstance(items[0] if items else None, str) or count is None:
        return None
    return items[0][-count:] if count > 0 else ""


def _joined(state: State, _: Value, items: list[Value]) -> Value:
    mark = text_of(items[1]) if len(items) > 1 else " "
    return operators.joined(state, items[0], mark or "") if items and isinstance(items[0], list) else None


def _asc(_: State, __: Value, items: list[Value]) -> Value:
    return ord(items[0][0]) if items and isinstance(items[0], str) and items[0] else None


def _length(_: State, __: Value, items: list[Value]) -> Value:
    return len(items[0]) if items and isinstance(items[0], str | list) else None


def _last(_: State, __: Value, items: list[Value]) -> Value:
    return len(items[0]) - 1 if items and isinstance(items[0], list) else None


def _number(_: State, __: Value, items: list[Value]) -> Value:
    text = items[0] if items else None
    if isinstance(text, str) and text.strip().lower().startswith("&h"):
        return operators.literal("0x" + text.strip()[2:14])
    return whole(text)


def _hex(_: State, __: Value, items: list[Value]) -> Value:
    number = whole(items[0]) if items else None
    return f"{number:X}" if number is not None and number >= 0 else None


def _environment(_: State, __: Value, items: list[Value]) -> Value:
    return items[0] if items and isinstance(items[0], str) else None


LANGUAGE = Language(
    name="vbscript",
    binary={
        "or": 1, "and": 2, "xor": 1, "=": 3, "<>": 3, "<": 3, ">": 3, "<=": 3, ">=": 3, "&": 4, "+": 5, "-": 5,
        "mod": 6, "*": 7, "/": 7, "\\": 7,
    },
    unary=frozenset(("-", "+", "not", "new")),
    assigns=frozenset(),
    functions={
        "chr": _chr, "chrw": _chr, "chrb": _chr, "strreverse": _reversed, "replace": _method(known.replace),
        "split": _method(known.split), "join": _joined, "array": known.listed, "mid": _mid, "left": _left,
        "right": _right, "asc": _asc, "ascw": _asc, "len": _length, "ubound": _last, "lbound": lambda *_: 0,
        "lcase": _method(known.lower), "ucase": _method(known.upper), "trim": _method(known.stripped),
        "ltrim": _method(known.stripped), "rtrim": _method(known.stripped), "cstr": _method(known.same),
        "cint": _number, "clng": _number, "cbyte": _number, "int": _number, "hex": _hex,
        "unescape": known.unpercent, "expandenvironmentstrings": _environment,
    },
    sinks={"execute": "vbscript", "executeglobal": "vbscript", "eval": "vbscript", "execscript": "vbscript",
           "addcode": "vbscript"},
    folds_case=True,
    unset_is_empty=True,
)  # fmt: skip
