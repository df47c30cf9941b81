from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lazaretto.model import Kind, Severity
from lazaretto.policy.claim import groups, united
from lazaretto.policy.document import Document

Read = Callable[[str], Document]

OWN = """
[groups]
lab = ["*@lab.example"]

[[rule]]
id = "journal"
then = ["backup"]

[[rule]]
id = "lab"
who = { groups = "lab" }
what = { kind = "malware" }
then = ["tag"]

[[rule]]
id = "programs"
what = { artifact = "*.exe" }
then = ["strip"]
"""


def test_each_finding_goes_to_the_first_rule_that_matches(read: Read, make: Any) -> None:
    zip = make.attached()
    virus, lure = make.found(artifact=zip), make.found(Kind.PHISHING, name="Lure")
    lab, other = groups(read(OWN), make.to("a@lab.example", "b@x.example", "c@lab.example"), [virus, lure], [zip])
    assert [each.address for each in lab.recipients] == ["a@lab.example", "c@lab.example"]
    assert [(claim.rule.id, claim.findings) for claim in lab.claims] == [
        ("journal", ()),
        ("lab", (virus,)),
        ("default.phishing", (lure,)),
    ]
    assert [claim.rule.id for claim in other.claims] == ["journal", "default.malware", "default.phishing"]


def test_what_a_rule_names_by_itself_becomes_a_finding_of_the_policy(read: Read, make: Any) -> None:
    program = make.attached(name="setup.exe", type="application/x-dosexec")
    (group,) = groups(read(OWN), make.to("b@x.example"), [], [program, make.attached("3")])
    (finding,) = group.claims[1].findings
    assert (finding.source, finding.name, finding.kind, finding.artifact) == (
        "policy", "programs", Kind.CONTENT, program.path,
    )  # fmt: skip


def test_such_a_rule_takes_no_findings_away(read: Read, make: Any) -> None:
    program = make.attached(name="setup.exe")
    (group,) = groups(read(OWN), make.to("b@x.example"), [make.found(artifact=program)], [program])
    assert [claim.rule.id for claim in group.claims] == ["journal", "programs", "default.malware"]


def test_recipients_with_the_same_claims_are_one_group(read: Read, make: Any) -> None:
    spam = make.found(Kind.SPAM)
    (group,) = groups(read(OWN), make.to("a@lab.example", "b@x.example"), [spam], [])
    assert len(group.recipients) == 2


def test_united_applies_all_to_all_in_the_order_of_the_document(read: Read, make: Any) -> None:
    zip = make.attached()
    document = read(OWN)
    parts = groups(document, make.to("b@x.example", "a@lab.example"), [make.found(artifact=zip)], [zip])
    both = united(document, parts)
    assert [each.address for each in both.recipients] == ["b@x.example", "a@lab.example"]
    assert [claim.rule.id for claim in both.claims] == ["journal", "lab", "default.malware"]


def test_without_recipients_there_is_still_one_group(read: Read, make: Any) -> None:
    (group,) = groups(read(""), make.to(), [make.found(severity=Severity.INFORMATIONAL)], [])
    assert (group.recipients, group.claims) == ([], ())
