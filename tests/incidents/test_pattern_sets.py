"""Pattern sets that an operator, or whoever writes the rules he takes, can get wrong: each with a clear message."""

from __future__ import annotations

import os
import resource
import time
from pathlib import Path

import pytest

from lazaretto.engines.patterns.engine import Patterns, PatternSettings
from lazaretto.errors import ConfigError
from lazaretto.patternsets.copies import Copies


def test_a_gigabyte_of_rules_is_refused_without_reading_it(tmp_path: Path) -> None:
    with (tmp_path / "a.yar").open("wb") as stream:
        stream.truncate(1 << 30)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    with pytest.raises(ConfigError, match="holds more than 64 MiB of YARA rules"):
        Patterns(PatternSettings(dirs=(tmp_path,)))
    assert time.perf_counter() - began < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # KiB


@pytest.mark.parametrize(
    "text",
    [
        "rule a { strings: $a = /(((a{1,1000}){1,1000}){1,1000}){1,1000}/ condition: $a }",
        "rule a { strings: $a = { " + "( 01 | 02 ) " * 3_000 + "} condition: $a }",
        "rule a { condition: " + "(" * 20_000 + "true" + ")" * 20_000 + " }",
        "rule a { condition: " + "not " * 20_000 + "true }",
    ],
    ids=["repeated", "alternatives", "parentheses", "not"],
)
def test_rules_made_to_break_a_compiler_are_refused_or_serve(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.yar").write_text(text + "\nrule b { condition: true }")
    began = time.perf_counter()
    engine = Patterns(PatternSettings(dirs=(tmp_path,), builtin=False))
    assert " YARA rules" in engine.describe()[0]
    assert time.perf_counter() - began < 30


def test_includes_that_double_end(tmp_path: Path) -> None:
    for number in range(40):
        again = f'include "{number + 1}.inc"\n' * 2
        (tmp_path / f"{number}.inc").write_text(again + " " * 1000)
    (tmp_path / "40.inc").write_text(" " * 1_000_000)
    (tmp_path / "a.yar").write_text('include "0.inc"\nrule a { condition: true }')
    began = time.perf_counter()
    (line,) = Patterns(PatternSettings(dirs=(tmp_path,), builtin=False)).describe()
    assert time.perf_counter() - began < 60
    assert "MiB are included already" in line


def test_links_pipes_and_devices_are_no_patterns(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "loop").symlink_to(rules)
    (rules / "self.yar").symlink_to(rules / "self.yar")
    (rules / "null.yar").symlink_to("/dev/null")
    os.mkfifo(rules / "pipe.yar")
    (rules / "a.yar").write_text("rule a { condition: true }")
    assert Copies(tmp_path / "kept").take([rules]).files == 1
    lines = Patterns(PatternSettings(dirs=(rules,), builtin=False)).describe()
    assert lines[0].startswith(f"{rules}/loop, 1 refused (a link to a folder is not followed")
    assert lines[1:] == (f"{rules}/a.yar: 1 YARA rules",)
