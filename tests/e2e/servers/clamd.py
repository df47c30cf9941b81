"""A real clamd with a database of one signature: that of a marker of our own.

::

    with Clamd() as clamd:
        ask(clamd.path, clamd.port)
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from tests.e2e.servers.running import Running, free_port, listening, public_folder, require_program

MARKER = b"lazaretto-clamd-" + b"marker-5b1f"
NAME = "Lazaretto.Test.Marker.UNOFFICIAL"  # clamd adds the last word to what is not its own


class Clamd:
    """``names``: more signatures, marker by name.  ``options``: further lines of clamd.conf."""

    def __init__(self, *options: str, names: dict[str, bytes] | None = None) -> None:
        self._stack = ExitStack()
        self._options = options
        self._names = {"Lazaretto.Test.Marker": MARKER, **(names or {})}
        self.folder = Path()
        self.path = ""
        self.port = 0

    def __enter__(self) -> Self:
        require_program("clamd", "clamav-daemon")
        self.folder = self._stack.enter_context(public_folder("clamd"))
        (self.folder / "db").mkdir()
        self.path, self.port = str(self.folder / "clamd.ctl"), free_port()
        self.sign(**self._names)
        lines = [
            f"LogFile {self.folder}/log", f"DatabaseDirectory {self.folder}/db", f"LocalSocket {self.path}",
            f"TCPSocket {self.port}", "TCPAddr 127.0.0.1", "Foreground yes", "FixStaleSocket yes",
            f"TemporaryDirectory {self.folder}", "User root", "ConcurrentDatabaseReload no", *self._options,
        ]  # fmt: skip
        self.config = self.folder / "clamd.conf"
        self.config.write_text("\n".join(lines) + "\n")
        try:
            self.start()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self.server.stop()
        self._stack.close()

    def start(self) -> None:
        self.server = Running(["/usr/sbin/clamd", "-c", str(self.config)], self.folder / "log")
        self.server.wait_ready(lambda: listening(self.port) and Path(self.path).exists(), "clamd")

    def sign(self, **markers: bytes) -> None:
        lines = [f"{name}:0:*:{marker.hex()}\n" for name, marker in markers.items()]
        with (self.folder / "db" / "own.ndb").open("a") as database:
            database.writelines(lines)

    def reload(self) -> None:
        """With what has been signed since."""
        before = self.log.count("Database correctly reloaded")
        with socket.create_connection(("127.0.0.1", self.port)) as control:
            control.sendall(b"zRELOAD\0")
            assert control.recv(100) == b"RELOADING\0"
        self.server.wait_ready(lambda: self.log.count("Database correctly reloaded") > before, "the reload")

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def kill(self) -> None:
        os.kill(self.server.process.pid, signal.SIGKILL)
        self.server.process.wait()

    def pause(self) -> None:
        """It takes connections and says nothing, as a machine does that swaps."""
        os.kill(self.server.process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.kill(self.server.process.pid, signal.SIGCONT)


def version() -> str:
    return subprocess.run(["clamd", "--version"], capture_output=True, text=True, check=True).stdout.strip()
