from __future__ import annotations

from typing import Any

from django.test import RequestFactory

from lazaretto.console.templatetags import show
from lazaretto.model import Finding, Kind, Severity


def test_text_is_escaped_marked_and_kept_apart(mails: Any) -> None:
    html = show.safe_text(mails.HOSTILE)
    assert html.startswith("<bdi>&lt;script&gt;")
    assert '<span class="lz-hidden" title="U+202E RIGHT-TO-LEFT OVERRIDE">U+202E</span>' in html
    assert "<img" not in html
    assert show.plain(mails.HOSTILE).count("[U+202E]") == 1


def test_lines_stay_lines() -> None:
    assert show.safe_lines("a\n<b>") == "a\n&lt;b&gt;"


def test_a_display_name_never_stands_alone() -> None:
    html = show.mailbox("evil@x.example", "Your Bank <bank@bank.example>")
    assert "evil@x.example" in html
    assert "&lt;bank@bank.example&gt;" in html
    assert "&lt;&gt;" in show.mailbox("")


def test_recipients_are_counted() -> None:
    html = show.mailboxes([["a@x.example", ""], ["b@x.example", ""], ["c@x.example", ""]])
    assert "a@x.example" in html
    assert "and 2 more" in html
    assert "more" not in show.mailboxes([["a@x.example", ""]])


def test_numbers_for_people() -> None:
    assert [show.octets(size) for size in (0, 1023, 1536, 10**9)] == ["0 B", "1023 B", "1.5 KiB", "954 MiB"]
    assert [show.duration(time) for time in (None, 0.0421, 3.25, 600)] == ["–", "42 ms", "3.2 s", "10 min"]


def test_badges_say_it_in_words() -> None:
    assert "Infected" in show.status("infected")
    assert "In quarantine" in show.happened(202)
    assert "Held" in show.state("held")
    assert "Critical" in show.severity(4)
    assert "&lt;x&gt;" in show.state("<x>")


def test_query_changes_one_thing_and_goes_back_to_page_one() -> None:
    context = {"request": RequestFactory().get("/?q=a%26b&page=3&fragment=1")}
    assert show.query(context, sort="-size") == "?q=a%26b&sort=-size"
    assert show.query(context, page=4) == "?q=a%26b&page=4"
    assert show.query(context, q="") == "?"


def test_names_are_explained() -> None:
    def known(name: str, kind: Kind) -> str:
        return show.known(Finding("x", name, kind, Severity.HIGH))

    assert "bomb" in known("limit.ratio", Kind.LIMIT)
    assert known("Win.Trojan.Agent-123", Kind.MALWARE) == "trojan/windows/Agent/123"
    assert known("our-rule", Kind.CONTENT) == ""
