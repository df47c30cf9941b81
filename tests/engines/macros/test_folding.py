from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lazaretto.engines.macros.folding import Folder
from lazaretto.engines.macros.lexer import statements


def folded(source: str) -> list[str]:
    folder = Folder()
    return [text for each in statements(source) for text in folder.fold(each.words, each.lower)]


def last(source: str) -> str:
    return folded(source)[-1]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ('x = "a" & "b"', "ab"),
        ('x = "a" + "b"', "ab"),
        ('x = "a" & y & "b"', "ab"),
        ('x = "say ""hi"" " & "now"', 'say "hi" now'),
        ("x = Chr(65) & ChrW(&H42) & Chr$(60 + 7) & Chr(10 * 7 - 2)", "ABCD"),
        ("x = Chr(1 Xor 64) & Chr((130) / 2)", "AA"),
        ('x = StrReverse("cba")', "abc"),
        ('x = Replace("a-b-c", "-", "")', "abc"),
        ('x = Replace(Replace("a-b+c", "-", ""), "+", "")', "abc"),
        ('x = Mid("abcdef", 2, 3) & Left("xyz", 1) & Right("xyz", 1)', "bcdxz"),
        ('x = LCase("AB") & Trim(" c ")', "ABc"),
        ('x = Join(Array("a", "b"), "-")', "a-b"),
        ('x = Split("a|b", "|")\ny = x(1) & "c"', "bc"),
        ('Const a = "x"\nConst b As String = "y"\nz = a & b', "xy"),
        ('a = "x"\na = a & "y"\na = a & "z"', "xyz"),
        ("x = VBA.Chr(65) & VBA.Strings.Chr(66)", "AB"),
        ('x = Environ("TEMP") & "\\a"', "%TEMP%\\a"),
        ('f CreateObject("a" & "b")', "ab"),
        ('If x = "a" & "b" Then', "ab"),
        ('Print "a" & Asc("b") & Len("abc")', "a983"),
        ('x = CONCATENATE("a","b")', "ab"),
        ('x = ("a" & ("b" & "c")) & "d"', "abcd"),
        ('Call o.Run("a" & "b", 1)', "ab"),
        ('a(0) = "x"\na(1) = "y"\nz = a(0) & a(1)', "xy"),
        ('x = IIf(y, "a", "b") & "c"', "ac"),
        ('x = Choose(2, "a", "b") & "c"', "bc"),
        ('x = String(2, "a") & Space(1) & "b"', "aa b"),
        ('x = Format("a") & "b"', "ab"),
        ('A1 = REPT("ab",2)&"c"', "ababc"),
        ('B1 = "a"\nA1 = INDIRECT("B1")&"c"', "ac"),
        ('A1 = SET.VALUE(B1,"a")\nA2 = B1&"b"', "ab"),
        ('A1 = FORMULA("a",B1)\nA2 = B1&"b"', "ab"),
        ('A1 = FORMULA.FILL("a",B1)\nA2 = B1&"b"', "ab"),
    ],
)
def test_constants_are_put_together(source: str, text: str) -> None:
    assert last(source) == text


@pytest.mark.parametrize(
    "source", ['x = "a"', "x = y", "x = 1 + 2", "x = Chr(y)", "x = o.Chr(65)", "x = Chr(99999999)"]
)
def test_nothing_to_put_together(source: str) -> None:
    assert [text for text in folded(source) if text] == []


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ('x = ActiveDocument.Variables("A").Value & "b"', "one" + "b"),
        ('x = ActiveDocument.Variables("a") & Variables("c")', "one" + "three"),
        ('Shell ThisDocument.CustomDocumentProperties("c").Value', "three"),
        ('x = Replace(ActiveDocument.Variables("a").Value, "n", "")', "oe"),
        ('x = "-" & Shapes("a").Width', "-"),
        ('x = "-" & Variables("unknown")', "-"),
    ],
)
def test_what_the_document_keeps(source: str, text: str) -> None:
    folder = Folder({"a": "one", "c": "three"})
    assert [made for each in statements(source) for made in folder.fold(each.words, each.lower)][-1] == text


def test_names_of_excel_4() -> None:
    assert last('A1 = SET.NAME("key", "cm" & "d")\nA2 = key & ".exe"') == "cmd.exe"


def test_what_was_done_is_counted() -> None:
    folder = Folder()
    for each in statements('x = Chr(65) & StrReverse("abcdef") & Replace("a#b#c#d#e", "#", "") & "x"'):
        folder.fold(each.words, each.lower)
    assert (folder.chars, folder.reversed, folder.replaced, folder.row) == (1, 1, 1, 4)


@pytest.mark.parametrize(
    "source",
    [
        "x = " + "(" * 200_000,
        "x = f(" * 100_000,
        "x = " + "-" * 500_000,
        "x = " + " & ".join(['"ab"'] * 100_000),
        "x = Chr(" * 100_000 + "65",
        'a = "' + "x" * 60_000 + '"\n' + 'b = Replace(a, "x", "' + "y" * 50_000 + '")\n' * 300,
        'a = "x"\n' + "a = a & a\n" * 20_000,
        "a = 9\n" + "a = a * a\n" * 20_000,
        'x = String(99999999, "y")\n' * 1000 + 'x = String(65000, "y")\n' * 1000,
        "x = Join(Array(" + '"a",' * 4000 + '), "' + "y" * 60_000 + '")',
    ],
)
def test_bombs(source: str) -> None:
    started = time.process_time()
    folder = Folder()
    for each in statements(source):
        folder.fold(each.words, each.lower)
    assert time.process_time() - started < 4
    assert folder.made < 1 << 25


def test_what_is_too_much_is_said() -> None:
    folder = Folder()
    for each in statements('a = "' + "x" * 60_000 + '"\n' + 'b = a & "y"\n' * 1000):
        folder.fold(each.words, each.lower)
    assert folder.exhausted


@given(st.text(alphabet='ab1"&()+,=.-\n x', max_size=200))
def test_anything_is_borne(source: str) -> None:
    folded(source)
