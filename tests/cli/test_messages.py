from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest
from tests.cli.conftest import EICAR, SPAM, Run, Site

from lazaretto.cli import messages
from lazaretto.model import Event, Finding, Kind, Severity, new_id


@pytest.fixture(scope="module")
def sent(site: Site) -> dict[str, Event]:
    """Three messages under a word of their own."""
    word = new_id()
    return {
        "word": word,  # type: ignore[dict-item]  # the one key that is no message
        "clean": site.send(b"text", f"{word} one"),
        "spam": site.send(b"x " + SPAM, f"{word} two"),
        "infected": site.send(EICAR, f"{word} three \x1b[31mred", "carol@example.test"),
    }


def subjects(out: str) -> list[str]:
    return [json.loads(line)["properties"]["subject"].split()[1] for line in out.splitlines()]


def test_newest_first(ask: Run, sent: dict[str, Event]) -> None:
    status, out, err = ask("messages", "list", sent["word"], "--json")
    assert (status, err) == (0, "")
    assert subjects(out) == ["three", "two", "one"]
    assert msgspec.json.decode(out.splitlines()[2], type=Event) == sent["clean"]


def test_narrowed(ask: Run, sent: dict[str, Event]) -> None:
    def found(*options: object) -> list[str]:
        return subjects(ask("messages", "list", sent["word"], "--json", *options).out)

    assert found("--status", "infected") == ["three"]
    assert found("--reply", "discard") == ["three", "two"]
    assert found("--limit", 1) == ["three"]
    middle = sent["spam"].at
    assert found("--since", middle.isoformat()) == ["three", "two"]
    assert found("--until", (middle - timedelta(microseconds=1)).isoformat()) == ["one"]
    assert subjects(ask("messages", "list", f"{sent['word']} carol@example.test", "--json").out) == ["three"]


def test_what_is_informational_is_no_threat(sent: dict[str, Event]) -> None:
    quiet = Finding("unpack", "unpack.password", Kind.ENCRYPTED, Severity.INFORMATIONAL)
    assert messages._row(replace(sent["clean"], findings=(quiet,)))[-1] == ""
    assert messages._row(replace(sent["clean"], findings=(quiet, *sent["infected"].findings)))[-1] == "EICAR-Test-File"


def test_for_people(ask: Run, sent: dict[str, Event]) -> None:
    status, out, _ = ask("messages", "list", sent["word"])
    assert status == 0
    assert out.splitlines()[0].split() == ["When", "Id", "From", "To", "Subject", "Status", "Reply", "Threats"]
    assert all(sent[each].envelope.id in out for each in ("clean", "spam", "infected"))  # type: ignore[union-attr]
    assert "EICAR-Test-File" in out
    assert "\x1b" not in out
    assert "no such message" in ask("messages", "list", new_id()).out


def test_a_time_that_is_none(ask: Run, sent: dict[str, Event]) -> None:
    status, _, err = ask("messages", "list", "--since", "yesterday")
    assert status == 2
    assert err.startswith("lazaretto: ")
    assert "yesterday" in err


def test_one_message_explained(ask: Run, sent: dict[str, Event]) -> None:
    event = sent["infected"]
    assert event.envelope
    status, out, _ = ask("messages", "show", event.envelope.id)
    assert status == 0
    (verdict,) = event.verdicts
    assert " ".join(out.split()).startswith(verdict.sentence[:60])
    for word in (verdict.rule, "carol@example.test", "EICAR-Test-File (malware) by patterns", "text/plain", "policy"):
        assert word in out
    assert "\x1b" not in out
    told = ask("messages", "show", event.envelope.id, "--json").out
    assert msgspec.json.decode(told, type=Event) == event


def test_no_such_message(ask: Run) -> None:
    status, out, err = ask("messages", "show", "nothing")
    assert (status, out) == (2, "")
    assert err.startswith("lazaretto: no message")
