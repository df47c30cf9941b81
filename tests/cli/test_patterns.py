from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.conftest import Run
from tests.e2e.servers.lazaretto import Lazaretto


def write(folder: Path, name: str, more: str = "") -> None:
    (folder / "a.yar").write_text(f'rule {name} {{ strings: $a = "{name}" condition: $a }}\n{more}')


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rules")
    write(folder, "first")
    return folder


@pytest.fixture(scope="module")
def patterned(folder: Path) -> Iterator[Lazaretto]:
    sections = {"listeners.milter": None, "engines.patterns": {"dirs": [str(folder)]}, "workers": {"count": 1}}
    with Lazaretto(sections) as node:
        yield node


@pytest.fixture
def ask(patterned: Lazaretto, run: Run) -> Run:
    return lambda *arguments: run("patterns", *arguments, "--config", patterned.file)


def test_the_life_of_a_set(ask: Run, run: Run, patterned: Lazaretto, folder: Path) -> None:
    code, out, _ = ask("status")
    assert code == 0
    assert out.startswith("patterns-")
    assert "loaded just now, newest file just now" in out
    assert f"  {folder}/a.yar: 1 YARA rules\n" in out

    write(folder, "second", "rule b { condition: nope }")
    code, out, _ = ask("test")
    assert code == 1
    assert f"{folder}/a.yar: 1 YARA rules, 1 refused (line 2: rule b: unknown identifier `nope`)" in out
    code, out, _ = ask("reload")
    assert (code, "1 refused" in out) == (0, True)

    (folder / "tests/match/second").mkdir(parents=True)
    (folder / "tests/match/second/sample").write_text("nothing")
    wrong = f"{folder}/tests/match/second/sample: rule second does not match this sample"
    for command in ("test", "reload"):
        code, _, err = ask(command)
        assert code == 2
        assert wrong in err
    code, out, _ = ask("status")
    assert code == 1
    assert "! the folders hold what does not serve: " in out
    code, out, _ = run("status", "--config", patterned.file)
    assert "the patterns in the folders do not serve, those before them do" in out

    code, out, _ = ask("rollback")
    assert code == 0
    assert "rolled back; stays until `lazaretto patterns reload`" in out
    code, out, _ = ask("list", "--json")
    sets = [json.loads(line) for line in out.splitlines()]
    assert [each["current"] for each in sets] == [False, True]
    assert "in force" in ask("list").out
    code, out, _ = ask("rollback", sets[0]["version"])
    assert out.startswith(sets[0]["version"])
    code, _, err = ask("rollback", "nonsense")
    assert (code, "`lazaretto patterns list` shows those that are" in err) == (2, True)

    (folder / "tests/match/second/sample").write_text("second")
    code, out, _ = ask("reload", "--json")
    shown = json.loads(out)
    assert (code, shown["pinned"], shown["refused"], len(shown["sets"])) == (0, False, "", 3)
    assert "1 samples are as the sets say" in shown["lines"]


def test_a_folder_is_tried_without_a_node(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "a")
    code, out, _ = run("patterns", "test", tmp_path)
    assert (code, "nothing refused" in out) == (0, True)
    code, out, _ = run("patterns", "test", tmp_path, "--json")
    assert json.loads(out)["refused"] == 0
    code, _, err = run("patterns", "test", tmp_path / "gone")
    assert (code, "gone: is no folder of patterns" in err) == (2, True)


def test_no_node(run: Run) -> None:
    code, _, err = run("patterns", "status")
    assert (code, "is `lazaretto up` running?" in err) == (2, True)
