"""The node as a process: readiness, signals, logs."""

from __future__ import annotations

import json
import signal
import smtplib
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.conftest import EICAR
from tests.e2e.servers.lazaretto import Lazaretto
from tests.e2e.servers.sink import Sink

from lazaretto.model import EventKind

RULE = 'rule %s { meta: threat = "%s" strings: $a = "%s" condition: $a }\n'
POLICY = 'version = "%s"\n[[rule]]\nid = "%s"\nwhat = { kind = "malware" }\nthen = ["%s"]\n'


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


def node(sink: Sink, patterns: Path | None = None, policy: str = "") -> Lazaretto:
    sections = {
        "listeners.milter": None,
        "listeners.smtp": {"listen": "127.0.0.1:0", "next_hop": sink.address},
        "engines.patterns": {"dirs": [str(patterns)] if patterns else []},
    }
    return Lazaretto(sections, policy=policy)


def send(running: Lazaretto, subject: str, body: bytes) -> None:
    with smtplib.SMTP(*running.door("smtp")) as smtp:
        smtp.sendmail("a@b.example", ["c@d.example"], b"Subject: %s\r\n\r\n%s\r\n" % (subject.encode(), body))


def test_from_ready_to_the_end(sink: Sink) -> None:
    """One line on standard output; mail in flight is finished; nothing but plain lines in the log."""
    sink.delay["."] = 1.0
    with node(sink) as running:
        assert running.said == []
        door = running.door("smtp")
        answers: list[object] = []

        def deliver() -> None:
            smtp = smtplib.SMTP(*door)
            answers.append(smtp.sendmail("a@b.example", ["c@d.example"], b"Subject: last\r\n\r\ntext\r\n"))
            smtp.close()

        sender = threading.Thread(target=deliver)
        sender.start()
        sink.wait(1)  # the next hop has it and keeps us waiting
        running.process.send_signal(signal.SIGTERM)
        assert running.process.stdout
        assert running.process.stdout.read() == ""
        assert running.process.wait(30) == 0
        sender.join()
        assert answers == [{}]
        with pytest.raises(OSError, match="refused"):
            smtplib.SMTP(*door)
        log = running.log()
        with sqlite3.connect(running.folder / "var" / "journal.sqlite3") as journal:
            kinds = [kind for (kind,) in journal.execute("SELECT kind FROM events ORDER BY cursor")]
        journal.close()
    assert kinds == [EventKind.NODE_STARTED, EventKind.MESSAGE_PASSED, EventKind.NODE_STOPPED]
    assert "event=started" in log
    assert log.endswith("event=stopped\n")
    assert "Traceback" not in log


def test_policy_and_patterns_are_read_anew_under_load(sink: Sink, tmp_path: Path) -> None:
    patterns = tmp_path / "patterns"
    patterns.mkdir()
    (patterns / "a.yar").write_text(RULE % ("a", "First", "wanted-one"))
    with node(sink, patterns, POLICY % ("1", "one", "quarantine")) as running:
        host, port = running.door("smtp")
        policy = running.folder / "policy.toml"
        failed: list[object] = []
        done = threading.Event()
        sent = [0, 0]

        def load(index: int) -> None:
            with smtplib.SMTP(host, port) as smtp:
                while not done.is_set():
                    try:
                        smtp.sendmail("a@b.example", ["c@d.example"], b"Subject: load\r\n\r\ntext\r\n")
                        sent[index] += 1
                    except smtplib.SMTPException as error:
                        failed.append(error)

        senders = [threading.Thread(target=load, args=(index,)) for index in range(2)]
        for sender in senders:
            sender.start()
        try:
            before = running.client.patterns().version
            for turn in range(3):
                (patterns / "a.yar").write_text(RULE % ("a", "Next", f"wanted-{turn}"))
                policy.write_text(POLICY % (f"{turn + 2}", "two", "purge"))
                running.process.send_signal(signal.SIGHUP)
                running.wait_for(lambda version=before: running.client.patterns().version != version)
                before = running.client.patterns().version
            running.wait_for(lambda: running.client.policy().version.startswith("4+"))
        finally:
            done.set()
            for sender in senders:
                sender.join()
        assert failed == []
        assert len(sink.wait(sum(sent))) == sum(sent) > 10
        send(running, "after", b"wanted-2")
        event = running.event("after")
        assert [finding.name for finding in event.findings] == ["Next"]
        assert event.kind is EventKind.MESSAGE_PURGED
        assert running.stop(signal.SIGINT) == 0


def test_what_is_wrong_at_a_reload_leaves_the_old_in_force(sink: Sink, tmp_path: Path) -> None:
    patterns = tmp_path / "patterns"
    patterns.mkdir()
    (patterns / "a.yar").write_text(RULE % ("a", "First", "wanted-one"))
    with node(sink, patterns, POLICY % ("1", "one", "quarantine")) as running:
        version = running.client.patterns().version
        patterns.rename(tmp_path / "gone")
        (running.folder / "policy.toml").write_text(POLICY % ("2", "two", "destroy"))
        running.process.send_signal(signal.SIGHUP)
        log = running.wait_for(lambda: running.log() if running.log().count("not reloaded") == 2 else "")
        assert f"{patterns}: is no folder of patterns" in log
        assert "policy.toml:5: rule two: unknown action" in log
        assert running.client.patterns().version == version
        assert running.client.policy().version.startswith("1+")
        send(running, "after", b"wanted-one")
        assert running.event("after").kind is EventKind.MESSAGE_HELD
        kinds = {entry.event.kind: entry.event.note for entry in running.client.events(limit=1000).entries}
        assert "is no folder" in kinds[EventKind.PATTERNS_REFUSED]
        assert "unknown action" in kinds[EventKind.POLICY_REFUSED]
        (tmp_path / "gone").rename(patterns)
        send(running, "eicar", EICAR)
        assert running.event("eicar").kind is EventKind.MESSAGE_HELD


def test_a_signal_that_comes_too_early_ends_nothing(sink: Sink, tmp_path: Path) -> None:
    """systemd, logrotate or a cron job do not wait for "ready"."""
    code = (
        "import asyncio, os, signal, sys\nfrom lazaretto import node\nfrom lazaretto.__main__ import main\n"
        "start = node.Node.start\nasync def early(self):\n    os.kill(os.getpid(), signal.SIGHUP)\n"
        "    await start(self)\nnode.Node.start = early\nmain()\n"
    )
    with node(sink) as running:
        assert running.stop() == 0
        command = [sys.executable, "-c", code, "node", "--config", str(running.file)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
            process.terminate()
        assert process.returncode == 0


def test_logs_are_lines_that_machines_can_read(tmp_path: Path) -> None:
    code = (
        "from lazaretto.cli.node import configure_logs\nimport structlog\nconfigure_logs('warning')\n"
        "log = structlog.get_logger()\nlog.info('quiet')\nlog.warning('two words', subject='a\\nlevel=error')\n"
        "try: 1 / 0\nexcept ZeroDivisionError: log.exception('bad')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert lines[0] == 'level=warning event="two words" subject="a\\nlevel=error"'
    assert lines[1].startswith('level=error event=bad exception="Traceback')
    assert len(lines) == 2, json.dumps(lines)
