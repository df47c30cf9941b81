"""Golden sentences: what people read must not change by accident."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lazaretto.model import Can, Kind, Severity
from lazaretto.plugin import Action
from lazaretto.policy.decide import decide
from lazaretto.policy.document import Document

Read = Callable[[str], Document]
Actions = dict[str, Action]


@pytest.fixture
def say(read: Read, make: Any, actions: Actions) -> Callable[..., str]:
    def sentence(*findings: Any, rules: str = "", can: Can = make.gateway, artifacts: tuple[Any, ...] = ()) -> str:
        envelope = make.to("a@x.example", can=can)
        (verdict,) = decide(read(rules), envelope, make.seen(*findings, artifacts=artifacts), (), actions)
        return verdict.sentence

    return sentence


def test_clean(say: Callable[..., str]) -> None:
    assert say() == "Nothing was found that a rule acts on, so the message is delivered (rule default.clean)."


def test_one_finding(say: Callable[..., str], make: Any) -> None:
    zip = make.attached()
    assert say(make.found(artifact=zip), artifacts=(zip,)) == (
        "EICAR-Test-File (malware) was found in invoice.zip, so the part is replaced by a notice and the original "
        "is kept (rule default.malware)."
    )


def test_one_threat_in_many_places(say: Callable[..., str], make: Any) -> None:
    parts = tuple(make.attached(str(number), f"f{number}.bin") for number in range(1, 6))
    assert say(*(make.found(artifact=part) for part in parts), artifacts=parts) == (
        "EICAR-Test-File (malware) was found in f1.bin, f2.bin, f3.bin and 2 more, so the parts are replaced by "
        "notices and the original is kept (rule default.malware)."
    )


def test_within_an_archive(say: Callable[..., str], make: Any) -> None:
    outer = make.attached()
    inner = make.within(make.within(outer, "b.zip"), "run.js")
    middle = make.within(outer, "b.zip")
    text = say(make.found(artifact=inner), artifacts=(outer, middle, inner))
    assert "was found in run.js inside invoice.zip, so" in text


def test_many_findings_of_many_rules(say: Callable[..., str], make: Any) -> None:
    zip = make.attached()
    viruses = [make.found(artifact=zip, name=f"V{number}") for number in range(5)]
    spam = make.found(Kind.SPAM, name="GTUBE")
    assert say(*viruses, spam, artifacts=(zip,)) == (
        "GTUBE (spam) was found in the message, so the message is held in quarantine (rule default.spam); "
        "V0 (malware) was found in invoice.zip, V1 (malware) in invoice.zip, V2 (malware) in invoice.zip and 2 more "
        "(rule default.malware)."
    )


def test_more_rules_than_one_wants_to_read(say: Callable[..., str], make: Any) -> None:
    kinds = (Kind.ENCRYPTED, Kind.AMBIGUOUS, Kind.CONTENT, Kind.LIMIT, Kind.FAILED, Kind.PHISHING)
    text = say(*(make.found(kind, name=kind.value) for kind in kinds))
    assert text.startswith("phishing (phishing) was found in the message, so the message is held in quarantine")
    assert text.endswith("; 2 more rules apply.")


@pytest.mark.parametrize(
    ("can", "says"),
    [
        (Can.REPORT, "but this door cannot strip, so the message is delivered (rule default.malware)."),
        (Can.HOLD, "but this door cannot strip, so the message is held in quarantine (rule default.malware)."),
    ],
)
def test_what_the_door_cannot_do(say: Callable[..., str], make: Any, can: Can, says: str) -> None:
    zip = make.attached()
    assert say(make.found(artifact=zip), artifacts=(zip,), can=can).endswith(f"was found in invoice.zip, {says}")


def test_in_no_part(say: Callable[..., str], make: Any) -> None:
    body = make.attached("", "")
    assert say(make.found(artifact=body), artifacts=(body,)) == (
        "EICAR-Test-File (malware) was found in the text of the message, but it is in no part that can be changed "
        "on its own, so the message is held in quarantine (rule default.malware)."
    )


def test_an_artifact_that_a_rule_names(say: Callable[..., str], make: Any) -> None:
    program = make.attached(name="setup.exe")
    rules = '[[rule]]\nid = "programs"\nwhat = {artifact = "*.exe"}\nthen = ["quarantine"]'
    assert say(rules=rules, artifacts=(program,)) == (
        "setup.exe was found, so the message is held in quarantine (rule programs)."
    )


def test_a_rule_for_every_message(say: Callable[..., str]) -> None:
    rules = '[[rule]]\nid = "journal"\nthen = ["backup", {do = "tag", subject = "[X] "}]'
    assert say(rules=rules) == (
        "A rule for such messages applies, so a copy of the original is kept and the message is marked (rule journal)."
    )


def test_a_rule_that_lets_pass(say: Callable[..., str], make: Any) -> None:
    rules = '[[rule]]\nid = "calm"\nwhat = {kind = "spam"}\nthen = ["deliver"]'
    assert say(make.found(Kind.SPAM, name="GTUBE"), rules=rules) == (
        "GTUBE (spam) was found in the message, so the message is delivered (rule calm)."
    )


def test_names_of_strangers_are_tamed(say: Callable[..., str], make: Any) -> None:
    evil = make.attached(name="in\r\nvoice\u202efdp.exe" + "x" * 500)
    text = say(make.found(Kind.MACRO, evil, Severity.LOW, name="A\x00B"), artifacts=(evil,))
    assert text.startswith("A?B (macro) was found in in??voice?fdp.exexxx")
    assert len(text) < 200
    assert text.isprintable()


def test_the_same_for_several_rules_is_said_once(say: Callable[..., str], make: Any) -> None:
    zip, doc = make.attached(), make.attached("3", "b.doc")
    macro = make.found(Kind.MACRO, doc, name="AutoOpen")
    assert say(make.found(artifact=zip), macro, artifacts=(zip, doc)) == (
        "EICAR-Test-File (malware) was found in invoice.zip, so the part is replaced by a notice and the original "
        "is kept (rule default.malware); AutoOpen (macro) was found in b.doc, likewise (rule default.macro)."
    )
