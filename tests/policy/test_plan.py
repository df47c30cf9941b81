from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import pytest

from lazaretto.config import Settings
from lazaretto.model import Can, Finding, Kind, Reply
from lazaretto.plugin import Action
from lazaretto.policy.claim import Claim
from lazaretto.policy.document import Document
from lazaretto.policy.plan import Planner

Read = Callable[[str], Document]
Actions = dict[str, Action]


class Clean(Action):
    """Stands for an action that changes a part less than strip does."""

    name = "clean"
    needs = Can.REPLACE
    nearest: ClassVar[tuple[str, ...]] = ("strip", "quarantine")
    rank = 15
    per_part = True


def claim(read: Read, then: str, *findings: Finding, id: str = "x") -> Claim:
    text = f'[[rule]]\nid = "{id}"\nwhat = {{kind = ["malware", "macro"]}}\nthen = {then}'
    return Claim(read(text).rules[0], findings)


def steps(planner: Planner, *claims: Claim) -> list[tuple[str, tuple[str, ...]]]:
    return [(choice.step.action, choice.step.artifacts) for choice in planner.plan(claims).choices]


def test_a_part_is_changed_once(read: Read, make: Any, actions: Actions) -> None:
    outer = make.attached()
    one, two = make.within(outer, "a.exe"), make.within(outer, "b.doc")
    planner = Planner(actions, make.gateway, (outer, one, two))
    claims = (
        claim(read, '[{do = "strip", keep = "backup"}]', make.found(artifact=one)),
        claim(read, '[{do = "strip", language = "de"}]', make.found(Kind.MACRO, two), id="y"),
    )
    assert steps(planner, *claims) == [("strip", (one.path, two.path))]


def test_steps_of_several_rules_that_say_the_same_are_one(read: Read, make: Any, actions: Actions) -> None:
    one, two = make.attached("2", "a.zip"), make.attached("3", "b.doc")
    planner = Planner(actions, make.gateway, (one, two))
    first = claim(read, '["strip"]', make.found(artifact=one))
    second = claim(read, '["strip"]', make.found(Kind.MACRO, two), id="y")
    assert steps(planner, first, second) == [("strip", (one.path, two.path))]


def test_the_strictest_changes_a_part_and_what_is_around_it(read: Read, make: Any, actions: Actions) -> None:
    known = {**actions, "clean": Clean(Settings())}
    whole, inner, other = make.attached("2", "a.eml"), make.attached("2.1", "b.exe"), make.attached("3", "c.doc")
    planner = Planner(known, make.gateway, (whole, inner, other))
    strip = claim(read, '["strip"]', make.found(artifact=inner))
    clean = claim(read, '["strip"]', make.found(artifact=whole), make.found(artifact=other), id="y")
    object.__setattr__(clean.rule, "steps", (type(clean.rule.steps[0])("clean"),))
    assert steps(planner, clean, strip) == [("clean", (other.path,)), ("strip", (whole.path, inner.path))]


def test_what_is_in_no_part_gets_the_nearest(read: Read, make: Any, actions: Actions) -> None:
    part, body = make.attached(), make.attached("", "")
    planner = Planner(actions, make.gateway, (part, body))
    plan = planner.plan((claim(read, '["strip"]', make.found(artifact=part), make.found(artifact=body)),))
    assert [choice.step.action for choice in plan.choices] == ["quarantine"]
    assert plan.choices[0].instead == "it is in no part that can be changed on its own"


@pytest.mark.parametrize(
    ("can", "then", "becomes"),
    [
        (Can.REPORT, "strip", []),
        (Can.REPORT, "quarantine", []),
        (Can.REPORT, "reject", []),
        (Can.REPORT, "purge", []),
        (Can.REPORT, "tag", []),
        (Can.REPORT, "defer", ["defer"]),
        (Can.HOLD, "strip", ["quarantine"]),
        (Can.REJECT, "quarantine", ["reject"]),
        (Can.REPLACE, "quarantine", ["strip"]),
        (Can.REPLACE | Can.HOLD, "purge", ["quarantine"]),
        (Can.DELETE, "quarantine", []),  # a door that could only lose it
        (Can.HOLD, "reject", ["quarantine"]),
    ],
)
def test_a_door_does_what_it_can(
    read: Read, make: Any, actions: Actions, can: Can, then: str, becomes: list[str]
) -> None:
    part = make.attached()
    found = steps(Planner(actions, can, (part,)), claim(read, f'["{then}"]', make.found(artifact=part)))
    assert [name for name, _ in found] == becomes


def test_who_withholds_leaves_no_changes_but_copies(read: Read, make: Any, actions: Actions) -> None:
    part = make.attached()
    planner = Planner(actions, make.gateway, (part,))
    claims = (claim(read, '["strip", "tag"]', make.found(artifact=part)), claim(read, '["backup", "purge"]'))
    assert steps(planner, *claims) == [("backup", ()), ("purge", ())]
    assert planner.plan(claims).decisive == 1


def test_a_deferred_message_is_not_kept_at_each_try(read: Read, make: Any, actions: Actions) -> None:
    claims = (claim(read, '["backup"]', make.found()), claim(read, '["defer"]', make.found(), id="y"))
    assert steps(Planner(actions, make.gateway, ()), *claims) == [("defer", ())]


def test_withholding_is_stricter_than_any_rank(read: Read, make: Any, actions: Actions) -> None:
    class Loud(Action):
        name = "tag"
        needs = Can.REPLACE
        rank = 1000

    planner = Planner({**actions, "tag": Loud(Settings())}, make.gateway, ())
    claims = (claim(read, '["tag"]', make.found()), claim(read, '["defer"]', make.found()))
    assert steps(planner, *claims) == [("defer", ())]
    assert planner.plan(claims).reply is Reply.DEFER


def test_nothing_is_stripped_in_place_of_a_step_for_the_whole_message(read: Read, make: Any, actions: Actions) -> None:
    part = make.attached()
    found = (make.found(artifact=part), make.found(Kind.MACRO))
    assert steps(Planner(actions, Can.REPLACE, (part,)), claim(read, '["quarantine"]', *found)) == [("tag", ())]


def test_nearest_with_a_reply(make: Any, actions: Actions) -> None:
    reject = actions["reject"]
    assert Planner(actions, make.gateway, ()).nearest(reject, Reply.DISCARD) is actions["quarantine"]
    assert Planner(actions, Can.REJECT, ()).nearest(reject, Reply.DISCARD) is None
