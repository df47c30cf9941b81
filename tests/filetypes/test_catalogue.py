from __future__ import annotations

import re
from pathlib import Path

import pytest

from lazaretto import unpack
from lazaretto.filetypes.catalogue import RUNNABLE, TYPES, Family, families_of, suffix, types_in
from lazaretto.unpack import dialect, language, signatures

FOLDER = Path(unpack.__file__).parent
TOLD_BY = ("identify", "media", "disk", "text", "dialect", "language")


def given() -> set[str]:
    """Every type that the modules that tell them name."""
    types = {media_type for entries in signatures.BY_FIRST_BYTE.values() for _, media_type in entries}
    types |= signatures.CONTAINERS | set(signatures.TEXT_BY_EXTENSION.values()) | signatures.XML_KINDS
    types |= {kind for _, _, kind in dialect._ROOTS} | {kind for _, kind in language._BEGINNINGS}
    types |= {
        value
        for value in vars(signatures).values()
        if isinstance(value, str) and re.fullmatch(r"[a-z]+/\S+[a-z0-9]", value)
    }
    for module in TOLD_BY:
        source = (FOLDER / f"{module}.py").read_text("utf-8")
        types |= set(re.findall(r'"((?:application|text|image|audio|video|font)/[a-z0-9.+-]*[a-z0-9])"', source))
    return types


def test_all_that_is_told_is_known() -> None:
    assert given() - set(TYPES) == set()


def test_all_that_is_known_is_told() -> None:
    # What stands in zip and compound files is named in a way of its own, and the families' tables are in the set.
    assert set(TYPES) - given() == set()


def test_there_are_many() -> None:
    assert len(TYPES) >= 250


def test_nothing_stands_twice() -> None:
    source = (Path(unpack.__file__).parents[1] / "filetypes" / "catalogue.py").read_text("utf-8")
    assert len(re.findall(r'"[\w./+{}-]+ [^"]*"', source)) >= len(TYPES) - 1  # one has no extension of its own
    assert all(known.extensions for known in TYPES.values())


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.PDF", "pdf"), ("a.exe. . ", "exe"), ("a.exe\0", "exe"), ("a", ""), ("", ""), (".x", "x"), ("a.b.c", "c")],
)
def test_suffix(name: str, expected: str) -> None:
    assert suffix(name) == expected


def test_families() -> None:
    assert families_of("pdf") == {Family.DOCUMENT}
    assert families_of("nothing") == set()
    assert "application/pdf" in types_in(Family.DOCUMENT, Family.PICTURE)
    assert {"exe", "js", "lnk"} <= RUNNABLE
    assert "pdf" not in RUNNABLE
