"""Dialogues with the SMTP and LMTP doors: ``C:`` is what the peer says, ``S:`` what the door answers.

``C:`` lines without an ``S:`` line between them are written at once; ``\\r \\n \\0 \\xff`` may be written in them, and
a line that ends in ``\\c`` gets no CRLF.  In an ``S:`` line ``*`` stands for anything; ``S! `` is the end of the
connection.  A comment ``# lmtp`` chooses the LMTP door, ``# setting = value`` (TOML) a setting.  The next hop is a real
server of the test's; ``N:`` lines at the end are all that it was told, but for EHLO, RSET and QUIT.
"""

from __future__ import annotations

import tomllib
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from tests.nexthop.sink import Sink
from tests.smtpd.doors import Client, Line, connected, opened

from lazaretto.model import Decision, Delivery, Envelope
from lazaretto.model import Reply as Word

FOLDER = Path(__file__).parent / "smtp"
UNSAID = ("EHLO", "LHLO", "RSET", "QUIT")


def decide(raw: bytes, envelope: Envelope) -> Decision:
    for word in (Word.REJECT, Word.DEFER, Word.DISCARD):
        if f"Subject: {word}".encode() in raw:
            return Decision(word)
    return Decision(Word.ACCEPT, (Delivery(envelope.recipients),))


def said(text: str) -> bytes:
    end = b"" if text.endswith("\\c") else b"\r\n"
    return text.removesuffix("\\c").encode().decode("unicode_escape").encode("latin-1") + end


async def speak(peer: Client, lines: list[tuple[str, str]]) -> None:
    for speaker, text in lines:
        if speaker == "C":
            peer.writer.write(said(text))
        elif speaker == "S":
            heard = await peer.hear()
            for line in heard.encode().decode().splitlines() if heard and heard.lines[1:] else [str(heard)]:
                if fnmatchcase(line, text):
                    break
            else:
                raise AssertionError(f"expected {text!r}, heard {heard}")
        elif speaker == "S!":
            assert await peer.hear() is None


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.iterdir()))
async def test_dialogue(name: str) -> None:
    lines: list[tuple[str, str]] = []
    settings: dict[str, Any] = {}
    for line in (FOLDER / name).read_text().splitlines():
        speaker, _, text = line.partition(": " if line[:2] in ("C:", "S:", "N:") else " ")
        if speaker != "#":
            lines.append((speaker, text))
        elif " = " in text:
            settings |= tomllib.loads(text)
    lmtp = "# lmtp" in (FOLDER / name).read_text().splitlines()
    async with (
        Sink(lmtp=lmtp) as sink,
        opened(sink, Line(decide), lmtp=lmtp, **settings) as door,
        connected(door, greeted=False) as peer,
    ):
        await speak(peer, lines)
    told = [command for command in sink.commands if command.split(" ")[0] not in UNSAID]
    assert told == [text for speaker, text in lines if speaker == "N"]
