"""The console with a real node: in a browser, and away while mail flows."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright
from tests.e2e.servers import processes, records
from tests.e2e.servers.lazaretto import Lazaretto
from tests.e2e.servers.running import free_port
from tests.e2e.servers.sink import Sink
from tests.e2e.servers.site import deliver

from lazaretto.model import Status

pytestmark = pytest.mark.e2e

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"
POLICY = """
version = "test"

[groups]
strict = ["*@strict.example"]

[[rule]]
id = "strict.malware"
who = { groups = ["strict"] }
what = { kind = "malware" }
then = ["quarantine"]
"""
HELD = (
    b"From: Mallory <mallory@sender.example>\r\nTo: bob@strict.example\r\nSubject: Your invoice\r\n"
    b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
    b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    b"Please pay \xe2\x82\xac 20 at once.\r\n<script>alert(1)</script>\r\n--b\r\n"
    b'Content-Type: application/octet-stream; name="invoice.com"\r\n\r\n' + EICAR + b"\r\n--b--\r\n"
)
TOO_WIDE = """
  [document.documentElement, ...document.querySelectorAll("main *:not(.lz-scroll, pre)")]
    .filter(each => each.clientWidth && each.scrollWidth > each.clientWidth + 1)
    .filter(each => each === document.documentElement || getComputedStyle(each).overflowX === "auto")
    .map(each => `${each.tagName}.${each.className}: ${each.scrollWidth - each.clientWidth} pixels`)
