"""What a script that is evaluated can hold, and the account of what its evaluation may cost."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from lazaretto.errors import LimitExceeded

STEPS: Final = 100_000  # expressions in calls and loops of one script
CHARACTERS: Final = 192 * 2**20  # that are made or copied for it
_RESERVE: Final = 2**20
_LAYERS: Final = 200
_STOPS: Final = 4  # limits that are met before the rest is left alone
LONGEST: Final = 2**20  # of one string
ITEMS: Final = 400_000  # of one list


class Name(NamedTuple):
    """Something of the system's, known by its name alone: ``WScript.Shell``, ``String.fromCharCode``."""

    path: str


class Pattern(NamedTuple):
    """A regular expression; only those that are a text or one class of characters are used."""

    text: str


class Function(NamedTuple):
    """A function of the script: its parameters, and between which tokens its body stands."""

    parameters: tuple[str, ...]
    start: int
    end: int
    is_expression: bool = False  # an arrow without braces
    name: str = ""  # Basic gives the result to it
    reader: Any = None  # of the script that it stands in


class Rope:
    """A string that grows at its end."""

    __slots__ = ("pieces", "size")

    def __init__(self, *pieces: str) -> None:
        self.pieces = list(pieces)
        self.size = sum(map(len, pieces))

    def append(self, piece: str) -> None:
        self.pieces.append(piece)
        self.size += len(piece)


# str, int, float, list, dict, Name, Pattern, Function, or None for what is not known.
Value = Any


@dataclass(slots=True)
class State:
    """Of all scripts that are read together: variables, costs, and what was seen on the way."""

    variables: dict[str, Value] = field(default_factory=dict)
    tricks: Counter[str] = field(default_factory=Counter)  # how text was hidden, and how often
    layers: list[tuple[str, str]] = field(default_factory=list)  # language and text of what is run as a script
    made: dict[str, None] = field(default_factory=dict)  # strings that were decoded, in order
    steps: int = STEPS
    characters: int = CHARACTERS
    stops: int = 0
    limit: LimitExceeded | None = None  # the first that was met

    def step(self) -> None:
        """Once more over what has been read before: a call, or a turn of a loop."""
        self.steps -= 1
        if self.steps < 0:
            raise LimitExceeded("script", "a script that takes more steps than are followed")

    @property
    def is_spent(self) -> bool:
        """No more turns and calls; that something was left out is noted."""
        if self.steps <= 0:
            self.leave_out("a script that takes more steps than are followed")
        return self.steps <= 0

    def leave_out(self, why: str) -> None:
        self.limit = self.limit or LimitExceeded("script", why)

    def stop(self, error: LimitExceeded) -> bool:
        """What was met is remembered; what is still read may cost little.  False: nothing more may."""
        self.limit = self.limit or error
        self.steps, self.characters, self.stops = 0, max(self.characters, _RESERVE), self.stops + 1
        return self.stops < _STOPS

    def spend(self, size: int) -> None:
        self.characters -= size
        if self.characters < 0:
            raise LimitExceeded("script", f"a script that puts more than {CHARACTERS} characters together")

    def kept(self, text: str) -> str:
        """A string that was made; it has been counted."""
        if len(text) > LONGEST:
            raise LimitExceeded("script", f"a string of more than {LONGEST} characters")
        self.spend(len(text))
        return text

    def read(self, name: str) -> Value:
        value = self.variables.get(name)
        if isinstance(value, Rope):
            if len(value.pieces) > 1:
                value.pieces = [self.kept("".join(value.pieces))]
            return value.pieces[0]
        return value

    def grow(self, name: str, piece: str) -> None:
        """``name += piece``."""
        value = self.variables.get(name)
        if isinstance(value, str):
            self.variables[name] = value = Rope(value)
        if isinstance(value, Rope):
            value.append(piece)
            self.spend(len(piece) + 1)
            if value.size > LONGEST:
                raise LimitExceeded("script", f"a string of more than {LONGEST} characters")
        else:
            self.variables[name] = piece

    def layer(self, language: str, text: str) -> None:
        if len(self.layers) >= _LAYERS:
            self.leave_out("more texts that are run than are followed")
        elif len(text) > 3:
            self.layers.append((language, text))

    def decoded(self, text: str) -> str:
        """A text that was hidden as a whole."""
        if len(text) >= 12 and len(self.made) < 500:
            self.made.setdefault(text)
        return text


def text_of(value: Value) -> str | None:
    """As a string; None where it is not known."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value) if abs(value) < 2**64 else None
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    return None


def number_of(value: Value) -> int | float | None:
    if isinstance(value, int | float):
        return value
    if isinstance(value, str) and len(value) < 20:
        try:
            return int(value.strip(), 16) if value.strip().lower().startswith("0x") else float(value)
        except ValueError:
            return None
    return None


def whole(value: Value) -> int | None:
    number = number_of(value)
    return int(number) if number is not None and abs(number) < 2**53 else None
