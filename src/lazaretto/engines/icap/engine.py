"""The engine that asks services that speak ICAP, as antivirus products and sandboxes do for web proxies."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from lazaretto.engines.icap.server import IcapServer
from lazaretto.model import Artifact, Finding, Kind, RemoteStatus, Severity, one_line
from lazaretto.protocols.icap.request import Method, Url
from lazaretto.protocols.icap.verdict import Answer, Threat, Type
from lazaretto.remote import names
from lazaretto.remote.engine import RemoteEngine, RemoteSettings
from lazaretto.remote.group import Group, Unanswered


def _check(text: str) -> str:
    Url.parse(text)
    return text


class IcapSettings(RemoteSettings):
    servers: tuple[Annotated[str, AfterValidator(_check)], ...] = Field(
        min_length=1,
        description="their services, as `icap://host:1344/avscan` or `icaps://...`; the least busy is asked",
    )
    method: Method = Field(Method.RESPMOD, description="as if each file were being fetched (RESPMOD) or sent (REQMOD)")


class Icap(RemoteEngine):
    """Asks services that speak ICAP (RFC 3507), as antivirus products offer them to web proxies."""

    name: ClassVar[str] = "icap"
    Settings: ClassVar[type[RemoteSettings]] = IcapSettings

    def __init__(self, settings: IcapSettings) -> None:
        super().__init__(settings)
        self.settings: IcapSettings = settings
        self._group: Group | None = None

    async def start(self) -> None:
        given = self.settings
        servers = [
            IcapServer(each, given.connections, given.connect_timeout, given.timeout, given.method)
            for each in given.servers
        ]
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

        async def work(server: IcapServer) -> tuple[Answer, str]:
            answer = await server.scan(artifact.data, artifact.name, artifact.type, artifact.sha256)
            return answer, f"{server.address}, {server.version}"

        try:
            answer, where = await self._group.ask(work)
        except Unanswered as error:
            return (self.unanswered(str(error)),)
        if answer.threats:
            return [self._finding(threat, where) for threat in answer.threats]
        if answer.replaced:
            evidence = (one_line(where, 300), one_line(f"it put something else in its place: {answer.replaced}", 300))
            return (Finding(self.name, "icap.replaced", Kind.MALWARE, Severity.HIGH, evidence=evidence),)
        return ()

    def _finding(self, threat: Threat, where: str) -> Finding:
        kind, severity = names.meaning(threat.name)
        if threat.type is Type.POLICY:
            kind, severity = Kind.CONTENT, Severity.MEDIUM
        elif threat.type is Type.CONTAINER and kind is Kind.MALWARE:
            kind, severity = Kind.LIMIT, Severity.MEDIUM
        return Finding(self.name, one_line(threat.name, 200), kind, severity, evidence=(one_line(where, 300),))
