"""What a link gives away."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from lazaretto.links import feeds, lists
from lazaretto.links.judge import Judge, Link
from lazaretto.model import Kind, Severity

INFO, LOW, MEDIUM, HIGH = Severity.INFORMATIONAL, Severity.LOW, Severity.MEDIUM, Severity.HIGH
JUDGE = Judge([lists.brand(["bank.example"])])


def signs(raw: str, shown: str = "", where: str = "link") -> dict[str, Severity]:
    return {sign.name: sign.severity for sign in JUDGE.judge(Link(raw, shown, where))[1]}


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("https://www.example.org/news?id=1", {}),
        ("https://bank.example/login", {}),
        ("mailto:a@b.example", {}),
        ("http://8.8.8.8/", {"url.ip": INFO}),
        ("http://134744072/", {"url.ip": INFO, "url.ip-disguised": MEDIUM}),
        ("https://bank.example@evil.example/", {"url.userinfo": MEDIUM}),
        ("ftp://user:word@files.example/", {"url.userinfo": INFO}),
        ("http://jane.doe@files.example/", {"url.userinfo": INFO}),
        ("https://evil%2eexample/", {"url.obscured": LOW}),
        ("https:\\\\evil.example", {"url.obscured": INFO}),
        ("https://example.org:8123/", {"url.port": INFO}),
        ("https://example.org/" + "x" * 3000, {"url.long": INFO}),
        ("https://bit.ly/abc", {"url.shortener": INFO}),
        ("https://nice-try.web.app/", {"url.hosting": INFO}),
        ("https://docs.google.com/forms/d/1", {"url.hosting": INFO}),
        ("https://docs.google.com/document/d/1", {}),
        ("https://раураl.com/", {"url.mixed-scripts": MEDIUM, "url.lookalike": MEDIUM}),
        ("https://аррӏе.com/", {"url.homograph": LOW, "url.lookalike": MEDIUM}),
        ("https://пример.рф/", {}),
        ("https://bank-example.com/", {"url.lookalike": HIGH}),
        ("https://paypal-login.evil.com/", {"url.lookalike": LOW}),
        ("https://paypal-login.com/", {"url.lookalike": MEDIUM}),
        ("https://outlook-tools.example/", {"url.lookalike": INFO}),
        ("data:text/html,<script>", {"url.data": MEDIUM}),
        ("data:image/png;base64,AA", {"url.data": INFO}),
        ("javascript:void(0)", {"url.script": INFO}),
        ("javascript:eval(atob('x'))", {"url.script": LOW}),
        ("ms-msdt:/id PCWDiagnostic", {"url.handler": MEDIUM}),
        ("file://server.evil.example/share/x.scf", {"url.share": MEDIUM}),
        ("file:///C:/Users/x.txt", {"url.file": INFO}),
        ("\\\\server.evil.example\\share\\x.scf", {"url.share": MEDIUM}),
        ("file:///\\\\fileserver\\sales\\plan.docx", {"url.share": INFO}),
        ("file://fs1.corp/sales/plan.docx", {"url.share": INFO}),
        ("https://www.paypal.com@evil.example/", {"url.userinfo": MEDIUM}),
        ("https://www.paypal%2Ecom@evil.example/", {"url.userinfo": MEDIUM}),
        ("http://[::ffff:8.8.8.8]/", {"url.ip": INFO, "url.ip-disguised": MEDIUM}),
        ("microsoft-edge:https://paypal-login.com/", {"url.lookalike": MEDIUM}),
        ("ms-word:ofe|u|https://paypal-login.com/x.docx", {"url.handler": MEDIUM, "url.lookalike": MEDIUM}),
        ("intent://paypal-login.com/#Intent;scheme=https;end", {"url.lookalike": MEDIUM}),
        ("firefox://open-url?url=https%3A%2F%2Fpaypal-login.com", {"url.lookalike": MEDIUM}),
        ("https://evil.example:99999/", {}),
        ("https://microsoft.zendesk.com/", {"url.lookalike": INFO}),
        ("https://bank.atlassian.net/x", {"url.lookalike": INFO}),
        ("https://paypal-login.zendesk.com/", {"url.lookalike": LOW}),
    ],
)
def test_signs(raw: str, expected: dict[str, Severity]) -> None:
    assert signs(raw) == expected


@pytest.mark.parametrize(
    ("raw", "shown", "severity"),
    [
        ("https://click.mailer.example/x", "www.shop.com", INFO),
        ("https://www.shop.com/x", "https://shop.com", None),
        ("https://click.mailer.example/?u=https%3A%2F%2Fwww.shop.com", "www.shop.com", None),
        ("http://8.8.8.8/", "www.shop.com", LOW),
        ("https://evil.web.app/", "https://www.paypal.com/signin", MEDIUM),
        ("https://news.paypal-communication.com/", "www.paypal.com", None),
        ("https://click.mailer.example/x", "www.bank.example", None),  # no public suffix, so no name that is shown
        ("https://www.shop.com/x", "readme.txt", None),
        ("https://www.shop.com/x", "Click here.", None),
        ("https://evil.example/", "https：//www.shop.com", INFO),
        ("https://evil.web.app/", "HTTPS://WWW.PAYPAL.COM/", MEDIUM),
        ("https://evil.web.app/", "→ (www.paypal.com).", MEDIUM),
        ("https://evil.web.app/", "paypal.com, Inc.", MEDIUM),
        ("https://evil.web.app/", "help@paypal.com", None),
        ("https://lnkd.in/abc", "github.com/x/y", INFO),
        ("https://bit.ly/abc", "facebook.com/club", LOW),
        ("https://evil.web.app/", "paypal.com@x", None),
    ],
)
def test_what_is_shown_against_where_it_goes(raw: str, shown: str, severity: Severity | None) -> None:
    assert signs(raw, shown).get("url.mismatch") == severity


def test_wrapped_links_are_judged() -> None:
    urls, found = JUDGE.judge(
        Link("https://a.safelinks.protection.outlook.com/?url=https%3A%2F%2Fbank-example.com%2F", "", "link")
    )
    assert [url.host for url in urls] == ["a.safelinks.protection.outlook.com", "bank-example.com"]
    assert [(sign.name, sign.severity) for sign in found] == [("url.lookalike", HIGH)]
    assert "inside a.safelinks" in found[0].said
    assert signs("https://x.example/?return=https%3A%2F%2Fbank-example.com%2F") == {"url.lookalike": LOW}


def test_open_redirectors() -> None:
    assert signs("https://www.google.com/url?q=https://evil.web.app/") == {"url.redirect": INFO, "url.hosting": INFO}


def test_too_many_links_in_links_are_said() -> None:
    raw = "https://b.example/?" + "&".join(f"u{n}=http://h{n}.example/" for n in range(60))
    assert signs(raw)["limit.nested"] == LOW


def test_listed(tmp_path: Path) -> None:
    (tmp_path / "malware").mkdir()
    (tmp_path / "malware" / "own.domains").write_text("evil.example\n")
    (tmp_path / "urls.urls").write_text("https://a.example/x\n")
    judge = Judge(table=feeds.load([tmp_path]))
    _, (sign,) = judge.judge(Link("https://www.evil.example/y"))
    assert (sign.name, sign.severity, sign.kind) == ("url.listed", HIGH, Kind.MALWARE)
    _, (sign,) = judge.judge(Link("https://b.example/?next=https%3A%2F%2Fa.example%2Fx"))
    assert (sign.name, sign.severity, sign.kind) == ("url.listed", HIGH, Kind.PHISHING)


def test_evidence_says_what_is_seen_and_where_it_goes() -> None:
    _, found = JUDGE.judge(Link("http://8.8.8.8/a", "https://www.shop.com", "link"))
    assert [sign.said for sign in found] == [
        "an address without a name: 'https://www.shop.com' goes to http://8.8.8.8/a",
        "shows www.shop.com, goes to 8.8.8.8 (an address without a name)",
    ]


def test_hosts_are_forgotten_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lazaretto.links.judge._REMEMBERED", 10)
    judge = Judge()
    for number in range(25):
        judge.judge(Link(f"https://h{number}.example/"))
    assert len(judge._abouts) <= 10


@pytest.mark.parametrize("shown", ["a." * 150, "." * 300, "-." * 150 + "!", "_" * 300, "a" * 300])
def test_hostile_texts_of_links_cost_little(shown: str) -> None:
    began = time.monotonic()
    signs("https://evil.example/", shown)
    assert time.monotonic() - began < 1


def test_a_target_behind_many_parameters() -> None:
    raw = "https://www.google.com/url?" + "a=1&" * 500 + "q=https://paypal-login.com/"
    assert signs(raw)["url.lookalike"] is MEDIUM
