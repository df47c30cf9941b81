from __future__ import annotations

from pathlib import Path

import pytest

from lazaretto.engines.patterns.library import load
from lazaretto.errors import ConfigError
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
