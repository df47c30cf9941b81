from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import Field

from lazaretto import config
from lazaretto.config import Config, Loaded, Settings
from lazaretto.errors import ConfigError, Problem


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "lazaretto.toml"
    file.write_text(text, "utf-8")
    return file


def loaded(tmp_path: Path, text: str, **environ: str) -> Loaded:
    return config.load(written(tmp_path, text), environ)


def problems(tmp_path: Path, text: str, **environ: str) -> tuple[Problem, ...]:
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, text, **environ)
    return caught.value.problems


# ---------------------------------------------------------------------------- values


def test_without_a_file_everything_has_a_default() -> None:
    found = config.load(None, {})
    assert found.config == Config(data_dir=found.config.data_dir, hostname=found.config.hostname)
    assert found.config.unpack.depth == 16
    assert found.origin(("unpack", "depth")) == "default"


def test_every_value_knows_where_it_comes_from(tmp_path: Path) -> None:
    found = loaded(
        tmp_path, 'log_level = "debug"\n\n[workers]\ncount = 2\ndeadline = 5\n', LAZARETTO_WORKERS__COUNT="7"
    )
    assert found.config.workers.count == 7
    assert found.origin(("workers", "count")) == "$LAZARETTO_WORKERS__COUNT"
    assert found.origin(("workers", "deadline")) == f"{found.file}:5"
    assert found.origin(("log_level",)) == f"{found.file}:1"
    assert found.origin(("workers", "memory")) == "default"


def test_environment_values_are_toml_where_they_can_be(tmp_path: Path) -> None:
    found = loaded(
        tmp_path,
        "",
        LAZARETTO_ORGANISATION__DOMAINS='["a.example", "b.example"]',
        LAZARETTO_LOG_LEVEL="error",
        LAZARETTO_CONSOLE__ENABLED="false",
        LAZARETTO_TEST_SOMETHING="not ours",
        LAZARETTO_ENGINES__OWN__KEY="1",
    )
    assert found.config.organisation.domains == ("a.example", "b.example")
    assert found.config.log_level == "error"
    assert found.config.console.enabled is False
    assert found.config.engines == {"own": {"key": 1}}


def test_relative_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    found = loaded(tmp_path, 'data_dir = "data"\n[vault]\nkey_file = "../key"\n[policy]\nfile = "/etc/policy.toml"\n')
    assert found.config.data_dir == tmp_path / "data"
    assert found.config.vault.key_file == tmp_path.parent / "key"
    assert found.config.policy.file == Path("/etc/policy.toml")
    assert found.config.control_socket == tmp_path / "data" / "control.sock"
    assert found.config.vault_key == tmp_path.parent / "key"


def test_settings_cannot_be_changed_afterwards() -> None:
    with pytest.raises(ValueError, match="frozen"):
        config.load(None, {}).config.log_level = "debug"  # type: ignore[misc]  # that is the test


# ---------------------------------------------------------------------------- mistakes


def test_every_mistake_at_once_with_line_and_remedy(tmp_path: Path) -> None:
    text = 'log_level = "loud"\n[unpack]\ndepht = 3\nratio = 1\n[vault]\nkeep_days = "many"\nzzz = 1\n[unpak]\n'
    found = {problem.line: problem for problem in problems(tmp_path, text)}
    assert set(found) == {1, 3, 4, 6, 7, 8}
    assert found[3].what == "unknown key 'unpack.depht'"
    assert found[3].remedy == "did you mean 'depth'?"
    assert "greater than or equal to 10" in found[4].what
    assert found[4].remedy == "got 1"
    assert "keep_days" in found[7].remedy
    assert found[8].remedy == "did you mean 'unpack'?"
    assert all(problem.file == tmp_path / "lazaretto.toml" for problem in found.values())
    assert f"{tmp_path}/lazaretto.toml:3: unknown key" in str(ConfigError(*found.values()))


