from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def command(folder: Path, port: int) -> list[str]:
    file = folder / "lazaretto.toml"
    file.write_text(f'data_dir = "{folder}"\n[console]\nlisten = "127.0.0.1:{port}"\n')
    return [sys.executable, "-m", "lazaretto.console", "--config", str(file)]


@contextmanager
def running(folder: Path, port: int) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    process = subprocess.Popen(command(folder, port), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stderr
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "ready" in line:
            break
    try:
        yield process, lines
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


def test_start_answer_end(tmp_path: Path) -> None:
    port = free_port()
    with running(tmp_path, port) as (process, lines):
        assert re.search(r"password: \S{23} ", lines[0])
        assert lines[-1] == f"console ready on http://127.0.0.1:{port}/\n"
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/login/", timeout=10) as answer:
            html = answer.read().decode()
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        sheet = re.search(r'href="(/static/[^"]*console\.css)"', html)
        assert sheet
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{sheet[1]}", timeout=10) as answer:
            assert answer.headers["Content-Type"] == "text/css"
            assert "immutable" in answer.headers["Cache-Control"]
        second = subprocess.run(command(tmp_path, free_port()), capture_output=True, text=True, timeout=30, check=False)
        assert second.returncode == 2
        assert "another console is running" in second.stderr
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
    with running(tmp_path, port) as (_, lines):
        assert not [line for line in lines if "password" in line]


def test_a_port_in_use_is_said(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        answer = subprocess.run(command(tmp_path, port), capture_output=True, text=True, timeout=30, check=False)
    assert answer.returncode == 2
    assert f"[console] listen = '127.0.0.1:{port}': Address already in use" in answer.stderr
    assert "Traceback" not in answer.stderr


CHROMIUM = Path("/usr/bin/chromium")
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.mark.e2e
@pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium")
@pytest.mark.parametrize(("width", "dark"), [(1440, False), (390, True)])
def test_in_a_browser(tmp_path: Path, mails: Any, width: int, dark: bool) -> None:
    """Log in, see what comes live, look at a hostile message, release it: no script of a mail, no other host."""
    from playwright.sync_api import expect, sync_playwright

    node = mails.FakeNode(tmp_path / "control.sock")
    node.start()
    node.happen(*(mails.mail(sort) for sort in mails.SORTS))
    node.happen(mails.mail("infected", subject=mails.HOSTILE, name=mails.HOSTILE))
    node.preview_text = f"http://evil.example/ {mails.HOSTILE}"
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    with running(tmp_path, port) as (_, lines), sync_playwright() as play:
        password = re.findall(r"password: (\S+)", lines[0])[0]
        chromium = play.chromium.launch(executable_path=str(CHROMIUM), args=SWITCHES)
        look = chromium.new_context(
            viewport={"width": width, "height": 844}, color_scheme="dark" if dark else "light", timezone_id="Asia/Tokyo"
        )
        page = look.new_page()
        asked: list[str] = []
        wrong: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("dialog", lambda dialog: wrong.append(dialog.message))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)

        page.goto(f"{base}/quarantine/")
        page.get_by_label("Login").fill("admin")
        page.get_by_label("Password").fill(password)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Quarantine")).to_be_visible()
        expect(page.locator("tbody tr")).to_have_count(3)

        page.goto(f"{base}/?period=1h")
        tile = page.locator(".lz-tile", has_text="Infected").locator("b")
        expect(tile).to_have_text("2")
        page.wait_for_function("Chart.getChart('traffic').data.datasets.length === 5")
        node.happen(mails.mail("infected", subject="just now"))
        expect(tile).to_have_text("3", timeout=15_000)
        expect(page.get_by_role("link", name="just now")).to_be_visible()

        for address in ("/messages/?q=a", "/quarantine/", "/node/", "/auth/user/"):
            page.goto(base + address)
            wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, f"{address} is {wide} pixels too wide"

        page.goto(f"{base}/quarantine/?q=alert")
        page.locator("td.lz-subject a").click()
        frame = page.frame_locator("iframe")
        expect(frame.locator("pre")).to_contain_text("http://evil.example/ <script>alert(1)</script>")
        assert frame.locator("a, script, img").count() == 0
        ink = frame.locator("body").evaluate("body => getComputedStyle(body).color")
        assert ink == ("rgb(229, 231, 235)" if dark else "rgb(31, 41, 55)")

        page.goto(f"{base}/quarantine/")
        expect(page.get_by_role("button", name="Release")).to_be_disabled()
        page.get_by_label("Select all on this page").check()
        expect(page.get_by_text("4 selected")).to_be_visible()
        page.get_by_role("button", name="Release").press("Enter")
        page.get_by_role("button", name="Release 4").press("Enter")
        expect(page.get_by_role("heading", name="Released: 4 of 4")).to_be_visible()
        page.goto(f"{base}/quarantine/")
        expect(page.get_by_text("Nothing waits in the quarantine.")).to_be_visible()

        chromium.close()
        assert wrong == []
        assert {url.split("/")[2] for url in asked} == {f"127.0.0.1:{port}"}
    node.stop()
