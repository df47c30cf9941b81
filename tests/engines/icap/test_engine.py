from __future__ import annotations

import asyncio

import pytest
from pydantic import ValidationError
from tests.e2e.servers.played import played

from lazaretto.engines.icap import Icap
from lazaretto.engines.icap.engine import IcapSettings
from lazaretto.model import Finding, Kind, Severity
from lazaretto.testing import artifact

OFFER = b'ICAP/1.0 200 OK\r\nMethods: RESPMOD\r\nISTag: "7"\r\nAllow: 204\r\nEncapsulated: null-body=0\r\n\r\n'


def examined(answer: str) -> list[Finding]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            if head.startswith(b"OPTIONS"):
                writer.write(OFFER)
            else:
                await reader.readuntil(b"0\r\n\r\n")
                writer.write(answer.replace("\n", "\r\n").encode())

    async def main() -> list[Finding]:
        async with played(serve) as port:
            engine = Icap(IcapSettings.model_validate({"servers": [f"icap://127.0.0.1:{port}/x"]}))
            await engine.start()
            try:
                return list(await engine.examine(artifact(b"data")))
            finally:
                await engine.stop()

    return asyncio.run(main())


@pytest.mark.parametrize(
    ("field", "name", "kind", "severity"),
    [
        ("X-Infection-Found: Type=0; Resolution=2; Threat=A.B;", "A.B", Kind.MALWARE, Severity.CRITICAL),
        ("X-Infection-Found: Type=1; Resolution=2; Threat=*.exe;", "*.exe", Kind.CONTENT, Severity.MEDIUM),
        ("X-Infection-Found: Type=2; Resolution=2; Threat=zip bomb;", "zip bomb", Kind.LIMIT, Severity.MEDIUM),
        ("X-Virus-ID: Exploit.Foo", "Exploit.Foo", Kind.EXPLOIT, Severity.CRITICAL),
    ],
)
def test_threats(field: str, name: str, kind: Kind, severity: Severity) -> None:
    (found,) = examined(f"ICAP/1.0 204 No\n{field}\n\n")
    assert (found.name, found.kind, found.severity) == (name, kind, severity)
    assert found.evidence[0].endswith(", 7")


def test_another_page_and_no_threat() -> None:
    (found,) = examined("ICAP/1.0 200 OK\nEncapsulated: res-hdr=0, null-body=26\n\nHTTP/1.0 403 Forbidden\n\n")
    assert (found.name, found.kind) == ("icap.replaced", Kind.MALWARE)
    assert examined("ICAP/1.0 204 No\n\n") == []


def test_no_answer() -> None:
    for answer in ("ICAP/1.0 500 Server error\n\n", "ICAP/1.0 403 Forbidden\n\n", "nonsense\n\n"):
        (found,) = examined(answer)
        assert (found.name, found.kind) == ("icap.failed", Kind.FAILED)


@pytest.mark.parametrize("given", [{}, {"servers": []}, {"servers": ["host:1344"]}, {"servers": ["http://a/b"]}])
def test_servers_that_cannot_be(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        IcapSettings.model_validate(given)
