from __future__ import annotations

from typing import Any

import pytest

from lazaretto.console import security


def test_policies_name_no_other_host() -> None:
    for policy in (security.PAGE, security.PREVIEW, security.DOWNLOAD):
        assert policy.startswith("default-src 'none'")
        assert "http" not in policy
        assert "*" not in policy
    assert "script-src 'self' 'unsafe-eval'" in security.PAGE
    assert "script" not in security.PREVIEW
    assert "; sandbox" in security.PREVIEW


def test_cookies_are_closed(browser: Any) -> None:
    browser.logout()
    browser.post("/login/", {"username": "root", "password": "correct horse battery"})
    cookie = browser.cookies["lazaretto_session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    browser.get("/password_change/")
    assert browser.cookies["lazaretto_csrf"]["httponly"]
    assert browser.cookies["lazaretto_csrf"]["samesite"] == "Strict"


def test_a_forged_request_is_refused(browser: Any) -> None:
    from django.test import Client

    forger = Client(enforce_csrf_checks=True)
    forger.cookies = browser.cookies
    assert forger.post("/quarantine/act/", {"action": "delete", "ids": ["x"], "confirmed": "1"}).status_code == 403


def test_an_unknown_host_name_is_refused(browser: Any) -> None:
    assert browser.get("/", headers={"host": "evil.example"}).status_code == 400


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("", None),
        ("../../etc/passwd", None),
        ("Europe", None),
        ("No/Where", None),
        ("\x00", None),
    ],
)
def test_time_zones_are_known_ones(name: str, key: str | None) -> None:
    found = security.zone(name)
    assert (found.key if found else None) == key


def test_times_are_shown_in_the_readers_zone(browser: Any, mails: Any, node: Any, read: Any) -> None:
    node.happen(mails.mail(at=mails.datetime(2026, 11, 20, 23, 30, tzinfo=mails.now().tzinfo)))
    read()
    browser.cookies["lazaretto_zone"] = "Asia%2FTokyo"
    assert "2026-11-21 <b>08:30:00</b>" in browser.get("/messages/").content.decode()
