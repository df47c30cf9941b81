"""The engine that asks clamd: several of them, over Unix sockets (which get an open file) or TCP (which get bytes)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from pydantic import Field

from lazaretto.endpoint import Endpoint
from lazaretto.engines.clamd.server import ClamdServer
from lazaretto.model import Artifact, Finding, Kind, RemoteStatus, Severity, one_line
from lazaretto.protocols.clamd.reply import Verdict, Word
from lazaretto.remote import names
from lazaretto.remote.engine import RemoteEngine, RemoteSettings
from lazaretto.remote.group import Group, Unanswered


class ClamdSettings(RemoteSettings):
    servers: tuple[Endpoint, ...] = Field(
        ("unix:/run/clamav/clamd.ctl",),
        min_length=1,
        description="their sockets, as `unix:/path` or `host:port`; the least busy one is asked",
    )


class Clamd(RemoteEngine):
    """Asks ClamAV's daemon, over Unix sockets (`unix:/run/clamav/clamd.ctl`) or TCP (`127.0.0.1:3310`)."""

    name: ClassVar[str] = "clamd"
    Settings: ClassVar[type[RemoteSettings]] = ClamdSettings

    def __init__(self, settings: ClamdSettings) -> None:
        super().__init__(settings)
        self.settings = settings
        self._group: Group | None = None

    async def start(self) -> None:
        given = self.settings
        servers = [ClamdServer(each, given.connections, given.connect_timeout, given.timeout) for each in given.servers]
        self._group = Group(self.name, servers)
        await self._group.start()

    async def stop(self) -> None:
        if self._group:
            await self._group.stop()

    def status(self) -> tuple[RemoteStatus, ...]:
        return self._group.status() if self._group else ()

    async def examine(self, artifact: Artifact) -> Iterable[Finding]:
        if not self._group:
            return (self.unanswered("the engine has not been started"),)

        async def work(server: ClamdServer) -> tuple[Verdict, str]:
            return await server.scan(artifact.data), f"{server.address}, {server.version}"

        try:
            verdict, where = await self._group.ask(work)
        except Unanswered as error:
            return (self.unanswered(str(error)),)
        if verdict.word is Word.FOUND:
            kind, severity = names.meaning(verdict.detail)
            return (
                Finding(self.name, one_line(verdict.detail, 200), kind, severity, evidence=(one_line(where, 300),)),
            )
        if verdict.too_large:
            evidence = (one_line(f"{where}: {verdict.detail} (StreamMaxLength in its clamd.conf)", 300),)
            return (Finding(self.name, f"{self.name}.max_bytes", Kind.LIMIT, Severity.MEDIUM, evidence=evidence),)
        return ()
