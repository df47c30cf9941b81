from __future__ import annotations

import time

import pytest

from lazaretto.unpack.shortcut import targets


@pytest.mark.parametrize(
    "command",
    [
        "C:\\Windows\\System32\\cmd.exe /c calc",
        "powershell -enc AAAA",
        "%windir%\\System32\\MSHTA.EXE http://a",
        "rundll32 x.dll,Start",
        "x.js",
        '"C:\\a b\\run.VBS"',
        "/c start /b curl.exe -o x",
    ],
)
def test_programs(command: str) -> None:
    assert targets.starts_program(command)


@pytest.mark.parametrize("command", ["C:\\Program Files\\App\\app.exe", "D:\\cmdline\\notes.txt", "report.pdf", ""])
def test_no_programs(command: str) -> None:
    assert not targets.starts_program(command)


def test_remote() -> None:
    for target in ("\\\\h\\s", "//h/s", "file://h/a", "FILE:x", " search-ms:query=a", "ms-msdt:/id", "\\\\h@SSL\\d"):
        assert targets.is_remote(target)
    for target in ("https://a/", "C:\\a", "\\\\?\\C:\\a", "a", ""):
        assert not targets.is_remote(target)


def test_the_rest() -> None:
    assert targets.is_web("-c http://a/")
    assert not targets.is_web("http:/a")
    assert targets.is_padded("a" + " \t\r\n" * 60 + "b")
    assert not targets.is_padded("a" + " " * 100 + "b")
    assert targets.shows_document("C:\\x\\AcroRd32.exe")
    assert targets.shows_document("a.pdf,0")
    assert not targets.shows_document("shell32.dll")


def test_time() -> None:
    start = time.process_time()
    for text in (" " * 60_000, "cmd" * 20_000, "\\" * 60_000, "a" + " " * 199 * 300):
        targets.starts_program(text)
        targets.is_padded(text)
        targets.shows_document(text)
    assert time.process_time() - start < 5
