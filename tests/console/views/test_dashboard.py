from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def _traffic(mails: Any, node: Any, read: Any) -> None:
    node.happen(*(mails.mail(sort) for sort in mails.SORTS))
    read()


@pytest.mark.usefixtures("_traffic")
def test_the_first_page_says_what_happened(browser: Any) -> None:
    html = browser.get("/").content.decode()
    for word in ("EICAR-Test-File", "Healthy", "127.0.0.1:8891", "alice@example.org", "As a table"):
        assert word in html


@pytest.mark.usefixtures("_traffic")
def test_the_live_answer_follows(browser: Any, mails: Any, node: Any, read: Any) -> None:
    before = browser.get("/live/?period=1h").json()
    assert before["charts"]["totals"]["messages"] == len(mails.SORTS)
    node.happen(mails.mail("infected", subject="brand new"))
    read()
    after = browser.get("/live/?period=1h").json()
    assert after["charts"]["totals"]["infected"] == before["charts"]["totals"]["infected"] + 1
    assert "brand new" in after["parts"]["held"]
    assert set(after["parts"]) == {"tiles", "health", "threats", "senders", "held", "notice"}


def test_an_empty_console_says_so(browser: Any, node: Any) -> None:
    html = browser.get("/?period=nonsense").content.decode()
    assert "Nothing waits in the quarantine" in html
    assert "Nothing was found" in html


def test_warnings_of_the_node_are_on_every_page(browser: Any, node: Any) -> None:
    node.warnings = ("the disk is 95 % full: free some space",)
    for page in ("/", "/messages/", "/quarantine/", "/node/"):
        assert "the disk is 95 % full" in browser.get(page).content.decode()
