"""PowerShell, evaluated as far as it is constant: operators, casts, static methods, pipelines over known values."""

from __future__ import annotations

import re

from lazaretto.scripting import operators, powercalls, powerlexer
from lazaretto.scripting.statements import Statements
from lazaretto.scripting.tokens import LINE, MARK, NUMBER, STRING, TEMPLATE, WORD
from lazaretto.scripting.values import Function, Name, State, Value, text_of

_SUBSTITUTION = re.compile(r"\$(?:\{([\w:]{1,60})\}|([A-Za-z_][\w:]{0,60}))")
_RUNS = frozenset(("iex", "invoke-expression"))
_EACH = frozenset(("%", "foreach-object", "foreach"))
_ITEMS = 40_000
_SHOWN = "$_"


class PowerShell(Statements):
    """One script, or a command behind ``powershell -Command``."""

    def __init__(self, text: str, state: State) -> None:
        super().__init__(powerlexer.tokens(text), powercalls.LANGUAGE, state)
        self.commas = True

    # ------------------------------------------------------------------ lists and pipelines

    def expression(self, at: int, lowest: int = 0) -> tuple[Value, int]:
        value, after = super().expression(at, lowest)
        while lowest == 0 and self.values[after] == "|" and self.kinds[after] == MARK:
            value, after = self.stage(value, after + 1)
        return value, after

    def unary(self, at: int) -> tuple[Value, int]:
        value, after = super().unary(at)
        if not self.commas or self.values[after] != "," or self.kinds[after] != MARK or after == at:
            return value, after
        found, self.target = [value], None
        while self.values[after] == "," and self.kinds[after] == MARK and len(found) < _ITEMS:
            value, end = super().unary(after + 1)
            if end == after + 1:
                break
            found.append(value)
            after = end
        return found, after

    def stage(self, value: Value, at: int) -> tuple[Value, int]:
        """What stands behind a bar."""
        word = self.command(at)
        if word in _RUNS:
            if isinstance(text := _one(value), str):
                self.state.layer("powershell", text)
            return None, at + 1
        if word in _EACH and self.values[at + 1] == "{":
            close = self.tokens.partners.get(at + 1, at + 1)
            return self.each_of(value, at + 2, close), self.tokens.after(at + 1)
        if self.values[at] in ("&", ".") and isinstance(text := _one(value), str):
            name, after = self.operand(at + 1)
            if isinstance(name, str) and name.lower() in _RUNS:
                self.state.layer("powershell", text)
            return None, max(after, at + 1)
        after = at
        while self.kinds[after] not in (LINE, "z") and self.values[after] not in ("|", ";", ")", "}"):
            if after in self.tokens.partners and not self.quiet:
                self.items(after + 1, self.tokens.partners[after])
            after = self.tokens.after(after) if after in self.tokens.partners else after + 1
        return (value if word.startswith(("out-string", "write-output")) else None), after

    def each_of(self, value: Value, start: int, close: int) -> Value:
        items = value if isinstance(value, list) else [value]
        found: list[Value] = []
        quiet = self.quiet
        for item in items[:_ITEMS]:
            if found and self.state.is_spent:
                break
            self.state.variables[_SHOWN] = item
            result, _ = self.expression(start)
            found.append(result)
            self.quiet = quiet + 1
        self.quiet = quiet
        return found if len(found) != 1 else found[0]

    def command(self, at: int) -> str:
        return self.values[at].lower() if self.kinds[at] in (WORD, MARK) else ""

    # ------------------------------------------------------------------ operands

    def operand(self, at: int) -> tuple[Value, int]:
        if self.kinds[at] == MARK and self.values[at] in ("&", "."):
            return self.invoked(at)
        if self.kinds[at] == MARK and self.values[at] == ",":
            value, after = self.operand(at + 1)
            return [value], after
        return super().operand(at)

    def invoked(self, at: int) -> tuple[Value, int]:
        """``& 'name' arguments``."""
        name, after = self.operand(at + 1)
        if after == at + 1:
            return None, at
        if isinstance(name, list | str) and isinstance(text := _one(name), str):
            self.note(at, after, Name(text))
            return self.run_command(text.lower(), after)
        return None, after

    def word(self, at: int) -> tuple[Value, int]:
        word = self.values[at].lower()
        if word.startswith("$env:") and (place := powercalls.ENVIRONMENT.get(word[5:])):
            return self.members(at + 1, place)
        if word[0] == "$":
            known = powercalls.AUTOMATIC.get(word)
            if known is not None and word not in self.state.variables:
                return self.members(at + 1, known)
            return super().word(at)
        if word in ("return", "throw"):
            return None, at
        return self.run_command(word, at + 1)

    def run_command(self, word: str, at: int) -> tuple[Value, int]:
        """A command and its arguments, which are operands without operators."""
        known = self.state.variables.get(word)
        arguments: list[Value] = []
        commas, self.commas = self.commas, True
        while True:
            kind, value = self.kinds[at], self.values[at]
            if kind == WORD and value[0] != "$":
                at += 1
            elif kind in (STRING, TEMPLATE, NUMBER, WORD) or (kind == MARK and value in ("(", "[", "{", "$(", "@(")):
                value, after = self.expression(at, 1) if word in _RUNS else self.unary(at)
                if after == at:
                    break
                arguments.append(value)
                at = after
            elif kind == MARK and value in (".", "-", "/", ":", "*", "+", "%", "?", ","):
                at += 1
            else:
                break
        self.commas, self.target = commas, None
        if isinstance(known, Function):
            return self.run_function(known, arguments), at
        if word in _RUNS and arguments and isinstance(text := _one(arguments[0]), str):
            self.state.layer("powershell", text)
        function = powercalls.COMMANDS.get(word)
        return (function(self.state, None, arguments) if function else None), at

    def template(self, text: str) -> Value:
        """Names alone as substitutions."""
        if "$" not in text:
            return text
        at, pieces = 0, []
        for found in _SUBSTITUTION.finditer(text):
            name = "$" + (found[1] or found[2]).lower()
            value = text_of(self.state.read(name))
            pieces += [text[at : found.start()], value if value is not None else found[0]]
            at = found.end()
        return self.state.kept("".join((*pieces, text[at:])))

    # ------------------------------------------------------------------ brackets

    def bracket(self, at: int) -> tuple[Value, int]:
        mark, close, after = self.values[at], self.tokens.partners.get(at, at), self.tokens.after(at)
        if mark == "[":
            return self.type_of(at, close, after)
        if mark in ("{", "@{"):
            return self.block(at, close, after)
        commas, self.commas = self.commas, True
        values: list[Value] = []
        inside = at + 1
        while inside < close:
            value, end = self.expression(inside)
            if end > inside:
                values.append(value)
            inside = max(end, inside + 1)
        self.commas = commas
        value = values[-1] if len(values) == 1 else values if values and mark != "(" else values[-1] if values else None
        if mark == "@(" and not isinstance(value, list):
            value = [] if value is None else [value]
        return self.members(after, value)

    def block(self, at: int, close: int, after: int) -> tuple[Value, int]:
        function = Function((), at + 1, close, reader=self)
        if self.values[at] == "{" and not self.calls and not self.quiet:
            self.once(function)
        elif self.values[at] == "@{" and not self.quiet:
            inside = at + 1
            while inside < close:
                inside = max(self.expression(inside)[1], inside + 1)
        return self.members(after, function)

    def type_of(self, at: int, close: int, after: int) -> tuple[Value, int]:
        """``[type]::Method(...)`` or a cast ``[type] value``."""
        name = "".join(self.values[at + 1 : min(close, at + 12)]).lower()
        if self.values[after] == "::" and self.kinds[after] == MARK:
            return self.members(after, Name(name), name)
        value, end = super().unary(after)
        if end == after:
            return None, after
        return powercalls.cast(self.state, name, value), end

    def key(self, keys: list[Value]) -> Value:
        return keys if len(keys) > 1 else super().key(keys)

    def arguments(self, at: int) -> list[Value]:
        commas, self.commas = self.commas, False
        found = super().arguments(at)
        self.commas = commas
        return found

    def combine(self, sign: str, left: Value, right: Value) -> Value:
        if sign in powercalls.OPERATORS:
            return powercalls.OPERATORS[sign](self.state, left, right)
        return operators.combined(self.state, sign, left, right)


def _one(value: Value) -> Value:
    """Of a list of one its item; pieces of a text are joined with blanks, as PowerShell does."""
    if isinstance(value, list):
        if all(isinstance(each, str) for each in value):
            return ("" if all(len(each) == 1 for each in value) else " ").join(value)
        return None
    return value
