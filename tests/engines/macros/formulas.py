"""Formulas of Excel 4 from their text to the tokens of workbooks and of binary packages ([MS-XLS] 2.5.198), as far as
the samples go."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable

from lazaretto.office import formula

_CODES = {name: code for code, name in formula._FUNCTIONS.items()} | {"FORMAT.NUMBER": 0x8069, "PRINT": 0x8008}
_CODES |= {"SAVE": 0x800C}
_TOKEN = re.compile(r'"(?:[^"]|"")*"|[A-Za-z_][\w.]*|\d+|[-+&(),<]')
_SIGNS = {"&": 8, "+": 3, "-": 4, "<": 9}


class _Reader:
    def __init__(self, text: str, string: Callable[[str], bytes], cell: Callable[[int, int], bytes]) -> None:
        self._words, self._at = _TOKEN.findall(text), 0
        self._string, self._cell = string, cell

    def chain(self) -> bytes:
        out = self._term()
        while self._peek() in _SIGNS:
            sign = _SIGNS[self._next()]
            out += self._term() + bytes([sign])
        return out

    def _peek(self) -> str:
        return self._words[self._at] if self._at < len(self._words) else ""

    def _next(self) -> str:
        self._at += 1
        return self._words[self._at - 1]

    def _term(self) -> bytes:
        word = self._next()
        if word[0] == '"':
            return self._string(word[1:-1].replace('""', '"'))
        if word == "-":
            return self._term() + b"\x13"
        if word.isdigit():
            return b"\x1e" + struct.pack("<H", int(word))
        if self._peek() == "(":
            return self._call(word)
        if word == "FALSE":
            return b"\x1d\0"
        row, column = int(word[1:]) - 1, ord(word[0]) - 65
        return self._cell(row, column)

    def _call(self, name: str) -> bytes:
        self._next()
        out, count = b"", 0
        while self._peek() != ")":
            if self._peek() == ",":
                out += b"\x16"  # an argument that is left out
            else:
                out += self.chain()
            count += 1
            if self._peek() == ",":
                self._next()
        self._next()
        code = _CODES.get(name)
        if code is None:  # a function that was registered: its name is the first argument
            return self._string(name) + out + b"\x42" + struct.pack("<BH", count + 1, 0xFF)
        if code == 0x6F:
            return out + b"\x41" + struct.pack("<H", code)
        return out + b"\x42" + struct.pack("<BH", count, code)


def tokens(text: str, *, package: bool = False) -> bytes:
    def string(value: str) -> bytes:
        size = struct.pack("<H", len(value)) if package else bytes([len(value), 1])
        return b"\x17" + size + value.encode("utf-16-le")

    def cell(row: int, column: int) -> bytes:
        return b"\x44" + struct.pack("<IH" if package else "<HH", row, column | 0xC000)

    return _Reader(text, string, cell).chain()
