"""Conversations with ICAP services, line by line: what we say, what they say, and what is made of it.  None is a record
of a product: they are written by hand after RFC 3507, the drafts and manuals.  A real c-icap is in tests/e2e.

``C:`` what we send, ``S:`` what it answers, then ``=`` the result or ``!`` the error, and the content that is sent.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
from pathlib import Path

import pytest
from tests.e2e.servers.played import played

from lazaretto.engines.icap.server import IcapServer
from lazaretto.protocols.icap.request import Method
from lazaretto.remote.group import Refused, ServerError

FOLDER = Path(__file__).parent / "icap"


async def result(turns: list[tuple[str, bytes]], data: bytes) -> str:
    wrong: list[tuple[bytes, bytes]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host = b"127.0.0.1:%d" % writer.get_extra_info("sockname")[1]
        for speaker, text in turns:
            if speaker == "S":
                writer.write(text)
                continue
            wanted = text.replace(b"HOST", host)
            if (heard := await reader.readexactly(len(wanted))) != wanted:
                wrong.append((heard, wanted))
        await writer.drain()
        await reader.read()
        writer.close()

    async with played(serve) as port:
        server = IcapServer(f"icap://127.0.0.1:{port}/avscan", 1, 5, 5, Method.RESPMOD)
        try:
            answer = await server.scan(data, "a.txt", "text/plain", hashlib.sha256(data).hexdigest())
        except (Refused, ServerError) as error:
            return f"! {error}"
        finally:
            assert not wrong
            await server.close()
    return "= " + (", ".join(each.name for each in answer.threats) or ("replaced" if answer.replaced else "clean"))


@pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda path: path.name)
def test_transcript(path: Path) -> None:
    lines = [line for line in path.read_text().splitlines() if line[:2] in ("C:", "S:")]
    turns = [
        (speaker, b"".join(line[3:].encode() + b"\r\n" for line in group))
        for speaker, group in itertools.groupby(lines, key=lambda line: line[0])
    ]
    wanted, _, data = path.read_text().splitlines()[-1].rpartition(" ")
    assert asyncio.run(result(turns, data.encode())) == wanted
