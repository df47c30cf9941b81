"""The command line against a real node: doors, workers, vault, and a sink as the next hop."""

from __future__ import annotations

import smtplib
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.e2e.servers.lazaretto import Lazaretto
from tests.e2e.servers.sink import Sink

from lazaretto.cli import run as command
from lazaretto.model import Event, new_id

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"
SPAM = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*" + b"GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
CONTRACT = ["path", "status", "findings", "artifacts", "bytes", "seconds"]  # of one line of `scan --json`


class Answer(NamedTuple):
    status: int
    out: str
    err: str


Run = Callable[..., Answer]


class Site:
    """A node with two doors, and the mail server behind it."""

    def __init__(self, node: Lazaretto, sink: Sink) -> None:
        self.node, self.sink, self.client = node, sink, node.client

    def send(self, body: bytes, subject: str = "", *recipients: str) -> Event:
        """Through the SMTP door; gives the event about it.  ``subject`` should be one of its own."""
        subject = subject or new_id()
        with smtplib.SMTP(*self.node.door("smtp")) as smtp:
            smtp.sendmail(
                "alice@sender.example", recipients or ("bob@example.test",), b"Subject: %s\r\n\r\n%s\r\n" % (
                    subject.encode(), body
                ),
            )  # fmt: skip
        return self.node.event(subject)

    def hold(self, subject: str = "", *recipients: str) -> str:
        """The id of a new item in the quarantine."""
        event = self.send(b"spam: " + SPAM, subject, *recipients)
        (item,) = [outcome.item for outcome in event.outcomes if outcome.item]
        return item


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    with ExitStack() as stack:
        sink = stack.enter_context(Sink())
        sections = {
            "listeners.smtp": {"listen": "127.0.0.1:0", "next_hop": sink.address},
            "vault": {"release_to": sink.address},
        }
        yield Site(stack.enter_context(Lazaretto(sections)), sink)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """``run("scan", path) -> (status, out, err)``, in this process and in a folder without a configuration."""
    monkeypatch.delenv("LAZARETTO_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)

    def go(*arguments: object) -> Answer:
        capsys.readouterr()
        try:
            status = command([str(each) for each in arguments])
        except SystemExit as ended:  # a command line that cannot be understood
            status = ended.code if isinstance(ended.code, int) else 1
        return Answer(status, *capsys.readouterr())

    return go


@pytest.fixture
def ask(site: Site, run: Run) -> Run:
    """``run`` with the configuration of the running node."""
    return lambda *arguments: run(*arguments, "--config", site.node.file)


@pytest.fixture
def process(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """The real command in a process of its own, for what depends on standard input and output."""

    def go(*arguments: object, stdin: bytes = b"", **options: object) -> subprocess.CompletedProcess[bytes]:
        line = [sys.executable, "-m", "lazaretto", *map(str, arguments)]
        given = {"cwd": tmp_path, "capture_output": True, "timeout": 60, **options}
        return subprocess.run(line, input=stdin, **given)  # type: ignore[call-overload,no-any-return]  # as the tests say

    return go
