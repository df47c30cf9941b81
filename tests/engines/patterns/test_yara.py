from __future__ import annotations

from pathlib import Path

import pytest

from lazaretto.engines.patterns import yara
from lazaretto.engines.patterns.source import gather


def compiled(tmp_path: Path, text: str) -> tuple[set[str], list[tuple[int, str]]]:
    file = tmp_path / "a.yar"
    file.write_text(text)
    compiler = yara.compiler()
    done = yara.add(compiler, gather(file, tmp_path, Path.read_text), file, "a")
    return {rule.identifier for rule in compiler.build()}, done.refused


@pytest.mark.parametrize(
    ("text", "served", "refused"),
    [
        ("rule a { condition: true }", {"a"}, []),
        ("rule a { condition: nope }\nrule b { condition: true }", {"b"}, [(1, "rule a: unknown identifier `nope`")]),
        (
            "rule a { condition: nope }\nrule b { condition: a }\nrule c { condition: not b }\n"
            "rule d { condition: true }",
            {"d"},
            [
                (1, "rule a: unknown identifier `nope`"),
                (2, "rule b: unknown identifier `a`"),
                (3, "rule c: unknown identifier `b`"),
            ],
        ),
        # what a mistake in the syntax has swallowed is tried again
        ('rule a { strings: $a = "x condition: $a }\nrule b { condition: true }', {"b"}, [(1, "rule a: syntax error")]),
        (
            'import "pe"\nrule a { strings: $a = /a{1,2/ condition: $a\nrule b { condition: pe.is_pe }\n'
            "rule c { condition: b }",
            {"b", "c"},
            [(2, "rule a: syntax error")],
        ),
        ("rule a { condition: true }\nrule a { condition: false }", {"a"}, [(2, "rule a: duplicate rule `a`")]),
        (
            "rule a { condition: true }\nrule x { condition: ) }\nrule a { condition: false }\nrule b { condition: a }",
            {"a", "b"},
            [(2, "rule x: syntax error"), (3, "rule a: duplicate rule `a`")],
        ),
        ('import "nope"\nrule a { condition: true }', {"a"}, [(1, "unknown module `nope`")]),
        ('include "gone.yar"\nrule a { condition: true }', {"a"}, [(1, "include 'gone.yar': no such file")]),
        ("", set(), []),
        ("no rule at all {", set(), [(1, "syntax error (expecting")] * 2),
        ("\0\0\xff", set(), [(1, "syntax error (expecting")]),
    ],
)
def test_the_rest_of_a_file_serves(tmp_path: Path, text: str, served: set[str], refused: list[tuple[int, str]]) -> None:
    names, told = compiled(tmp_path, text)
    assert names == served
    assert [line for line, _ in told] == [line for line, _ in refused]
    assert all(why.startswith(wanted) for (_, why), (_, wanted) in zip(told, refused, strict=True)), told


def test_a_mistake_in_what_is_included_is_told_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "b.inc").write_text("\nrule b { condition: nope }")
    names, told = compiled(tmp_path, 'include "b.inc"\nrule a { condition: true }')
    assert (names, told) == ({"a"}, [(2, "in b.inc: rule b: unknown identifier `nope`")])


def test_external_variables_are_known_and_told(tmp_path: Path) -> None:
    file = tmp_path / "a.yar"
    for text, by_name in (
        ('rule a { condition: filename == "x" }', True),
        ("rule a { condition: filesize > 1 }", False),
    ):
        file.write_text(text)
        done = yara.add(yara.compiler(), gather(file, tmp_path, Path.read_text), file, "a")
        assert (done.refused, done.by_name) == ([], by_name)


@pytest.mark.timeout(20)
def test_many_mistakes_take_no_longer_than_there_are(tmp_path: Path) -> None:
    lines = "".join(f"rule b{n} {{ condition: $b }}\nrule g{n} {{ condition: true }}\n" for n in range(2000))
    names, told = compiled(tmp_path, "rule broken {\n" + lines)
    assert (len(names), len(told)) == (2000, 2001)
    assert told[5] == (10, "rule b4: unknown pattern `$b`")


@pytest.mark.parametrize("name", ["a\0b", "a" * 300, "loop"])
def test_a_name_that_no_file_has_is_no_file(tmp_path: Path, name: str) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    names, told = compiled(tmp_path, f'include "{name}"\nrule a {{ condition: true }}')
    assert names == {"a"}
    assert "no such file" in told[0][1]
