"""The shape of the repository, checked: every module has its test module, files stay small."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "lazaretto"
LONGEST = 400  # lines; the aim is 300
ALL_IN_ONE = {"model.py"}  # the nouns stand in one file on purpose: it is the first that a newcomer reads


def modules() -> list[Path]:
    return [
        path.relative_to(SOURCE)
        for path in sorted(SOURCE.rglob("*.py"))
        if path.name not in ("__init__.py", "__main__.py") and "migrations" not in path.parts
    ]


def test_every_source_module_has_its_test_module() -> None:
    missing = [str(path) for path in modules() if not (ROOT / "tests" / path.parent / f"test_{path.name}").exists()]
    assert not missing, f"no test module for {missing}"


def test_no_test_module_without_a_source_module() -> None:
    free = {"golden", "e2e", "incidents", "transcripts", "ambiguity"}
    stray = [
        str(path)
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        if path.relative_to(ROOT / "tests").parts[0] not in free
        and path.name != "test_layout.py"
        and not (SOURCE / path.relative_to(ROOT / "tests").parent / path.name.removeprefix("test_")).exists()
    ]
    assert not stray, f"these test nothing that exists: {stray}"


def test_the_reference_pages_are_what_the_code_says() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "docs" / "make_reference.py", "--check"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_files_stay_small() -> None:
    long = {
        str(path): count
        for path in modules()
        if str(path) not in ALL_IN_ONE and (count := len((SOURCE / path).read_text().splitlines())) > LONGEST
    }
    assert not long, f"find a seam in {long}"


def test_no_group_is_repeated_possessively() -> None:
    """Python before 3.11.5, Debian 12's among them, matches such patterns wrongly (python/cpython#106052)."""
    possessive = re.compile(r"\)[*+?]\+|\(\?>")
    found = [path for path in modules() if possessive.search((SOURCE / path).read_text())]
    assert not found, f"a possessive group in {found}: make the items of the group possessive instead"
