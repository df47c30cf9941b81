"""How lists are shown: a table for people, one JSON object a line for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

COLOURS = {
    "infected": "bold red",
    "suspicious": "yellow",
    "unscannable": "magenta",
    "clean": "green",
    "held": "yellow",
    "released": "green",
    "reject": "red",
    "defer": "magenta",
    "discard": "yellow",
    "accept": "green",
    "failed": "bold red",
}
"""Colour says the same as the word, never more."""


UNBROKEN = ("When", "Id", "Size", "State", "Status", "Reply", "Judged")
PIPED_WIDTH = 200  # columns where there is no terminal to ask


class Screen(Console):
    """Standard output for people.  Where its reader has seen enough (head, less), rich would end with status 1."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def print_json(value: Any) -> None:
    """One line of JSON on standard output."""
    try:
        line = msgspec.json.encode(value).decode()
    except UnicodeEncodeError:  # the name of a file may be any bytes, which Python holds as surrogates
        line = json.dumps(msgspec.to_builtins(value), ensure_ascii=False, separators=(",", ":"))
        line = line.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    sys.stdout.write(line + "\n")


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], empty: str) -> None:
    """A table as wide as the terminal; ``empty`` is said when there are no rows."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column in UNBROKEN)
    for row in rows:
        table.add_row(*(cell(value) for value in row))
    console = Screen()
    if not console.is_terminal:
        console = Screen(width=PIPED_WIDTH)
    console.print(table if table.row_count else empty)


def cell(value: object) -> Text:
    """Text for a terminal.  What strangers wrote must not steer it: control characters and those that change
    the direction of writing (UAX #9) are made visible."""
    if isinstance(value, datetime):
        return Text(value.astimezone().strftime("%Y-%m-%d %H:%M:%S"))
    text = visible(str(value))
    return Text(text, style=COLOURS.get(text, ""))


def visible(text: str) -> str:
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in text)


def size(count: int) -> str:
    """1536 as "1.5 KiB"."""
    amount = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if amount < 1024 or unit == "GiB":
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1024
    raise AssertionError("unreachable: the last unit takes everything")


def ago(moment: datetime) -> str:
    """How long it is since: "3 hours ago"."""
    seconds = max(0, int((datetime.now(UTC) - moment).total_seconds()))
    for name, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            count = seconds // length
            return f"{count} {name}{'s' if count > 1 else ''} ago"
    return "just now"
