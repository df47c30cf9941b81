"""Constants put together as Basic would: "WScr" & Chr(105) & StrReverse("tp"), through variables as well.

Nothing is run.  What is not known counts as an empty string, which is what a variable that was never set is, and how
junk is put between the pieces.  Bounded in depth and in all the characters that it makes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

Value = str | int | list[str] | None

_DEEPEST: Final = 24  # brackets in brackets
_LONGEST: Final = 1 << 16  # characters of one value
_MOST: Final = 1 << 24  # characters of all that are made
_STOPS = frozenset({")", ",", ":", ";", "=", "then", "else", "to", "step", "and", "or", "<", ">", "as"})
_SYSTEM = {"vbcrlf": "\r\n", "vbcr": "\r", "vblf": "\n", "vbnewline": "\r\n", "vbtab": "\t", "vbnullstring": ""}
_STORES = frozenset({"variables", "builtindocumentproperties", "customdocumentproperties", "formfields", "bookmarks"})
_STORES |= {f".{name}" for name in _STORES} | {".shapes", ".inlineshapes", ".contentcontrols"}
_CHOOSING = frozenset({"iif", "choose", "index", "string", "space", "rept"})
_CHARACTERS = frozenset({"chr", "chrw", "chrb", "char", "unichar"})


class Folder:
    """Remembers variables, counts what was done to hide text."""

    def __init__(self, named: Mapping[str, str] | None = None) -> None:
        """``named``: what the document keeps for the code, by name: Variables("a").Value."""
        self._stores = dict(named or {})
        self.variables: dict[str, Value] = {}
        self.made = 0
        self.chars = self.reversed = self.replaced = 0  # how often, with constants
        self.target = ""  # the variable that the statement has assigned to
        self.row = 0  # strings in the longest row that was joined
        self._words: list[str] = []
        self._lower: list[str] = []
        self._inner: list[str] = []  # arguments that were put together

    @property
    def exhausted(self) -> bool:
        return self.made >= _MOST

    def fold(self, words: list[str], lower: list[str]) -> list[str]:
        """All texts of a statement that are more than one string as it stands; sets the variable that it assigns."""
        if self.exhausted:
            return []
        self._words, self._lower, self._inner = words, lower, []
        target, at = self._assigned()
        self.target = target
        found: list[str] = []
        first = True
        while at < len(words):
            start = at
            value, at, joined = self._chain(at, 0)
            if at == start:
                at += 1
                first = False
                continue
            if first and target:
                self.variables[target] = value
                first = False
            if isinstance(value, str) and joined and value:
                found.append(value)
        return self._inner + found

    def _assigned(self) -> tuple[str, int]:
        """The variable before the first "=", and where its value begins."""
        lower = self._lower
        try:
            at = lower.index("=", 0, 8)
        except ValueError:
            return "", 0
        begin = 1 if lower[0] in ("set", "let", "const", "dim") else 2 if lower[:2][-1] == "const" else 0
        name = lower[begin] if begin < at else ""
        if at == begin + 4 and lower[begin + 1 : begin + 4 : 2] == ["(", ")"] and lower[begin + 2].isdecimal():
            self.variables.setdefault(name, None)
            return f"{name}({int(lower[begin + 2][:9])})", at + 1  # one of a row
        plain = at == begin + 1 or (at > begin + 1 and lower[begin + 1] == "as")
        if lower[0] in ("if", "elseif", "while", "do", "for", "until", "loop") or not plain or not _is_name(name):
            return "", 0
        return name, at + 1

    # ------------------------------------------------------------------ expressions

    def _chain(self, at: int, depth: int) -> tuple[Value, int, bool]:
        """Terms with operators between them.  The third: whether anything was put together."""
        total, at, joined = self._term(at, depth)
        pieces: list[str] = []
        strings = 0
        while at < len(self._words):
            sign = self._lower[at]
            if sign not in ("&", "+", "-", "*", "/", "\\", "xor", "mod", "^"):
                break
            value, after, _ = self._term(at + 1, depth)
            if after == at + 1:
                break
            if isinstance(total, int) and isinstance(value, int) and sign != "&":
                total = _reckoned(sign, total, value)
            elif sign in "&+":
                if not pieces:
                    pieces.append(_text(total))
                pieces.append(_text(value))
                strings += 1
                total = ""
            else:
                total = None
            at, joined = after, True
        if pieces:
            self.row = max(self.row, strings + 1)
            return self._kept("".join(pieces)), at, True
        return total, at, joined

    def _kept(self, text: str) -> str:
        text = text[:_LONGEST]
        self.made += len(text)
        return text

    def _term(self, at: int, depth: int) -> tuple[Value, int, bool]:
        """One thing and where the next begins; at the same place when there is none."""
        if at >= len(self._words) or depth > _DEEPEST:
            return None, at, False
        word = self._words[at]
        mark = word[0]
        if mark == '"':
            return self._string(at)
        if mark.isdecimal():
            return int(word.split(".")[0][:18]), at + 1, False
        if mark == "&" and len(word) > 1:
            return int(word[2:][:12], 16 if word[1] in "hH" else 8), at + 1, False
        if mark == "-":
            value, after, _ = self._term(at + 1, depth + 1)
            return (-value if isinstance(value, int) else None), after, False
        if mark == "(":
            value, after, joined = self._chain(at + 1, depth + 1)
            return value, self._close(after), joined
        if mark == "." or (_is_name(word) and self._lower[at] not in _STOPS):
            return self._named(at, depth)
        return None, at, False

    def _string(self, at: int) -> tuple[Value, int, bool]:
        text = self._words[at].strip('"') if self._words[at].count('"') < 3 else self._words[at][1:-1]
        at += 1
        while at < len(self._words) and self._words[at][0] == '"':  # a doubled quote
            text += '"' + self._words[at].strip('"')
            at += 1
        return text, at, False

    def _close(self, at: int) -> int:
        """Behind the bracket that ends what begins before ``at``."""
        open_ = 1
        while at < len(self._words):
            word = self._words[at]
            open_ += (word == "(") - (word == ")")
            at += 1
            if not open_:
                break
        return at

    def _named(self, at: int, depth: int) -> tuple[Value, int, bool]:
        """A variable, or a call of a function that is known here; members of objects are unknown."""
        name, at, begin = self._lower[at], at + 1, at
        while at < len(self._words) and self._words[at][0] == "." and len(self._words[at]) > 1:
            name = self._lower[at][1:] if name in ("vba", "strings", "conversion") else "?"
            at += 1
        if at >= len(self._words) or self._words[at] != "(":
            return self.variables.get(name, _SYSTEM.get(name)), at, name in self.variables
        values: list[Value] = []
        at += 1
        while at < len(self._words) and self._words[at] != ")":
            start = at
            value, at, joined = self._chain(at, depth + 1)
            values.append(value)
            if joined and isinstance(value, str) and value:  # CreateObject("WScr" & "ipt.Shell")
                self._inner.append(value)
            if at < len(self._words) and self._words[at] not in (",", ")"):  # something that is not understood
                at = self._argument_end(max(at, start))
            if at < len(self._words) and self._words[at] == ",":
                at += 1
        first = values[0] if values else None
        if isinstance(first, str) and first.lower() in self._stores and not _STORES.isdisjoint(self._lower[begin:at]):
            return self._kept(self._stores[first.lower()]), self._behind_members(at + 1), True
        if name == "?":
            self._sets("".join(self._lower[begin : begin + 2]), begin, at, values)
        elif name == "formula" and len(values) > 1:
            self._sets("formula", begin - 1, at, values)
        return self._called(name, values), at + 1, True

    def _sets(self, name: str, begin: int, at: int, values: list[Value]) -> None:
        """Functions of Excel 4 that give a cell or a name its value."""
        if len(values) < 2:
            return
        if name == "set.name" and isinstance(values[0], str):
            self.variables[values[0].lower()] = values[1]
        elif name == "set.value" and begin + 3 < len(self._lower):
            self.variables[self._lower[begin + 3]] = values[1]
        elif name in ("formula", "formula.fill") and at - 1 < len(self._lower):
            self.variables[self._lower[at - 1]] = values[0]

    def _behind_members(self, at: int) -> int:
        """Variables("a").Value: the last is the same as the first."""
        while at < len(self._words) and self._words[at][0] == "." and len(self._words[at]) > 1:
            at += 1
        return at

    def _argument_end(self, at: int) -> int:
        open_ = 0
        while at < len(self._words):
            word = self._words[at]
            if not open_ and word in (",", ")"):
                break
            open_ += (word == "(") - (word == ")")
            at += 1
        return at

    # ------------------------------------------------------------------ functions

    def _called(self, name: str, values: list[Value]) -> Value:
        first = values[0] if values else None
        if name in _CHARACTERS:
            return self._character(first)
        if name == "strreverse" and isinstance(first, str):
            self.reversed += len(first) > 3
            return first[::-1]
        if name in ("replace", "substitute") and len(values) >= 3 and all(isinstance(each, str) for each in values[:3]):
            old = _text(values[1])
            self.replaced += len(_text(first)) > 8
            count = _text(first).count(old) if old else 0
            if count * len(_text(values[2])) > _LONGEST:
                return None
            return self._kept(_text(first).replace(old, _text(values[2]))) if old else first
        if name == "array":
            return [_text(each) for each in values[:4096]]
        if name == "join" and isinstance(first, list):
            return self._kept(str(values[1] if len(values) > 1 and values[1] is not None else " ").join(first))
        if name == "split" and isinstance(first, str):
            mark = _text(values[1]) if len(values) > 1 else " "
            return self._kept(first).split(mark) if mark else [first]
        if name in ("concatenate", "concat"):
            return self._kept("".join(map(_text, values)))
        if isinstance(known := self.variables.get(name), list) and isinstance(first, int):
            return known[first] if 0 <= first < len(known) else None
        if isinstance(first, int) and (one := self.variables.get(f"{name}({first})")) is not None:
            return one
        if name in _CHOOSING:
            return self._chosen(name, values)
        if name == "indirect" and isinstance(first, str):
            return self.variables.get(first.lower(), first)
        return _cut(name, values) if first is not None else self.variables.get(name)

    def _chosen(self, name: str, values: list[Value]) -> Value:
        first, second = (*values, None, None)[:2]
        if name == "iif":  # whichever is a text: what decides is seldom known
            return next((each for each in values[1:] if isinstance(each, str) and each), None)
        if name in ("choose", "index"):
            number = first if name == "choose" else 1
            given = values if name == "choose" else [None, first]
            return given[number] if isinstance(number, int) and 0 < number < len(given) else None
        count = first if name in ("string", "space") else second
        text = " " if name == "space" else _text(second if name == "string" else first)
        if not isinstance(count, int) or not 0 < count * len(text) <= _LONGEST:
            return None
        return self._kept(text * count)

    def _character(self, code: Value) -> Value:
        if not isinstance(code, int) or not 0 <= code < 0x110000:
            return None
        self.chars += 32 < code < 127 and code != 34
        self.made += 1
        return chr(code)


def _cut(name: str, values: list[Value]) -> Value:
    first, numbers = values[0], [each for each in values[1:3] if isinstance(each, int)]
    if isinstance(first, str):
        if name in (
            "lcase",
            "lower",
            "ucase",
            "upper",
            "cstr",
            "trim",
            "ltrim",
            "rtrim",
            "t",
            "formula",
            "evaluate",
            "format",
            "indirect",
            "offset",
        ):
            return first.strip() if "trim" in name else first
        if name == "left" and numbers:
            return first[: max(numbers[0], 0)]
        if name == "right" and numbers:
            return first[-numbers[0] :] if numbers[0] > 0 else ""
        if name == "mid" and numbers and numbers[0] > 0:
            return first[numbers[0] - 1 :][: numbers[1] if len(numbers) > 1 else None]
        if name in ("asc", "ascw", "code") and first:
            return ord(first[0])
        if name in ("environ", "environ$"):
            return f"%{first}%"
        if name == "len":
            return len(first)
        if name in ("cint", "clng", "val", "value", "cbyte") and first.strip().isdecimal():
            return int(first.strip()[:18])
    if isinstance(first, int) and name in ("cint", "clng", "cbyte", "int", "abs", "round", "sqr", "cstr"):
        return first
    return None


def _text(value: Value) -> str:
    return value if isinstance(value, str) else str(value) if isinstance(value, int) else ""


def _is_name(word: str) -> bool:
    return word[:1].isalpha() or word[:1] == "_"


def _reckoned(sign: str, left: int, right: int) -> int | None:
    if sign == "+":
        return _small(left + right)
    if sign == "-":
        return _small(left - right)
    if sign == "*":
        return _small(left * right)
    if sign == "xor":
        return left ^ right
    if sign in ("/", "\\", "mod"):
        return None if not right else left % right if sign == "mod" else left // right
    return None


def _small(value: int) -> int | None:
    return value if -(2**60) < value < 2**60 else None
