from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import pytest
from pydantic import ValidationError

from lazaretto.model import Artifact, Finding, Kind, Severity, Status, status_of
from lazaretto.plugin import Engine, discover
from lazaretto.remote.engine import OnFailure, RemoteEngine, RemoteSettings


class Nobody(RemoteEngine):
    name: ClassVar[str] = "nobody"

    async def examine(self, artifact: Artifact) -> Iterable[Finding]:
        return ()


def made(**settings: object) -> Nobody:
    return Nobody(RemoteSettings.model_validate({"servers": ["a:1"], **settings}))


def test_what_nobody_judged_is_worth_what_the_operator_says() -> None:
    closed, opened = made().unanswered("no\nserver"), made(on_failure=OnFailure.PASS).unanswered("no server")
    assert (closed.kind, closed.severity, closed.evidence) == (Kind.FAILED, Severity.MEDIUM, ("no?server",))
    assert status_of((closed,)) is Status.UNSCANNABLE
    assert status_of((opened,)) is Status.CLEAN


def test_what_is_too_large_is_said() -> None:
    engine = made(max_bytes=2000)
    assert engine.fits(2000)
    assert not engine.fits(2001)
    assert engine.too_large(2001).kind is Kind.LIMIT


def test_it_names_a_server_and_is_not_in_use_by_itself() -> None:
    with pytest.raises(ValidationError):
        made(servers=[])
    ours = discover("engines", RemoteEngine)  # type: ignore[type-abstract]  # found, not made here
    assert set(ours) >= {"clamd", "icap"}
    assert not any(cls.default for cls in ours.values())
    assert ours.keys().isdisjoint(discover("engines", Engine))  # type: ignore[type-abstract]
