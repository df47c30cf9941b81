from __future__ import annotations

import os
from pathlib import Path

import pytest

from lazaretto.engines.patterns.library import at_home, load
from lazaretto.errors import ConfigError, Problem
from lazaretto.model import Artifact


def test_one_bad_rule_is_named_and_the_rest_serves(tmp_path: Path) -> None:
    (tmp_path / "some.yar").write_text(
        "rule good { condition: true }\nrule bad { condition: $a }\nrule fine { condition: true }"
    )
    library = load([tmp_path])
    assert {rule.identifier for rule in library.rules} == {"good", "fine"}
    assert "2 YARA rules, 1 refused (line 2" in library.described[0]


def test_unsupported_signatures_are_counted_by_feature(tmp_path: Path) -> None:
    (tmp_path / "a.ndb").write_text(
        "Good:0:*:61626364\nBad:0:*:zz\nOdd:0:VI:6162\nOdd:0:VI:6163\nWide:0:*:61626364{4-2}6566\n"
    )
    (described,) = load([tmp_path]).described
    assert "1 signatures" in described
    assert "2 refused (line 2" in described
    assert "line 5" in described
    assert "2 not supported (2 offset VI)" in described


def test_signatures_of_a_large_file_keep_their_lines(tmp_path: Path) -> None:
    lines = [f"S{number}:0:*:{number:08x}aabbccdd" for number in range(4500)]
    lines[4200] = "Wide:0:*:61626364{4-2}6566"
    (tmp_path / "a.ndb").write_text("\n".join(lines))
    library = load([tmp_path])
    assert "4499 signatures, 1 refused (line 4201:" in library.described[0]
    data = bytes.fromhex("00001069aabbccdd")
    artifact = Artifact("1", (), data, "application/octet-stream", "", None, None, 0, "0" * 64)
    assert [name for name, _ in library.clamav.match(artifact)] == [f"S{0x1069}"]


def test_the_version_is_that_of_the_content(tmp_path: Path) -> None:
    (tmp_path / "a.yar").write_text("rule a { condition: true }")
    first = load([tmp_path]).version
    assert load([tmp_path]).version == first
    (tmp_path / "a.yar").write_text("rule a { condition: false }")
    assert load([tmp_path]).version != first


def test_a_folder_that_is_missing_is_the_operators_mistake(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is no folder of patterns"):
        load([tmp_path / "nowhere"])


def test_a_file_that_cannot_be_read_is_the_operators_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.yar").write_text("rule a { condition: true }")

    def refuse(self: Path) -> bytes:  # root reads everything, so the refusal has to be made
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(ConfigError, match=r"a\.yar: cannot be read: Permission denied"):
        load([tmp_path])


def test_files_without_mistakes_share_a_line(tmp_path: Path) -> None:
    for number in range(8):
        (tmp_path / f"{number}.yar").write_text("rule same_name { condition: true }")
    (tmp_path / "bad.yar").write_text("rule x { condition: y }")
    library = load([tmp_path])
    assert library.described[0] == f"{tmp_path}: 8 YARA rules in 8 files"
    assert library.described[1].startswith(f"{tmp_path}/bad.yar: 0 YARA rules, 1 refused (line 1: rule x: unknown")
    assert len(list(library.rules)) == 8
    assert library.refused == 1


def test_what_is_included_matches_once(tmp_path: Path) -> None:
    (tmp_path / "index.yar").write_text('include "z.yar"')
    (tmp_path / "z.yar").write_text("rule z { condition: true }")
    assert [rule.identifier for rule in load([tmp_path]).rules] == ["z"]


def test_old_rules_in_old_character_sets_serve(tmp_path: Path) -> None:
    (tmp_path / "a.yar").write_bytes(b"// caf\xe9\nrule a { condition: true }")
    (tmp_path / "b.yar").write_bytes(b"\xef\xbb\xbfrule b { condition: true }")
    assert {rule.identifier for rule in load([tmp_path]).rules} == {"a", "b"}


def test_links_in_a_circle_and_hidden_folders_hold_nothing(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "a.yar").symlink_to(tmp_path / "a.yar")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/b.yar").write_text("rule b { condition: true }")
    library = load([tmp_path])
    assert list(library.rules) == []
    assert library.described == (
        f"{tmp_path}/loop, 1 refused (a link to a folder is not followed: name its target in engines.patterns.dirs)",
    )


def test_too_much_is_refused_before_it_is_compiled(tmp_path: Path) -> None:
    (tmp_path / "a.yar").write_text("rule a { condition: true }" + " " * (1 << 20))
    assert len(list(load([tmp_path], 2 << 20).rules)) == 1
    with pytest.raises(ConfigError, match=r"holds more than 1 MiB of YARA rules\n +keep the rules that mail needs"):
        load([tmp_path], 1 << 20)


def test_a_copy_is_told_of_as_what_it_is_a_copy_of(tmp_path: Path) -> None:
    (tmp_path / ".origin").write_text("/etc/rules")
    (tmp_path / "a.yar").write_text("rule a { condition: true }")
    assert load([tmp_path]).described == ("/etc/rules/a.yar: 1 YARA rules",)
    told = at_home(Problem(tmp_path / "tests/x", 3, "what"), [tmp_path])
    assert str(told) == "/etc/rules/tests/x:3: what"


def test_rules_that_may_be_slow_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.yar").write_text(
        "rule quick { condition: true }\nrule slow { strings: $a = /[a-z]+/ condition: $a }\n"
        "rule loop { condition: for any i in (0..filesize) : ( uint8(i) == 1 ) }"
    )
    library = load([tmp_path])
    assert library.described == (f"{tmp_path}/a.yar: 3 YARA rules, 2 may be slow (slow, loop)",)
    assert library.refused == 0


def test_the_version_is_that_of_names_and_of_what_is_included_too(tmp_path: Path) -> None:
    versions = [load([tmp_path]).version, load([tmp_path], unwanted=True).version]
    (tmp_path / "a.yar").write_text('include "more.txt"')
    for text in ("rule a { condition: true }", "rule a { condition: false }"):
        (tmp_path / "more.txt").write_text(text)
        versions.append(load([tmp_path]).version)
    (tmp_path / "a.yar").rename(tmp_path / "b.yar")
    versions.append(load([tmp_path]).version)
    assert len(set(versions)) == 5


def test_a_file_whose_name_is_no_text_serves(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"a\xff.yar")).write_text("rule a { condition: true }\nrule b { condition: $b }")
    library = load([tmp_path])
    assert [rule.identifier for rule in library.rules] == ["a"]
    assert library.described[0].encode().startswith(f"{tmp_path}/a\\udcff.yar: 1 YARA rules, 1 refused".encode())
