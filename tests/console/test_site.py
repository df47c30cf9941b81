"""Every page: behind the login, rendered, under the strict policy, without a word to another host."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import unfold

import lazaretto.console
from lazaretto.console import control, security
from lazaretto.console.models import Item, Message

# What is no request: names of XML vocabularies, and where licences and documentation are (in comments).
OTHER_HOST = re.compile(
    r"""(?:src|href|action|srcset|poster)\s*=\s*["']?\s*(?:https?:)?//|url\(\s*["']?(?:https?:)?//|@import"""
)


@pytest.fixture
def pages(mails: Any, node: Any, read: Callable[[], int]) -> list[str]:
    """Addresses of all pages, with something hostile on each."""
    for sort in mails.SORTS:
        node.happen(
            mails.mail(
                sort,
                subject=mails.HOSTILE,
                name=mails.HOSTILE,
                sender=mails.Address(f"{mails.HOSTILE}@x.example", mails.HOSTILE),
                recipients=(mails.Address("bob@example.com", mails.HOSTILE),),
            )
        )
    node.warnings = (mails.HOSTILE,)
    read()
    held = Item.objects.values_list("item_id", flat=True).first()
    return [
        "/",
        "/live/",
        "/messages/",
        "/messages/?q=zzzz",
        "/messages/?fragment=1",
        *(f"/messages/{row.envelope_id}/" for row in Message.objects.all()),
        "/quarantine/",
        f"/quarantine/{held}/",
        f"/quarantine/{held}/preview/",
        f"/quarantine/{held}/original/",
        "/node/",
        "/auth/user/",
        "/auth/user/add/",
        "/password_change/",
    ]


def test_nothing_is_shown_without_a_login(pages: list[str]) -> None:
    from django.test import Client

    stranger = Client()
    for page in pages:
        answer = stranger.get(page)
        assert answer.status_code == 302, page
        assert answer["Location"].startswith("/login/?next="), page


def test_pages_render_hostile_text_as_text(pages: list[str], browser: Any) -> None:
    for page in pages:
        answer = browser.get(page)
        assert answer.status_code == 200, page
        html = answer.content.decode()
        assert "<script>alert" not in html, page
        assert "<img src=x" not in html, page
        assert "\u202e" not in html, page
        assert "\x07" not in html, page
    assert "U+202E" in browser.get("/messages/").content.decode()


def test_pages_carry_the_security_headers(pages: list[str], browser: Any) -> None:
    for page in [*pages, "/login/"]:
        answer = browser.get(page)
        preview = page.endswith("/preview/")
        assert answer["Content-Security-Policy"] == (security.PREVIEW if preview else security.PAGE), page
        assert answer["X-Frame-Options"] == ("SAMEORIGIN" if preview else "DENY"), page
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Referrer-Policy"] == "same-origin"
        assert "no-store" in answer["Cache-Control"], page


def test_no_page_names_another_host(pages: list[str], browser: Any) -> None:
    for page in [*pages, "/login/"]:
        assert not OTHER_HOST.findall(browser.get(page).content.decode()), page


def test_no_style_sheet_or_script_asks_another_host() -> None:
    folders = [Path(unfold.__file__).parent / "static", Path(lazaretto.console.__file__).parent / "static"]
    files = [file for folder in folders for file in folder.rglob("*") if file.suffix in (".css", ".svg")]
    assert len(files) > 5
    for file in files:
        assert not OTHER_HOST.findall(file.read_text()), file


def test_scripts_of_pages_are_files(pages: list[str], browser: Any) -> None:
    for page in pages:
        html = browser.get(page).content.decode()
        for tag in re.findall(r"<script[^>]*>", html):
            assert "src=" in tag or 'type="application/json"' in tag, (page, tag)
        assert not re.findall(r"\son[a-z]+=", re.sub(r"&lt;.*?&gt;", "", html)), page


@pytest.mark.filterwarnings(
    "ignore:unclosed <socket:ResourceWarning"
)  # httpcore leaves a refused Unix socket to the GC
def test_pages_stand_when_the_node_is_down(pages: list[str], browser: Any, node: Any) -> None:
    node.stop()
    control.watch().forget()
    for page in pages:
        answer = browser.get(page)
        assert answer.status_code == 200, page
        if (
            page.startswith(("/messages/", "/quarantine/", "/node/"))
            and "fragment" not in page
            and "preview" not in page
        ):
            assert "The node does not answer." in answer.content.decode(), page
    preview = next(page for page in pages if page.endswith("/preview/"))
    assert "There is no preview" in browser.get(preview).content.decode()


def test_users_without_the_right_may_look_but_not_act(pages: list[str], node: Any) -> None:
    from django.contrib.auth.models import User
    from django.test import Client

    reader = Client()
    reader.force_login(User.objects.create_user("reader", password="correct horse battery", is_staff=True))
    held = Item.objects.values_list("item_id", flat=True).first()
    assert "lz-bulk" not in reader.get("/quarantine/").content.decode()
    asked = {"action": "delete", "ids": [held], "confirmed": "1"}
    assert reader.post("/quarantine/act/", asked).status_code == 403
    assert reader.post(f"/quarantine/{held}/original/").status_code == 403
    assert node.calls == []
