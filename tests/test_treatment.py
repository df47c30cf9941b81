from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lazaretto import config
from lazaretto.config import Settings
from lazaretto.errors import ConfigError
from lazaretto.model import (
    Address,
    ArtifactSummary,
    Can,
    Done,
    Finding,
    Inspection,
    Kind,
    Outcome,
    Properties,
    Reply,
    Severity,
    Step,
    Verdict,
)
from lazaretto.plugin import Action, Draft
from lazaretto.treatment import build_actions, treat

ACTIONS = build_actions(config.load(None, {}))
HEADER = b'Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'


def mail(*bodies: bytes) -> bytes:
    parts = b"".join(b"--b\r\nContent-Type: application/octet-stream\r\n\r\n" + body + b"\r\n" for body in bodies)
    return HEADER + parts + b"--b--\r\n"


def inspection(*parts: str, findings: tuple[Finding, ...] | None = None) -> Inspection:
    artifacts = tuple(
        ArtifactSummary(f"{part}/f", ("f",), "application/zip", "", part, None, 1, 2, "0" * 64) for part in parts
    )
    found = tuple(Finding("patterns", "EICAR", Kind.MALWARE, Severity.HIGH, f"{part}/f") for part in parts)
    return Inspection(Properties(), artifacts, found if findings is None else findings, "p1")


def verdict(seen: Inspection, *steps: Step) -> Verdict:
    return Verdict("default.malware", (Address("a@x.example"),), steps, seen.findings, "Why.", "01ARZ3")


def strip(*parts: str) -> Step:
    return Step("strip", {}, tuple(f"{part}/f" for part in parts))


def test_nothing_to_edit_is_no_new_message() -> None:
    for name in ("deliver", "quarantine", "purge", "backup"):
        treatment = treat(mail(b"a"), verdict(inspection(), Step(name)), inspection(), ACTIONS)
        assert (treatment.raw, treatment.outcomes) == (None, ())


@given(st.lists(st.binary(max_size=20), min_size=1, max_size=6), st.data())
@settings(max_examples=60, deadline=None)
def test_what_is_not_stripped_keeps_its_bytes_or_nothing_is_delivered(bodies: list[bytes], data: st.DataObject) -> None:
    gone = data.draw(st.sets(st.integers(1, len(bodies)), min_size=1))
    raw, seen = mail(*bodies), inspection(*map(str, sorted(gone)))
    treatment = treat(raw, verdict(seen, strip(*map(str, sorted(gone)))), seen, ACTIONS)
    if treatment.raw is None:
        assert any(outcome.status is Done.FAILED for outcome in treatment.outcomes)
        return
    assert treatment.raw.startswith(HEADER)
    at = len(HEADER)
    for number, body in enumerate(bodies, 1):
        if number not in gone and b"--b" not in body:
            at = treatment.raw.index(body, at)


def test_three_of_ten_leave_and_seven_stay() -> None:
    bodies = [b"body %d" % number for number in range(10)]
    seen = inspection("2", "5", "10")
    treatment = treat(mail(*bodies), verdict(seen, strip("2", "5", "10"), Step("tag")), seen, ACTIONS)
    assert treatment.raw
    assert [body in treatment.raw for body in bodies] == [n not in (1, 4, 9) for n in range(10)]
    assert [outcome.status for outcome in treatment.outcomes] == [Done.DONE] * 4


class Odd(Action):
    """An action that does what the test says."""

    name = "odd"

    def __init__(self, edit: Any) -> None:
        super().__init__(Settings())
        self._edit = edit

    def edit(self, draft: Draft, step: Step, verdict: Verdict) -> Iterable[Outcome]:
        return tuple(self._edit(draft) or ())


def _raise(draft: Draft) -> None:
    raise RuntimeError("broken")


def _lie(draft: Draft) -> None:
    """Changes a part that no step is about."""
    draft.replace_part(draft.message.root.children[0], b"Content-Type: text/plain\r\n\r\nother")


def _fail(draft: Draft) -> list[Outcome]:
    return [Outcome("odd", Done.FAILED, error="will not")]


@pytest.mark.parametrize(
    ("edit", "says"), [(_raise, "RuntimeError: broken"), (_lie, "EditFailed"), (_fail, "will not")]
)
@pytest.mark.parametrize("others", [(), (strip("2"),)])
def test_all_or_nothing(edit: Any, says: str, others: tuple[Step, ...]) -> None:
    seen = inspection("2")
    actions: Mapping[str, Action] = {**ACTIONS, "odd": Odd(edit)}
    treatment = treat(mail(b"a", b"b"), verdict(seen, *others, Step("odd")), seen, actions)
    assert treatment.raw is None
    (outcome,) = treatment.outcomes
    assert (outcome.action, outcome.status) == ("odd", Done.FAILED)
    assert says in outcome.error


def test_a_finding_that_is_still_there_after_its_part_is_gone() -> None:
    seen = inspection("1")
    raw, judged = mail(b"a", b"b"), verdict(seen, strip("1"))
    assert treat(raw, judged, seen, ACTIONS, lambda _: inspection(findings=())).raw
    still = treat(raw, judged, seen, ACTIONS, lambda _: inspection(findings=seen.findings))
    assert still.raw is None
    assert still.outcomes[-1].error == "EditFailed: still found after the part was taken out: EICAR"


