"""Mistakes and mishaps of operators: each is told with its place and its remedy, and nothing is lost by it."""

from __future__ import annotations

import os
import smtplib
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.e2e.servers.lazaretto import Lazaretto
from tests.e2e.servers.running import public_folder
from tests.e2e.servers.sink import Sink

from lazaretto.control.client import Client
from lazaretto.model import EventKind

pytestmark = pytest.mark.e2e

SPAM = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*" + b"GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
RULE = 'rule good { meta: threat = "Good" strings: $a = "wanted" condition: $a }\n'


def start(file: Path) -> str:
    """Tries to start a node that cannot; what it says."""
    done = subprocess.run(
        [sys.executable, "-m", "lazaretto", "node", "--config", file], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def send(node: Lazaretto, subject: str, body: bytes = b"text") -> int:
    """The code of the door's answer."""
    with smtplib.SMTP(*node.door("smtp")) as smtp:
        try:
            smtp.sendmail("a@b.example", ["c@d.example"], b"Subject: %s\r\n\r\n%s\r\n" % (subject.encode(), body))
        except smtplib.SMTPResponseException as error:
            return error.smtp_code
    return 250


@pytest.fixture(scope="module")
def taken() -> Iterator[str]:
    """An address that another program listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


MISTAKES = {
    "key": ("[workers]\nconut = 2\n", "{file}:2: unknown key 'workers.conut'\n    did you mean 'count'?"),
    "port": ('[listeners.smtp]\nlisten = "{taken}"\n', "[listeners.smtp] listen = '{taken}': Address already in use\n"
        "    another program listens there: stop it, or choose another address"),
    "patterns": ('[engines.patterns]\ndirs = ["none"]\n', "{folder}/none: is no folder of patterns\n"
        "    make it, or correct engines.patterns.dirs"),
    "data_dir": ('data_dir = "/proc/none"\n', "/proc/none: data_dir cannot be made: No such file or directory\n"
        "    choose another data_dir"),
    "key_file": ('[vault]\nkey_file = "lazaretto.toml"\n', "{file}:1: is not a key\n    a key is 64 hex digits"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_each_mistake_has_its_place_and_its_remedy(tmp_path: Path, taken: str, name: str) -> None:
    text, said = MISTAKES[name]
    file = tmp_path / "lazaretto.toml"
    file.write_text(text.replace("{taken}", taken))
    file.chmod(0o600)
    assert said.format(file=file, folder=tmp_path, taken=taken) in start(file)


def test_a_policy_is_told_all_its_mistakes(tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text(
        'version = "1"\n\n[[rule]]\nid = "a"\nwhat = { kind = "malwear" }\nthen = ["strip"]\n\n'
        '[[rule]]\nid = "b"\nwhoo = {}\nthen = ["strip"]\n\n[[rule]]\nid = "c"\nthen = ["destroy"]\n'
    )
    file = tmp_path / "lazaretto.toml"
    file.write_text('policy.file = "policy.toml"\n')
    said = start(file)
    for line in (
        "policy.toml:5: rule a: what.kind",
        "policy.toml:10: rule b: unknown key 'whoo'\n    did you mean 'who'?",
        "policy.toml:15: rule c: unknown action 'destroy'",
    ):
        assert f"{tmp_path}/{line}" in said


def test_a_broken_rule_is_reported_and_the_rest_serves() -> None:
    with public_folder("patterns") as folder, Sink() as sink:
        (folder / "some.yar").write_text(RULE + "rule broken { condition: nothing }\n")
        (folder / "none.yar").write_text("this is no rule")
        (folder / "bad.ndb").write_text("Name:0:*:xyz\nGood.Body:0:*:6c617a617265747461\n")
        sections = {
            "listeners.milter": None,
            "listeners.smtp": {"listen": "127.0.0.1:0", "next_hop": sink.address},
            "engines.patterns": {"dirs": [str(folder)]},
            "workers": {"count": 1},
        }
        with Lazaretto(sections) as node:
            lines = {line.partition(": ")[0].rpartition("/")[2]: line for line in node.client.patterns().lines}
            assert "some.yar: 1 YARA rules, 1 refused (line 2: " in lines["some.yar"]
            assert "none.yar: 0 YARA rules, 2 refused (line 1: syntax error (expecting " in lines["none.yar"]
            assert "bad.ndb: 1 signatures, 1 refused (line 1: " in lines["bad.ndb"]
            send(node, "one", b"wanted")
            assert [finding.name for finding in node.event("one").findings] == ["Good"]


def test_a_vault_key_that_is_missing_or_another_loses_nothing(tmp_path: Path) -> None:
    with Sink() as sink:
        sections = {"listeners.smtp": {"listen": "127.0.0.1:0", "next_hop": sink.address}, "workers": {"count": 1}}
        with Lazaretto(sections) as node:
            send(node, "held", SPAM)
            (item,) = node.client.items().items
            original = node.client.export(item.id, "test")
            assert node.stop() == 0
            key = node.folder / "var" / "vault.key"
            kept = key.rename(tmp_path / "kept")

            said = start(node.file)
            assert f"the key file {key} is missing" in said
            assert "restore the file from your backup; nothing was changed" in said
            assert not key.exists()

            key.write_text("ab" * 32 + "\n")
            key.chmod(0o600)
            said = start(node.file)
            assert str(key) in said
            assert "restore" in said
            assert key.read_text() == "ab" * 32 + "\n"

            kept.rename(key)
            node.start()
            assert node.client.export(item.id, "test") == original
            said = start(node.file)  # a second one on the same folder
            assert str(node.folder / "var") in said
            assert "use" in said
            assert node.client.export(item.id, "test") == original


def test_a_full_disk_defers_and_loses_nothing(tiny_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAZARETTO_DATA_DIR", str(tiny_disk / "data"))
    with Sink() as sink:
        sections = {"listeners.smtp": {"listen": "127.0.0.1:0", "next_hop": sink.address}, "workers": {"count": 1}}
        with Lazaretto(sections) as node, Client(tiny_disk / "data" / "control.sock") as client:
            node.client = client
            accepted, deferred = flood(node)
            assert deferred // 100 == 4
            assert send(node, "clean while full") // 100 == 4
            status = client.status()
            assert not status.healthy
            assert any(f"free in {tiny_disk}" in warning and "make room" in warning for warning in status.warnings)
            assert client.items(limit=1000).total == len(accepted)  # what was acknowledged is there, nothing else
            assert "Traceback" not in node.log()
            assert "deferred" in node.log()

            (tiny_disk / "ballast").unlink()
            node.wait_for(lambda: send(node, "clean again") == 250, 30)
            assert sink.wait(1)[-1].data.startswith(b"Subject: clean again")
            assert send(node, "held again", SPAM) == 250
            assert node.event("held again").kind is EventKind.MESSAGE_HELD
            held = {item.properties.subject: item.id for item in client.items(limit=1000).items}
            assert set(held) == {*accepted, "held again"}
            for subject, raw in accepted.items():
                assert client.export(held[subject], "test") == raw
            assert node.stop() == 0
            node.start()
            assert client.items(limit=1000).total == len(accepted) + 1


def flood(node: Lazaretto) -> tuple[dict[str, bytes], int]:
    """Holds mail on a disk with little room until no more is taken: what was taken, and the answer to the last."""
    folder = Path(os.environ["LAZARETTO_DATA_DIR"]).parent
    free = os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize
    (folder / "ballast").write_bytes(bytes(max(0, free - 200_000)))
    accepted: dict[str, bytes] = {}
    for number in range(200):
        body = SPAM + b"\r\n" + os.urandom(5_000).hex().encode()
        if (code := send(node, f"number {number}", body)) != 250:
            return accepted, code
        accepted[f"number {number}"] = b"Subject: number %d\r\n\r\n%s\r\n" % (number, body)
    raise AssertionError("200 messages on a disk of 200 KB")


def test_a_disk_that_is_full_at_the_start(tiny_disk: Path, tmp_path: Path, fill: Callable[[Path], None]) -> None:
    fill(tiny_disk)
    file = tmp_path / "lazaretto.toml"
    file.write_text(f'data_dir = "{tiny_disk}"\nworkers.count = 1\n')
    said = start(file)
    assert str(tiny_disk) in said
    assert "full" in said or "space" in said


@pytest.fixture
def fill() -> Callable[[Path], None]:
    def work(folder: Path) -> None:
        state = os.statvfs(folder)
        (folder / "ballast").write_bytes(bytes(state.f_bavail * state.f_frsize))

    return work
