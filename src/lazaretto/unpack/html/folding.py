"""Constant folding of scripts: what strings a script would build, without running it.

Literals joined with + and +=, arrays, fromCharCode, atob, unescape, split/reverse/join/replace and the names that hold
them.  No conditions, loops or functions: every statement counts once, in the order of the text.  One pass over the
tokens with an explicit stack; strings are ropes, and all copying is counted, so that ``a += a`` ends at a limit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lazaretto.errors import LimitExceeded
from lazaretto.unpack.html import ecmascript
from lazaretto.unpack.html.ecmascript import Kind, Token
from lazaretto.unpack.html.scriptcalls import FUNCTIONS
from lazaretto.unpack.html.scriptvalue import Account, Array, Text, Value

_STATEMENT = frozenset(
    ("var", "let", "const", "return", "else", "case", "typeof", "in", "of", "do", "throw", "void", "delete", "yield")
)
_SUBSTITUTION = re.compile(r"\$\{([^{}]{0,100})\}")
_NO_CALL = frozenset(("function", "if", "while", "for", "switch", "catch", "with"))
_SILENT = frozenset(("new", "await", "async"))


@dataclass(slots=True)
class _Frame:
    """An open bracket and the expression that is being read in it."""

    kind: str = ""
    callee: str | None = None  # path of what is called or indexed; None: grouping or array literal
    owner: Value = None
    items: list[Value] = field(default_factory=list)
    total: Value = None
    has_total: bool = False
    last: Value = None
    has_last: bool = False
    path: str = ""  # how the last operand is called: "window.atob"
    last_owner: Value = None
    plus: bool = False
    dot: bool = False
    targets: list[tuple[str, bool]] = field(default_factory=list)  # name, and whether "+="
    reads: list[str] = field(default_factory=list)
    mark: int = 0  # reads before the last operand


class Folder:
    """All scripts of one page: they share their variables."""

    def __init__(self) -> None:
        self.account = Account()
        self.words: list[str] = []  # short strings that index objects: window["atob"]
        self._variables: dict[str, Value] = {}
        self._used: set[str] = set()
        self._counter = ecmascript.Counter()
        self._stack = [_Frame()]

    def feed(self, script: str) -> None:
        """Raises LimitExceeded; what was built before stays."""
        self._stack = [_Frame()]
        try:
            for token in ecmascript.tokens(script, self._counter):
                self._token(token)
        finally:
            while len(self._stack) > 1:
                self._close()
            self._end()

    def finish(self) -> LimitExceeded | None:
        """What stands in variables and was put together with nothing.  A string that has grown over the limit does
        not hide the others; the error is given back."""
        limit = None
        for path, value in self._variables.items():
            if path not in self._used:
                try:
                    self.account.report(value, last=True)
                except LimitExceeded as error:
                    limit = error
        return limit

    # ------------------------------------------------------------------------ tokens

    def _token(self, token: Token) -> None:
        match token.kind:
            case Kind.STRING | Kind.PATTERN:
                self._operand(Text(token.text, token.escaped))
            case Kind.TEMPLATE:
                self._template(token.text)
            case Kind.WORD:
                self._word(token.text)
            case Kind.NUMBER:
                self._operand(ecmascript.number(token.text))
            case Kind.NUMBERS:
                self._punctuation(token.text)
                self._stack[-1].items.extend(token.numbers)
                self._close()
            case Kind.PUNCTUATION:
                self._punctuation(token.text)
            case Kind.OTHER:
                self._unknown()

    def _operand(self, value: Value, path: str = "") -> None:
        if self._stack[-1].has_last and not self._stack[-1].plus:  # a line that ends without a semicolon
            self._end()
        frame = self._stack[-1]
        frame.last, frame.has_last, frame.path, frame.last_owner = value, True, path, None
        frame.plus = frame.dot = False

    def _template(self, text: str) -> None:
        """ECMA-262, 13.2.8, with names alone as substitutions."""
        value: Value = Text("")
        at, reads = 0, []
        for found in _SUBSTITUTION.finditer(text):
            value = self.account.join(value, Text(text[at : found.start()]))
            value = self.account.join(value, self._variables.get(found[1].strip()))
            reads.append(found[1].strip())
            at = found.end()
        self._operand(self.account.join(value, Text(text[at:])) if at else Text(text))
        self._stack[-1].reads.extend(reads)

    def _word(self, word: str) -> None:
        frame = self._stack[-1]
        if frame.dot:
            frame.path, frame.last_owner = f"{frame.path}.{word}"[-200:], frame.last
            frame.last, frame.dot = self._variables.get(frame.path), False
            if frame.last is not None:
                frame.reads.append(frame.path)
        elif word in _STATEMENT or word in _NO_CALL:
            self._end()
        elif word not in _SILENT:
            value = self._variables.get(word)
            self._operand(value, word)
            self._stack[-1].mark = len(self._stack[-1].reads)
            if value is not None:
                self._stack[-1].reads.append(word)

    def _punctuation(self, mark: str) -> None:
        frame = self._stack[-1]
        match mark:
            case "+":
                self._fold(frame)
                frame.plus = True
            case "." | "?.":
                frame.dot = True
            case "(" | "[":
                self._open(frame, mark)
            case ")" | "]":
                self._close()
            case "=" | "+=":
                del frame.reads[frame.mark :]  # written, not read
                if frame.path:
                    frame.targets.append((frame.path, mark == "+="))
                frame.has_last, frame.path, frame.plus = False, "", False
            case "," if frame.kind:
                frame.items.append(self._end(statement=False))
            case ";" | "{" | "}" | "," | ":" | "=>" | "?":
                self._end()
            case _:
                self._unknown()

    def _open(self, frame: _Frame, mark: str) -> None:
        if not frame.has_last:
            self._stack.append(_Frame(mark))
            return
        owner = frame.last_owner if mark == "(" else frame.last
        self._stack.append(_Frame(mark, frame.path, owner))

    def _close(self) -> None:
        if len(self._stack) == 1:
            self._end()
            return
        used = self._stack[-1]
        if used.has_last or used.has_total or used.targets:
            used.items.append(self._end(statement=False))
        frame, path, owner = self._stack.pop(), "", None
        parent = self._stack[-1]
        result: Value
        if frame.kind == "[":
            if frame.callee is None:
                result = Array(frame.items)
            else:
                result, path = self._index(frame)
                owner = frame.owner
        elif frame.callee is None:
            result = frame.items[-1] if frame.items else None
        else:
            result = self._call(frame)
        if result is None and frame.kind == "(":
            for item in frame.items:
                self.account.report(item)
        else:  # the longer list stays: one that moved up with each bracket would cost quadratic time
            longer, shorter = sorted((frame.reads, parent.reads), key=len, reverse=True)
            parent.reads = longer
            longer.extend(shorter)
        parent.last, parent.has_last, parent.path, parent.last_owner = result, True, path, owner
        parent.dot = False

    def _index(self, frame: _Frame) -> tuple[Value, str]:
        key = frame.items[-1] if frame.items else None
        if isinstance(key, int):
            items = frame.owner.items if isinstance(frame.owner, Array) else []
            if 0 <= key < len(items):
                return items[key], ""
        if isinstance(key, Text) and key.size < 200:
            self.words.append(str(key))
        path = f"{frame.callee}.{key}"[-200:] if isinstance(key, Text | int) else ""
        return self._variables.get(path), path

    # ------------------------------------------------------------------------ expressions

    def _fold(self, frame: _Frame) -> None:
        if frame.has_last:
            frame.total = self.account.join(frame.total, frame.last) if frame.has_total else frame.last
            frame.has_total, frame.has_last, frame.path = True, False, ""

    def _unknown(self) -> None:
        """An operator that gives no string."""
        frame = self._stack[-1]
        self._fold(frame)
        self.account.report(frame.total)
        frame.total, frame.has_total, frame.plus = None, True, True

    def _end(self, *, statement: bool = True) -> Value:
        """An expression is complete: assigned, or handed to the bracket, or left alone."""
        frame = self._stack[-1]
        self._fold(frame)
        value, had = frame.total, frame.has_total
        if frame.targets:
            for path, more in frame.targets:
                self._assign(path, value, more=more)
            if value is not None:
                self._used.update(frame.reads)
        elif statement and had:
            self.account.report(value)
        elif value is not None and frame.kind == "[" and frame.callee is None:
            self._used.update(frame.reads)  # the array speaks for it
        frame.total, frame.has_total, frame.plus, frame.dot = None, False, False, False
        frame.targets.clear()
        if statement or frame.kind == "[":
            frame.reads.clear()
        return value

    def _assign(self, path: str, value: Value, *, more: bool) -> None:
        old = self._variables.get(path)
        if more and old is not None:
            value = self.account.join(old, value)
        elif old is not None and path not in self._used:
            self.account.report(old)
        if path.endswith(".download"):
            self.account.file_name(value)
        array, _, key = path.rpartition(".")
        parts = self._variables.get(array)
        if isinstance(parts, Array) and key.isdecimal() and key == str(len(parts.items)):
            parts.items.append(value)
        self._variables[path] = value
        self._used.discard(path)
        if isinstance(parts, Array):
            self._used.add(path)

    def _call(self, frame: _Frame) -> Value:
        name = (frame.callee or "").rpartition(".")[2].lower()
        function = FUNCTIONS.get(name)
        result = function(self.account, frame.owner, frame.items) if function else None
        if result is not None:
            self._used.update(frame.reads)
        return result
