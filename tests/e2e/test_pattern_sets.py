"""The guide to pattern sets, tried as it is written: its own rules, samples, settings and commands."""

from __future__ import annotations

import re
import shlex
import smtplib
import subprocess
import sys
from pathlib import Path

import pytest
from tests.e2e.servers.lazaretto import Lazaretto
from tests.e2e.servers.sink import Sink

from lazaretto.model import Kind, Severity, new_id

pytestmark = pytest.mark.e2e

PAGE = (Path(__file__).parents[2] / "docs/howto/pattern-sets.md").read_text()


def block(language: str, number: int = 0) -> str:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.S | re.M)[number]


def commands() -> list[list[str]]:
    return [shlex.split(line)[1:] for line in re.findall(r"^    (lazaretto patterns .*)$", PAGE, re.M)]


def lazaretto(node: Lazaretto, *arguments: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "lazaretto", *arguments, "--config", str(node.file)]
    return subprocess.run(line, cwd=node.file.parent, capture_output=True, text=True, timeout=120)


def test_write_test_load_and_roll_back(tmp_path: Path) -> None:
    ours = tmp_path / "rules/ours"
    (ours / "tests").mkdir(parents=True)
    (tmp_path / "rules/signature-base/yara").mkdir(parents=True)
    (ours / "before.yar").write_text("rule before { condition: false }")
    dirs = [str(tmp_path / each) for each in re.findall(r'"(rules/[^"]+)"', block("ini"))]
    settings = dict(re.findall(r"^(\w+) = (\d+)$", block("ini", 1), re.M))
    with Sink() as sink:
        sections = {
            "listeners.milter": None,
            "listeners.smtp": {"listen": "127.0.0.1:0", "next_hop": sink.address},
            "engines.patterns": {"dirs": dirs, **{key: int(value) for key, value in settings.items()}},
            "workers": {"count": 1},
        }
        with Lazaretto(sections) as node:
            (ours / "invoices.yar").write_text(block("yara"))
            (ours / "tests/samples.toml").write_text(block("toml"))
            for folder, text in (
                ("match/fake_invoice", "Remit to our NEW account IBAN XX99"),
                ("clean/fake_invoice", "-"),
            ):
                (ours / "tests" / folder).mkdir(parents=True)
                (ours / "tests" / folder / "letter.txt").write_text(text)
            ran = []
            for words in commands():
                done = lazaretto(node, *(str(tmp_path / word) if word.startswith("rules/") else word for word in words))
                assert (done.returncode, done.stderr) == (0, ""), words
                ran.append(words[1])
                if words[1] == "reload":
                    check(node)
            assert ran == ["test", "test", "reload", "status", "list", "rollback"]
            assert "rolled back" in done.stdout


def check(node: Lazaretto) -> None:
    subject = new_id()
    with smtplib.SMTP(*node.door("smtp")) as smtp:
        text = f"Subject: {subject}\r\n\r\nPlease remit to our new account, IBAN XX99.\r\n"
        smtp.sendmail("a@sender.example", ["b@example.test"], text)
    event = node.event(subject)
    (finding,) = [each for each in event.findings if each.source == "patterns"]
    assert (finding.name, finding.kind, finding.severity, finding.confidence) == (
        "Fraud.FakeInvoice",
        Kind.PHISHING,
        Severity.HIGH,
        90,
    )
