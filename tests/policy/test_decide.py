from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lazaretto.model import Can, Direction, Finding, Kind, Reply, Severity, Verdict
from lazaretto.plugin import Action
from lazaretto.policy.decide import TOGETHER, decide
from lazaretto.policy.document import Document, load

Read = Callable[[str], Document]
Actions = dict[str, Action]

LOW, MEDIUM, HIGH = Severity.LOW, Severity.MEDIUM, Severity.HIGH

GROUPS = """
[groups]
sales = ["*@sales.example"]
lab = ["*@lab.example"]

[[rule]]
id = "lab"
who = { groups = "lab" }
what = { kind = "malware" }
then = [{ do = "tag", subject = "[MALWARE] " }]

[[rule]]
id = "sales"
who = { groups = "sales" }
what = { kind = "spam" }
then = ["reject"]
"""


def names(verdict: Verdict) -> list[str]:
    return [step.action for step in verdict.steps]


@pytest.mark.parametrize(
    ("kind", "severity", "expected"),
    [
        (Kind.MASSMAILER, LOW, ["purge"]),
        (Kind.MALWARE, LOW, ["strip"]),
        (Kind.EXPLOIT, LOW, ["strip"]),
        (Kind.MACRO, HIGH, ["strip"]),
        (Kind.MACRO, MEDIUM, ["tag"]),
        (Kind.SCRIPT, HIGH, ["strip"]),
        (Kind.SCRIPT, MEDIUM, ["tag"]),
        (Kind.PHISHING, MEDIUM, ["quarantine"]),
        (Kind.PHISHING, LOW, ["tag"]),
        (Kind.SPAM, HIGH, ["quarantine"]),
        (Kind.SPAM, MEDIUM, ["tag"]),
        (Kind.FAILED, LOW, ["defer"]),
        (Kind.LIMIT, LOW, ["quarantine"]),
        (Kind.ENCRYPTED, HIGH, ["tag"]),
        (Kind.AMBIGUOUS, HIGH, ["tag"]),
        (Kind.CONTENT, HIGH, ["tag"]),
    ],
)
@pytest.mark.parametrize("direction", list(Direction))
def test_the_default_table(
    make: Any, actions: Actions, kind: Kind, severity: Severity, expected: list[str], direction: Direction
) -> None:
    part = make.attached()
    inspection = make.seen(make.found(kind, part, severity), artifacts=(part,))
    (verdict,) = decide(load(None, actions), make.to("a@x.example", direction=direction), inspection, (), actions)
    assert names(verdict) == expected
    assert verdict.rule.startswith(f"default.{kind}")
    assert verdict.envelope == "01ARZ3NDEKTSV4RRFFQ69G5FAV"


@pytest.mark.parametrize("kind", list(Kind))
def test_informational_findings_never_act(make: Any, actions: Actions, kind: Kind) -> None:
    inspection = make.seen(make.found(kind, severity=Severity.INFORMATIONAL))
    (verdict,) = decide(load(None, actions), make.to("a@x.example"), inspection, (), actions)
    assert (verdict.rule, names(verdict), verdict.findings) == ("default.clean", ["deliver"], ())


def test_stripped_parts_are_backed_up(make: Any, actions: Actions) -> None:
    part = make.attached()
    inspection = make.seen(make.found(artifact=part), artifacts=(part,))
    (verdict,) = decide(load(None, actions), make.to("a@x.example"), inspection, (), actions)
    assert verdict.steps[0].options == {"keep": "backup"}
    assert verdict.steps[0].artifacts == (part.path,)


def test_what_the_network_says_counts(make: Any, actions: Actions) -> None:
    spam = make.found(Kind.SPAM)
    (verdict,) = decide(load(None, actions), make.to("a@x.example"), make.seen(), (spam,), actions)
    assert (verdict.rule, verdict.findings) == ("default.spam", (spam,))


def test_each_group_gets_its_own(read: Read, make: Any, actions: Actions) -> None:
    part = make.attached()
    inspection = make.seen(make.found(artifact=part), artifacts=(part,))
    lab, rest = decide(read(GROUPS), make.to("a@lab.example", "b@x.example"), inspection, (), actions)
    assert (lab.rule, names(lab), [str(each) for each in lab.recipients]) == ("lab", ["tag"], ["a@lab.example"])
    assert (rest.rule, names(rest)) == ("default.malware", ["strip"])


def test_a_door_that_cannot_split_gives_all_the_strictest(read: Read, make: Any, actions: Actions) -> None:
    part = make.attached()
    inspection = make.seen(make.found(artifact=part), artifacts=(part,))
    envelope = make.to("a@lab.example", "b@x.example", can=make.milter)
    (verdict,) = decide(read(GROUPS), envelope, inspection, (), actions)
    assert verdict.rule == "default.malware"
    assert names(verdict) == ["strip", "tag"]
    assert len(verdict.recipients) == 2
    assert verdict.sentence.endswith(TOGETHER)


def test_refused_for_some_is_held_for_them(read: Read, make: Any, actions: Actions) -> None:
    inspection = make.seen(make.found(Kind.SPAM, severity=LOW, name="GTUBE"))
    sales, rest = decide(read(GROUPS), make.to("a@sales.example", "b@x.example"), inspection, (), actions)
    assert (names(sales), names(rest)) == (["quarantine"], ["tag"])
    assert sales.sentence == (
        "GTUBE (spam) was found in the message, so the message is refused (rule sales). It is not refused, because "
        "other recipients get theirs: instead the message is held in quarantine."
    )


