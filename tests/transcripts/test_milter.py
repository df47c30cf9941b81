"""Dialogues of the milter protocol: ``C:`` is what the mail server says, ``S:`` what the filter answers.

Both ends are ours and the bytes between them are real; a ``C:`` line without an ``S:`` line after it must owe no
answer.  ``C! hex`` are raw bytes that the filter must refuse."""

from __future__ import annotations

from pathlib import Path

import pytest

from lazaretto.errors import ProtocolError
from lazaretto.protocols import milter

FOLDER = Path(__file__).parent / "milter"
WANTED = milter.Action(0x1FF)
OPTIONS = milter.Option(0x1FFFFF)


def said(line: str) -> milter.Command | milter.Replies:
    return eval(line, {name: getattr(milter, name) for name in milter.__all__})


class Dialogue:
    def __init__(self) -> None:
        self.mta = milter.MtaConnection()
        self.filter = milter.FilterConnection(WANTED, milter.Option(0))
        self.offer: milter.Negotiate | None = None

    def client(self, line: str) -> None:
        assert not self.filter.owes_reply, f"an S: line is missing before {line}"
        command = said(line)
        if isinstance(command, milter.Negotiate):
            self.mta = milter.MtaConnection(command.version, command.actions, command.options)
            self.offer = command
        self.filter.receive(self.mta.send(command))
        assert self.filter.next_event() == command
        assert self.filter.owes_reply == (self.mta.awaits_reply and not isinstance(command, milter.Negotiate))

    def server(self, line: str) -> None:
        reply = said(line)
        if isinstance(reply, milter.Negotiate):
            assert self.offer is not None
            self.filter = milter.FilterConnection(reply.actions, reply.options, reply.macros)
            self.mta.receive(self.filter.agree(self.offer))
        else:
            self.mta.receive(self.filter.send(reply))
        assert self.mta.next_event() == reply
        assert self.mta.next_event() is None

    def nonsense(self, line: str) -> None:
        self.filter.receive(bytes.fromhex(line))
        with pytest.raises(ProtocolError):
            list(iter(self.filter.next_event, None))


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.iterdir()))
def test_dialogue(name: str) -> None:
    dialogue = Dialogue()
    speakers = {"C:": dialogue.client, "S:": dialogue.server, "C!": dialogue.nonsense}
    for line in (FOLDER / name).read_text().splitlines():
        if line and not line.startswith("#"):
            speakers[line[:2]](line[2:].strip())
    assert not dialogue.filter.owes_reply


def test_there_are_dialogues() -> None:
    assert len(list(FOLDER.iterdir())) >= 5
