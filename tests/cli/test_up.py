"""What ``up`` adds to the node and the console; all of it together runs in tests/e2e/test_up.py."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Run
from tests.e2e.servers.lazaretto import Lazaretto

from lazaretto.cli import up
from lazaretto.config import load
from lazaretto.errors import ConfigError


def test_the_starter_is_written_once_and_can_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    file = up._starter()
    assert file == tmp_path / "lazaretto.toml"
    assert capsys.readouterr().err.startswith(f"wrote {file}")
    current = load(file)
    assert current.config.data_dir == tmp_path / "var"
    assert set(current.config.listeners) == {"milter", "smtp"}


def test_a_folder_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/proc")
    with pytest.raises(ConfigError, match=r"/proc/lazaretto\.toml: cannot be written: .*\n    run it in a folder"):
        up._starter()


def test_without_console_it_is_ready_with_the_node() -> None:
    sections = {"console": {"enabled": False}, "listeners.smtp": None, "workers": {"count": 1}}
    with Lazaretto(sections, command="up") as running:
        assert running.said == []
        assert not (running.folder / "var" / "console").exists()
        assert running.stop() == 0
        assert "Traceback" not in running.log()


def test_a_node_that_cannot_start_ends_it_with_the_reason(process: Any, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        file = tmp_path / "a.toml"
        file.write_text(
            'data_dir = "var"\nconsole.enabled = false\nworkers.count = 1\n'
            f'[listeners.milter]\nlisten = "127.0.0.1:{port}"\n'
        )
        done = process("up", "--config", file)
    assert (done.returncode, done.stdout) == (2, b"")
    assert f"[listeners.milter] listen = '127.0.0.1:{port}': Address already in use".encode() in done.stderr
    assert b"another program listens there" in done.stderr
    assert b"Traceback" not in done.stderr


def test_mistakes_are_told_before_anything_is_started(run: Run, tmp_path: Path) -> None:
    (tmp_path / "lazaretto.toml").write_text("[console]\nlissten = 1\n")
    status, out, err = run("up")
    assert (status, out) == (2, "")
    assert err == "lazaretto.toml:2: unknown key 'console.lissten'\n    did you mean 'listen'?\n"
    assert os.listdir(tmp_path) == ["lazaretto.toml"]
