from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import lazaretto.engines
from lazaretto import config, plugin
from lazaretto.errors import ConfigError
from lazaretto.inspection import Inspector

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples" / "plugins"
MAIL = b"From: a@b\r\nTo: c@d\r\nSubject: x\r\n\r\nTHIS IS A VERY LOUD MESSAGE INDEED\r\n"


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    """What a test has imported is gone afterwards."""
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name.rpartition(".")[2] in ("shouting", "own", "other", "broken"):
            del sys.modules[name]
    for name in ("shouting", "own", "other", "broken"):
        vars(lazaretto.engines).pop(name, None)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A second folder of the package lazaretto.engines."""
    monkeypatch.setattr(lazaretto.engines, "__path__", [*lazaretto.engines.__path__, str(tmp_path)])
    return tmp_path


def engines() -> dict[str, type[plugin.Engine]]:
    return plugin.discover("engines", plugin.Engine)  # type: ignore[type-abstract]  # found, not made here


def loaded(text: str, where: Path) -> config.Loaded:
    file = where / "lazaretto.toml"
    file.write_text(text)
    return config.load(file, {})


ENGINE = """
from lazaretto import config
from lazaretto.plugin import Engine
class {cls}(Engine):
    name = "{name}"
    default = {default}
    def inspect(self, artifact):
        return ()
"""


# ---------------------------------------------------------------------------- the example, both ways


def assert_mail_gets_the_finding() -> None:
    inspection = Inspector(config.load(None, {})).inspect(MAIL, None)
    (finding,) = [each for each in inspection.findings if each.source == "shouting"]
    assert finding.artifact == "part.txt"


def test_example_in_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lazaretto.engines, "__path__", [*lazaretto.engines.__path__, str(EXAMPLES)])
    assert engines()["shouting"].__module__ == "lazaretto.engines.shouting"
    assert_mail_gets_the_finding()


def test_example_by_its_entry_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    points = tomllib.loads((EXAMPLES / "pyproject.toml").read_text())["project"]["entry-points"]
    info = tmp_path / "lazaretto_shouting-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: lazaretto-shouting\nVersion: 1.0\n")
    lines = [f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in each.items()) for group, each in points.items()]
    (info / "entry_points.txt").write_text("".join(lines))
    shutil.copy(EXAMPLES / "shouting.py", tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    assert engines()["shouting"].__module__ == "shouting"
    assert_mail_gets_the_finding()


def test_contributing_followed_to_the_letter(tmp_path: Path) -> None:
    """Copies the sources, runs the commands that CONTRIBUTING.md gives, and nothing else."""
    commands = re.findall(r"^\d\. `(.+)`$", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE)
    assert [command.split()[0] for command in commands] == ["cp", "cp", ".venv/bin/python"]
    for name in ("src", "examples", "pyproject.toml"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    (tmp_path / "tests" / "engines").mkdir(parents=True)
    environ = {**os.environ, "PYTHONPATH": str(tmp_path / "src")}
    before = set(tmp_path.rglob("*.py"))
    for command in commands:
        words = [sys.executable if word == ".venv/bin/python" else word for word in command.split()]
        subprocess.run(words, cwd=tmp_path, env=environ, check=True, capture_output=True)
    added = {str(path.relative_to(tmp_path)) for path in set(tmp_path.rglob("*.py")) - before}
    assert added == {"src/lazaretto/engines/shouting.py", "tests/engines/test_shouting.py"}


# ---------------------------------------------------------------------------- discovery


def test_only_concrete_named_classes_of_the_module_itself_are_found(folder: Path) -> None:
    (folder / "own.py").write_text(
        ENGINE.format(cls="Own", name="own", default=True)
        + "class Nameless(Own):\n    pass\nclass Abstract(Engine):\n    name = 'abstract'\n"
    )
    (folder / "other.py").write_text("from lazaretto.engines.own import Own\n")
    found = engines()
    assert found["own"].__name__ == "Own"
    assert "abstract" not in found
    assert list(found) == sorted(found)


def test_two_plugins_of_one_name_are_an_error(folder: Path) -> None:
    (folder / "own.py").write_text(ENGINE.format(cls="Own", name="own", default=True))
    (folder / "other.py").write_text(ENGINE.format(cls="Other", name="own", default=True))
    with pytest.raises(TypeError, match=r"own.*engines\.other and .*engines\.own"):
        engines()


@pytest.mark.parametrize(("group", "kind"), plugin.GROUPS.items())
def test_every_group_can_be_searched(group: str, kind: type[plugin.Plugin]) -> None:
    for name, cls in plugin.discover(group, kind).items():
        assert cls.name == name
        assert issubclass(cls.Settings, config.Settings)
        assert cls.__doc__ or sys.modules[cls.__module__].__doc__, f"{cls} says nothing about itself"


# ---------------------------------------------------------------------------- building


def test_a_plugin_that_is_off_by_default_is_used_when_it_has_a_section(folder: Path) -> None:
    (folder / "own.py").write_text(ENGINE.format(cls="Own", name="own", default=False))

    def names(text: str) -> list[str]:
        built: list[Any] = plugin.build(loaded(text, folder), "engines", plugin.Engine)  # type: ignore[type-abstract]
        return [engine.name for engine in built]

    assert "own" not in names("")
    assert "own" in names("[engines.own]\n")


def test_every_mistake_in_the_sections_is_reported_with_its_line(folder: Path) -> None:
    shutil.copy(EXAMPLES / "shouting.py", folder)
    text = "[engines.shouting]\nletters = 0\nleters = 3\n[engines.shoutin]\nletters = 1\n"
    with pytest.raises(ConfigError) as caught:
        plugin.build(loaded(text, folder), "engines", plugin.Engine)  # type: ignore[type-abstract]
    lines = {problem.line: problem for problem in caught.value.problems}
    assert set(lines) == {2, 3, 4}
    assert "greater than or equal to 1" in lines[2].what
    assert lines[3].remedy == "did you mean 'letters'?"
    assert lines[4].remedy == "did you mean [engines.shouting]?"


def test_groups_without_sections_are_built_with_defaults() -> None:
    built: list[Any] = plugin.build(config.load(None, {}), "unpack", plugin.Unpacker)  # type: ignore[type-abstract]
    assert {"zip", "gzip", "tar", "mail"} <= {unpacker.name for unpacker in built}


@pytest.mark.parametrize(
    ("types", "media_type", "expected"),
    [({"*"}, "a/b", True), ({"text/*"}, "text/html", True), ({"text/*"}, "image/png", False), ({"a/b"}, "a/b", True)],
)
def test_covers(types: set[str], media_type: str, expected: bool) -> None:
    assert plugin.covers(frozenset(types), media_type) is expected


SCANNED = """
from pydantic import Field
from lazaretto import config
from lazaretto.model import Finding, Kind, Severity
from lazaretto.plugin import Engine
class OwnSettings(config.Settings):
    words: int = Field(3, description="how many")
