"""What PowerShell calls to take text apart and put it together: operators, casts, methods of .NET."""

from __future__ import annotations

import re
from collections.abc import Callable

from lazaretto.scripting import functions as known
from lazaretto.scripting import operators, texts
from lazaretto.scripting.expressions import Language
from lazaretto.scripting.values import Name, Pattern, State, Value, text_of, whole

_PLACE = re.compile(r"\{(\d{1,3})\}")
ENVIRONMENT = {
    "comspec": "C:\\WINDOWS\\system32\\cmd.exe",
    "public": "C:\\Users\\Public",
    "windir": "C:\\WINDOWS",
    "systemroot": "C:\\WINDOWS",
    "programdata": "C:\\ProgramData",
}
AUTOMATIC = {
    "$pshome": "C:\\Windows\\System32\\WindowsPowerShell\\v1.0",
    "$shellid": "Microsoft.PowerShell",
    "$verbosepreference": "SilentlyContinue",
    "$true": True,
    "$false": False,
}


def _format(state: State, left: Value, right: Value) -> Value:
    if not isinstance(left, str):
        return None
    pieces = [text_of(each) or "" for each in (right if isinstance(right, list) else [right])]
    places = _PLACE.findall(left)
    state.tricks["format"] += places != sorted(places)
    state.spend(sum(len(pieces[int(each)]) for each in places if int(each) < len(pieces)))
    return state.kept(
        _PLACE.sub(lambda found: pieces[int(found[1])] if int(found[1]) < len(pieces) else found[0], left)
    )


def _replace(state: State, left: Value, right: Value) -> Value:
    old, new = (right[0], right[1]) if isinstance(right, list) and len(right) > 1 else (right, "")
    if not isinstance(left, str) or not isinstance(old, str) or (new := text_of(new)) is None:
        return None
    return known.replaced(state, left, Pattern(old), new)


def _split(state: State, left: Value, right: Value) -> Value:
    if isinstance(left, str) and isinstance(right, str):
        return known.split(state, left, [Pattern(right) if len(right) > 1 or right in ".|+*?" else right])
    return None


def _join(state: State, left: Value, right: Value) -> Value:
    items = left if isinstance(left, list) else [left]
    return operators.joined(state, items, text_of(right) or "")


def _range(state: State, left: Value, right: Value) -> Value:
    first, last = whole(left), whole(right)
    if first is None or last is None or abs(last - first) > 70_000:
        return None
    state.spend(abs(last - first))
    return list(range(first, last + 1) if last >= first else range(first, last - 1, -1))


OPERATORS: dict[str, Callable[[State, Value, Value], Value]] = {
    "-f": _format, "-replace": _replace, "-creplace": _replace, "-ireplace": _replace, "-split": _split,
    "-csplit": _split, "-isplit": _split, "-join": _join, "..": _range,
}  # fmt: skip


def cast(state: State, name: str, value: Value) -> Value:
    if name.startswith("char") and isinstance(value, list):
        state.tricks["chars"] += len(value)
        return [each if isinstance(each, str) else texts.characters([whole(each)]) for each in value]
    if name == "char":
        number = whole(value) if not isinstance(value, str) or len(value) > 1 else ord(value)
        state.tricks["chars"] += number is not None
        return texts.characters([number])
    if name == "char[]" and isinstance(value, str):
        state.spend(len(value) * 8)
        return list(value)
    if name in ("int", "byte", "int32", "uint32", "int64", "long"):
        return ord(value) if isinstance(value, str) and len(value) == 1 and not value.isdigit() else whole(value)
    if name in ("string", "system.string"):
        return operators.joined(state, value, " ") if isinstance(value, list) else text_of(value)
    return None if name in ("void", "ref") else value


def _from_base64(state: State, _: Value, items: list[Value]) -> Value:
    if not items or not isinstance(items[-1], str):
        return None
    state.spend(len(items[-1]) * 8)
    state.tricks["base64"] += len(items[-1]) > 11
    data = texts.base64(items[-1])
    if text := texts.words(data):
        state.decoded(text)
        if data[:2] in (b"\x1f\x8b", b"\xed\xbd"):
            state.layer("powershell", text)
    return list(data)


def _get_string(state: State, owner: Value, items: list[Value]) -> Value:
    if not items or not isinstance(items[0], list):
        return None
    try:
        data = bytes(int(each) & 255 for each in items[0])
    except (TypeError, ValueError):
        return None
    path = owner.path if isinstance(owner, Name) else ""
    text = data.decode("utf-16-le" if "unicode" in path else "utf-8", "replace")
    return state.decoded(state.kept(text))


