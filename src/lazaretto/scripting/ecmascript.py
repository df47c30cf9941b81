"""JavaScript and JScript, evaluated as far as it is constant."""

from __future__ import annotations

import re

from lazaretto.scripting import functions as known
from lazaretto.scripting import javascript
from lazaretto.scripting.expressions import Language
from lazaretto.scripting.statements import Statements
from lazaretto.scripting.tokens import MARK, WORD
from lazaretto.scripting.values import Function, Name, State, Value, text_of

_SUBSTITUTION = re.compile(r"\$\{\s{0,9}([A-Za-z_$][\w$.]{0,60})\s{0,9}\}")
_CONSTANTS = {"true": True, "false": False, "undefined": None, "null": None, "NaN": None}


def _written(state: State, _: Value, items: list[Value]) -> Value:
    """``document.write``."""
    text = "".join(filter(None, map(text_of, items)))
    if "<" in text:
        state.layer("html", text)
    return None


def _later(state: State, _: Value, items: list[Value]) -> Value:
    if items and isinstance(items[0], str):
        state.layer("javascript", items[0])
    return None


def _from(_: State, __: Value, items: list[Value]) -> Value:
    first = items[0] if items else None
    return list(first) if isinstance(first, str | list) else None


def _numbers(_: State, __: Value, items: list[Value]) -> Value:
    return items[0] if items and isinstance(items[0], list) else [] if not items else None


def _environment(state: State, _: Value, items: list[Value]) -> Value:
    return items[0] if items and isinstance(items[0], str) else None


def _text_decoded(_: State, __: Value, items: list[Value]) -> Value:
    from lazaretto.scripting import texts

    return texts.characters(items[0]) if items and isinstance(items[0], list) else None


LANGUAGE = Language(
    name="javascript",
    binary={
        "?": 0, "??": 1, "||": 1, "&&": 2, "|": 3, "^": 4, "&": 5, "==": 6, "!=": 6, "===": 6, "!==": 6,
        "<": 7, ">": 7, "<=": 7, ">=": 7, "in": 7, "instanceof": 7, "<<": 8, ">>": 8, ">>>": 8, "+": 9, "-": 9,
        "*": 10, "/": 10, "%": 10, "**": 11,
    },
    unary=frozenset(("!", "-", "+", "~", "typeof", "new", "void", "await", "delete", "throw", "yield", "case", "...",
                     "++", "--")),
    assigns=frozenset(("=", "+=", "-=", "*=", "%=", "^=", "|=", "&=", "<<=", ">>=")),
    functions={
        "replace": known.replace, "replaceall": known.replace, "split": known.split, "join": known.join,
        "reverse": known.reverse, "fromcharcode": known.from_codes, "fromcodepoint": known.from_codes,
        "charcodeat": known.code_at, "codepointat": known.code_at, "charat": known.char_at,
        "substring": known.substring, "slice": known.substring, "substr": known.substr, "atob": known.decode64,
        "unescape": known.unpercent, "decodeuri": known.unpercent, "decodeuricomponent": known.unpercent,
        "parseint": known.integer, "number": known.integer, "push": known.push, "shift": known.shift,
        "pop": known.pop, "concat": known.concat, "trim": known.stripped, "tostring": known.same,
        "valueof": known.same, "tolowercase": known.lower, "touppercase": known.upper, "indexof": known.index_of,
        "string": known.first, "array": known.listed, "from": _from, "of": known.listed, "apply": known.from_codes,
        "uint8array": _numbers, "write": _written, "writeln": _written, "settimeout": _later, "setinterval": _later,
        "expandenvironmentstrings": _environment, "decode": _text_decoded,
    },
    sinks={"eval": "javascript", "function": "javascript", "execscript": "javascript"},
)  # fmt: skip


class EcmaScript(Statements):
    """One script of a page or file."""

    def __init__(self, text: str, state: State) -> None:
        super().__init__(javascript.tokens(text), LANGUAGE, state)

    def word(self, at: int) -> tuple[Value, int]:
        name = self.values[at]
        if name == "function":
            return self.anonymous(at)
        if name in _CONSTANTS:
            return self.members(at + 1, _CONSTANTS[name])
        if self.values[at + 1] == "=>" and self.kinds[at + 1] == MARK:
            return self.arrow(at + 1, (name,))
        if name in ("const", "let", "var", "return"):
            return None, at
        return super().word(at)

    def anonymous(self, at: int) -> tuple[Value, int]:
        function, after = self.function(at + 1)
        if function is None:
            return None, max(after, at + 1)
        if not self.calls:
            self.once(function)
        return self.members(after, function)

    def arrow(self, at: int, parameters: tuple[str, ...]) -> tuple[Value, int]:
        """``at``: the arrow."""
        if self.values[at + 1] == "{" and self.kinds[at + 1] == MARK:
            function = Function(parameters, at + 2, self.tokens.partners.get(at + 1, at + 1), reader=self)
            after = self.tokens.after(at + 1)
            if not self.calls:
                self.once(function)
            return function, after
        function = Function(parameters, at + 1, at + 1, is_expression=True, reader=self)
        return function, max(self.once(function), at + 1)

    def bracket(self, at: int) -> tuple[Value, int]:
        mark, after = self.values[at], self.tokens.after(at)
        if mark == "(" and self.values[after] == "=>" and self.kinds[after] == MARK:
            return self.arrow(after, tuple(self.parameters(at, after - 1)))
        if mark == "{":
            return self.members(after, self.object(at, after - 1))
        return super().bracket(at)

    def object(self, at: int, close: int) -> Value:
        """``{name: value}``."""
        found: dict[str, Value] = {}
        at += 1
        while at < close:
            if self.kinds[at] in ("w", "s", "n") and self.values[at + 1] == ":":
                key = self.values[at]
                value, after = self.expression(at + 2)
                found[key] = value
                at = max(after, at + 3)
            elif self.kinds[at] == WORD and self.values[at + 1] == "(":  # a method
                function, after = self.function(at)
                if function and not self.calls:
                    self.once(function)
                at = max(after, at + 1)
            else:
                at = self.tokens.after(at) if at in self.tokens.partners else at + 1
            while at < close and self.values[at] != ",":
                at = self.tokens.after(at) if at in self.tokens.partners else at + 1
            at += 1
        return found

    def template(self, text: str) -> Value:
        """ECMA-262, 13.2.8, with names alone as substitutions."""
        if "${" not in text:
            return text
        at, pieces = 0, []
        for found in _SUBSTITUTION.finditer(text):
            value = text_of(self.state.read(found[1]))
            pieces += [text[at : found.start()], value if value is not None else found[0]]
            at = found.end()
        return self.state.kept("".join((*pieces, text[at:])))

    def call(self, callee: Value, name: str, owner: Value, arguments: list[Value]) -> Value:
        if name == "map" and isinstance(owner, list) and arguments and isinstance(arguments[0], Function | Name):
            return [self.call(arguments[0], "", None, [each]) for each in owner[:20_000]]
        if name == "constructor" and arguments and isinstance(arguments[-1], str):  # [].filter.constructor("code")
            self.state.layer("javascript", arguments[-1])
            return None
        return super().call(callee, name, owner, arguments)
