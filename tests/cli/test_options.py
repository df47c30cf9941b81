from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Run

from lazaretto.cli import options
from lazaretto.cli.options import actor, loaded
from lazaretto.errors import ControlError


def test_the_configuration_is_the_named_one_or_that_of_the_environment_or_of_this_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LAZARETTO_CONFIG", raising=False)
    assert loaded(None).file is None
    for count, name in enumerate(("lazaretto.toml", "other.toml", "given.toml"), 1):
        (tmp_path / name).write_text(f"workers.count = {count}\n")
    assert loaded(None).config.workers.count == 1
    monkeypatch.setenv("LAZARETTO_CONFIG", "other.toml")
    assert loaded(None).config.workers.count == 2
    assert loaded(Path("given.toml")).config.workers.count == 3


def test_a_node_that_does_not_run_is_named(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text('data_dir = "here"\n')
    with options.node(file) as client, pytest.raises(ControlError, match=f"the node at {tmp_path}/here/control.sock"):
        client.status()


def test_the_actor_is_whoever_is_at_the_keyboard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "alice")
    assert actor() == "alice (command line)"
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000_000)
    assert actor() == "command line"


def test_without_a_command_it_says_which_there_are(run: Run) -> None:
    status, out, _ = run()
    assert status == 0
    for command in ("up", "node", "console", "scan", "quarantine", "messages", "config", "status", "version", "demo"):
        assert f" {command} " in out


@pytest.mark.parametrize("line", [["nonsense"], ["messages", "show"], ["quarantine", "list", "--limit", "many"]])
def test_a_command_line_that_cannot_be_understood(run: Run, line: list[str]) -> None:
    status, out, err = run(*line)
    assert (status, out) == (2, "")
    assert "Traceback" not in err
    assert err


def test_a_reader_that_has_seen_enough_is_no_error(process: Any, tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = process("config", "show", stdout=writing, stderr=subprocess.PIPE, capture_output=False)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


def test_completion_for_bash(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert run("--install-completion", "--shell", "bash", "--output", tmp_path / "lazaretto.bash").status == 0
    script = f"""
        source {tmp_path}/lazaretto.bash
        function=$(complete -p lazaretto | sed 's/.*-F \\([^ ]*\\).*/\\1/')
        COMP_WORDS=(lazaretto quarantine re) COMP_CWORD=2 COMP_LINE="lazaretto quarantine re" COMP_POINT=23
        $function lazaretto re quarantine
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True)
    assert [word.strip() for word in done.stdout.split("\n") if word] == ["release"], done.stderr