def test_a_mistake_in_the_environment_names_the_variable(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, "[unpack]\ndepth = 3\n", LAZARETTO_UNPACK__DEPTH="0")
    assert problem.what.startswith("$LAZARETTO_UNPACK__DEPTH: ")
    assert (problem.file, problem.line) == (None, None)  # line 2 of the file is innocent


def test_a_variable_that_treats_a_value_as_a_section(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, 'log_level = "info"\n', LAZARETTO_LOG_LEVEL__X="1")
    assert "'log_level' is not a section" in problem.what


def test_a_file_that_is_no_toml(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, "a = 1\nb = = 2\n")
    assert problem.line == 2
    assert problem.what.startswith("not TOML")


@pytest.mark.parametrize("kind", ["missing", "folder", "binary"])
def test_a_file_that_cannot_be_read(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "x.toml"
    if kind == "folder":
        file.mkdir()
    elif kind == "binary":
        file.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError) as caught:
        config.load(file, {})
    assert "cannot be read" in str(caught.value)
    assert caught.value.problems[0].file == file


# ---------------------------------------------------------------------------- sections of plugins


class Inner(Settings):
    port: int = 25


class Own(Settings):
    size: int = Field(1, ge=1)
    dirs: tuple[Path, ...] = ()
    inner: Inner = Inner()


def test_settings_of_a_plugin(tmp_path: Path) -> None:
    found = loaded(tmp_path, '[engines.own]\nsize = 3\ndirs = ["a", "/b"]\n[engines.own.inner]\nport = 1\n')
    settings = config.plugin_settings(found, "engines", "own", Own)
    assert settings == Own(size=3, dirs=(tmp_path / "a", Path("/b")), inner=Inner(port=1))
    assert config.plugin_settings(found, "engines", "another", Own) == Own()


def test_mistakes_in_the_section_of_a_plugin(tmp_path: Path) -> None:
    found = loaded(tmp_path, "[engines.own]\nsize = 0\nsizes = 2\n[engines.own.inner]\nprot = 1\n")
    with pytest.raises(ConfigError) as caught:
        config.plugin_settings(found, "engines", "own", Own)
    lines = {problem.line: problem for problem in caught.value.problems}
    assert set(lines) == {2, 3, 5}
    assert lines[3].remedy == "did you mean 'size'?"
    assert lines[5].remedy == "did you mean 'port'?"
    assert lines[5].what == "unknown key 'engines.own.inner.prot'"


def test_unknown_sections(tmp_path: Path) -> None:
    found = loaded(tmp_path, "[engines.own]\n[engines.onw]\n[engines.zzz]\n")
    first, second = config.unknown_sections(found, "engines", ["own"])
    assert (first.line, first.remedy) == (2, "did you mean [engines.own]?")
    assert (second.line, second.remedy) == (3, "there are: own")
    assert config.unknown_sections(found, "unpack", []) == []


def test_a_section_given_as_a_value(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, "[engines]\nown = 1\n")
    assert problem.line == 2


# ---------------------------------------------------------------------------- lines


def test_lines_of_keys_tables_and_arrays_of_tables() -> None:
    text = '# comment\na = 1\n[b]\nc.d = 2\n"e f" = 3\n[[rule]]\nid = 1\n[[rule]]\nid = 2\n[rule.when]\nx = 1\n'
    text += "[b.g]\nh = 1\n"
    lines = config.locate(text)
    assert lines[("a",)] == 2
    assert lines[("b", "c", "d")] == 4
    assert lines[("b", "e f")] == 5
    assert lines[("rule", "1", "id")] == 9
    assert lines[("rule", "1", "when", "x")] == 11
    assert lines[("b", "g", "h")] == 13


def test_a_mistake_in_a_dotted_or_inline_value_has_the_line_of_its_key(tmp_path: Path) -> None:
    found = problems(tmp_path, "unpack = { depth = 1, count = 0 }\n")
    assert [problem.line for problem in found] == [1]
    found = problems(tmp_path, "unpack.count = 0\n")
    assert [problem.line for problem in found] == [1]
