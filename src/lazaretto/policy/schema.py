"""The policy document as it is written: one typed model for each table (docs/reference/policy.md)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, InstanceOf, model_validator
from pydantic_core import PydanticCustomError

from lazaretto.config import Settings
from lazaretto.model import Direction, Kind, Severity
from lazaretto.policy import globs
from lazaretto.policy.globs import Globs

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _several(value: object) -> object:
    """One value may stand for a list of one."""
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else value


def _wrong(message: str) -> PydanticCustomError:
    return PydanticCustomError("policy", "{message}", {"message": message})


def _texts(value: object) -> tuple[str, ...]:
    texts = _several(value)
    if not isinstance(texts, tuple) or not all(isinstance(text, str) for text in texts):
        raise _wrong("give a pattern or a list of patterns")
    if not texts:
        raise _wrong("the list is empty and matches nothing: name a pattern or leave the key out")
    return tuple(text.lower() for text in texts)


def _globs(value: object) -> Globs:
    texts = _texts(value)
    if wrong := globs.problems(texts):
        raise _wrong("; ".join(wrong))
    return Globs(texts)


def _addresses(value: object) -> Globs:
    patterns = _globs(value)
    if bare := [text for text in patterns.texts if "@" not in text and text not in ("*", "<>")]:
        raise _wrong(f"{bare[0]!r} is no address: write alice@example.org, *@{bare[0]} or <> for the empty sender")
    return patterns


def _severity(value: object) -> object:
    names = [severity.name.lower() for severity in Severity]
    if not isinstance(value, str) or value.lower() not in names:
        raise _wrong(f"give one of {', '.join(names)}")
    return Severity[value.upper()]


def _hours(value: object) -> object:
    found = (
        re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)", value) if isinstance(value, str) else None
    )
    if found is None or int(found[3] + found[4]) > 2400:
        raise _wrong('write hours as "08:00-18:00", or "22:00-06:00" through midnight')
    end = time.max if found[3] == "24" else time(int(found[3]), int(found[4]))
    return time(int(found[1]), int(found[2])), end


def _zone(value: object) -> object:
    try:
        if value == "UTC":  # known even where the system has no time zones
            return UTC
        return ZoneInfo(value) if isinstance(value, str) else value
    except (LookupError, ValueError, OSError):
        raise _wrong(f"unknown time zone {value!r}: use a name such as Europe/Berlin (Debian package tzdata)") from None


def _day(value: object) -> object:
    days = _several(value)
    if not isinstance(days, tuple) or not days or not all(day in DAYS for day in days):
        raise _wrong(f"give days out of {', '.join(DAYS)}")
    return tuple(DAYS.index(day) for day in days)


def _each(kind: type[Any]) -> Callable[[object], object]:
    def check(value: object) -> object:
        values = _several(value)
        names = [each.value for each in kind]
        if not isinstance(values, tuple) or not values or not all(each in names for each in values):
            raise _wrong(f"give one or more of {', '.join(names)}")
        return tuple(kind(each) for each in values)

    return check


Patterns = Annotated[InstanceOf[Globs], BeforeValidator(_globs)]
Addresses = Annotated[InstanceOf[Globs], BeforeValidator(_addresses)]
Names = Annotated[tuple[str, ...], BeforeValidator(_several), Field(min_length=1)]


class Table(Settings):
    """As every section of the configuration, but with defaults that are not what one would write."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=False)


class Who(Table):
    """Every key that is given must hold."""

    senders: Addresses = Field(Globs(), description="patterns of envelope senders; <> is the empty one")
    recipients: Addresses = Field(Globs(), description="patterns of envelope recipients")
    groups: Names = Field((), description="the recipient (outbound: the sender) is in one")
    direction: Annotated[tuple[Direction, ...], BeforeValidator(_each(Direction))] = Field(())
    door: Patterns = Field(Globs(), description="patterns of door names")


class What(Table):
    """Conditions on one finding and on the artifact it is about; or on an artifact alone."""

    kind: Annotated[tuple[Kind, ...], BeforeValidator(_each(Kind))] = Field(())
    severity_at_least: Annotated[Severity, BeforeValidator(_severity)] = Field(Severity.LOW)
    confidence_at_least: int = Field(0, ge=0, le=100, description="percent")
    source: Patterns = Field(Globs(), description="patterns of engine and filter names")
    name: Patterns = Field(Globs(), description="patterns of threat names")
    artifact: Patterns = Field(Globs(), description="patterns of the artifact's file names")
    type: Patterns = Field(Globs(), description="patterns of the artifact's true media type")
    size_over: int | None = Field(None, ge=0, description="bytes of the artifact")

    @model_validator(mode="after")
    def _something(self) -> What:
        if not self.model_fields_set:
            raise _wrong("`what` is empty: name a condition, or leave it out to mean every message")
        return self

    @property
    def about_findings(self) -> bool:
        """False: the rule looks at artifacts themselves, whatever was found in them."""
        return bool(self.model_fields_set - {"artifact", "type", "size_over"})


class When(Table):
    """Every key that is given must hold at the time the message was received."""

    start: datetime | date | None = Field(None, alias="from", description="first moment, or first day")
    until: datetime | date | None = Field(None, description="first moment no more, or last day")
    days: Annotated[tuple[int, ...], BeforeValidator(_day)] = Field(())
    hours: Annotated[tuple[time, time] | None, BeforeValidator(_hours)] = Field(None)
    timezone: Annotated[InstanceOf[tzinfo], BeforeValidator(_zone)] = Field(UTC, description="IANA name")

    @property
    def begins(self) -> datetime | None:
        return None if self.start is None else self._moment(self.start)

    @property
    def ends(self) -> datetime | None:
        """First moment at which it holds no more; a plain date is in force to its end."""
        return None if self.until is None else self._moment(self.until, days=1)

    def _moment(self, value: date, days: int = 0) -> datetime:
        if isinstance(value, datetime):
            return value if value.tzinfo else value.replace(tzinfo=self.timezone)
        day = value + timedelta(days=days)
        return datetime(day.year, day.month, day.day, tzinfo=self.timezone)

    @model_validator(mode="after")
    def _ever(self) -> When:
        if self.begins and self.ends and self.ends <= self.begins:
            raise _wrong("`until` is not after `from`, so the rule never holds")
        return self


class Do(BaseModel):
    """One step: the action's name, and its options as further keys."""

    model_config = ConfigDict(frozen=True, extra="allow")
    __pydantic_extra__: dict[str, str]
    do: str


def _steps(value: object) -> object:
    return [{"do": step} if isinstance(step, str) else step for step in value] if isinstance(value, list) else value


class RuleText(Table):
    id: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=100, description="unique; in events and notices"
    )
    description: str = Field("", description="for the people who read the policy")
    who: Who = Who()
    what: What | None = Field(None, description="without it the rule is for every message")
    when: When | None = Field(None, description="without it the rule is always in force")
    then: Annotated[tuple[Do, ...], BeforeValidator(_steps), Field(min_length=1)]


class DocumentText(Table):
    version: str = Field(pattern=r"^[ -~]+$", max_length=64, description="your name for this state of the document")
    groups: dict[str, Addresses] = Field(default_factory=dict, description="groups of people, by name")
    rule: tuple[RuleText, ...] = Field((), description="the rules, in order")
