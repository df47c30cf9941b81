from __future__ import annotations

import json
import re
from dataclasses import replace

import msgspec
import pytest
from tests.cli.conftest import Run, Site

from lazaretto import __version__
from lazaretto.cli import status
from lazaretto.control.types import NodeStatus
from lazaretto.model import RemoteStatus


def test_a_node_that_is_well(site: Site, ask: Run) -> None:
    site.send(b"text")
    code, out, err = ask("status")
    assert (code, err) == (0, "")
    assert out.startswith(f"node.example.test  Lazaretto {__version__}  healthy\n")
    host, port = site.node.door("smtp")
    assert f"smtp on {host}:{port}" in out
    assert "workers        2 (" in out
    assert "patterns       patterns-" in out
    assert " messages" in out
    assert re.search(r"seen before    (\d+ of \d+ files \(\d+%\); |nothing yet)", out)
    assert "landlock: " in out


def test_for_programs(site: Site, ask: Run) -> None:
    code, out, _ = ask("status", "--json")
    assert code == 0
    shown = msgspec.json.decode(out, type=NodeStatus)
    assert {door.name for door in shown.doors} == {"smtp", "milter"}
    assert set(json.loads(out)) == {each.name for each in NodeStatus.__dataclass_fields__.values()}


def test_warnings_are_shown_and_are_status_1(site: Site, ask: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    ill = replace(site.client.status(), healthy=False, warnings=("only 3 MiB free in /var: make room",))
    monkeypatch.setattr(status, "node", lambda config: _Says(ill))
    code, out, _ = ask("status")
    assert code == 1
    assert "needs attention\n  ! only 3 MiB free in /var: make room\n" in out


def test_servers_that_engines_ask(site: Site, ask: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    remotes = (
        RemoteStatus("clamd", "unix:/a", True, "ClamAV 1", 2, 4, 1, 0.1),
        RemoteStatus("icap", "icap://b/c", False, why="hung\x1bup"),
    )
    asked = replace(site.client.status(), remotes=remotes)
    monkeypatch.setattr(status, "node", lambda config: _Says(asked))
    _, out, _ = ask("status")
    assert "servers        clamd at unix:/a: up, ClamAV 1; 4 scans, 25 ms each, 1 failures\n" in out
    assert "icap at icap://b/c: down: hung" in out
    assert "\x1b" not in out


class _Says:
    """A node in a state that is hard to bring about (tests/e2e/test_bad_input.py has a real full disk)."""

    def __init__(self, state: NodeStatus) -> None:
        self.status = lambda: state

    def __enter__(self) -> _Says:
        return self

    def __exit__(self, *_: object) -> None: ...


def test_no_node(run: Run, tmp_path: object) -> None:
    code, out, err = run("status")
    assert (code, out) == (2, "")
    assert err.startswith(f"lazaretto: no answer from the node at {tmp_path}/var/control.sock: ")
    assert err.endswith("is `lazaretto up` running?\n")


@pytest.mark.parametrize(
    ("results", "said"),
    [
        ({}, "nothing yet"),
        ({"own": 1, "shared": 2, "misses": 1, "entries": 5, "bytes": 2048}, "3 of 4 files (75%); 5 results in 2"),
        ({"own": 1, "disputes": 2}, "2 DISPUTES: workers said different things"),
    ],
)
def test_how_often_results_were_known(results: dict[str, int], said: str) -> None:
    assert said in status._seen(results)