class Own(Engine):
    name = "own"
    Settings = OwnSettings
    types = frozenset({"application/pdf"})
    def inspect(self, artifact):
        yield Finding("own", "own.seen", Kind.CONTENT, Severity.LOW)
"""
FILES = {"a.pdf": b"%PDF-1.7\n", "b.txt": b"text", "c": b"GIF89a" + bytes(30), "d.XYZ": b"other text"}


@pytest.mark.parametrize(
    ("section", "seen"),
    [
        ("", {"a.pdf"}),
        ("words = 4", {"a.pdf"}),
        ('scan = "types"', {"a.pdf"}),
        ('scan = "all"', set(FILES)),
        ('scan = "extensions"\nextensions = ["*.xyz", ".GIF"]', {"c", "d.XYZ"}),
        ('scan = "extensions"\nextensions = ["pdf"]', {"a.pdf"}),
    ],
)
def test_which_artifacts_an_engine_is_sent(folder: Path, tmp_path: Path, section: str, seen: set[str]) -> None:
    (folder / "own.py").write_text(SCANNED)
    inspector = Inspector(loaded(f"[engines.own]\n{section}\n", tmp_path))
    for name, data in FILES.items():
        result = inspector.inspect(data, None, name)
        assert ("own.seen" in {finding.name for finding in result.findings}) is (name in seen)
        # What it was not sent is said; of the others those for macros and scripts look at their own types only.
        assert set(result.artifacts[0].skipped) - {"macros", "scripts"} == (set() if name in seen else {"own"})


@pytest.mark.parametrize("section", ['scan = "extensions"', 'extensions = ["pdf"]', 'scan = "none"'])
def test_a_mode_and_a_list_that_do_nothing_are_mistakes(folder: Path, tmp_path: Path, section: str) -> None:
    (folder / "own.py").write_text(SCANNED)
    with pytest.raises(ConfigError, match="scan"):
        Inspector(loaded(f"[engines.own]\n{section}\n", tmp_path))


def test_an_engine_that_goes_by_names_is_asked_each_time() -> None:
    inspector = Inspector(config.load(None, {}))
    found = [inspector.inspect(b"x", None, name).findings for name in ("a.txt", "a.pdf.exe", "a.txt")]
    assert [[each.name for each in findings] for findings in found] == [[], ["name.double-extension"], []]


def test_an_engine_that_says_nothing_of_names_is_asked_each_time(folder: Path, tmp_path: Path) -> None:
    """Who writes a plugin need not know that answers are kept: a wrong one would be worse than a slow one."""
    text = SCANNED.replace('"own.seen"', "artifact.name")
    assert text != SCANNED
    (folder / "own.py").write_text(text)
    inspector = Inspector(loaded("[engines.own]\n", tmp_path))
    for name in ("a", "b"):
        assert name in {finding.name for finding in inspector.inspect(b"%PDF-1.4 ", None, name).findings}


def test_what_is_run_by_its_name_is_sent_to_engines_of_that_type(folder: Path, tmp_path: Path) -> None:
    (folder / "own.py").write_text(SCANNED.replace('{"application/pdf"}', '{"text/javascript"}'))
    inspector = Inspector(loaded("[engines.own]\n", tmp_path))
    picture = b"GIF89a=1/*" + bytes(20) + b"*/;eval(x)"
    for name, seen in (("a.js", True), ("a.JS ", True), ("a.gif", False), ("a.vbs", False)):
        found = {finding.name for finding in inspector.inspect(picture, None, name).findings}
        assert ("own.seen" in found) is seen
