from __future__ import annotations

from typing import Any

from lazaretto.model import Event, EventKind, new_id, now


def test_the_node_page_shows_state_and_events(browser: Any, node: Any, read: Any) -> None:
    node.happen(Event(new_id(), now(), "mx1", EventKind.PATTERNS_LOADED, note="1,204 rules"))
    read()
    html = browser.get("/node/").content.decode()
    for word in ("seccomp: in force", "4711", "Patterns loaded", "1,204 rules", "The console has read everything"):
        assert word in html


def test_the_page_says_how_far_the_console_is(browser: Any, mails: Any, node: Any) -> None:
    node.happen(mails.mail())
    assert "The console has read 0 of 1." in browser.get("/node/").content.decode()
