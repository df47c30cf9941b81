"""Tokens of a script as columns, and which brackets belong together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

# Kinds, of one letter each.
STRING: Final = "s"
TEMPLATE: Final = "t"  # a string in which names are replaced
NUMBER: Final = "n"
WORD: Final = "w"
MARK: Final = "p"  # brackets and operators
PATTERN: Final = "r"
LINE: Final = "e"  # the end of a line, where that ends a statement
END: Final = "z"

_ENDS = 8  # that stand behind the last token, for who looks ahead
_CLOSES = {")": "(", "]": "[", "}": "{"}


@dataclass(slots=True)
class Tokens:
    """Columns; the last tokens are END, so that who reads on needs no look at the length."""

    text: str
    kinds: list[str] = field(default_factory=list)
    values: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    partners: dict[int, int] = field(default_factory=dict)  # the closing bracket of an opening one

    def add(self, kind: str, value: str, start: int, end: int) -> None:
        self.kinds.append(kind)
        self.values.append(value)
        self.starts.append(start)
        self.ends.append(end)

    def finish(self) -> Tokens:
        """After the last token."""
        for _ in range(_ENDS):
            self.add(END, "", len(self.text), len(self.text))
        open_: list[int] = []
        values, partners = self.values, self.partners
        for at, kind in enumerate(self.kinds):
            if kind != MARK:
                continue
            value = values[at]
            if value in "([{" or value in ("@(", "@{", "$("):
                open_.append(at)
            elif (opens := _CLOSES.get(value)) and open_ and values[open_[-1]][-1] == opens:
                partners[open_.pop()] = at
        for at in open_:
            partners[at] = self.count
        return self

    @property
    def count(self) -> int:
        return len(self.kinds) - _ENDS

    def after(self, at: int) -> int:
        """Behind the bracket that closes the one at ``at``."""
        return min(self.partners.get(at, at) + 1, self.count)