"""
STAMP = re.compile(rb"\AX-Lazaretto-Stamp: [^\n]*\n")


def sections(sink: Sink) -> dict[str, dict[str, str]]:
    return {
        "listeners.smtp": {"listen": f"127.0.0.1:{free_port()}", "next_hop": sink.address},
        "vault": {"release_to": sink.address},
        "console": {"listen": f"127.0.0.1:{free_port()}"},
    }


def send(lazaretto: Lazaretto, raw: bytes, *recipients: str) -> None:
    with smtplib.SMTP(*lazaretto.door("smtp")) as client:
        deliver(client, raw, *recipients)


# ---------------------------------------------------------------------------- in a browser


@dataclass
class Desk:
    """Somebody at the console."""

    lazaretto: Lazaretto
    sink: Sink
    context: BrowserContext
    page: Page
    address: str
    screens: Path
    asked: list[str] = field(default_factory=list)  # every address the browser asked for
    complaints: list[str] = field(default_factory=list)  # what it had to say about the pages

    def show(self, name: str) -> None:
        """A picture of the whole page.  Nothing sticks out at the side, and no list has to be scrolled sideways."""
        self.page.screenshot(path=self.screens / f"{name}.png", full_page=True)
        assert self.page.evaluate(TOO_WIDE) == [], name


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with (
        Sink() as sink,
        Lazaretto(sections(sink), policy=POLICY, command="up") as lazaretto,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        address = next(re.search(r"http://\S+", line)[0] for line in lazaretto.said if "console ready" in line)
        desk = Desk(lazaretto, sink, context, context.new_page(), address, tmp_path_factory.mktemp("screens"))
        context.on("request", lambda request: desk.asked.append(request.url))
        context.on("console", lambda said: desk.complaints.append(said.text) if said.type == "error" else None)
        context.on("weberror", lambda error: desk.complaints.append(str(error.error)))
        yield desk
        browser.close()


def password(lazaretto: Lazaretto) -> list[str]:
    """Those that were printed."""
    return re.findall(r"password: (\S+)", "\n".join(lazaretto.said))


def test_nobody_comes_in_without_the_password_that_was_printed_once(desk: Desk) -> None:
    (secret,) = password(desk.lazaretto)
    page = desk.page
    for given, inside in (("wrong", False), (secret, True)):
        page.goto(desk.address)
        page.get_by_label("Login").fill("admin")
        page.get_by_label("Password").fill(given)
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("heading", name="Dashboard")).to_be_visible(visible=inside)
    assert secret not in desk.lazaretto.log()


def test_a_threat_is_seen_and_let_go_by_clicking(desk: Desk) -> None:
    """Runs after the log-in above."""
    page, sink = desk.page, desk.sink
    send(desk.lazaretto, b"Subject: Lunch\r\n\r\nAt noon?\r\n", "bob@example.test")
    send(desk.lazaretto, HELD, "bob@strict.example")
    send(desk.lazaretto, HELD.replace(b"Your invoice", b"Second one"), "bob@example.test")
    records.wait_for_console(desk.lazaretto)
    assert len(sink.mails) == 2

    page.goto(desk.address)
    expect(page.locator("a.lz-tile", has_text="Infected").locator("b")).to_have_text("2")
    expect(page.get_by_role("table", name="Most frequent findings")).to_contain_text("EICAR-Test-File")
    desk.show("step-dashboard")

    page.get_by_role("link", name="Messages", exact=True).click()
    expect(page.get_by_role("row", name="Lunch")).to_contain_text("Clean")
    expect(page.get_by_role("row", name="Your invoice")).to_contain_text("EICAR-Test-File")
    desk.show("step-messages")
    page.get_by_role("link", name="Your invoice").click()
    sentence = desk.lazaretto.event("Your invoice").verdicts[0].sentence
    assert sentence
    expect(page.get_by_label("Verdict")).to_contain_text(sentence)
    tree = page.get_by_role("region", name="What was in it")
    expect(tree).to_contain_text("invoice.com")
    expect(tree).to_contain_text("EICAR-Test-File")
    desk.show("step-message")

    page.get_by_role("link", name="Quarantine", exact=True).click()
    row = page.get_by_role("row", name="Your invoice")
    expect(row).to_contain_text("EICAR-Test-File")
    desk.show("step-quarantine")
    row.get_by_role("link", name="Your invoice").click()
    preview = page.frame_locator("iframe.lz-preview")
    expect(preview.locator("pre")).to_contain_text("Please pay € 20 at once.\n<script>alert(1)</script>")
    desk.show("step-item")

    page.get_by_role("link", name="Quarantine", exact=True).last.click()
    page.get_by_role("checkbox", name="Select Your invoice").check()
    page.get_by_role("button", name="Release").click()
    expect(page.get_by_role("heading", name="Release 1 message?")).to_be_visible()
    assert len(sink.mails) == 2
    desk.show("step-release")
    page.get_by_role("button", name="Release 1").click()
    expect(page.get_by_role("status").get_by_text("All done.")).to_be_visible()
    released = sink.wait(3)[-1]
    assert STAMP.sub(b"", released.data) == HELD
    assert released.recipients == [b"bob@strict.example"]
    page.get_by_role("link", name="Quarantine", exact=True).first.click()
    expect(page.get_by_role("row", name="Your invoice")).to_have_count(0)
    (item,) = desk.lazaretto.client.items(query="Your invoice", state="").items
    assert (item.state, item.changed_by) == ("released", "admin")


@pytest.mark.parametrize("theme", ["light", "dark", "phone"])
def test_every_page_fits(desk: Desk, theme: str) -> None:
    """Pictures of each, to be looked at; what can be measured of them is."""
    page = desk.page
    page.set_viewport_size({"width": 375, "height": 800} if theme == "phone" else {"width": 1280, "height": 900})
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    first = desk.lazaretto.client.items(state="", sort="at").items[0]
    paths = {
        "dashboard": "", "messages": "messages/", "quarantine": "quarantine/?state=any", "node": "node/",
        "message": f"messages/{first.envelope.id}/", "item": f"quarantine/{first.id}/",
    }  # fmt: skip
    for name, path in paths.items():
        answer = page.goto(desk.address + path)
        assert answer
        assert answer.ok, path
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        desk.show(f"{name}-{theme}")


def test_no_other_host_is_asked_for_anything(desk: Desk) -> None:
    """Runs last of those in the browser."""
    assert len(desk.asked) > 20
    assert {urlsplit(each).netloc for each in desk.asked} == {urlsplit(desk.address).netloc}
    assert not desk.complaints


def test_the_next_start_prints_no_password(desk: Desk) -> None:
    desk.lazaretto.stop()
    desk.lazaretto.start()
    assert not password(desk.lazaretto)
    records.wait_for_console(desk.lazaretto)


# ---------------------------------------------------------------------------- away


def mail(number: int) -> bytes:
    return b"Subject: number-%d\r\n\r\n%b\r\n" % (number, EICAR if number % 2 else b"text")


def test_mail_does_not_depend_on_the_console() -> None:
    with Sink() as sink, Lazaretto(sections(sink), policy=POLICY) as node:  # the node alone
        for number in range(20):
            send(node, mail(number), "bob@strict.example")
        assert len(sink.mails) == 10
        with node.beside("console", ready="console ready"):
            records.wait_for_console(node)
            assert len(records.console_messages(node)) == 20
        for number in range(20, 40):
            send(node, mail(number), "bob@strict.example")
        judged = [event.status for event in records.messages(node)]
        assert judged == [Status.CLEAN, Status.INFECTED] * 20
        assert len(sink.mails) == 20
        with node.beside("console", ready="console ready"):
            records.wait_for_console(node)
            assert len(records.console_messages(node)) == 40


def test_a_console_that_keeps_dying_is_started_again_and_catches_up() -> None:
    with Sink() as sink, Lazaretto(sections(sink), policy=POLICY, command="up") as lazaretto:
        gone: set[int] = set()

        def running() -> set[int]:
            return set(processes.roles(lazaretto.process.pid)["console"]) - gone

        for number in range(3):
            consoles = lazaretto.wait_for(running)
            for pid in consoles:
                processes.kill(pid)
            gone |= consoles
            send(lazaretto, mail(number), "bob@strict.example")
        lazaretto.wait_for(running)
        records.wait_for_console(lazaretto)
        assert len(records.console_messages(lazaretto)) == 3
