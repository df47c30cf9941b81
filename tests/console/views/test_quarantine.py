from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from lazaretto.console.models import Item
from lazaretto.console.views.quarantine import addresses


@pytest.fixture
def held(mails: Any, node: Any, read: Any) -> list[str]:
    node.happen(*(mails.mail("infected", subject=f"mail {count}") for count in range(3)))
    read()
    return list(Item.objects.order_by("pk").values_list("item_id", flat=True))


def test_nothing_happens_before_it_is_confirmed(browser: Any, node: Any, held: list[str]) -> None:
    answer = browser.post("/quarantine/act/", {"action": "release", "ids": held})
    html = answer.content.decode()
    assert "Release 3 messages?" in html
    assert "3 of 3 may do harm" in html
    assert node.calls == []


@pytest.mark.parametrize(("action", "state"), [("release", "released"), ("delete", "deleted")])
def test_several_items_at_once(browser: Any, node: Any, held: list[str], action: str, state: str) -> None:
    answer = browser.post("/quarantine/act/", {"action": action, "ids": held[:2], "confirmed": "1"}, follow=True)
    assert "2 of 2" in answer.content.decode()
    assert "All done." in answer.content.decode()
    ((verb, asked),) = node.calls
    assert (verb, sorted(asked.ids), asked.actor) == (action, sorted(held[:2]), "root")
    assert sorted(Item.objects.values_list("state", flat=True)) == sorted([state, state, "held"])


def test_forwarding_asks_for_addresses(browser: Any, node: Any, held: list[str]) -> None:
    asked = {"action": "forward", "ids": held[:1], "confirmed": "1"}
    assert "Give at least one address" in browser.post("/quarantine/act/", {**asked, "to": " "}).content.decode()
    assert "“x” is not a mail address" in browser.post("/quarantine/act/", {**asked, "to": "x"}).content.decode()
    assert node.calls == []
    answer = browser.post("/quarantine/act/", {**asked, "to": "soc@example.com, it@example.com"}, follow=True)
    assert "Sent to <bdi>soc@example.com, it@example.com</bdi>" in answer.content.decode()
    assert node.calls[0][1].to == ("soc@example.com", "it@example.com")


def test_each_item_says_what_came_of_it(browser: Any, node: Any, held: list[str]) -> None:
    node.refuse[held[1]] = "the next hop 127.0.0.1:25 refused: 451 try later <b>"
    asked = {"action": "release", "ids": held, "confirmed": "1"}
    html = browser.post("/quarantine/act/", asked, follow=True).content.decode()
    assert "Released: 2 of 3" in html
    assert "1 could not be done" in html
    assert "451 try later &lt;b&gt;" in html
    assert Item.objects.get(item_id=held[1]).state == "held"


@pytest.mark.filterwarnings(
    "ignore:unclosed <socket:ResourceWarning"
)  # httpcore leaves a refused Unix socket to the GC
def test_a_node_that_is_down_is_said_and_nothing_changes(browser: Any, node: Any, held: list[str]) -> None:
    node.stop()
    html = browser.post("/quarantine/act/", {"action": "delete", "ids": held, "confirmed": "1"}).content.decode()
    assert "no answer from the node" in html
    assert set(Item.objects.values_list("state", flat=True)) == {"held"}


def test_what_the_journal_tells_agrees_with_what_was_shown(browser: Any, node: Any, held: list[str], read: Any) -> None:
    browser.post("/quarantine/act/", {"action": "release", "ids": held[:1], "confirmed": "1"})
    read()
    item = Item.objects.get(item_id=held[0])
    assert (item.state, item.changed_by, item.resent_to) == ("released", "root", ["bob@example.com"])
    html = browser.get(f"/quarantine/{held[0]}/").content.decode()
    assert "Item released" in html
    assert "bob@example.com" in html
    assert 'value="release"' not in html


def test_what_cannot_be_done_is_not(browser: Any, node: Any, held: list[str]) -> None:
    assert browser.get("/quarantine/act/").status_code == 405
    assert browser.post("/quarantine/act/", {"action": "explode", "ids": held}).status_code == 404
    assert browser.post("/quarantine/act/", {"action": "delete"}).status_code == 302
    assert browser.get("/quarantine/result/").status_code == 302


def test_the_preview_is_text(browser: Any, mails: Any, node: Any, held: list[str]) -> None:
    node.preview_text = f"Click http://evil.example/ now\n{mails.HOSTILE}<a href='http://evil.example'>x</a>"
    answer = browser.get(f"/quarantine/{held[0]}/preview/?theme=dark")
    html = answer.content.decode()
    assert "<a " not in html
    assert "<script" not in html
    assert "&lt;a href=" in html
    assert 'class="dark"' in html
    assert 'class="evil' not in browser.get(f"/quarantine/{held[0]}/preview/?theme=evil").content.decode()
    assert "sandbox" in answer["Content-Security-Policy"]


def test_the_original_comes_as_bytes_after_a_question(browser: Any, node: Any, held: list[str]) -> None:
    assert "What was found is still inside" in browser.get(f"/quarantine/{held[0]}/original/").content.decode()
    answer = browser.post(f"/quarantine/{held[0]}/original/")
    assert answer.content == b"From: a\r\n\r\n" + held[0].encode()
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == f'attachment; filename="{held[0]}.eml.quarantined"'
    node.items.clear()
    assert "no item" in browser.post(f"/quarantine/{held[0]}/original/").content.decode()


def test_addresses_are_checked() -> None:
    assert addresses(" a@example.com;b@example.com a@example.com ") == ["a@example.com", "b@example.com"]
    for wrong in (
        "",
        "x",
        "a@example.com, b",
        "a@example.com\r\nBcc: x",
        ",".join(f"u{n}@example.com" for n in range(30)),
    ):
        with pytest.raises(ValidationError):
            addresses(wrong)
