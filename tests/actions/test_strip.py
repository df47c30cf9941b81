from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import Any

import pytest
from pydantic import ValidationError

from lazaretto.actions import strip
from lazaretto.actions.strip import SIGNED, Strip
from lazaretto.model import Done, Step

BOTH = ("2.1/invoice.zip", "3/other.zip")


@pytest.fixture(autouse=True)
def _at_ten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strip, "now", lambda: datetime(2026, 11, 23, 10, 0, tzinfo=UTC))


def parts_of(raw: bytes) -> list[Any]:
    return [part for part in message_from_bytes(raw, policy=policy.default).walk() if not part.is_multipart()]


def shown(part: Any) -> str:
    return str(part.get_content()).replace("\r\n", "\n").rstrip("\n") + "\n"


def test_the_part_is_replaced_and_all_others_keep_their_bytes(bench: Any) -> None:
    raw, outcomes = bench.edit(bench.make(Strip, contact="help@x.example"), Step("strip", {}, BOTH[1:]))
    before, after = bench.mail.split(b"--outer\r\nContent-Type: application/zip")
    assert raw.startswith(before)
    assert raw.endswith(after[after.index(b"\r\n--outer--") :])
    assert [(each.status, each.artifact, each.note) for each in outcomes] == [(Done.DONE, BOTH[1], "")]
    notice = parts_of(raw)[-1]
    assert notice.get_filename() == "other.zip.txt"
    assert shown(notice) == (
        "An attachment was removed from this message\n\n"
        "The mail protection of this site found something dangerous in it and took it out\n"
        "before the message reached you. The rest of the message is as it was sent.\n\n"
        "    File:     other.zip\n"
        "    Found:    AutoOpen (macro)\n"
        "    Time:     2026-11-23 10:00:00+00:00\n"
        "    Message:  01ARZ3\n"
        "    Rule:     default.malware\n\n"
        "The original is kept for a limited time and can be released if this was a mistake.\n\n"
        "Questions? Ask help@x.example and give the message id above.\n"
        "Please do not ask the sender to send the file again in another way.\n"
    )


def test_a_broken_signature_is_noted(bench: Any) -> None:
    _, outcomes = bench.edit(bench.make(Strip), Step("strip", {}, BOTH))
    assert [outcome.note for outcome in outcomes] == [SIGNED, ""]


def test_language_charset_and_own_words(bench: Any) -> None:
    step = Step("strip", {"language": "de", "charset": "iso-8859-1", "keep": "no"}, BOTH[1:])
    notice = parts_of(bench.edit(bench.make(Strip), step)[0])[-1]
    assert notice.get_content_charset() == "iso-8859-1"
    assert "Gefährliches" in notice.get_content()
    assert "Vom Original wird keine Kopie aufbewahrt." in notice.get_content()
    step = Step("strip", {"notice": "$name went ($threats)."}, BOTH[1:])
    assert shown(parts_of(bench.edit(bench.make(Strip), step)[0])[-1]) == "other.zip went (AutoOpen (macro)).\n"


def test_an_unnamed_part_is_named_by_what_is_in_it(bench: Any) -> None:
    mail = bench.mail.replace(b'; name="other.zip"', b"")
    assert "File:     other.zip\n" in shown(
        parts_of(bench.edit(bench.make(Strip), Step("strip", {}, BOTH[1:]), mail)[0])[-1]
    )
    bench.artifacts = (replace(bench.artifacts[1], names=()),)
    notice = parts_of(bench.edit(bench.make(Strip), Step("strip", {}, BOTH[1:]), mail)[0])[-1]
    assert notice.get_filename() == "removed.txt"
    assert "File:     a part without a name\n" in shown(notice)


def test_a_name_that_would_break_out(bench: Any) -> None:
    mail = bench.mail.replace(b'name="other.zip"', b"name*=utf-8''a%0D%0A--outer%0D%0AContent-Type:%20x%E2%80%AEgpj")
    raw, _ = bench.edit(bench.make(Strip), Step("strip", {}, BOTH[1:]), mail)
    assert len(parts_of(raw)) == len(parts_of(mail))
    assert "File:     a??--outer??Content-Type: x?gpj\n" in shown(parts_of(raw)[-1])


@pytest.mark.parametrize("artifact", ["body", "nowhere/x"])
def test_what_is_in_no_part_fails(bench: Any, artifact: str) -> None:
    bench.artifacts = (*bench.artifacts, replace(bench.artifacts[0], path="body", part=""))
    _, outcomes = bench.edit(bench.make(Strip), Step("strip", {}, (artifact,)))
    assert [outcome.status for outcome in outcomes] == [Done.FAILED]


def test_a_part_that_the_message_has_not_fails(bench: Any) -> None:
    bench.artifacts = (replace(bench.artifacts[0], part="9"),)
    _, outcomes = bench.edit(bench.make(Strip), Step("strip", {}, BOTH[:1]))
    assert outcomes[-1].error == "the message has no part 9"


def test_a_part_within_a_part_that_goes(bench: Any) -> None:
    signed = replace(bench.artifacts[0], path="2", part="2")
    bench.artifacts = (*bench.artifacts, signed)
    raw, outcomes = bench.edit(bench.make(Strip), Step("strip", {}, ("2.1/invoice.zip", "2")))
    assert len(outcomes) == 2
    assert [part.get_content_type() for part in parts_of(raw)] == ["text/plain", "text/plain", "application/zip"]


@pytest.mark.parametrize(
    ("keep", "others", "held"),
    [
        ({}, (), [("backup", BOTH[0])]),
        ({"keep": "quarantine"}, (Step("backup"),), [("quarantine", BOTH[0])]),
        ({"keep": "no"}, (), []),
        ({}, (Step("backup"),), []),  # that one keeps it
    ],
)
def test_where_the_original_is_kept(
    bench: Any, keep: dict[str, str], others: tuple[Step, ...], held: list[tuple[str, str]]
) -> None:
    outcomes = asyncio.run(bench.carry_out(bench.make(Strip), Step("strip", keep, BOTH), *others))
    assert bench.keeper.held == held
    assert [(outcome.action, outcome.item) for outcome in outcomes] == [(purpose, "ITEM1") for purpose, _ in held]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"keep": "maybe"}, "keep: Input should be 'backup', 'quarantine' or 'no'"),
        ({"language": "fr"}, "language: no notice in the language 'fr': there are de, en"),
        ({"charset": "utf-16"}, "charset: unknown or unusable charset 'utf-16'"),
        ({"charset": "klingon"}, "charset: unknown or unusable charset"),
        ({"notice": "$nmae"}, "notice: the notice names $nmae"),
    ],
)
def test_options_and_settings_are_checked(bench: Any, options: dict[str, str], says: str) -> None:
    (complaint,) = bench.make(Strip).check(options)
    assert complaint.startswith(says)
    with pytest.raises(ValidationError):
        bench.make(Strip, **options)
