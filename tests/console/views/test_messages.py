from __future__ import annotations

from dataclasses import replace
from typing import Any

from lazaretto.console.views.messages import icon, timings, tree
from lazaretto.model import ArtifactSummary, Finding, Kind, Severity


def artifact(path: str, parent: str | None, depth: int) -> ArtifactSummary:
    return ArtifactSummary(path, (path,), "application/zip", "", "1", parent, depth, 1, "0" * 64)


def test_the_list_shows_sorts_and_filters(browser: Any, mails: Any, node: Any, read: Any) -> None:
    node.happen(*(mails.mail(sort, subject=f"the {sort} one") for sort in mails.SORTS))
    read()
    assert browser.get("/messages/").content.decode().count("lz-subject") == len(mails.SORTS)
    html = browser.get("/messages/?category=infected&sort=subject&q=EICAR").content.decode()
    assert "the infected one" in html
    assert "the clean one" not in html
    assert 'aria-sort="ascending"' in html
    assert "No message matches" in browser.get("/messages/?q=nowhere").content.decode()
    assert "<html" not in browser.get("/messages/?fragment=1").content.decode()


def test_an_empty_list_says_what_to_do(browser: Any, node: Any) -> None:
    assert "lazaretto demo" in browser.get("/messages/").content.decode()


def test_a_message_page_tells_everything(browser: Any, mails: Any, node: Any, read: Any) -> None:
    event = mails.mail("infected")
    node.happen(event)
    read()
    html = browser.get(f"/messages/{event.envelope.id}/").content.decode()
    for word in (
        "Held because invoice.zip!run.js contains EICAR-Test-File (malware).",
        "Alice Example",
        "offset 0, 68 bytes",
        "text/javascript",
        "b" * 64,
        "patterns 2026-11-23",
        "192.0.2.7",
        f"/quarantine/{event.outcomes[0].item}/",
        "&quot;reply&quot;: &quot;discard&quot;",
    ):
        assert word in html, word


def test_the_tree_goes_from_the_outside_in(mails: Any) -> None:
    found = (artifact("a", None, 0), artifact("b", None, 0), artifact("a!1", "a", 1), artifact("a!1!x", "a!1", 2))
    rows = tree(replace(mails.mail(), artifacts=found))
    assert [row["artifact"].path for row in rows] == ["a", "a!1", "a!1!x", "b"]
    assert [row["indent"] for row in rows] == [0, 1, 2, 0]


def test_only_what_is_worse_than_informational_is_marked(mails: Any) -> None:
    found = (
        Finding("unpack", "unpack.password", Kind.ENCRYPTED, Severity.INFORMATIONAL, "a"),
        Finding("unpack", "unpack.encrypted", Kind.ENCRYPTED, Severity.MEDIUM, "b"),
    )
    event = replace(mails.mail(), artifacts=(artifact("a", None, 0), artifact("b", None, 0)), findings=found)
    assert [row["hit"] for row in tree(event)] == [False, True]


def test_a_tree_that_is_deep_circular_or_torn_is_drawn(mails: Any) -> None:
    deep = tuple(artifact(f"p{level}", f"p{level - 1}" if level else None, level) for level in range(3000))
    assert len(tree(replace(mails.mail(), artifacts=deep))) == 3000
    torn = (artifact("x", "gone", 4), artifact("y", "x", 5))
    assert [row["artifact"].path for row in tree(replace(mails.mail(), artifacts=torn))] == ["x", "y"]
    assert tree(replace(mails.mail(), artifacts=(artifact("s", "s", 0),))) == []


def test_stages_have_their_share(mails: Any) -> None:
    rows = timings(replace(mails.mail(), timings={"parse": 1.0, "patterns": 4.0, "total": 5.0}))
    assert [(row["name"], row["share"]) for row in rows] == [("parse", 25.0), ("patterns", 100.0)]
    assert timings(replace(mails.mail(), timings={})) == []


def test_icons() -> None:
    assert icon("application/zip") == "folder_zip"
    assert icon("image/png") == "image"
    assert icon("application/x-unheard-of") == "draft"
