from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lazaretto.model import Address, Direction, Kind, Severity
from lazaretto.policy.globs import Globs
from lazaretto.policy.match import (
    artifact_matches,
    concerns_message,
    concerns_recipient,
    finding_matches,
    in_force,
)
from lazaretto.policy.schema import What, When, Who

GROUPS = {"sales": Globs(("*@sales.example",))}
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("table", "holds"),
    [
        ({}, True),
        ({"door": "smt*"}, True),
        ({"door": "milter"}, False),
        ({"direction": ["inbound", "internal"]}, True),
        ({"direction": "outbound"}, False),
        ({"senders": "stranger@*"}, True),
        ({"senders": ["<>", "friend@*"]}, False),
        ({"senders": "stranger@*", "door": "milter"}, False),
    ],
)
def test_the_message(make: Any, table: dict[str, Any], holds: bool) -> None:
    assert concerns_message(Who.model_validate(table), make.to("a@sales.example")) is holds


def test_the_empty_sender_has_a_sign_of_its_own(make: Any) -> None:
    who = Who.model_validate({"senders": "<>"})
    assert concerns_message(who, make.to("a@x.example", sender=Address("")))


@pytest.mark.parametrize(
    ("table", "direction", "holds"),
    [
        ({"recipients": "*@sales.example"}, Direction.INBOUND, True),
        ({"recipients": "*@other.example"}, Direction.INBOUND, False),
        ({"groups": "sales"}, Direction.INBOUND, True),
        ({"groups": "sales"}, Direction.OUTBOUND, False),  # then it is about the sender
    ],
)
def test_the_recipient(make: Any, table: dict[str, Any], direction: Direction, holds: bool) -> None:
    envelope = make.to("a@sales.example", direction=direction)
    assert concerns_recipient(Who.model_validate(table), GROUPS, envelope, envelope.recipients[0]) is holds


def test_a_group_is_the_sender_of_outbound_mail(make: Any) -> None:
    envelope = make.to("x@far.example", direction=Direction.OUTBOUND, sender=Address("a@sales.example"))
    assert concerns_recipient(Who.model_validate({"groups": "sales"}), GROUPS, envelope, envelope.recipients[0])


def test_nobody_in_particular_is_in_no_group(make: Any) -> None:
    assert not concerns_recipient(Who.model_validate({"groups": "sales"}), GROUPS, make.to(), None)
    assert concerns_recipient(Who(), GROUPS, make.to(), None)


@pytest.mark.parametrize(
    ("table", "at", "holds"),
    [
        ({"hours": "08:00-18:00"}, "2026-11-23T08:00", True),
        ({"hours": "08:00-18:00"}, "2026-11-23T18:00", False),
        ({"days": ["sat", "sun"]}, "2026-11-23T12:00", False),  # a Monday
        ({"days": "fri", "hours": "22:00-06:00"}, "2026-11-27T23:00", True),
        ({"days": "fri", "hours": "22:00-06:00"}, "2026-11-28T05:59", True),  # Friday's night
        ({"days": "fri", "hours": "22:00-06:00"}, "2026-11-27T05:00", False),  # Thursday's night
        ({"days": "fri", "hours": "22:00-06:00"}, "2026-11-27T12:00", False),
        ({"from": datetime(2026, 11, 23, 12, 0)}, "2026-11-23T12:00", True),
        ({"from": datetime(2026, 11, 23, 12, 0)}, "2026-11-23T11:59", False),
        ({"until": datetime(2026, 11, 23).date()}, "2026-11-23T23:59", True),
        ({"until": datetime(2026, 11, 23).date()}, "2026-11-24T00:00", False),
    ],
)
def test_the_time_is_that_of_the_zone(table: dict[str, Any], at: str, holds: bool) -> None:
    when = When.model_validate({"timezone": "Europe/Berlin"} | table)
    moment = datetime.fromisoformat(at).replace(tzinfo=BERLIN)
    assert in_force(when, moment.astimezone(ZoneInfo("UTC"))) is holds


@pytest.mark.parametrize(
    ("table", "holds"),
    [
        ({"kind": ["malware", "spam"]}, True),
        ({"kind": "spam"}, False),
        ({"severity_at_least": "high"}, True),
        ({"severity_at_least": "critical"}, False),
        ({"source": "pat*", "name": "eicar*"}, True),
        ({"name": "gtube"}, False),
        ({"confidence_at_least": 100}, True),
        ({"kind": "malware", "artifact": "*.ZIP"}, True),
        ({"kind": "malware", "type": "image/*"}, False),
        ({"kind": "malware", "size_over": 99}, True),
        ({"kind": "malware", "size_over": 100}, False),
    ],
)
def test_a_finding_and_its_artifact(make: Any, table: dict[str, Any], holds: bool) -> None:
    artifact = make.attached()
    assert finding_matches(What.model_validate(table), make.found(artifact=artifact), artifact) is holds


def test_informational_findings_match_only_when_asked_for(make: Any) -> None:
    finding = make.found(Kind.MACRO, severity=Severity.INFORMATIONAL)
    assert not finding_matches(What.model_validate({"kind": "macro"}), finding, None)
    asked = What.model_validate({"kind": "macro", "severity_at_least": "informational"})
    assert finding_matches(asked, finding, None)


def test_every_name_of_an_artifact_counts(make: Any) -> None:
    double = replace(make.attached(), names=("picture.png", "run.exe"))
    assert artifact_matches(What.model_validate({"artifact": "*.exe"}), double)
    assert not artifact_matches(What.model_validate({"artifact": "*.exe"}), None)
