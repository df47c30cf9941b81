from __future__ import annotations

import time
from pathlib import Path

from lazaretto.engines.patterns.source import Source, bare, gather


def read(path: Path) -> str:
    return path.read_text()


def test_rules_are_found_where_they_begin_and_nowhere_else() -> None:
    text = (
        '// rule one { }\n/* \nrule two { } */\nprivate global rule three { strings: $a = "\n'  # an open string
        'rule four { strings: $u = "http://x" $b = /a\\/*b"/ condition: $u }\n  rule five { condition: true }'
    )
    assert [(header.name, header.line) for header in Source(text).headers()] == [("three", 4), ("four", 5), ("five", 6)]


def test_blanks_leave_every_line_where_it_was() -> None:
    text = 'a /* x\ny */ "s\\"t" // z\nb /re"g/ c'
    assert bare(text) == 'a     \n     "    "     \nb        c'.replace("     \n", "     \n", 1)
    assert bare(text).count("\n") == text.count("\n")


def test_imports_are_those_outside_of_comments() -> None:
    assert Source('import "pe"\n//import "math"\nimport "pe"\nimport "hash"').imports() == ["pe", "hash"]


def test_what_is_included_stands_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.yar").write_text('one\ninclude "sub/b.inc"\nthree')
    (tmp_path / "sub/b.inc").write_text('include "../c.inc"\nsecond')
    (tmp_path / "c.inc").write_text("first")
    source = gather(tmp_path / "a.yar", tmp_path, read)
    assert source.text == "one\nfirst\nsecond\nthree"
    assert [(file.name, line) for file, line in source.places] == [
        ("a.yar", 1),
        ("c.inc", 1),
        ("b.inc", 2),
        ("a.yar", 3),
    ]
    assert source.included == {tmp_path / "c.inc", tmp_path / "sub/b.inc"}
    assert source.refused == []


def test_nobody_includes_what_is_outside_of_the_set(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    (tmp_path / "secret").write_text("secret")
    (folder / "link").symlink_to(tmp_path / "secret")
    (folder / "a.yar").write_text(f'include "../secret"\ninclude "{tmp_path}/secret"\ninclude "link"\nrest')
    source = gather(folder / "a.yar", folder, read)
    assert "secret" not in source.text
    assert [line for _, line, _ in source.refused] == [1, 2, 3]
    assert source.text.endswith("rest")


def test_a_circle_of_includes_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.yar").write_text('include "b.yar"\na')
    (tmp_path / "b.yar").write_text('include "a.yar"\nb')
    source = gather(tmp_path / "a.yar", tmp_path, read)
    assert source.text == "\nb\na"
    ((file, line, why),) = source.refused
    assert (file.name, line) == ("b.yar", 1)
    assert "circle" in why


def test_a_hostile_file_takes_no_quadratic_time() -> None:
    began = time.perf_counter()
    for text in ("/*" * 200_000, '"\\' * 200_000, "/\\" * 200_000, "rule " * 200_000, " " * 400_000, "\n" * 200_000):
        Source(text).headers()
        Source(text).imports()
    assert time.perf_counter() - began < 3
