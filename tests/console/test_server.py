from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def command(folder: Path, port: int) -> list[str]:
    file = folder / "lazaretto.toml"
    file.write_text(f'data_dir = "{folder}"\n[console]\nlisten = "127.0.0.1:{port}"\n')
    return [sys.executable, "-m", "lazaretto.console", "--config", str(file)]


@contextmanager
def running(folder: Path, port: int) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    process = subprocess.Popen(command(folder, port), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stderr
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "ready" in line:
            break
    try:
        yield process, lines
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


def test_start_answer_end(tmp_path: Path) -> None:
    port = free_port()
    with running(tmp_path, port) as (process, lines):
        assert re.search(r"password: \S{23} ", lines[0])
        assert lines[-1] == f"console ready on http://127.0.0.1:{port}/\n"
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/login/", timeout=10) as answer:
            html = answer.read().decode()
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        sheet = re.search(r'href="(/static/[^"]*console\.css)"', html)
        assert sheet
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{sheet[1]}", timeout=10) as answer:
            assert answer.headers["Content-Type"] == "text/css"
            assert "immutable" in answer.headers["Cache-Control"]
        second = subprocess.run(command(tmp_path, free_port()), capture_output=True, text=True, timeout=30, check=False)
        assert second.returncode == 2
        assert "another console is running" in second.stderr
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
    with running(tmp_path, port) as (_, lines):
        assert not [line for line in lines if "password" in line]


def test_a_port_in_use_is_said(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        answer = subprocess.run(command(tmp_path, port), capture_output=True, text=True, timeout=30, check=False)
    assert answer.returncode == 2
    assert f"cannot listen on 127.0.0.1:{port}" in answer.stderr
    assert "Traceback" not in answer.stderr
