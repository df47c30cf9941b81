from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lazaretto.console import records
from lazaretto.model import Address, Finding, Kind, Properties, Severity, Status, Verdict


def test_a_message_row_has_what_lists_show(mails: Any) -> None:
    event = mails.mail("infected", seconds=0.4)
    row = records.message(event)
    assert (row.envelope_id, row.status, row.category, row.reply) == (
        event.envelope.id,
        "infected",
        "infected",
        "discard",
    )
    assert (row.sender, row.sender_name) == ("alice@example.org", "Alice Example")
    assert row.recipients == [["bob@example.com", "Bob Example"]]
    assert row.sentence.startswith("Held because")
    assert row.threats == "EICAR-Test-File"
    assert row.seconds == pytest.approx(0.4)
    for word in ("alice@example.org", "Bob Example", "invoice.zip", "EICAR-Test-File", "192.0.2.7", "4XyZ12"):
        assert word in row.haystack
    assert records.detail(row, event).text().startswith(b"{")


def test_a_name_vouches_only_for_the_address_it_came_with(mails: Any) -> None:
    event = mails.mail()
    envelope = replace(event.envelope, sender=Address("alice@sender.example"))
    for header, shown in (
        (Address("Alice@Sender.Example", "Alice"), "Alice"),
        (Address("ceo@bank.example", "The CEO"), "The CEO <ceo@bank.example>"),
        (Address(""), ""),
    ):
        about = replace(event.properties, sender=header)
        assert records.message(replace(event, envelope=envelope, properties=about)).sender_name == shown


def test_an_event_without_properties_is_a_row_too(mails: Any) -> None:
    row = records.message(replace(mails.mail(), properties=None, status=None, reply=None, timings={}))
    assert (row.subject, row.status, row.reply, row.seconds) == ("", "clean", "", None)


def test_an_event_that_lacks_its_envelope_is_refused(mails: Any) -> None:
    with pytest.raises(ValueError, match="has no envelope"):
        records.message(replace(mails.mail(), envelope=None))


def test_spam_is_told_apart_from_suspicion(mails: Any) -> None:
    assert records.category(mails.mail("spam")) == "spam"
    assert records.category(mails.mail("stripped")) == "suspicious"
    both = replace(mails.mail("spam"), findings=mails.mail("spam").findings + mails.mail("phishing").findings)
    assert records.category(replace(both, status=Status.SUSPICIOUS)) == "suspicious"


def test_threats_are_named_worst_first_and_once() -> None:
    def found(name: str, severity: Severity) -> Finding:
        return Finding("x", name, Kind.MALWARE, severity)

    some = [found("low", Severity.LOW), found("bad", Severity.CRITICAL), found("low", Severity.LOW)]
    assert records.threats([*some, found("quiet", Severity.INFORMATIONAL)]) == ["bad", "low"]


def test_a_total_time_is_taken_as_given(mails: Any) -> None:
    assert records.total(replace(mails.mail(), timings={"a": 1.0, "b": 2.0})) == 3.0
    assert records.total(replace(mails.mail(), timings={"a": 1.0, "b": 2.0, "total": 2.5})) == 2.5


def test_an_item_is_described_by_its_event_alone(mails: Any) -> None:
    event = mails.mail("infected")
    (item_id,) = records.item_ids(event)
    held = records.item(event, item_id)
    row = records.item_row(held, event.node)
    assert (row.item_id, row.state, row.purpose, row.rule) == (item_id, "held", "quarantine", "malware")
    assert (row.recipient, row.name, row.kinds, row.reason) == (
        "bob@example.com",
        "run.js",
        "malware",
        "EICAR-Test-File",
    )
    assert row.size == event.properties.size


def test_the_verdict_of_an_item_is_the_one_that_held_it(mails: Any) -> None:
    event = mails.mail("infected")
    other = Verdict("tag-only", (mails.Address("x@example.com"),), (mails.Step("tag"),), event.findings * 2, "Tagged.")
    event = replace(event, verdicts=(other, *event.verdicts))
    held = records.item(event, records.item_ids(event)[0])
    assert (held.rule, held.recipients[0].address) == ("malware", "bob@example.com")


def test_search_words_hold_no_control_characters(mails: Any) -> None:
    event = mails.mail("clean", subject="a\x00b\nc" + "x" * 20_000)
    haystack = records.message(
        replace(event, properties=replace(event.properties or Properties(), message_id=""))
    ).haystack
    assert haystack.isprintable()
    assert len(haystack) <= 8000
