"""The node's answers to the control API, from a node that runs."""

from __future__ import annotations

import smtplib
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest
from tests.e2e.servers.lazaretto import Lazaretto
from tests.e2e.servers.sink import Sink

from lazaretto import __version__
from lazaretto.control.types import Entries
from lazaretto.errors import ControlError, NotFound
from lazaretto.model import EventKind, ItemState, new_id

SPAM = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*" + b"GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
POLICY = 'version = "%s"\n[[rule]]\nid = "spam"\nwhat = { kind = "spam" }\nthen = ["%s"]\n'


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


@pytest.fixture(scope="module")
def node(sink: Sink, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lazaretto]:
    patterns = tmp_path_factory.mktemp("patterns")
    (patterns / "good.yar").write_text("rule good { condition: false }\nrule broken { condition: nothing }\n")
    sections = {
        "listeners.milter": None,
        "listeners.smtp": {"listen": "127.0.0.1:0", "next_hop": sink.address},
        "vault": {"release_to": sink.address},
        "engines.patterns": {"dirs": [str(patterns)]},
        "workers": {"count": 1},
    }
    with Lazaretto(sections, policy=POLICY % ("1", "quarantine")) as node:
        yield node


def send(node: Lazaretto, subject: str = "", body: bytes = SPAM) -> str:
    """The subject."""
    subject = subject or new_id()
    with smtplib.SMTP(*node.door("smtp")) as smtp:
        smtp.sendmail("a@b.example", ["c@d.example"], b"Subject: %s\r\n\r\n%s\r\n" % (subject.encode(), body))
    return subject


def held(node: Lazaretto) -> str:
    (item,) = [outcome.item for outcome in node.event(send(node)).outcomes if outcome.item]
    return item


def test_status(node: Lazaretto) -> None:
    before = node.client.status()
    send(node)
    now = node.client.status()
    assert (now.node, now.version) == ("node.example.test", __version__)
    assert before.started_at == now.started_at < datetime.now(UTC)
    assert now.counters.get("messages", 0) == before.counters.get("messages", 0) + 1
    assert now.held == before.held + 1
    assert now.cursor == before.cursor + 1
    assert now.vault_bytes > before.vault_bytes
    assert len(now.workers) == 1
    assert now.patterns == node.client.patterns().version
    assert now.policy == node.client.policy().version


def test_messages_and_their_whole_story(node: Lazaretto) -> None:
    subject = send(node)
    (entry,) = node.client.messages(subject).entries
    assert entry.event.envelope
    assert node.client.message(entry.event.envelope.id) == entry.event
    assert node.client.messages(subject, status="clean").entries == ()
    with pytest.raises(NotFound):
        node.client.message("nothing")


def test_events_are_followed(node: Lazaretto) -> None:
    cursor = node.client.status().cursor
    assert node.client.events(after=cursor) == Entries((), cursor)
    found: list[Entries] = []
    follower = Thread(target=lambda: found.append(node.client.events(after=cursor, wait=20)))
    follower.start()
    time.sleep(0.2)
    began = time.monotonic()
    subject = send(node)
    follower.join()
    assert time.monotonic() - began < 5
    ((entry,), end) = (found[0].entries, found[0].cursor)
    assert entry.event.properties
    assert (entry.event.properties.subject, entry.cursor) == (subject, end)


def test_patterns_say_what_was_refused(node: Lazaretto) -> None:
    (line,) = [line for line in node.client.patterns().lines if "good.yar" in line]
    assert "1 YARA rules, 1 refused (line 2: " in line
    assert node.client.reload_patterns("me") == node.client.patterns()
    last = node.client.events(limit=1000).entries[-1].event
    assert (last.kind, last.actor) == (EventKind.PATTERNS_LOADED, "me")


