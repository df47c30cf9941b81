"""What all servers of the tests have in common: own folders, free ports, readiness, an end by process id."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest


def require_root() -> None:
    """Servers change to users of their own, which only root may."""
    if os.geteuid() != 0:
        pytest.skip("needs root: the server changes to a user of its own")


def require_program(program: str, package: str) -> None:
    if shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/lib/postfix/sbin") is None:
        pytest.fail(f"{program} is missing; as root:  apt-get install {package}   (or: make test-packages)")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def public_folder(name: str) -> Iterator[Path]:
    """A folder that users other than ours can pass through, removed at the end.  Not under pytest's: every other
    run of pytest on the machine closes that one to others again."""
    folder = Path(tempfile.mkdtemp(prefix=f"lazaretto-{name}-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(condition: Callable[[], bool], what: str, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} took more than {seconds} s")
        time.sleep(0.02)


class Running:
    """A server in the foreground and in a process group of its own, with all it started."""

    def __init__(self, command: list[str], log: Path) -> None:
        self.log = log
        self.output = log.with_suffix(".out")
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
            )

    def wait_ready(self, condition: Callable[[], bool], what: str) -> None:
        def ready() -> bool:
            if self.process.poll() is not None:
                raise RuntimeError(f"{what} ended with {self.process.returncode}:\n{self.tail()}")
            return condition()

        try:
            wait_until(ready, what)
        except BaseException:
            self.stop()
            raise

    def tail(self, lines: int = 40) -> str:
        texts = [path.read_text(errors="replace") for path in (self.output, self.log) if path.exists()]
        return "\n".join("".join(texts).splitlines()[-lines:])

    def stop(self, seconds: float = 10) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)  # children that outlived their master
