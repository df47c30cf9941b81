"""A real Lazaretto: the command as a user types it, with a folder of its own.

::

    with Sink() as sink, Lazaretto({"listeners.smtp": {"next_hop": sink.address}}) as lazaretto:
        smtplib.SMTP(*lazaretto.door("smtp")).sendmail(...)
        lazaretto.client.messages()
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self, TypeVar

from tests.e2e.servers.running import public_folder

from lazaretto.config import host_port
from lazaretto.control.client import Client
from lazaretto.model import Event

T = TypeVar("T")

DEFAULTS: dict[str, dict[str, Any]] = {
    "listeners.milter": {"listen": "127.0.0.1:0"},
    "listeners.smtp": {"listen": "127.0.0.1:0", "next_hop": "127.0.0.1:9"},
    "workers": {"count": 2},
}


class Lazaretto:
    """``sections`` of the configuration, over DEFAULTS; a section given as None is left out.  ``policy`` is the
    text of a policy document.  ``command`` is "node" or "up"."""

    def __init__(
        self, sections: Mapping[str, Mapping[str, Any] | None] | None = None, *, policy: str = "", command: str = "node"
    ) -> None:
        self._sections = {**DEFAULTS, **(sections or {})}
        self._policy, self._command = policy, command
        self._stack = ExitStack()
        self.folder = Path()
        self.process: subprocess.Popen[str] = None  # type: ignore[assignment]  # set by start
        self.client: Client = None  # type: ignore[assignment]  # set by __enter__
        self.said: list[str] = []  # lines of standard output up to "ready"

    def __enter__(self) -> Self:
        try:
            self.folder = self._stack.enter_context(public_folder("node"))
            self.file = self.folder / "lazaretto.toml"
            self._write()
            self._stack.callback(self.stop)
            self.start()
            self.client = self._stack.enter_context(Client(self.folder / "var" / "control.sock"))
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is not None:
            print(f"--- log of lazaretto {self._command}\n{self.log()[-8000:]}")
        else:
            self.stop()
            assert "Traceback" not in self.log(), self.log()[-8000:]
        self._stack.close()

    def _write(self) -> None:
        lines = [f'data_dir = "{self.folder}/var"', 'hostname = "node.example.test"']
        if self._policy:
            (self.folder / "policy.toml").write_text(self._policy)
            lines.append('policy.file = "policy.toml"')
        for name, table in self._sections.items():
            if table is not None:
                lines += [f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in table.items())]
        self.file.write_text("\n".join(lines) + "\n")

    def start(self) -> None:
        """Returns once it has said "ready"."""
        with (self.folder / "log").open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "lazaretto", self._command, "--config", str(self.file)],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True, cwd=self.folder,
            )  # fmt: skip
        assert self.process.stdout
        self.said = []
        for line in self.process.stdout:
            if line == "ready\n":
                return
            self.said.append(line.rstrip())
        raise RuntimeError(f"lazaretto ended before it was ready:\n{self.log()[-4000:]}")

    @contextmanager
    def beside(self, *arguments: str, ready: str) -> Iterator[list[str]]:
        """Another command with the same configuration, from its line that begins with ``ready`` on until it is ended;
        gives the lines up to that one."""
        with (self.folder / "log").open("a") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "lazaretto", *arguments, "--config", str(self.file)],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True, cwd=self.folder,
            )  # fmt: skip
        with process:
            assert process.stdout
            said: list[str] = []
            try:
                for line in process.stdout:
                    said.append(line.rstrip())
                    if line.startswith(ready):
                        break
                else:
                    raise RuntimeError(f"lazaretto {' '.join(arguments)} ended:\n{self.log()[-4000:]}")
                yield said
            finally:
                process.terminate()
        assert process.returncode == 0

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """The exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        status = self.process.wait(60)
        if self.process.stdout:
            self.process.stdout.close()
        return status

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def door(self, name: str) -> tuple[str, int]:
        return host_port(next(door.address for door in self.client.status().doors if door.name == name))

    def event(self, subject: str, seconds: float = 10) -> Event:
        """The newest event about the message with this subject."""
        return self.wait_for(lambda: [each.event for each in self.client.messages(query=subject).entries], seconds)[0]

    def wait_for(self, ask: Callable[[], T], seconds: float = 10) -> T:
        """The first answer that is not empty."""
        deadline = time.monotonic() + seconds
        while not (answer := ask()):
            if time.monotonic() > deadline:
                raise TimeoutError(f"no answer within {seconds} s\n{self.log()[-4000:]}")
            time.sleep(0.05)
        return answer
