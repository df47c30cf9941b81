from __future__ import annotations

import asyncio

import pytest
from pydantic import ValidationError
from tests.e2e.servers.played import played

from lazaretto.engines.clamd import Clamd
from lazaretto.engines.clamd.engine import ClamdSettings
from lazaretto.model import Finding, Kind, Severity
from lazaretto.testing import artifact


def examined(answer: bytes, **settings: object) -> list[Finding]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        command = await reader.readuntil(b"\0")
        writer.write(b"ClamAV 1.4.6\0" if b"VERSION" in command else answer)

    async def main() -> list[Finding]:
        async with played(serve) as port:
            engine = Clamd(ClamdSettings.model_validate({"servers": [f"127.0.0.1:{port}"], **settings}))
            await engine.start()
            await asyncio.sleep(0.1)
            try:
                return list(await engine.examine(artifact(b"data")))
            finally:
                await engine.stop()

    return asyncio.run(main())


def test_names_become_findings_that_say_who_found_them() -> None:
    (found,) = examined(b"stream: Heuristics.Encrypted.Zip FOUND\0")
    assert (found.source, found.name, found.kind) == ("clamd", "Heuristics.Encrypted.Zip", Kind.ENCRYPTED)
    assert found.evidence[0].endswith(", ClamAV 1.4.6")
    assert found.artifact is None
    assert examined(b"stream: OK\0") == []


def test_what_it_does_not_judge_is_never_clean() -> None:
    (limit,) = examined(b"INSTREAM size limit exceeded. ERROR\0")
    assert (limit.name, limit.kind) == ("clamd.max_bytes", Kind.LIMIT)
    for answer in (b"", b"stream: Can't allocate memory ERROR\0", b"stream: \0", b"PONG\0"):
        (failed,) = examined(answer)
        assert (failed.name, failed.kind, failed.severity) == ("clamd.failed", Kind.FAILED, Severity.MEDIUM)
        (passed,) = examined(answer, on_failure="pass")
        assert passed.severity is Severity.INFORMATIONAL


def test_before_its_start_it_judges_nothing() -> None:
    (found,) = asyncio.run(Clamd(ClamdSettings()).examine(artifact(b"data")))  # type: ignore[arg-type]  # a coroutine
    assert found.kind is Kind.FAILED


@pytest.mark.parametrize("servers", [[], ["nowhere"], ["unix:relative"]])
def test_servers_that_cannot_be(servers: list[str]) -> None:
    with pytest.raises(ValidationError):
        ClamdSettings.model_validate({"servers": servers})