def test_refused_for_all_where_it_cannot_be_held(read: Read, make: Any, actions: Actions) -> None:
    envelope = make.to("a@sales.example", "b@x.example", can=make.gateway & ~Can.HOLD)
    verdicts = decide(read(GROUPS), envelope, make.seen(make.found(Kind.SPAM, severity=LOW)), (), actions)
    assert [names(verdict) for verdict in verdicts] == [["reject"], ["reject"]]
    assert "Because of other recipients (rule sales) it is refused for all." in verdicts[1].sentence


def test_refused_for_everybody_is_refused(read: Read, make: Any, actions: Actions) -> None:
    envelope = make.to("a@sales.example", "b@sales.example")
    (verdict,) = decide(read(GROUPS), envelope, make.seen(make.found(Kind.SPAM)), (), actions)
    assert names(verdict) == ["reject"]


def test_deferred_for_some_is_deferred_for_all(read: Read, make: Any, actions: Actions) -> None:
    rules = '[[rule]]\nid = "vip"\nwho = {recipients = "boss@*"}\nwhat = {kind = "failed"}\nthen = ["tag", "backup"]'
    verdicts = decide(
        read(rules), make.to("boss@x.example", "b@x.example"), make.seen(make.found(Kind.FAILED)), (), actions
    )
    assert [names(verdict) for verdict in verdicts] == [["defer"], ["defer"]]


# ---------------------------------------------------------------------------- properties

STRICT = {"deliver": 0, "tag": 1, "strip": 2, "defer": 3, "quarantine": 4, "reject": 5, "purge": 6}
PEOPLE = st.lists(st.sampled_from([f"{who}@{where}.example" for who in "ab" for where in ("sales", "lab", "x")]))


@st.composite
def finding_lists(draw: st.DrawFn, parts: tuple[str, ...] = ("", "1", "2", "2.1")) -> list[Finding]:
    kinds, severities = st.sampled_from(list(Kind)), st.sampled_from(list(Severity))
    places = st.sampled_from([None, *(f"{part}/f" if part else "f" for part in parts)])
    each = st.builds(Finding, st.just("engine"), st.sampled_from("XYZ"), kinds, severities, places)
    return draw(st.lists(each, max_size=6))


def cans() -> st.SearchStrategy[Can]:
    return st.sets(st.sampled_from(list(Can))).map(lambda flags: Can(sum(flag.value for flag in flags)))


def artifacts_of(make: Any) -> tuple[Any, ...]:
    return tuple(make.attached(part, "f") for part in ("", "1", "2", "2.1"))


quick = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(findings=finding_lists(), people=PEOPLE, can=cans())
@quick
def test_every_recipient_is_in_exactly_one_verdict_that_the_door_can_carry_out(
    read: Read, make: Any, actions: Actions, findings: list[Finding], people: list[str], can: Can
) -> None:
    inspection = make.seen(*findings, artifacts=artifacts_of(make))
    verdicts = decide(read(GROUPS), make.to(*people, can=can), inspection, (), actions)
    assert Counter(each.address for verdict in verdicts for each in verdict.recipients) == Counter(people)
    assert len(verdicts) == 1 or Can.SPLIT in can
    replies = [{actions[name].reply for name in names(verdict)} - {Reply.ACCEPT} for verdict in verdicts]
    assert all(len(each) <= 1 for each in replies)
    if any(Reply.DEFER in each or Reply.REJECT in each for each in replies):
        assert len({*map(frozenset, replies)}) == 1, "one answer for the whole message"
    for verdict in verdicts:
        assert verdict.steps
        assert all(actions[step.action].needs in can for step in verdict.steps)
        assert all(step.artifacts for step in verdict.steps if actions[step.action].per_part)
        assert verdict.sentence.isprintable()


@given(findings=finding_lists(), more=finding_lists())
@quick
def test_another_finding_never_makes_the_treatment_weaker(
    make: Any, actions: Actions, findings: list[Finding], more: list[Finding]
) -> None:
    document, artifacts = load(None, actions), artifacts_of(make)
    (less,) = decide(document, make.to("a@x.example"), make.seen(*findings, artifacts=artifacts), (), actions)
    both = make.seen(*findings, *more, artifacts=artifacts)
    (after,) = decide(document, make.to("a@x.example"), both, (), actions)
    assert max(STRICT[name] for name in names(after)) >= max(STRICT[name] for name in names(less))
    if names(after) == ["strip"] or "strip" in names(after):
        gone = {path for step in after.steps for path in step.artifacts}
        assert gone >= {path for step in less.steps for path in step.artifacts}


@given(findings=finding_lists())
@quick
def test_no_malware_is_delivered_where_the_door_can_help_it(
    make: Any, actions: Actions, findings: list[Finding]
) -> None:
    bad = make.found(artifact=make.attached("2", "f"))
    inspection = make.seen(*findings, bad, artifacts=artifacts_of(make))
    (verdict,) = decide(load(None, actions), make.to("a@x.example"), inspection, (), actions)
    withheld = any(actions[name].reply is not Reply.ACCEPT for name in names(verdict))
    assert withheld or any(bad.artifact in step.artifacts for step in verdict.steps)


def test_a_thousand_recipients_and_ten_thousand_findings_take_no_time(read: Read, make: Any, actions: Actions) -> None:
    parts = tuple(make.attached(str(number), f"f{number}") for number in range(1, 10_001))
    findings = [make.found(artifact=part) for part in parts]
    people = [f"p{number}@{'lab' if number % 2 else 'x'}.example" for number in range(1000)]
    inspection = make.seen(*findings, artifacts=parts)
    began = time.perf_counter()
    verdicts = decide(read(GROUPS), make.to(*people), inspection, (), actions)
    assert [len(verdict.recipients) for verdict in verdicts] == [500, 500]
    assert time.perf_counter() - began < 3, "the event loop waits for this"