def test_patterns_go_back_and_the_journal_says_so(node: Lazaretto) -> None:
    first = node.client.patterns().version
    file = Path(node.client.patterns().sets[0].folders[0]) / "good.yar"
    file.write_text("rule better { condition: false }\n")
    second = node.client.reload_patterns("me").version
    assert node.client.roll_back_patterns("me").version == first
    last = node.client.events(limit=1000).entries[-1].event
    assert (last.kind, last.note, last.patterns) == (EventKind.PATTERNS_LOADED, f"rolled back to {first}", first)
    assert node.client.roll_back_patterns("me", second).pinned
    with pytest.raises(NotFound, match="no pattern set 'x' is kept"):
        node.client.roll_back_patterns("me", "x")
    file.write_text("rule worse { condition: false }\n")
    tests = file.parent / "tests/match/worse/x"
    tests.parent.mkdir(parents=True)
    tests.touch()
    with pytest.raises(ControlError, match="rule worse does not match this sample"):
        node.client.reload_patterns("me")
    assert node.client.events(limit=1000).entries[-1].event.kind is EventKind.PATTERNS_REFUSED
    assert any("`lazaretto patterns test` tells all" in warning for warning in node.client.status().warnings)
    tests.unlink()
    assert not node.client.reload_patterns("me").refused
    assert node.client.status().patterns_of


def test_a_policy_is_applied_and_kept(node: Lazaretto) -> None:
    file = node.folder / "policy.toml"
    text = POLICY % ("2", "purge")
    applied = node.client.apply_policy(text, "me")
    try:
        assert applied == node.client.policy()
        assert (applied.text, applied.version[:2], applied.file) == (text, "2+", str(file))
        assert file.read_text() == text
        assert node.event(send(node)).kind is EventKind.MESSAGE_PURGED
    finally:
        node.client.apply_policy(POLICY % ("1", "quarantine"), "me")
    kinds = [entry.event.kind for entry in node.client.events(limit=1000).entries]
    assert kinds.count(EventKind.POLICY_APPLIED) == 2


def test_a_policy_with_mistakes_changes_nothing(node: Lazaretto) -> None:
    file = node.folder / "policy.toml"
    before = (node.client.policy(), file.read_text())
    with pytest.raises(ControlError, match=r"policy\.toml:5: rule spam: unknown action 'destroy'"):
        node.client.apply_policy(POLICY % ("3", "destroy"), "me")
    assert (node.client.policy(), file.read_text()) == before
    last = node.client.events(limit=1000).entries[-1].event
    assert (last.kind, last.actor) == (EventKind.POLICY_REFUSED, "me")
    assert node.event(send(node)).kind is EventKind.MESSAGE_HELD


def test_items_through_their_life(node: Lazaretto, sink: Sink) -> None:
    item = held(node)
    assert node.client.item(item).id == item
    assert node.client.items(query=node.client.item(item).properties.subject).total == 1
    preview = node.client.preview(item)
    assert "GTUBE" in preview.text
    raw = node.client.export(item, "me")
    before = len(sink.mails)
    (done,) = node.client.forward([item], "me", ["soc@example.test"])
    assert done.done, done.error
    (done,) = node.client.release([item], "me")
    assert done.done, done.error
    assert sink.wait(before + 2)[-1].data.endswith(raw)
    (done,) = node.client.delete([item], "me")
    assert done.done
    assert node.client.item(item).state is ItemState.DELETED
    about = [entry.event for entry in node.client.events(limit=1000).entries if entry.event.item == item]
    assert [event.kind for event in about] == [
        EventKind.ITEM_EXPORTED, EventKind.ITEM_FORWARDED, EventKind.ITEM_RELEASED, EventKind.ITEM_DELETED
    ]  # fmt: skip
    assert {event.actor for event in about} == {"me"}


def test_what_fails_for_one_does_not_keep_the_others_back(node: Lazaretto) -> None:
    first, second = held(node), held(node)
    results = node.client.delete([first, "nothing", second], "me")
    assert [result.done for result in results] == [True, False, True]
    assert "nothing" in results[1].error
    with pytest.raises(NotFound):
        node.client.preview("nothing")


def test_the_built_in_policy_is_not_changed(sink: Sink) -> None:
    with ExitStack() as stack:
        node = stack.enter_context(
            Lazaretto({"listeners.milter": None, "listeners.smtp": None, "workers": {"count": 1}})
        )
        with pytest.raises(ControlError, match=r"built-in policy cannot be changed\n    set policy\.file"):
            node.client.apply_policy("", "me")
        assert node.client.policy().file == ""
        status = node.client.status()
        assert not status.healthy
        assert status.warnings == ("no door is configured: add [listeners.smtp] or [listeners.milter]",)
        assert Path(node.folder / "var" / "control.sock").stat().st_mode & 0o777 == 0o600
