from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from lazaretto import config
from lazaretto.actions.canonical import SIGNED, Canonical
from lazaretto.mime.parse import parse
from lazaretto.mime.sights import ambiguous
from lazaretto.mime.transfer import body
from lazaretto.model import (
    Address,
    ArtifactSummary,
    Can,
    Done,
    Finding,
    Inspection,
    Kind,
    Properties,
    Severity,
    Step,
    Verdict,
)
from lazaretto.treatment import build_actions, treat

TWO = (
    b"From: a@b\r\nSubject: x\r\nContent-Type: multipart/mixed; boundary=a\r\n"
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    b"--a\r\n\r\none\r\n--a\r\n\r\nbad\r\n--a--\r\n--b\r\n\r\ntwo\r\n--b--\r\n"
)
TWO_FACED = Finding("unpack", "mime.two-faced", Kind.AMBIGUOUS, Severity.MEDIUM)
STEP = Step("canonical")


def leaves(raw: bytes) -> list[bytes]:
    message = parse(raw)
    return [body(message, part) for part in message.root.walk() if not part.children]


def treated(raw: bytes, *steps: Step, rescan: Any = None) -> Any:
    artifacts = (ArtifactSummary("2/bad", ("bad",), "text/plain", "", "2", None, 1, 3, "0" * 64),)
    seen = Inspection(Properties(), artifacts, (TWO_FACED,), "p1")
    verdict = Verdict("r", (Address("b@x.example"),), steps, (TWO_FACED,), "Why.", "01")
    return treat(raw, verdict, seen, build_actions(config.load(None, {})), rescan)


def test_both_faces_or_one(bench: Any) -> None:
    raw, (outcome,) = bench.edit(bench.make(Canonical), STEP, TWO)
    assert (outcome.action, outcome.status, outcome.note) == ("canonical", Done.DONE, "")
    assert not ambiguous(parse(raw))
    assert raw.startswith(b"From: a@b\r\nSubject: x\r\nMIME-Version: 1.0\r\n")
    assert leaves(raw) == [b"one", b"bad", b"two"]
    raw, _ = bench.edit(bench.make(Canonical), Step("canonical", {"reading": "last-field"}), TWO)
    assert leaves(raw) == [b"two"]
    raw, _ = bench.edit(bench.make(Canonical, reading="standard"), STEP, TWO)
    assert leaves(raw) == [b"one", b"bad"]


def test_a_mail_with_one_view_keeps_its_bytes(bench: Any) -> None:
    raw, (outcome,) = bench.edit(bench.make(Canonical), STEP)
    assert raw is None
    assert outcome.status is Done.SKIPPED
    assert treated(bench.mail, STEP).raw is None


def test_a_broken_signature_is_told(bench: Any) -> None:
    odd = bench.mail.replace(b"Subject", b"Content-Type: text/plain\r\nSubject")  # signed for who takes the last
    _, (outcome,) = bench.edit(bench.make(Canonical), STEP, odd)
    assert outcome.note == SIGNED
    odd = bench.mail.replace(b'name="other.zip"', b'name="other.zip"\r\nContent-Type: text/plain')
    _, (outcome,) = bench.edit(bench.make(Canonical), STEP, odd)
    assert outcome.note == SIGNED


def test_it_comes_after_all_other_changes() -> None:
    tag, strip = Step("tag", {"subject": "[X] "}), Step("strip", {}, ("2/bad",))
    for steps in ([tag, strip, STEP], [STEP, strip, tag]):
        treatment = treated(TWO, *steps)
        assert not ambiguous(parse(treatment.raw))
        assert b"X-Lazaretto: ambiguous" in treatment.raw
        assert b"Subject: [X] x\r\n" in treatment.raw
        one, notice, *_, two = leaves(treatment.raw)
        assert (one, two) == (b"one", b"two")
        assert b"taken out" in notice or b"removed" in notice
        assert b"bad" not in leaves(treatment.raw)


def test_what_cannot_be_read_to_its_end_fails() -> None:
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (each, each) for each in range(110))
    treatment = treated(deep, STEP)
    assert treatment.raw is None
    (outcome,) = treatment.outcomes
    assert (outcome.status, "limit-depth" in outcome.error) == (Done.FAILED, True)


def test_the_new_form_is_inspected_again() -> None:
    seen: list[bytes] = []

    def rescan(raw: bytes) -> Inspection:
        seen.append(raw)
        return Inspection(Properties(), (), (Finding("unpack", "limit.x", Kind.LIMIT, Severity.MEDIUM),), "p1")

    treatment = treated(TWO, STEP, rescan=rescan)
    assert treatment.raw is None
    assert "not inspected to the end" in treatment.outcomes[-1].error
    assert not ambiguous(parse(seen[0]))


def test_what_it_asks_of_a_door(bench: Any) -> None:
    action = bench.make(Canonical)
    assert (action.needs, action.nearest[0], action.per_part) == (Can.REPLACE, "quarantine", False)


def test_options(bench: Any) -> None:
    action = bench.make(Canonical)
    assert list(action.check({"reading": "boundary-2"})) == []
    (problem,) = action.check({"reading": "backwards"})
    assert "there are union, standard, last-field" in problem
    with pytest.raises(ValidationError):
        bench.make(Canonical, reading="backwards")
