from __future__ import annotations

import re
import socket
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "lazaretto.toml"
    file.write_text('data_dir = "var"\n[console]\nlisten = "127.0.0.1:0"\n')
    return file


def test_a_new_password(process: Any, file: Path) -> None:
    done = process("console", "password", "alice", "--config", file)
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(rb"\S{20,}\n", done.stdout)
    with closing(sqlite3.connect(file.parent / "var" / "console" / "console.sqlite3")) as database:
        users = database.execute("SELECT username, is_superuser, password FROM auth_user").fetchall()
    assert [(name, power) for name, power, _ in users] == [("alice", 1)]
    assert done.stdout.strip().decode() not in str(users)


def test_a_port_in_use(process: Any, file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        file.write_text(f'data_dir = "var"\n[console]\nlisten = "127.0.0.1:{port}"\n')
        done = process("console", "--config", file)
    assert (done.returncode, done.stdout) == (2, b"")
    assert f"[console] listen = '127.0.0.1:{port}': ".encode() in done.stderr
    assert b"another program listens there" in done.stderr
    assert b"Traceback" not in done.stderr
