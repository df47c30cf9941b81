from __future__ import annotations

from lazaretto.scripting.tokens import END, MARK, Tokens


def made(marks: str) -> Tokens:
    found = Tokens(marks)
    for at, mark in enumerate(marks):
        found.add(MARK, mark, at, at + 1)
    return found.finish()


def test_brackets_belong_together() -> None:
    found = made("([)]{}")
    assert found.partners[4] == 5
    assert made("([])").partners == {0: 3, 1: 2}


def test_what_is_never_closed_ends_with_the_text() -> None:
    found = made("((")
    assert found.partners == {0: 2, 1: 2}
    assert found.after(0) == found.count == 2
    assert found.kinds[-1] == END
