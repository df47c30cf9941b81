from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.cli.conftest import SPAM, Run, Site

from lazaretto.model import EventKind, Item, ItemState, Preview, new_id


def ids(out: str) -> list[str]:
    return [json.loads(line)["id"] for line in out.splitlines()]


def test_what_is_held_is_listed(site: Site, ask: Run) -> None:
    word = new_id()
    first, second = site.hold(f"{word} a"), site.hold(f"{word} b", "carol@example.test")
    status, out, err = ask("quarantine", "list", word, "--json")
    assert (status, err) == (0, "")
    assert ids(out) == [second, first]
    assert msgspec.json.decode(out.splitlines()[0], type=Item) == site.client.item(second)
    assert ids(ask("quarantine", "list", word, "--json", "--sort", "subject").out) == [first, second]
    assert ids(ask("quarantine", "list", f"{word} carol@example.test", "--json").out) == [second]
    assert ids(ask("quarantine", "list", word, "--json", "--state", "deleted").out) == []
    assert ids(ask("quarantine", "list", word, "--json", "--purpose", "backup").out) == []
    status, out, err = ask("quarantine", "list", word, "--limit", 1)
    assert status == 0
    assert out.splitlines()[0].split()[:5] == ["When", "Id", "From", "To", "Subject"]
    assert second in out
    assert first not in out
    assert err == "1 of 2; see more with --offset and --limit\n"
    assert ask("quarantine", "list", new_id()).out == "nothing is held\n"


def test_a_column_that_is_none(ask: Run, site: Site) -> None:
    status, _, err = ask("quarantine", "list", "--sort", "colour")
    assert status == 2
    assert "colour" in err


def test_one_item_shown_safely(site: Site, ask: Run) -> None:
    event = site.send(b"evil \x1b[31m " + SPAM, word := new_id())
    (item,) = [outcome.item for outcome in event.outcomes]
    status, out, _ = ask("quarantine", "show", item)
    assert status == 0
    assert f"Subject: {word}" in out
    assert "GTUBE" in out
    assert "\x1b" not in out
    shown = json.loads(ask("quarantine", "show", item, "--json").out)
    assert msgspec.convert(shown["item"], Item) == site.client.item(str(item))
    assert "GTUBE" in msgspec.convert(shown["preview"], Preview).text


def test_release_delivers_byte_for_byte(site: Site, ask: Run) -> None:
    item = site.hold(word := new_id())
    before = len(site.sink.mails)
    assert ask("quarantine", "release", item) == (0, f"{item}: released\n", "")
    mail = site.sink.wait(before + 1)[-1]
    assert mail.data.endswith(site.client.export(item, "test"))
    assert mail.recipients == [b"bob@example.test"]
    assert site.client.item(item).state is ItemState.RELEASED
    event = next(each.event for each in reversed(site.client.events(limit=1000).entries) if each.event.item == item
                 and each.event.kind is EventKind.ITEM_RELEASED)  # fmt: skip
    assert event.actor.endswith("(command line)")
    assert word in site.client.item(item).properties.subject


def test_release_to_somebody_else_and_forward(site: Site, ask: Run) -> None:
    item = site.hold()
    before = len(site.sink.mails)
    status, out, _ = ask("quarantine", "forward", item, "--to", "soc@example.test", "--to", "x@example.test", "--json")
    assert (status, json.loads(out)) == (0, {"id": item, "done": True, "error": ""})
    assert site.client.item(item).state is ItemState.FORWARDED
    assert ask("quarantine", "release", item, "--to", "carol@example.test").status == 0
    mails = site.sink.wait(before + 2)[before:]
    assert {each for mail in mails[:-1] for each in mail.recipients} == {b"soc@example.test", b"x@example.test"}
    assert mails[-1].recipients == [b"carol@example.test"]


def test_what_cannot_be_done_for_one_is_done_for_the_others(site: Site, ask: Run) -> None:
    item = site.hold()
    status, out, _ = ask("quarantine", "delete", "nothing", item)
    assert status == 2
    assert out.splitlines()[0].startswith("nothing: no ")
    assert out.splitlines()[1] == f"{item}: deleted"
    assert site.client.item(item).state is ItemState.DELETED
    assert ask("quarantine", "export", item, "-").status == 2


def test_a_mail_server_that_does_not_take_it_keeps_it_held(site: Site, ask: Run) -> None:
    item = site.hold()
    site.sink.refuse["RCPT"] = b"550 5.1.1 no such user"
    try:
        status, out, _ = ask("quarantine", "release", item)
    finally:
        site.sink.refuse.clear()
    assert status == 2
    assert "no such user" in out
    assert site.client.item(item).state is ItemState.HELD


def test_export(site: Site, ask: Run, process: Any, tmp_path: Path) -> None:
    item = site.hold(word := new_id())
    file = tmp_path / "out.eml"
    assert ask("quarantine", "export", item, file) == (0, "", "")
    assert f"Subject: {word}".encode() in file.read_bytes()
    done = process("quarantine", "export", item, "-", "--config", site.node.file)
    assert (done.returncode, done.stdout) == (0, file.read_bytes())
    status, _, err = ask("quarantine", "export", item, tmp_path / "none" / "out.eml")
    assert (status, err) == (2, f"lazaretto: {tmp_path}/none/out.eml cannot be written: No such file or directory\n")


@pytest.mark.parametrize("verb", ["release", "delete"])
def test_without_ids_nothing_happens(ask: Run, site: Site, verb: str) -> None:
    before = site.client.items(state="").total
    status, out, err = ask("quarantine", verb)
    assert status == 2
    assert out + err
    assert site.client.items(state="").total == before
