from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Run, Site
from tests.e2e.servers.lazaretto import Lazaretto
from tests.e2e.servers.running import free_port

from lazaretto.cli.demo import _is_here, _samples
from lazaretto.model import Event, Status


def test_each_mail_is_judged_as_it_should_be(site: Site, ask: Run) -> None:
    before = len(site.sink.mails)
    status, out, err = ask("demo", "--json", "--to", "dora@example.test")
    assert (status, err) == (0, "")
    rows = {row["mail"]: row for row in map(json.loads, out.splitlines())}
    assert {name: row["event"]["status"] for name, row in rows.items()} == {
        "clean": "clean", "EICAR": "infected", "EICAR in a zip in a zip": "infected", "GTUBE (spam)": "suspicious",
        "a mass mailer": "infected", "large attachment": "clean",
    }  # fmt: skip
    assert all(row["answer"].startswith("250 ") and row["expected"] == row["event"]["status"] for row in rows.values())
    arrived = site.sink.wait(before + 4)[before:]
    assert {mail.recipients[0] for mail in arrived} == {b"dora@example.test"}
    assert all(b"EICAR-STANDARD-ANTIVIRUS" not in mail.data for mail in arrived)


def test_it_plays_the_next_hop_where_nobody_does(run: Run) -> None:
    hop = f"127.0.0.1:{free_port()}"
    with Lazaretto({"listeners.smtp": {"listen": "127.0.0.1:0", "next_hop": hop}, "workers": {"count": 1}}) as node:
        status, out, err = run("demo", "--config", node.file)
    assert (status, err) == (0, "")
    assert f"no mail server answers at {hop}, the next hop; the demonstration plays one" in out
    assert out.count("250 ") == 6
    assert "EICAR in a zip in a zip" in out


def test_what_was_not_judged_as_it_should_be_is_status_1(site: Site, ask: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lazaretto.cli.demo._event", lambda client, subject: None)
    status, out, _ = ask("demo")
    assert status == 1
    assert "no event" in out


def test_it_needs_a_node_and_its_smtp_door(run: Run, tmp_path: Path) -> None:
    status, _, err = run("demo")
    assert status == 2
    assert f"the node at {tmp_path}/var/control.sock" in err
    with Lazaretto({"listeners.smtp": None, "workers": {"count": 1}}) as node:
        status, _, err = run("demo", "--config", node.file)
    assert (status, err) == (2, "lazaretto: the demonstration needs the SMTP door: add [listeners.smtp] to the "
        "configuration\n")  # fmt: skip


def test_the_source_is_no_detection_itself() -> None:
    import lazaretto.cli.demo as module

    eicar = module.EICAR
    assert eicar not in Path(module.__file__).read_bytes()
    assert {sample.expected for sample in _samples("1", "a@b.example")} >= {Status.CLEAN, Status.INFECTED}
    assert Event  # the row's type is the model's


def test_which_hosts_are_this_machine() -> None:
    assert [_is_here(host) for host in ("127.0.0.1", "::1", "localhost", "192.0.2.1", "mail.example")] == [
        True, True, True, False, False
    ]  # fmt: skip
