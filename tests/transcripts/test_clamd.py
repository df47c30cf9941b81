"""Conversations with clamd, byte for byte: what we say, what it says, and what is made of it.

``C:`` what we send, ``S:`` what it answers before it hangs up, ``=`` the result, ``!`` the words of the error.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from tests.e2e.servers.played import played

from lazaretto.engines.clamd.server import ClamdServer
from lazaretto.remote.group import Refused, ServerError

FOLDER = Path(__file__).parent / "clamd"


def exchanges(path: Path) -> list[tuple[bytes, bytes, str]]:
    lines = [line for line in path.read_text().splitlines() if line[:1] in "CS=!" and line]
    wire = [line[3:].replace("\\0", "\\x00").encode().decode("unicode_escape").encode("latin-1") for line in lines]
    return [(wire[at], wire[at + 1], lines[at + 2]) for at in range(0, len(lines), 3)]


async def result(said: bytes, answer: bytes) -> str:
    heard = b""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal heard
        heard = await reader.readexactly(len(said))
        writer.write(answer)
        writer.close()

    async with played(serve) as port:
        server = ClamdServer(f"127.0.0.1:{port}", 1, 5, 5)
        try:
            if said == b"zVERSION\0":
                return f"= version {await server.check()}"
            verdict = await server.scan(said.partition(b"\0")[2][4:-4])
        except (Refused, ServerError) as error:
            return f"! {error}"
        finally:
            assert heard == said
        return f"= {verdict.word} {verdict.detail}".rstrip()


@pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda path: path.name)
def test_transcript(path: Path) -> None:
    found = exchanges(path)
    assert found
    for said, answer, wanted in found:
        got = asyncio.run(result(said, answer))
        assert got == wanted or (wanted[0] == "!" and got.startswith(wanted))
