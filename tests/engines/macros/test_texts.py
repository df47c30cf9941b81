from __future__ import annotations

import base64
import random

import pytest

from lazaretto.engines.macros.signs import Signs
from lazaretto.engines.macros.texts import Texts
from lazaretto.engines.macros.weights import load

WEIGHTS = load()


def seen(*texts: tuple[str, str, bool]) -> dict[str, list[str]]:
    kept, signs = Texts(), Signs(WEIGHTS)
    for text, where, joined in texts:
        kept.add(text, where, joined=joined)
    kept.search(signs)
    return signs.seen


def test_where_a_word_stands() -> None:
    found = seen(("nothing", "A:1", False), ("PowerShell -c", "A:2", False), ("x", "A:3", False))
    assert found == {"tool.powershell": ['A:2 "powershell": speaks of PowerShell (tool.powershell)']}


def test_a_word_in_pieces_is_hidden() -> None:
    assert set(seen(("pow", "A:1", False), ("powershell", "A:1", True))) == {"tool.powershell", "hide.split"}
    assert set(seen(("powershell", "A:1", False), ("powershell -c", "A:1", True))) == {"tool.powershell"}


def test_an_address_in_pieces_is_not() -> None:
    assert set(seen(("http://a", "A:1", True))) == {"see.url"}


def test_a_program() -> None:
    assert seen(("C:\\x\\Update 1.EXE", "A:1", False)) == {
        "write.program": ['A:1 "1.exe": names a program or script file (write.program)']
    }
    assert seen(("x.exempt", "A:1", False)) == {}


@pytest.mark.parametrize(
    ("text", "is_encoded"),
    [
        (random.Random(1).randbytes(200).hex(), True),
        (base64.b64encode(random.Random(1).randbytes(300)).decode(), True),
        (",".join(str(each) for each in random.Random(1).randbytes(200)), True),
        ("x" * 400, False),
        ("a long sentence of words " * 20, False),
        ("C:\\Users\\name\\Documents\\" * 20, False),
        ("abcdefghijklm" * 20, False),
    ],
)
def test_strings_that_are_no_words(text: str, is_encoded: bool) -> None:
    assert ("hide.encoded" in seen((text, "A:1", False))) is is_encoded


def test_there_is_an_end() -> None:
    kept = Texts()
    for _ in range(200):
        kept.add("x" * 65_536, "A:1")
    assert kept.full
