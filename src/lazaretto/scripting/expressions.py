"""Constant expressions of a script, evaluated as the language would: strings and numbers put together, functions
that are known here called, lists and objects looked into.

What is not known is None, and what it touches is not known either.  Nothing of the system is ever called.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lazaretto.scripting import operators
from lazaretto.scripting.tokens import MARK, NUMBER, PATTERN, STRING, TEMPLATE, WORD, Tokens
from lazaretto.scripting.values import Function, Name, Pattern, State, Value, number_of, text_of

_DEEPEST = 60  # expressions in expressions
_CALLS = 5
_LONGEST = 500  # tokens of a function that is followed: what decodes is short
_SHOWN = 400  # characters of a variable that is shown in its place
_SHORTEST = 2

Call = Callable[[State, Value, list[Value]], Value]


@dataclass(frozen=True, slots=True)
class Language:
    """What makes one language of the many."""

    name: str
    binary: Mapping[str, int]  # precedence by operator
    unary: frozenset[str]
    assigns: frozenset[str]
    functions: Mapping[str, Call]  # by their last name in small letters
    sinks: Mapping[str, str]  # functions that run their argument, and in which language
    folds_case: bool = False
    unset_is_empty: bool = False  # a variable without a value is "" where strings are joined
    is_close: bool = False  # no blank stands before the bracket of a call or index


class Expressions:
    """An evaluator of the tokens of one script; what it finds goes into ``state`` and ``spans``."""

    def __init__(self, tokens: Tokens, language: Language, state: State) -> None:
        self.tokens, self.language, self.state = tokens, language, state
        self.kinds, self.values = tokens.kinds, tokens.values
        self.spans: dict[int, tuple[int, str]] = {}  # what stands for a piece of the source, by where it begins
        self.quiet = 0  # in calls and all but the first turn of loops nothing is noted
        self.target: str | tuple[list[Value], int] | None = None  # where the last operand can be written
        self.calls = self.depth = 0

    # ------------------------------------------------------------------ operators

    def expression(self, at: int, lowest: int = 0) -> tuple[Value, int]:
        """Value of what begins at ``at``, and where the next begins; at the same place when there is none."""
        if self.quiet:
            self.state.step()
        if self.too_deep():
            return None, self.tokens.after(at) if at in self.tokens.partners else at
        self.depth += 1
        start = at
        value, at = self.unary(at)
        if at == start:
            self.depth -= 1
            return None, at
        target = self.target
        if self.values[at] in self.language.assigns and self.kinds[at] == MARK and target is not None:
            value, at = self.assignment(at, target, value)
            start = at  # its right side has been shown
        else:
            value, at = self.chain(value, at, lowest)
        self.target = None
        self.depth -= 1
        if at - start > 1 and isinstance(value, str) and not self.quiet:
            self.note(start, at, value)
        return value, at

    def too_deep(self) -> bool:
        """What lies deeper is left out, which is said."""
        if self.depth > _DEEPEST:
            self.state.leave_out("brackets in brackets too deep to follow")
        return self.depth > _DEEPEST

    def chain(self, value: Value, at: int, lowest: int) -> tuple[Value, int]:
        binary = self.language.binary
        pieces: list[str] = []
        while True:
            kind = self.kinds[at]
            sign = self.values[at]
            if self.language.folds_case:
                sign = sign.lower()
            level = binary.get(sign, -1) if kind in (MARK, WORD) else -1
            if level < lowest:
                break
            if sign == "?":
                return self._choice(value, at)
            right, after = self.expression(at + 1, level + 1)
            if after == at + 1:
                break
            first, second = text_of(value), text_of(right)
            if (
                sign in operators.JOINS
                and first is not None
                and second is not None
                and self._is_text(sign, value, right)
            ):
                if not pieces:
                    pieces.append(first)
                pieces.append(second)
                value = ""
            else:
                if pieces:
                    value = self.state.kept("".join(pieces))
                    pieces.clear()
                value = self.combine(sign, value, right)
            at = after
        return (self.state.kept("".join(pieces)) if pieces else value), at

    def _is_text(self, sign: str, left: Value, right: Value) -> bool:
        return sign == "&" or isinstance(left, str) or isinstance(right, str)

    def combine(self, sign: str, left: Value, right: Value) -> Value:
        if self.language.unset_is_empty:
            left, right = _empty(left, right), _empty(right, left)
            if sign in operators.JOINS and isinstance(left, str) and right is None:
                return left
            if sign in operators.JOINS and isinstance(right, str) and left is None:
                return right
        return operators.combined(self.state, sign, left, right)

    def _choice(self, value: Value, at: int) -> tuple[Value, int]:
        first, at = self.expression(at + 1)
        if self.values[at] != ":":
            return None, at
        second, at = self.expression(at + 1)
        return (None if value is None else first if value else second), at

    def assignment(self, at: int, target: str | tuple[list[Value], int], before: Value) -> tuple[Value, int]:
        sign = self.values[at]
        value, after = self.expression(at + 1)
        if after == at + 1:
            return None, after
        if (
            sign == "+="
            and isinstance(target, str)
            and isinstance(before, str)
            and (more := text_of(value)) is not None
        ):
            self.state.grow(target, more)
            return None, after
        if sign == "+=" and self.language.unset_is_empty and (before is None or isinstance(before, Name)):
            sign = "="
        if sign != "=":
            value = operators.combined(self.state, sign[:-1], before, value)
        self.assign(target, value)
        return value, after

    def assign(self, target: str | tuple[list[Value], int], value: Value) -> None:
        if isinstance(target, str):
            self.state.variables[target] = value
        else:
            items, index = target
            if index < len(items):
                items[index] = value
            elif index < len(items) + 64:
                items.extend([None] * (index - len(items)))
                items.append(value)

    def unary(self, at: int) -> tuple[Value, int]:
        signs: list[str] = []
        begin = at
        while self.kinds[at] in (MARK, WORD) and self.folded(self.values[at]) in self.language.unary:
            signs.append(self.folded(self.values[at]))
            at += 1
        value, after = self.operand(at)
        if signs:
            self.target = None
            if after == at:
                return None, begin
        for sign in reversed(signs):
            value = operators.signed(self.state, sign, value)
        return value, after

    # ------------------------------------------------------------------ operands

    def folded(self, word: str) -> str:
        return word.lower() if self.language.folds_case else word

    def operand(self, at: int) -> tuple[Value, int]:
        """A literal, a name or a bracket, with all members, indexes and calls behind it."""
        kind, value = self.kinds[at], self.values[at]
        self.target = None
        if kind == STRING:
            return self.members(at + 1, value)
        if kind == WORD:
            return self.word(at)
        if kind == TEMPLATE:
            return self.members(at + 1, self.template(value))
        if kind == NUMBER:
            return self.members(at + 1, operators.literal(value))
        if kind == PATTERN:
            return self.members(at + 1, Pattern(value))
        if kind == MARK and value[-1] in "([{":
            return self.bracket(at)
        return None, at

    def word(self, at: int) -> tuple[Value, int]:
        name = self.folded(self.values[at])
        return self.members(at + 1, self.lookup(name, at), name)

    def lookup(self, name: str, at: int) -> Value:
        """A variable's value, which is shown in its place; Name for what has none."""
        value = self.state.read(name)
        if value is None:
            return Name(name) if name not in self.state.variables else None
        is_written = self.values[at + 1] in ("=", "+=")
        is_shown = isinstance(value, str) and _SHORTEST < len(value) <= _SHOWN and not is_written
        if not self.quiet and (is_shown or (isinstance(value, Name) and value.path != name)):
            self.note(at, at + 1, value)
        return value

    def template(self, text: str) -> Value:
        return text

    def bracket(self, at: int) -> tuple[Value, int]:
        """What begins with a bracket: by the language."""
        close = self.tokens.partners.get(at, self.tokens.count)
        items = self.items(at + 1, close)
        value = items[-1] if items and self.values[at] == "(" else items if self.values[at] == "[" else None
        return self.members(self.tokens.after(at), value)

    def items(self, at: int, close: int) -> list[Value]:
        """Expressions with commas between them."""
        found: list[Value] = []
        while at < close:
            value, after = self.expression(at)
            if after == at:  # what is not understood, is left out
                after = self.tokens.after(at) if at in self.tokens.partners else at + 1
                if self.values[at] != ",":
                    at = after
                    continue
                value = None
                after = at
            found.append(value)
            at = after
            while at < close and self.values[at] != ",":
                at = self.tokens.after(at) if at in self.tokens.partners else at + 1
            at += 1
        return found

    def members(self, at: int, value: Value, path: str = "") -> tuple[Value, int]:
        """``.name``, ``[index]`` and ``(arguments)``, as many as follow."""
        owner: Value = None
        self.target = path or None
        name = path
        while self.kinds[at] == MARK:
            mark = self.values[at]
            if mark in (".", "?.", "::") and self.kinds[at + 1] == WORD:
                name = self.folded(self.values[at + 1])
                owner, at = value, at + 2
                value, path = self.member(owner, name, path)
                self.target = path or None
            elif self.language.is_close and mark in "([" and self.tokens.starts[at] != self.tokens.ends[at - 1]:
                break
            elif mark == "[":
                keys = self.items(at + 1, self.tokens.partners.get(at, at))
                at = self.tokens.after(at)
                owner = value
                value, path, name = self.index(owner, self.key(keys), path)
            elif mark == "(":
                arguments = self.arguments(at)
                at = self.tokens.after(at)
                value, owner, path = self.call(value, name, owner, arguments), None, ""
                self.target, name = None, ""
            elif mark in ("++", "--"):
                if (number := number_of(value)) is not None and self.target is not None:
                    self.assign(self.target, number + (1 if mark == "++" else -1))
                at += 1
                break
            else:
                break
        return value, at

    def member(self, owner: Value, name: str, path: str) -> tuple[Value, str]:
        """The value of a member, and how it is called."""
        if isinstance(owner, dict):
            return owner.get(name), ""
        if name.lower() in ("length", "count") and isinstance(owner, str | list):
            return len(owner), ""
        if isinstance(owner, Name):
            path = owner.path
        path = f"{path}.{name}"[-200:] if path and path not in operators.ITSELF else name
        value = self.state.read(path)
        return (Name(path) if value is None and not isinstance(owner, str | list) else value), path

    def key(self, keys: list[Value]) -> Value:
        return keys[-1] if keys else None

    def arguments(self, at: int) -> list[Value]:
        """Of the call whose bracket is at ``at``."""
        return self.items(at + 1, self.tokens.partners.get(at, at))

    def index(self, owner: Value, key: Value, path: str) -> tuple[Value, str, str]:
        self.target = None
        if isinstance(key, float) and key.is_integer():
            key = int(key)
        if isinstance(owner, list) and isinstance(key, int):
            if key >= 0:
                self.target = (owner, key)
            return (owner[key] if -len(owner) <= key < len(owner) else None), "", ""
        if isinstance(owner, str) and isinstance(key, int):
            return (owner[key] if -len(owner) <= key < len(owner) else None), "", ""
        if isinstance(owner, dict) and isinstance(key, str | int):
            return owner.get(str(key)), "", ""
        if isinstance(key, list) and isinstance(owner, str | list):
            found = [owner[each] for each in key if isinstance(each, int) and -len(owner) <= each < len(owner)]
            return found, "", ""
        if isinstance(key, str) and len(key) < 200:
            value, path = self.member(owner, self.folded(key), path)
            self.target = path or None
            return value, path, key
        return None, "", ""

    # ------------------------------------------------------------------ calls

    def call(self, callee: Value, name: str, owner: Value, arguments: list[Value]) -> Value:
        if isinstance(callee, Function):
            return self.run_function(callee, arguments)
        if isinstance(callee, list) and len(arguments) == 1 and self.language.folds_case:  # Basic: names(3)
            return self.index(callee, arguments[0], "")[0]
        if isinstance(callee, Name):
            name = callee.path.rpartition(".")[2] or name
        lower = name.lower()
        if lower in ("call", "apply", "invoke") and isinstance(owner, Function):
            return self.run_function(owner, arguments[1:])
        if (language := self.language.sinks.get(lower)) and arguments:
            for argument in arguments:
                if isinstance(argument, str):
                    self.state.layer(language, argument)
            return None
        function = self.language.functions.get(lower)
        if function is None:
            return None
        return function(self.state, owner, arguments)

    def run_function(self, function: Function, arguments: list[Value]) -> Value:
        """A call of one of the script's own, with its own parameters."""
        if (other := function.reader) is not None and other is not self:  # of another script of the page
            before = (other.calls, other.quiet, other.depth)
            other.calls, other.quiet, other.depth = self.calls + 1, self.quiet + 1, self.depth + 3
            try:
                return other.run_function(function, arguments) if not self.too_deep() else None
            finally:
                other.calls, other.quiet, other.depth = before
        is_known = not arguments or any(isinstance(each, str | int | list) for each in arguments)
        is_known = is_known and function.end - function.start < _LONGEST
        if self.calls >= _CALLS or self.state.is_spent or not is_known:
            return None
        self.state.step()
        variables = self.state.variables
        kept = {name: variables.get(name) for name in function.parameters}
        if self.language.unset_is_empty:  # variables of its own, which the first reading has left unknown
            for name in {self.folded(word) for word in self.values[function.start : function.end]}:
                if name in variables and variables[name] is None:
                    del variables[name]
        for at, name in enumerate(function.parameters):
            variables[name] = arguments[at] if at < len(arguments) else None
        self.calls += 1
        self.quiet += 1
        depth, target = self.depth, self.target
        try:
            return self.body(function)
        finally:
            self.calls -= 1
            self.quiet -= 1
            self.depth, self.target = depth, target
            variables.update(kept)

    def body(self, function: Function) -> Value:
        return self.expression(function.start)[0]

    # ------------------------------------------------------------------ what is shown

    def note(self, start: int, end: int, value: str | Name) -> None:
        """``value`` stands for the tokens from ``start`` to before ``end``."""
        begin = self.tokens.starts[start]
        shown = value.path if isinstance(value, Name) else f'"{value}"'
        self.spans[begin] = (self.tokens.ends[end - 1], shown)


def _empty(value: Value, other: Value) -> Value:
    """A variable that was never set, beside a text or a number."""
    if isinstance(value, Name) and "." not in value.path:
        return "" if isinstance(other, str) else 0 if isinstance(other, int | float) else value
    return value
