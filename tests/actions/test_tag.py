from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from lazaretto.actions.tag import Tag
from lazaretto.model import Done, Finding, Kind, Severity, Step


def test_a_field_on_top_and_every_other_byte_as_it_was(bench: Any) -> None:
    raw, (outcome,) = bench.edit(bench.make(Tag), Step("tag"))
    assert raw.endswith(bench.mail)
    assert raw.removesuffix(bench.mail).replace(b"\r\n ", b" ") == (
        b"X-Lazaretto: malware=EICAR-Test-File, macro=AutoOpen; rule=default.malware; id=01ARZ3\r\n"
    )
    assert (outcome.action, outcome.status) == ("tag", Done.DONE)


def test_the_subject(bench: Any) -> None:
    raw, _ = bench.edit(bench.make(Tag), Step("tag", {"subject": "[SPAM] ", "header": ""}))
    assert raw == bench.mail.replace(b"Subject: Invoice", b"Subject: [SPAM] Invoice")


def test_a_subject_is_marked_once(bench: Any) -> None:
    mail = bench.mail.replace(b"Subject: Invoice", b"Subject: [SPAM] Invoice")
    assert bench.edit(bench.make(Tag), Step("tag", {"subject": "[SPAM] ", "header": ""}), mail)[0] is None


def test_a_mail_without_a_subject_gets_one(bench: Any) -> None:
    mail = bench.mail.replace(b"Subject: Invoice\r\n", b"")
    raw, _ = bench.edit(bench.make(Tag), Step("tag", {"subject": "[SPAM] ", "header": ""}), mail)
    assert b"Subject: [SPAM]\r\n" in raw


def test_field_and_value_are_the_administrators(bench: Any) -> None:
    action = bench.make(Tag, header="X-Mark", value="$rule")
    assert bench.edit(action, Step("tag"))[0].startswith(b"X-Mark: default.malware\r\n")
    step = Step("tag", {"header": "X-Spam-Flag", "value": "YES"})
    assert bench.edit(action, step)[0].startswith(b"X-Spam-Flag: YES\r\n")


def test_names_of_threats_cannot_leave_the_field(bench: Any) -> None:
    bench.findings = (Finding("x", "A\r\nBcc: all@x.example\r\n\r\n", Kind.SPAM, Severity.LOW),) * 2
    raw, _ = bench.edit(bench.make(Tag), Step("tag"))
    assert raw.endswith(bench.mail)
    assert b"\r\nBcc" not in raw


def test_many_findings_make_no_endless_field(bench: Any) -> None:
    bench.findings = tuple(Finding("x", f"{n}" * 500, Kind.SPAM, Severity.LOW) for n in range(1000, 1100))
    raw, _ = bench.edit(bench.make(Tag), Step("tag"))
    assert len(raw) - len(bench.mail) < 3000


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"header": "X Y"}, "no name of a header field"),
        ({"header": "Content-Type"}, "mail depends on the field Content-Type"),
        ({"header": "from"}, "mail depends on"),
        ({"value": "$name"}, "$threats, $rule and $id only"),
        ({"header": "", "subject": "x"}, ""),
    ],
)
def test_options_are_checked(bench: Any, options: dict[str, str], says: str) -> None:
    assert says in "".join(bench.make(Tag).check(options))
    assert bool(list(bench.make(Tag).check(options))) is bool(says)


def test_settings_are_checked(bench: Any) -> None:
    with pytest.raises(ValidationError, match="only"):
        bench.make(Tag, value="$nonsense")


AMBIGUOUS = Finding(
    "unpack", "mime.two-faced", Kind.AMBIGUOUS, Severity.MEDIUM,
    evidence=("read as last-field (mutt): application/zip 'a;b\r\n\u202e.zip' that others do not see", "x", "y", "z"),
)  # fmt: skip


def test_the_field_for_who_else_looks_at_ambiguous_mail(bench: Any) -> None:
    bench.findings = (*bench.findings, AMBIGUOUS, AMBIGUOUS)
    forged = b"MIME-Ambiguity-Results: far.example; none\r\n"
    mail = forged + bench.mail.replace(b"Subject", b"mime-ambiguity-results :\r\n\tlie\r\nSubject")
    step = Step("tag", {"header": "", "ambiguity_results": "yes"})
    raw, _ = bench.edit(bench.make(Tag, ambiguity_id="mx.example"), step, mail)
    added = raw.removesuffix(bench.mail)
    assert raw.endswith(bench.mail)
    assert added.replace(b"\r\n ", b" ") == (
        b"MIME-Ambiguity-Results: mx.example; two-faced "
        b"(read as last-field [mutt]: application/zip 'a_b_.zip' that others do not see, x, y)\r\n"
    )


def test_a_forged_one_goes_though_there_is_nothing_to_say(bench: Any) -> None:
    mail = b"MIME-Ambiguity-Results: far.example; none\r\n" + bench.mail
    raw, _ = bench.edit(bench.make(Tag, ambiguity_results="yes"), Step("tag", {"header": ""}), mail)
    assert raw == bench.mail
    assert bench.edit(bench.make(Tag), Step("tag", {"header": ""}), mail)[0] is None


def test_options_of_that_field(bench: Any) -> None:
    assert list(bench.make(Tag).check({"ambiguity_results": "perhaps"})) == ['ambiguity_results: "yes" or "no"']
    with pytest.raises(ValidationError):
        bench.make(Tag, ambiguity_id="a; b")
