from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lazaretto.scripting.batch import Batch
from lazaretto.scripting.values import State


@pytest.mark.parametrize(
    "text",
    [
        "p^o^w^e^r^s^h^e^l^l -c 1",
        "set a=pow\nset b=ershell\n%a%%b% -c 1",
        'set "q=llehsrewop"\n%q:~9,1%owershell -c 1',
        "set q=pxowerxshell\nset q=%q:x=%\n%q% -c 1",
        "%nope%p%nope%owershell -c 1",
        "for %%i in (p o w ershell) do set r=!r!%%i\n!r! -c 1",
        "set a=powershell&& call %a% -c 1\n%a% -c 1",
    ],
)
def test_ways_to_say_it(text: str) -> None:
    assert "powershell -c 1" in Batch(text, State()).read()


def test_variables_of_windows_stay_and_have_pieces() -> None:
    assert Batch("echo %TEMP% %comspec:~-7%", State()).read() == "echo %TEMP% cmd.exe"


def test_a_tilde_that_is_replaced_is_no_place() -> None:
    assert Batch("set a=x~y\necho %a:~,1=z%%a:~=z%", State()).read().endswith("echo x~yxzy")


@pytest.mark.parametrize(
    "bomb",
    [
        "set a=xxxxxxxxxx\n" + "set a=%a%%a%%a%%a%\n" * 5000,
        "set a=" + "x" * 10_000 + "\nset b=%a:x=yyyyyyyyyy%\n" + "echo %b%%b%%b%\n" * 20_000,
        "%" * 400_000,
        "%a:" * 200_000,
        "!" * 400_000,
        "for %%i in (" + "a " * 1000 + ") do echo " + "x" * 3000 + "\n",
    ],
)
def test_bombs(bomb: str) -> None:
    state = State()
    began = time.process_time()
    found = Batch(bomb, state).read()
    assert time.process_time() - began < 4
    assert len(found) < 300 * 2**20


@given(st.text(alphabet="ab%!:~=,^\n set()", max_size=80))
def test_any_text(text: str) -> None:
    Batch(text, State()).read()
