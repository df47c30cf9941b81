"""Statements with braces, of JavaScript and PowerShell: blocks, loops and functions, in the order of the text.

Outside of calls and loops both branches of a condition are looked at: what is found counts, not what would run.
"""

from __future__ import annotations

from lazaretto.errors import LimitExceeded
from lazaretto.scripting.expressions import Expressions
from lazaretto.scripting.tokens import LINE, MARK, WORD
from lazaretto.scripting.values import Function, Name, Rope, Value

_TURNS = 40_000  # of one loop
_FULL = 20_000  # tokens that are looked at as statements; behind them, only strings and calls that are known
_LARGE = 20_000  # steps in a script of more
_SKIPPED = frozenset(("else", "try", "finally", "do", "async", "default", "export", "begin", "process", "end"))


class Statements(Expressions):
    """Runs what is constant."""

    result: Value = None
    stopped = broken = False
    nested = reached = 0

    def read(self) -> None:
        """The whole script.  Raises LimitExceeded when it costs too much."""
        self.declare()
        stop = min(self.tokens.count, _FULL)
        if self.tokens.count > _FULL:  # a library: what decodes texts is short
            self.state.steps = min(self.state.steps, _LARGE)
        at = 0
        while at < stop:
            begin = at
            try:
                at = self.run(at, stop)
                self.stopped = self.broken = False
            except LimitExceeded as error:
                if not self.state.stop(error):
                    return
                self.restart()
                at = self.reached = max(self.reached, begin) + 1
        if at < self.tokens.count:
            self.glance(at)

    def restart(self) -> None:
        """After a limit: at the statement behind the one that met it."""
        self.calls = self.depth = self.quiet = self.nested = 0
        self.stopped = self.broken = False

    def run(self, at: int, end: int) -> int:
        while at < end and not (self.stopped or self.broken):
            if not self.quiet:
                self.reached = max(self.reached, at)
            after = self.statement(at)
            at = after if after > at else at + 1
        return at

    def declare(self) -> None:
        """Functions are known before the first statement (ECMA-262, 10.2.11)."""
        values, kinds = self.values, self.kinds
        at, words = 0, self.tokens.count
        while True:
            try:
                at = values.index("function", at, words)
            except ValueError:
                return
            if kinds[at] == WORD and kinds[at + 1] == WORD and values[at + 2] in ("(", "{"):
                function, _ = self.function(at + 1)
                self.state.variables.setdefault(self.folded(values[at + 1]), function)
            at += 1

    def function(self, at: int) -> tuple[Function | None, int]:
        """``at``: behind the word "function"."""
        if self.kinds[at] == WORD:
            at += 1
        parameters: list[str] = []
        if self.values[at] == "*":
            at += 1
        if self.values[at] == "(" and self.kinds[at] == MARK:
            close = self.tokens.partners.get(at, at)
            parameters = self.parameters(at, close)
            at = self.tokens.after(at)
        if self.values[at] != "{" or self.kinds[at] != MARK:
            return None, at
        close = self.tokens.partners.get(at, at)
        return Function(tuple(parameters), at + 1, close, reader=self), self.tokens.after(at)

    def parameters(self, at: int, close: int) -> list[str]:
        return [self.folded(self.values[each]) for each in range(at + 1, close) if self.kinds[each] == WORD][:16]

    def body(self, function: Function) -> Value:
        if function.is_expression:
            return self.expression(function.start)[0]
        outer = (self.result, self.stopped, self.broken)
        self.result, self.stopped, self.broken = None, False, False
        self.run(function.start, function.end)
        found = self.result
        self.result, self.stopped, self.broken = outer
        return found

    # ------------------------------------------------------------------ statements

    def statement(self, at: int) -> int:
        kind, value = self.kinds[at], self.values[at]
        if kind == WORD:
            match self.folded(value):
                case "var" | "let" | "const":
                    return at + 1
                case "function" | "filter":
                    return self.declaration(at)
                case "return":
                    return self.returned(at)
                case "if" | "elseif":
                    return self.condition(at)
                case "for" | "while" | "foreach" if self.values[at + 1] == "(":
                    return self.loop(at)
                case "break" if self.calls or self.nested:
                    self.broken = True
                    return at + 1
                case word if word in _SKIPPED:
                    return at + 1
                case "catch" | "switch" | "param" if self.values[at + 1] == "(":
                    return self.tokens.after(at + 1)
        elif kind == MARK and value in "{}();,]":
            if value in ("{", "}", ";", ",", ")", "]"):
                return at + 1
        elif kind == LINE:
            return at + 1
        return self.simple(at)

    def simple(self, at: int) -> int:
        _, after = self.expression(at)
        while self.values[after] == "," and self.kinds[after] == MARK:
            _, after = self.expression(after + 1)
        return after

    def declaration(self, at: int) -> int:
        """The body counts once as if it stood there: what is in it may be called from anywhere."""
        function, after = self.function(at + 1)
        if function is None:
            return at + 1
        if self.kinds[at + 1] == WORD:
            self.state.variables[self.folded(self.values[at + 1])] = function
        return after if self.calls else self.once(function)

    def once(self, function: Function) -> int:
        """Statements of a function that nobody has called yet."""
        variables = self.state.variables
        before = {name: variables.get(name) for name in function.parameters}
        for name in function.parameters:
            variables[name] = None
        if function.is_expression:
            _, after = self.expression(function.start)
        else:
            if self.enter():
                self.run(function.start, function.end)
                self.broken = False
                self.leave()
            after = function.end + 1
        variables.update(before)
        return after

    def enter(self) -> bool:
        if self.too_deep():
            return False
        self.nested += 1
        self.depth += 2
        return True

    def leave(self) -> None:
        self.nested -= 1
        self.depth -= 2

    def returned(self, at: int) -> int:
        value, after = self.expression(at + 1)
        while self.values[after] == "," and self.kinds[after] == MARK:
            value, after = self.expression(after + 1)
        if self.calls:
            self.result, self.stopped = value, True
        return after

    def condition(self, at: int) -> int:
        if self.values[at + 1] != "(":
            return at + 1
        inside = at + 2
        value, _ = self.expression(inside)
        then = self.tokens.after(at + 1)
        if not self.calls or value is None or isinstance(value, Name):
            return then
        end = self.end_of(then)
        if value:
            after = self.run_one(then, end)
            return self.otherwise(after, take=False)
        return self.otherwise(end, take=True)

    def otherwise(self, at: int, *, take: bool) -> int:
        while self.kinds[at] == LINE:
            at += 1
        if self.folded(self.values[at]) not in ("else", "elseif") or self.kinds[at] != WORD:
            return at
        if take:
            return at + 1 if self.folded(self.values[at]) == "else" else at
        begin = at + 1 if self.folded(self.values[at]) == "else" else at
        if self.folded(self.values[begin]) in ("if", "elseif"):
            begin = self.tokens.after(begin + 1)
        return self.otherwise_again(self.end_of(begin))

    def otherwise_again(self, at: int) -> int:
        """Behind a branch that is not taken: another may follow."""
        while self.folded(self.values[at]) in ("else", "elseif") and self.kinds[at] == WORD:
            begin = at + 1
            if self.folded(self.values[begin]) == "if":
                begin += 1
            if self.values[begin] == "(":
                begin = self.tokens.after(begin)
            at = max(self.end_of(begin), at + 1)
        return at

    def end_of(self, at: int) -> int:
        """Where the statement or block that begins here ends."""
        while self.kinds[at] == LINE:
            at += 1
        if self.values[at] == "{" and self.kinds[at] == MARK:
            return self.tokens.after(at)
        while at < self.tokens.count and self.kinds[at] != LINE and self.values[at] not in (";", "}"):
            at = self.tokens.after(at) if at in self.tokens.partners else at + 1
        return at + 1 if self.values[at] == ";" else at

    def run_one(self, at: int, end: int) -> int:
        while self.kinds[at] == LINE:
            at += 1
        if self.values[at] == "{" and self.kinds[at] == MARK:
            if self.enter():
                self.run(at + 1, end - 1)
                self.leave()
        else:
            self.run(at, end)
        return end

    # ------------------------------------------------------------------ loops

    def loop(self, at: int) -> int:
        word, open_ = self.folded(self.values[at]), at + 1
        close = self.tokens.partners.get(open_, open_)
        then = self.tokens.after(open_)
        end = self.end_of(then)
        parts = self.parts(open_ + 1, close)
        if len(parts) == 3 and word == "for":
            if self.folded(self.values[parts[0]]) in ("var", "let", "const"):
                parts[0] += 1
            self.items(parts[0], parts[1] - 1)
            self.turns(parts[1], then, end, parts[2] if parts[2] < close else None, close)
        elif word == "while":
            self.turns(open_ + 1, then, end, None, close)
        else:
            self.each(open_ + 1, close, then, end)
        return end

    def parts(self, at: int, close: int) -> list[int]:
        """Where what semicolons divide begins."""
        found = [at]
        while at < close:
            if self.values[at] == ";" and self.kinds[at] == MARK:
                found.append(at + 1)
            at = self.tokens.after(at) if at in self.tokens.partners else at + 1
        return found

    def turns(self, condition: int, then: int, end: int, step: int | None, close: int) -> None:
        quiet, before = self.quiet, None
        names = {
            self.folded(self.values[each])
            for each in range(condition, max(then, condition))
            if self.kinds[each] == WORD
        }
        for turn in range(_TURNS):
            value, _ = self.expression(condition)
            now = [_measure(self.state.variables.get(name)) for name in names]
            if now == before:  # nothing that is known brings it to its end
                break
            before = now
            if isinstance(value, Name):
                value = None
            if value is not None and not value and turn:
                break
            self.run_one(then, end)
            if value is None or not value or self.stopped or self.broken or self.state.is_spent:
                break
            self.quiet = quiet + 1  # one turn is enough to show
            if step is not None:
                self.items(step, close)
        else:
            self.state.leave_out(f"a loop of more than {_TURNS} turns")
        self.quiet, self.broken = quiet, False

    def each(self, at: int, close: int, then: int, end: int) -> None:
        """``for (name in items)``, ``foreach ($name in $items)``."""
        if self.folded(self.values[at]) in ("var", "let", "const"):
            at += 1
        name = self.folded(self.values[at])
        is_known = self.folded(self.values[at + 1]) in ("in", "of") and self.kinds[at] == WORD
        items = self.expression(at + 2)[0] if is_known else None
        if isinstance(items, str) and self.folded(self.values[at + 1]) != "in":
            items = list(items)
        if not isinstance(items, list):
            self.state.variables[name] = None
            self.run_one(then, end)
            return
        quiet, is_index = self.quiet, self.language.name == "javascript" and self.values[at + 1] == "in"
        for turn, item in enumerate(items[:_TURNS]):
            if turn and self.state.is_spent:
                break
            self.state.variables[name] = turn if is_index else item
            self.run_one(then, end)
            if self.stopped or self.broken:
                break
            self.quiet = quiet + 1
        self.quiet, self.broken = quiet, False

    # ------------------------------------------------------------------ the rest of long scripts

    def glance(self, at: int) -> None:
        """Only strings that are joined, and calls of what is known."""
        functions, sinks, kinds, values = self.language.functions, self.language.sinks, self.kinds, self.values
        stop = self.tokens.count
        for here in range(at, stop):
            kind, begin = kinds[here], here
            if here < at:
                continue
            if kind == "s":
                if values[here + 1] not in ("+", "&", ".") or kinds[here + 1] != MARK:
                    continue
            elif kind != WORD or ((word := values[here].lower()) not in functions and word not in sinks):
                continue
            elif values[here - 1] == "." and kinds[here - 2] == WORD:
                begin = here - 2
            try:
                at = max(self.expression(begin)[1], at)
            except LimitExceeded as error:
                if not self.state.stop(error):
                    return
                self.restart()


def _measure(value: Value) -> object:
    if isinstance(value, Rope):
        return value.size
    return len(value) if isinstance(value, list | dict | str) else value
