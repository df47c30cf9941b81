from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Run

MISTAKES = """\
data_dri = "var"

[workers]
count = "many"

[listeners.smtp]
listen = "127.0.0.1"
next_hopp = "127.0.0.1:10026"

[listeners.smpt]
listen = "127.0.0.1:25"
"""
DEEPER = """\
data_dir = "var"
policy.file = "policy.toml"

[listeners.smtp]
listen = "127.0.0.1"
next_hopp = "127.0.0.1:10026"

[listeners.smpt]
listen = "127.0.0.1:25"

[engines.patterns]
dirs = ["missing"]

[actions.tag]
colour = "red"
"""
POLICY = """\
version = "1"

[[rule]]
id = "one"
what = { kind = "malwear" }
then = ["strip"]

[[rule]]
id = "two"
then = ["destroy"]
"""


def test_no_mistakes(run: Run, tmp_path: Path) -> None:
    assert run("config", "check") == (0, "the built-in configuration: no mistakes found\n", "")
    file = tmp_path / "lazaretto.toml"
    file.write_text("[workers]\ncount = 1\n")
    assert run("config", "check") == (0, "lazaretto.toml: no mistakes found\n", "")


def test_the_starter_has_no_mistakes(run: Run, tmp_path: Path) -> None:
    from importlib.resources import files

    (tmp_path / "lazaretto.toml").write_bytes(files("lazaretto.cli").joinpath("starter.toml").read_bytes())
    assert run("config", "check").status == 0


def test_every_mistake_of_the_file_at_once(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text(MISTAKES)
    status, out, err = run("config", "check", "--config", file)
    assert (status, out) == (2, "")
    assert f"{file}:1: unknown key 'data_dri'\n    did you mean 'data_dir'?" in err
    assert f"{file}:4: workers.count:" in err
    assert "got 'many'" in err


def test_every_mistake_of_plugins_patterns_and_policy_at_once(run: Run, tmp_path: Path) -> None:
    file, policy = tmp_path / "a.toml", tmp_path / "policy.toml"
    file.write_text(DEEPER)
    policy.write_text(POLICY)
    status, out, err = run("config", "check", "--config", file)
    assert (status, out) == (2, "")
    assert f"{file}:5: listeners.smtp.listen: " in err
    assert f"{file}:6: unknown key 'listeners.smtp.next_hopp'\n    did you mean 'next_hop'?" in err
    assert f"{file}:8: unknown section [listeners.smpt]\n    did you mean [listeners.smtp]?" in err
    assert f"{tmp_path}/missing: is no folder of patterns\n    make it, or correct engines.patterns.dirs" in err
    assert f"{file}:15: unknown key 'actions.tag.colour'" in err
    assert f"{policy}:5: rule one: what.kind" in err
    assert f"{policy}:10: " in err
    assert "destroy" in err
    assert err.count("actions.tag.colour") == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"[workers\n", "{file}:1: not TOML: "), (b"\xff\xfe", "{file}: cannot be read: is not UTF-8 text")],
)
def test_a_file_that_is_none(run: Run, tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "a.toml"
    file.write_bytes(content)
    status, _, err = run("config", "check", "--config", file)
    assert status == 2
    assert err.startswith(said.format(file=file))


def test_a_file_that_is_missing(run: Run, tmp_path: Path) -> None:
    status, _, err = run("config", "check", "--config", tmp_path / "none.toml")
    assert status == 2
    assert err.startswith(f"{tmp_path}/none.toml: cannot be read: No such file or directory\n    give an existing ")


def test_show_names_the_origin_of_each_value(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.toml"
    file.write_text('[workers]\ncount = 3\n\n[listeners.smtp]\nnext_hop = "127.0.0.1:9"\n')
    monkeypatch.setenv("LAZARETTO_WORKERS__QUEUE", "17")
    status, out, _ = run("config", "show", "--json", "--config", file)
    shown = {line["key"]: line for line in map(json.loads, out.splitlines())}
    assert status == 0
    assert all(list(line) == ["key", "value", "origin", "description"] for line in shown.values())
    origins = {key: (shown[key]["value"], shown[key]["origin"]) for key in shown}
    assert origins["workers.count"] == ("3", f"{file}:2")
    assert origins["workers.queue"] == ("17", "$LAZARETTO_WORKERS__QUEUE")
    assert origins["workers.deadline"] == ("60.0", "default")
    assert origins["listeners.smtp.next_hop"] == ("127.0.0.1:9", f"{file}:5")
    assert origins["engines.patterns.builtin"] == ("True", "default")
    assert "listeners.milter.listen" not in shown  # not in use
    assert shown["workers.count"]["description"].startswith("number of processes")


def test_show_for_people(run: Run) -> None:
    status, out, _ = run("config", "show")
    assert status == 0
    assert "vault.release_to" in out
    assert out.splitlines()[0].split() == ["Key", "Value", "From", "Meaning"]


def test_show_refuses_what_check_refuses(run: Run, tmp_path: Path) -> None:
    (tmp_path / "lazaretto.toml").write_text("[engines.patterns]\nseconds = 0\n")
    status, _, err = run("config", "show")
    assert status == 2
    assert "lazaretto.toml:2: engines.patterns.seconds" in err
