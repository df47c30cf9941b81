"""Search, sorting and pages, the same for every list and quick with a million rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet

_COUNTED = 10_000  # rows; beyond it a list says "more than", and has no further pages
SIZES = (25, 50, 100, 200)


@dataclass(frozen=True, slots=True)
class Column:
    """A heading; without ``field`` it cannot be sorted by."""

    key: str
    title: str
    field: str = ""
    css: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    column: Column
    direction: str  # "ascending", "descending" or "", as aria-sort has it
    sort: str  # what a click sorts by


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Any]
    headings: list[Heading]
    total: int
    more: bool  # there are more than were counted
    number: int
    pages: int
    size: int

    @property
    def sizes(self) -> tuple[int, ...]:
        return SIZES

    @property
    def first(self) -> int:
        return (self.number - 1) * self.size + 1 if self.rows else 0

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1 if self.rows else 0


def page(rows: QuerySet[Any], columns: Sequence[Column], given: Mapping[str, str], default: str = "-at") -> Page:
    """The page of ``rows`` that the query string asks for; what is nonsense in it is ignored."""
    by_key = {column.key: column for column in columns if column.field}
    sort = given.get("sort", "")
    sort = sort if sort.removeprefix("-") in by_key else default
    size = number(given.get("size", ""), 50)
    size = size if size in SIZES else 50
    counted = rows.order_by().values("pk")[: _COUNTED + 1].count()
    total = min(counted, _COUNTED)
    pages = max(1, -(-total // size))
    at = min(max(1, number(given.get("page", ""), 1)), pages)
    minus = "-" if sort.startswith("-") else ""
    field = by_key[sort.removeprefix("-")].field
    order = [f"{minus}{name}" for name in dict.fromkeys((field, "at", "pk"))]  # as the indexes are ordered
    found = rows.order_by(*order)[(at - 1) * size : at * size]
    return Page(list(found), _headings(columns, sort), total, counted > _COUNTED, at, pages, size)


def search(rows: QuerySet[Any], model: type[Model], text: str) -> QuerySet[Any]:
    """Rows in which every word of the text occurs, anywhere in a word.

    Words of three letters and more are found by the trigram index (sqlite.org/fts5.html, section 4.3.4)."""
    words = "".join(character if character.isprintable() else " " for character in text).split()[:20]
    table = model._meta.db_table
    if indexed := [word for word in words if len(word) >= 3]:
        wanted = " AND ".join('"' + word.replace('"', '""') + '"' for word in indexed)
        # The names come from our own model; what the reader typed is a parameter.
        among = f"{table}.id IN (SELECT rowid FROM {table}_text WHERE {table}_text MATCH %s)"  # noqa: S608
        rows = rows.extra(where=[among], params=[wanted])  # noqa: S610  # as above
    for word in words:
        if len(word) < 3:
            rows = rows.filter(haystack__icontains=word)
    return rows


def number(text: str, default: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else default


def _headings(columns: Sequence[Column], sort: str) -> list[Heading]:
    headings = []
    for column in columns:
        current = sort.removeprefix("-") == column.key
        descending = current and sort.startswith("-")
        direction = ("descending" if descending else "ascending") if current else ""
        headings.append(Heading(column, direction, column.key if descending else f"-{column.key}"))
    return headings
