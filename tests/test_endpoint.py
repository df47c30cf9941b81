from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from lazaretto.endpoint import Endpoint, bind
from lazaretto.errors import ConfigError


def test_port_zero_becomes_a_real_one() -> None:
    bound = bind("127.0.0.1:0", "listeners.x")
    with bound.socket:
        host, port = bound.address.split(":")
        assert host == "127.0.0.1"
        assert int(port) > 0


def test_ipv6_is_written_with_brackets() -> None:
    bound = bind("[::1]:0", "listeners.x")
    with bound.socket:
        assert bound.address.startswith("[::1]:")


def test_an_address_in_use_says_so_and_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        listen = f"127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(ConfigError) as caught:
            bind(listen, "listeners.x")
    (problem,) = caught.value.problems
    assert problem.what == f"[listeners.x] listen = '{listen}': Address already in use"
    assert "choose another address" in problem.remedy


@pytest.mark.parametrize(
    ("listen", "remedy"),
    [("192.0.2.1:2525", "this machine has no such address"), ("unix:/nowhere/at/all", "folder does not exist")],
)
def test_what_cannot_be_bound(listen: str, remedy: str) -> None:
    with pytest.raises(ConfigError) as caught:
        bind(listen, "listeners.x")
    assert remedy in caught.value.problems[0].remedy


def test_unix_socket_has_its_mode_and_goes_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "s"
    bound = bind(f"unix:{path}", "listeners.x", 0o600)
    with bound.socket:
        assert bound.address == str(path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    bound.release()
    assert not path.exists()


def test_a_stale_unix_socket_is_replaced_a_live_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    bound = bind(f"unix:{path}", "listeners.x")
    with bound.socket:
        bound.socket.listen()
        with pytest.raises(ConfigError, match="is in use"):
            bind(f"unix:{path}", "listeners.x")


def test_a_file_that_is_no_socket_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "precious"
    path.write_text("data")
    with pytest.raises(ConfigError, match="no socket"):
        bind(f"unix:{path}", "listeners.x")
    assert path.read_text() == "data"


def test_a_successors_socket_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "s"
    bound = bind(f"unix:{path}", "listeners.x")
    with bound.socket, socket.socket(socket.AF_UNIX) as successor:
        os.rename(path, tmp_path / "old")
        successor.bind(str(path))
        bound.release()
        assert path.exists()


@pytest.mark.parametrize("text", ["nonsense", "127.0.0.1:70000", "unix:relative", "8891"])
def test_what_is_no_endpoint(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Endpoint).validate_python(text)
