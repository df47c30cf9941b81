"""``lazaretto up`` as the first thing that anybody does, and the demonstration as the second."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.servers.running import free_port, public_folder

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with public_folder("up") as folder:
        yield folder


@pytest.fixture(scope="module")
def environment() -> dict[str, str]:
    """The ports of the first configuration may be taken by another program here: others, as an operator may set
    them without touching the file."""
    return os.environ | {
        "LAZARETTO_LISTENERS__MILTER__LISTEN": f"127.0.0.1:{free_port()}",
        "LAZARETTO_LISTENERS__SMTP__LISTEN": f"127.0.0.1:{free_port()}",
        "LAZARETTO_LISTENERS__SMTP__NEXT_HOP": f"127.0.0.1:{free_port()}",
        "LAZARETTO_CONSOLE__LISTEN": f"127.0.0.1:{free_port()}",
    }


@pytest.fixture(scope="module")
def said(folder: Path, environment: dict[str, str]) -> Iterator[list[str]]:
    """What ``up`` prints in an empty folder, "ready" being the last line."""
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "lazaretto", "up"],
            cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip
    with process:
        try:
            assert process.stdout
            lines = []
            for line in process.stdout:
                lines.append(line.rstrip())
                if line == "ready\n":
                    break
            yield lines
        finally:
            process.send_signal(signal.SIGTERM)
    assert process.returncode == 0


def lazaretto(folder: Path, environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lazaretto", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)


def test_it_says_where_the_console_is_and_how_to_come_in(said: list[str], folder: Path) -> None:
    log = (folder / "log").read_text()
    assert said[-1:] == ["ready"], log
    assert len([line for line in said if re.search(r"login: admin, password: \S{20,}", line)]) == 1
    (address,) = (found[0] for line in said if (found := re.search(r"http://127\.0\.0\.1:\d+/", line)))
    with urllib.request.urlopen(address) as answer:
        assert b"Log in" in answer.read()
    assert f"wrote {folder}/lazaretto.toml" in log


def test_the_configuration_it_has_written_has_no_mistakes(
    said: list[str], folder: Path, environment: dict[str, str]
) -> None:
    checked = lazaretto(folder, environment, "config", "check")
    assert checked.returncode == 0, checked.stderr
    assert "no mistakes" in checked.stdout
    assert {path.name for path in folder.iterdir()} == {"lazaretto.toml", "var", "log"}


def test_the_demonstration_shows_threats_stopped(said: list[str], folder: Path, environment: dict[str, str]) -> None:
    shown = lazaretto(folder, environment, "demo")
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert "EICAR in a zip in a zip" in shown.stdout
    told = lazaretto(folder, environment, "demo", "--json")
    assert told.returncode == 0, told.stderr
    rows = {row["mail"]: row for row in map(json.loads, told.stdout.splitlines())}
    assert rows["EICAR"]["event"]["status"] == rows["EICAR in a zip in a zip"]["event"]["status"] == "infected"
    assert rows["clean"]["event"]["status"] == rows["large attachment"]["event"]["status"] == "clean"
    listed = lazaretto(folder, environment, "messages", "list")
    assert listed.returncode == 0, listed.stderr
    assert "EICAR" in listed.stdout
