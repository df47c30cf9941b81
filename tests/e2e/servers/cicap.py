"""A real c-icap: its echo service, and its virus_scan service with a clamd behind it."""

from __future__ import annotations

import re
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from tests.e2e.servers.running import Running, free_port, listening, public_folder, require_program

LIBRARIES = "/usr/lib/x86_64-linux-gnu/c_icap"
GUIDE = Path(__file__).parents[3] / "docs" / "howto" / "icap.md"
(VIRUS_SCAN,) = re.findall(r"(?s)```\n(Service.*?)```", GUIDE.read_text())  # as the guide has it


class CIcap:
    """``clamd``: path of the socket that virus_scan asks; without one there is echo alone."""

    def __init__(self, clamd: str = "", *options: str) -> None:
        self._clamd, self._options = clamd, options
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        require_program("c-icap", "c-icap")
        self.folder = self._stack.enter_context(public_folder("cicap"))
        self.port = free_port()
        lines = [
            f"PidFile {self.folder}/pid", f"CommandsSocket {self.folder}/ctl", f"Port 127.0.0.1:{self.port}",
            "StartServers 1", "MaxServers 2", "ThreadsPerChild 10", "ServerAdmin root@example.org",
            "ServerName icap.example.org", f"TmpDir {self.folder}", f"ModulesDir {LIBRARIES}",
            f"ServicesDir {LIBRARIES}", "TemplateDir /usr/share/c_icap/templates/", "TemplateDefaultLanguage en",
            "LoadMagicFile /etc/c-icap/c-icap.magic", f"ServerLog {self.folder}/server.log",
            f"AccessLog {self.folder}/access.log", "Service echo srv_echo.so",
        ]  # fmt: skip
        if self._clamd:
            lines += VIRUS_SCAN.replace("/run/clamav/clamd.ctl", self._clamd).splitlines()
        config = self.folder / "c-icap.conf"
        config.write_text("\n".join([*lines, *self._options]) + "\n")
        try:
            self.server = Running(["/usr/bin/c-icap", "-N", "-f", str(config)], Path(self.folder, "server.log"))
            self.server.wait_ready(lambda: listening(self.port), "c-icap")
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self.server.stop()
        self._stack.close()

    def url(self, service: str) -> str:
        return f"icap://127.0.0.1:{self.port}/{service}"
