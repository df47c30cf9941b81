"""VBScript, evaluated as far as it is constant."""

from __future__ import annotations

from lazaretto.errors import LimitExceeded
from lazaretto.scripting import basiccalls, basiclexer
from lazaretto.scripting.expressions import Expressions
from lazaretto.scripting.tokens import LINE, MARK, WORD
from lazaretto.scripting.values import Function, Name, State, Value, whole

_TURNS = 40_000
_OPENS = {"for": "next", "do": "loop", "while": "wend", "function": "function", "sub": "sub"}
_RUNS = frozenset(("execute", "executeglobal", "eval"))
_SKIPPED = frozenset(
    ("set", "let", "const", "public", "private", "dim", "redim", "call", "then", "else", "wend", "default", "on")
)


class VbScript(Expressions):
    """One script; also Basic in a page."""

    def __init__(self, text: str, state: State) -> None:
        super().__init__(basiclexer.tokens(text), basiccalls.LANGUAGE, state)
        self.stopped = False
        self.reached = 0

    def read(self) -> None:
        self.declare()
        at = 0
        while at < self.tokens.count:
            begin = at
            try:
                at = self.run(at, self.tokens.count)
            except LimitExceeded as error:
                if not self.state.stop(error):
                    return
                self.calls = self.depth = self.quiet = 0
                at = self.reached = max(self.reached, begin) + 1
            self.stopped = False

    def run(self, at: int, end: int) -> int:
        while at < end and not self.stopped:
            if not self.quiet:
                self.reached = max(self.reached, at)
            after = self.statement(at, end)
            at = after if after > at else at + 1
        return at

    def declare(self) -> None:
        """Functions by name, with the place of their bodies."""
        open_: list[tuple[int, str, tuple[str, ...]]] = []
        for at, word in enumerate(self.values):
            if word not in ("function", "sub") or self.kinds[at] != WORD or not at < self.tokens.count:
                continue
            before = self.values[at - 1] if at else ""
            if before == "end" and open_:
                start, name, parameters = open_.pop()
                self.state.variables[name] = Function(parameters, start, at - 1, name=name, reader=self)
            elif before != "exit" and self.kinds[at + 1] == WORD:
                start, parameters = at + 2, ()
                if self.values[at + 2] == "(":
                    start = self.tokens.after(at + 2)
                    inside = range(at + 3, start - 1)
                    words = (self.values[each] for each in inside if self.kinds[each] == WORD)
                    parameters = tuple(word for word in words if word not in ("byval", "byref"))[:16]
                open_.append((start, self.values[at + 1], parameters))

    def body(self, function: Function) -> Value:
        variables = self.state.variables
        variables[function.name] = None
        self.run(function.start, function.end)
        self.stopped = False
        result = self.state.read(function.name)
        variables[function.name] = function
        return result

    # ------------------------------------------------------------------ statements

    def statement(self, at: int, end: int) -> int:
        kind, word = self.kinds[at], self.values[at]
        if kind == LINE:
            return at + 1
        if kind != WORD:
            return max(self.expression(at)[1], at + 1)
        if word in ("function", "sub"):
            return self.tokens.after(at + 2) if self.values[at + 2] == "(" else at + 2
        if word in ("end", "exit", "option", "next", "loop"):
            self.stopped = word == "exit" and bool(self.calls) and self.values[at + 1] in ("function", "sub")
            return self.line_end(at)
        if word in ("if", "elseif"):
            return self.condition(at, end)
        if word == "for":
            return self.loop_for(at, end)
        if word in ("while", "do"):
            return self.loop_while(at, end)
        if word in _RUNS:
            return self.runs(at)
        if word in _SKIPPED:
            return at + 1
        return self.simple(at)

    def line_end(self, at: int) -> int:
        while self.kinds[at] != LINE and at < self.tokens.count:
            at += 1
        return at

    def simple(self, at: int) -> int:
        """``name = value``, ``name(1) = value`` or a call, with brackets or without."""
        value, after = self.operand(at)
        target = self.target
        if after > at and self.values[after] == "=" and self.kinds[after] == MARK:
            right, behind = self.expression(after + 1)
            if target is not None:
                self.assign(target, right)
            return max(behind, after + 1)
        if after == at or self.kinds[after] in (LINE, "z"):
            return max(after, at + 1)
        end = self.line_end(after)
        arguments = self.items(after, end)
        if isinstance(value, Name | Function):
            self.call(value, "", None, arguments)
        return end

    def runs(self, at: int) -> int:
        value, after = self.expression(at + 1)
        if isinstance(value, str):
            self.state.layer("vbscript", value)
        return max(after, at + 1)

    def assign(self, target: str | tuple[list[Value], int], value: Value) -> None:
        """The result of a function is written to its name, which stays the function's outside of calls."""
        if isinstance(target, str) and not self.calls and isinstance(self.state.variables.get(target), Function):
            return
        super().assign(target, list(value) if isinstance(value, list) else value)

    # ------------------------------------------------------------------ conditions and loops

    def condition(self, at: int, end: int) -> int:
        value, after = self.expression(at + 1)
        if self.values[after] == "then":
            after += 1
        if not self.calls or value is None or isinstance(value, Name) or value:
            return after
        if self.kinds[after] != LINE:  # all in one line
            stop = self.line_end(after)
            return next((each + 1 for each in range(after, stop) if self.values[each] == "else"), stop)
        depth = 0
        for each in range(after, end):
            word = self.values[each]
            if word == "if" and self.values[each - 1] != "end" and self.kinds[each] == WORD:
                line = self.line_end(each)
                depth += self.values[line - 1] == "then"
            elif word == "else" and not depth:
                return each + 1
            elif word == "end" and self.values[each + 1] == "if":
                if not depth:
                    return each + 2
                depth -= 1
        return end

    def closing(self, at: int, end: int) -> int:
        """Of a loop whose first word is at ``at``."""
        opens = self.values[at]
        closes, depth = _OPENS[opens], 0
        for each in range(at + 1, end):
            if self.kinds[each] != WORD:
                continue
            word = self.values[each]
            if word == opens and self.values[each - 1] not in ("exit", "loop"):
                if opens != "while" or self.values[each - 1] != "do":
                    depth += 1
            elif word == closes:
                if not depth:
                    return each
                depth -= 1
        return end

    def loop_for(self, at: int, end: int) -> int:
        head = self.line_end(at)
        close = self.closing(at, end)
        each = self.values[at + 1] == "each"
        name = self.values[at + 2 if each else at + 1]
        if each:
            items = self.expression(at + 4)[0]
            turns = list(items) if isinstance(items, list | str) else [None]
        else:
            turns = self.range(at + 3)
        self.turn(name, turns, head, close)
        return self.line_end(close)

    def range(self, at: int) -> list[Value]:
        """``first To last [Step by]``."""
        first, after = self.expression(at)
        last = self.expression(after + 1)
        step: Value = 1
        if self.values[last[1]] == "step":
            step = self.expression(last[1] + 1)[0]
        begin, stop, by = whole(first), whole(last[0]), whole(step)
        if begin is None or stop is None or not by or self.state.is_spent:
            return [None]
        count = (stop - begin) // by + 1
        return [begin + by * turn for turn in range(max(min(count, _TURNS), 0))]

    def turn(self, name: str, turns: list[Value], start: int, close: int) -> None:
        quiet, limited = self.quiet, self.too_deep()
        self.depth += 2
        for count, item in enumerate([] if limited else turns[:_TURNS]):
            if self.stopped or (count and self.state.is_spent):
                break
            self.state.variables[name] = item
            self.run(start, close)
            self.quiet = quiet + 1
        self.quiet = quiet
        self.depth -= 2

    def loop_while(self, at: int, end: int) -> int:
        close = self.closing(at, end)
        word = self.values[at + 1]
        condition = at + 1 if self.values[at] == "while" else at + 2 if word in ("while", "until") else 0
        quiet, head = self.quiet, self.line_end(at)
        limited = self.too_deep()
        self.depth += 2
        for turn in range(0 if limited else _TURNS):
            value = self.expression(condition)[0] if condition else None
            is_known = value is not None and not isinstance(value, Name)
            if turn and (not is_known or bool(value) == (word == "until") or self.state.is_spent):
                break
            self.run(head, close)
            self.quiet = quiet + 1
            if not is_known or self.stopped:
                break
        self.quiet = quiet
        self.depth -= 2
        return self.line_end(close)