def test_what_another_program_found_is_gone_by_its_content() -> None:
    """It is not asked again: no finding of the second look says that the part is still there."""
    seen = inspection("1")
    threat = replace(seen.artifacts[0], sha256="threat")
    seen = replace(seen, artifacts=(threat, *seen.artifacts[1:]))
    raw, judged = mail(b"a", b"b"), verdict(seen, strip("1"))
    elsewhere = replace(threat, path="2")
    still = treat(raw, judged, seen, ACTIONS, lambda _: replace(seen, artifacts=(elsewhere,), findings=()))
    assert still.outcomes[-1].error == "EditFailed: the content of a part that was taken out is still there"
    both = replace(seen, artifacts=(threat, elsewhere))  # that of the other part is for others to judge
    assert treat(raw, judged, both, ACTIONS, lambda _: replace(seen, artifacts=(elsewhere,), findings=())).raw


def test_what_a_rule_lets_pass_may_still_be_there() -> None:
    seen = inspection("1", "2")
    judged = replace(verdict(seen, strip("1")), findings=seen.findings[:1])
    assert treat(mail(b"a", b"b"), judged, seen, ACTIONS, lambda _: inspection(findings=seen.findings[1:])).raw


def test_a_rescan_that_breaks_off_delivers_nothing() -> None:
    def broken(raw: bytes) -> Inspection:
        raise MemoryError

    seen = inspection("1")
    assert treat(mail(b"a"), verdict(seen, strip("1")), seen, ACTIONS, broken).raw is None


@pytest.mark.parametrize("kind", [Kind.FAILED, Kind.LIMIT])
def test_a_rescan_that_saw_less_delivers_nothing(kind: Kind) -> None:
    seen = inspection("1")
    trouble = Finding("patterns", "patterns.failed", kind, Severity.MEDIUM)
    raw, judged = mail(b"a"), verdict(seen, strip("1"))
    less = treat(raw, judged, seen, ACTIONS, lambda _: inspection(findings=(trouble,)))
    assert less.raw is None
    assert "not inspected to the end" in less.outcomes[-1].error
    known = inspection("1", findings=(*seen.findings, trouble))  # not new: policy has decided about it
    assert treat(raw, verdict(known, strip("1")), known, ACTIONS, lambda _: inspection(findings=(trouble,))).raw


def test_a_threat_that_only_the_second_look_sees_delivers_nothing() -> None:
    seen = inspection("1")
    new = Finding("patterns", "Other", Kind.EXPLOIT, Severity.HIGH, "2/f")
    treatment = treat(mail(b"a", b"b"), verdict(seen, strip("1")), seen, ACTIONS, lambda _: inspection(findings=(new,)))
    assert treatment.raw is None
    assert treatment.outcomes[-1].error == "EditFailed: found only after the part was taken out: Other"
    known = inspection("1", findings=(*seen.findings, new))  # policy has let it pass
    judged = replace(verdict(known, strip("1")), findings=seen.findings)
    assert treat(mail(b"a", b"b"), judged, known, ACTIONS, lambda _: inspection(findings=(new,))).raw


# ---------------------------------------------------------------------------- the actions themselves


def test_the_actions() -> None:
    assert sorted(ACTIONS) == [
        "backup", "canonical", "defer", "deliver", "purge", "quarantine", "redirect", "reject", "strip", "tag",
    ]  # fmt: skip


@pytest.mark.parametrize("action", ACTIONS.values(), ids=list(ACTIONS))
def test_each_fits_the_contract(action: Action) -> None:
    given = {name: "x@x.example" for name in action.options if name == "to"}
    assert list(action.check(given)) == []
    assert action.describe(Step(action.name, given)).split()[0] in ("the", "a"), "it stands behind 'so'"
    assert all(name in ACTIONS and name != action.name for name in action.nearest)
    assert action.per_part <= (Can.REPLACE in action.needs)
    assert inspect.getdoc(inspect.getmodule(type(action)))
    assert action.needs == Can(0) or action.nearest[-1] == "deliver", "a door that can only report has an answer"


def test_ranks_are_as_documented() -> None:
    ranked = sorted(ACTIONS.values(), key=lambda action: action.rank)
    assert [action.name for action in ranked] == [
        "deliver", "backup", "tag", "canonical", "strip", "redirect", "defer", "quarantine", "reject", "purge",
    ]  # fmt: skip
    withholding = [action.rank for action in ranked if action.reply is not Reply.ACCEPT]
    assert min(withholding) > max(action.rank for action in ranked if action.reply is Reply.ACCEPT)


def test_settings_come_from_the_configuration(tmp_path: Path) -> None:
    file = tmp_path / "lazaretto.toml"
    file.write_text('[actions.strip]\nlanguage = "de"\n')
    assert build_actions(config.load(file, {}))["strip"].settings.language == "de"  # type: ignore[attr-defined] # its own
    file.write_text('[actions.strip]\nlanguage = "fr"\n[actions.stripp]\n')
    with pytest.raises(ConfigError) as caught:
        build_actions(config.load(file, {}))
    assert len(caught.value.problems) == 2


def test_no_action_holds_on_its_own_what_nobody_asked_for() -> None:
    class Refusing:
        held: ClassVar[list[str]] = []

        async def hold(self, case: Any, *, purpose: str, artifact: str | None = None) -> str:
            self.held.append(purpose)
            return "ITEM"

    seen = inspection("1")
    case: Any = type("Case", (), {"verdict": verdict(seen), "raw": b""})()
    for name in ("deliver", "tag", "purge", "reject", "defer"):
        asyncio.run(_carry_out(ACTIONS[name], case, Refusing()))
    assert Refusing.held == []


async def _carry_out(action: Action, case: Any, keeper: Any) -> None:
    await action.carry_out(case, Step(action.name), keeper)