def _get_bytes(state: State, _: Value, items: list[Value]) -> Value:
    if not items or not isinstance(items[0], str):
        return None
    state.spend(len(items[0]) * 8)
    return list(items[0].encode("utf-8", "replace"))


def _letters(state: State, owner: Value, _: list[Value]) -> Value:
    if not isinstance(owner, str):
        return None
    state.spend(len(owner) * 8)
    return list(owner)


def _reverse(state: State, _: Value, items: list[Value]) -> Value:
    return known.reverse(state, items[0], []) if items else None


def _join_all(state: State, owner: Value, items: list[Value]) -> Value:
    """``[string]::Join(mark, list)``."""
    rest = items[1] if len(items) == 2 and isinstance(items[1], list) else items[1:]
    return operators.joined(state, rest, text_of(items[0]) or "") if len(items) > 1 else None


def _matches(state: State, owner: Value, items: list[Value]) -> Value:
    """``[regex]::Matches(text, '.', 'RightToLeft')``: a text backwards."""
    if len(items) < 3 or not isinstance(items[0], str) or items[1] != "." or "right" not in str(items[2]).lower():
        return None
    state.spend(len(items[0]) * 8)
    state.tricks["reverse"] += 1
    return list(items[0][::-1])


def _replaced(state: State, owner: Value, items: list[Value]) -> Value:
    """A method of strings, or ``[regex]::Replace(text, old, new)``."""
    if isinstance(owner, str):
        return known.replace(state, owner, items)
    if len(items) > 2 and isinstance(items[0], str) and isinstance(items[1], str) and isinstance(items[2], str):
        return known.replaced(state, items[0], Pattern(items[1]), items[2])
    return None


def _integer(state: State, owner: Value, items: list[Value]) -> Value:
    if items and isinstance(items[0], str) and len(items[0]) == 1 and len(items) == 1:
        return ord(items[0])
    return known.integer(state, owner, items) if items and isinstance(items[0], str) else whole((items or [None])[0])


def _character(state: State, _: Value, items: list[Value]) -> Value:
    return cast(state, "char", items[0]) if items else None


def _first_text(_: State, __: Value, items: list[Value]) -> Value:
    return next((each for each in items if isinstance(each, str)), None)


def _script(state: State, _: Value, items: list[Value]) -> Value:
    if items and isinstance(items[0], str):
        state.layer("powershell", items[0])
    return None


COMMANDS = {"write-output": _first_text, "echo": _first_text}
_LEVELS = {
    "-and": 1, "-or": 1, "-bor": 2, "-bxor": 2, "-band": 2, "-eq": 3, "-ne": 3, "-lt": 3, "-gt": 3,
    "-le": 3, "-ge": 3, "-join": 3, "-split": 3, "-csplit": 3, "-isplit": 3, "-replace": 3, "-creplace": 3,
    "-ireplace": 3, "-as": 3, "-like": 3, "-match": 3, "+": 5, "-": 5, "*": 6, "/": 6, "%": 6, "-f": 7, "..": 8,
    "-shl": 4, "-shr": 4,
}  # fmt: skip
LANGUAGE = Language(
    name="powershell",
    binary=_LEVELS,
    unary=frozenset(("!", "-", "+", "-not", "-bnot", "-join", "++", "--")),
    assigns=frozenset(("=", "+=", "-=", "*=")),
    functions={
        "replace": _replaced, "split": known.split, "join": _join_all, "substring": known.substr,
        "tochararray": _letters, "frombase64string": _from_base64, "getstring": _get_string, "getbytes": _get_bytes,
        "toint16": _integer, "toint32": _integer, "tobyte": _integer, "tochar": _character, "tostring": known.same,
        "trim": known.stripped, "tolower": known.lower, "toupper": known.upper, "concat": known.concat,
        "reverse": _reverse, "matches": _matches, "create": _script, "newscriptblock": _script, "invokescript": _script,
        "addscript": _script, "unescapedatastring": known.unpercent, "urldecode": known.unpercent,
        "indexof": known.index_of, "insert": lambda *_: None,
    },
    sinks={"iex": "powershell", "invoke-expression": "powershell"},
    folds_case=True,
    unset_is_empty=True,
    is_close=True,
)  # fmt: skip
