from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lazaretto.engines.macros.basic import Basic
from lazaretto.engines.macros.signs import Signs
from lazaretto.engines.macros.weights import load

WEIGHTS = load()


def seen(*sources: str) -> dict[str, list[str]]:
    signs = Signs(WEIGHTS)
    basic = Basic(signs)
    for number, source in enumerate(sources, 1):
        basic.read(f"Module{number}", source)
    basic.finish()
    return signs.seen


def test_places_name_module_and_line() -> None:
    found = seen('Attribute VB_Name = "Module1"\r\nOption Explicit\r\n\r\nSub AutoOpen()\r\n  Shell "x"\r\nEnd Sub\r\n')
    assert found["autorun.open"] == ["Module1:3 AutoOpen: starts by itself (autorun.open)"]
    assert found["execute.shell"] == ["Module1:4 Shell: starts a program (execute.shell)"]


def test_constants_of_another_module() -> None:
    assert "hide.split" in seen('Public Const a = "powers"', 'Sub b()\nc = a & "hell"\nEnd Sub')


@pytest.mark.parametrize(
    "source",
    [
        "Function Shell(x)\nEnd Function",
        "Public Shell As String",
        "Shell = 3",
        "x = o.Shell",
        "Private Sub Shell_Click()\nEnd Sub",
        "Dim Shell, Environ",
    ],
)
def test_words_that_somebody_uses_as_names(source: str) -> None:
    assert "execute.shell" not in seen(source)


@pytest.mark.parametrize(
    "source", ["Shell x", "a = VBA.Shell(x)", "Call Shell(x)", "If Shell(x) > 0 Then", "y = 1: Shell x"]
)
def test_calls(source: str) -> None:
    assert "execute.shell" in seen(source)


def test_a_declared_function_by_its_alias() -> None:
    found = seen('Declare PtrSafe Function f Lib "kernel32" Alias "VirtualAlloc" (ByVal a As Long) As Long')
    assert {"inject.memory", "see.declare"} <= found.keys()


def test_a_text_that_grows_is_looked_at_when_it_is_whole() -> None:
    assert "tool.powershell" in seen("\n".join(['x = ""', *(f'x = x & "{each}"' for each in "powershell -c 1")]))


def test_the_end_of_a_procedure_ends_what_is_known_of_it() -> None:
    parts = "Sub a()\nx = Chr(y)\nEnd Sub\nSub b()\nFor i = 1 To 9\nx = Asc(y) Xor 3\nNext\nEnd Sub"
    assert "hide.decoder" not in seen(parts)


def test_two_megabytes_in_a_second() -> None:
    lines = '    ws.Cells(i, 4).Value = "Total of " & name & " in " & CStr(x + 1)\n'
    lines += "    If a > b Then Exit For\n    x = x + y * 2\n"
    source = lines * (2_000_000 // len(lines))
    started = time.process_time()
    seen(source)
    assert time.process_time() - started < 2  # half of it on an idle machine


@given(st.text(max_size=300))
def test_anything_is_borne(source: str) -> None:
    seen(source)


def test_what_is_said_later_is_known_before() -> None:
    sources = ["Sub a()\nx = p & q()\nEnd Sub", 'Const p = "power"', 'Function q()\nq = "sh" & "ell"\nEnd Function']
    signs = Signs(load())
    reader = Basic(signs)
    reader.prepare(sources)
    for source in sources:
        reader.read("Module1", source)
    reader.finish()
    assert "tool.powershell" in signs.seen
    late = Basic(Signs(load()))
    late.prepare(["x = p\n" * 50_000, 'Const p = "power"'])  # longer than is read twice
    assert late._folder.variables == {}


def test_texts_outside_the_code() -> None:
    signs = Signs(load())
    reader = Basic(signs)
    reader.stored([("llehsrewop", "form F"), ("https://example.invalid", "form F")])
    reader.finish()
    assert set(signs.seen) == {"tool.powershell", "hide.stored"}


def test_more_statements_than_anybody_writes_are_a_limit() -> None:
    signs = Signs(WEIGHTS)
    basic = Basic(signs)
    basic.read("a", "a:" * 250_000)
    assert basic.exhausted
    assert basic.lines == 1
