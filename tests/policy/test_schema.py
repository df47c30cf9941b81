from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

import pytest
from pydantic import ValidationError

from lazaretto.model import Direction, Kind, Severity
from lazaretto.policy.schema import RuleText, What, When, Who


def test_one_value_stands_for_a_list_of_one() -> None:
    assert Who.model_validate({"direction": "inbound"}).direction == (Direction.INBOUND,)
    assert What.model_validate({"kind": "spam"}).kind == (Kind.SPAM,)
    assert Who.model_validate({"senders": "*@x.example"}) == Who.model_validate({"senders": ["*@X.example"]})


def test_severity_is_written_by_name() -> None:
    assert What.model_validate({"severity_at_least": "high"}).severity_at_least is Severity.HIGH
    assert What.model_validate({"kind": "spam"}).severity_at_least is Severity.LOW


def test_steps_are_names_or_tables() -> None:
    rule = RuleText.model_validate({"id": "x", "then": ["backup", {"do": "tag", "subject": "[X] "}]})
    assert [step.do for step in rule.then] == ["backup", "tag"]
    assert rule.then[1].__pydantic_extra__ == {"subject": "[X] "}


@pytest.mark.parametrize(("what", "about"), [({"kind": "spam"}, True), ({"type": "image/*"}, False)])
def test_a_rule_is_about_findings_or_about_artifacts(what: dict[str, Any], about: bool) -> None:
    assert What.model_validate(what).about_findings is about


@pytest.mark.parametrize(
    ("model", "table", "says"),
    [
        (Who, {"senders": "sales.example"}, "write alice@example.org, *@sales.example"),
        (Who, {"senders": []}, "the list is empty"),
        (Who, {"senders": ["*@[x"]}, "without its ]"),
        (Who, {"direction": "sideways"}, "inbound, outbound, internal"),
        (Who, {"direction": 5}, "inbound, outbound, internal"),
        (Who, {"groups": []}, "at least 1 item"),
        (What, {}, "`what` is empty"),
        (What, {"kind": ["malwear"]}, "malware, massmailer"),
        (What, {"severity_at_least": "grave"}, "informational, low, medium"),
        (What, {"severity_at_least": 3}, "informational, low, medium"),
        (When, {"timezone": "Middle/Earth"}, "unknown time zone"),
        (When, {"timezone": "../etc/passwd"}, "unknown time zone"),
        (When, {"hours": "8-18"}, "08:00-18:00"),
        (When, {"hours": "08:00-24:30"}, "08:00-18:00"),
        (When, {"days": ["monday"]}, "mon, tue"),
        (When, {"from": datetime(2026, 2, 1, tzinfo=UTC), "until": datetime(2026, 1, 1, tzinfo=UTC)}, "never holds"),
        (RuleText, {"id": "a b", "then": ["deliver"]}, "match pattern"),
        (RuleText, {"id": "a", "then": []}, "at least 1 item"),
        (RuleText, {"id": "a", "then": [{"do": "tag", "subject": 5}]}, "valid string"),
    ],
)
def test_mistakes_say_what_is_possible(model: Any, table: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(table)
    assert says in str(caught.value)


def test_the_day_ends_at_24() -> None:
    assert When.model_validate({"hours": "18:00-24:00"}).hours == (time(18), time.max)


def test_a_plain_date_lasts_to_its_end() -> None:
    when = When.model_validate({"from": datetime(2026, 11, 23).date(), "until": datetime(2026, 11, 23).date()})
    assert when.begins == datetime(2026, 11, 23, tzinfo=UTC)
    assert when.ends == datetime(2026, 11, 24, tzinfo=UTC)
