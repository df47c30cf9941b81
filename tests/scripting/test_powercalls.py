from __future__ import annotations

import base64
import gzip

import pytest

from lazaretto.scripting import powercalls
from lazaretto.scripting.values import Name, State


@pytest.mark.parametrize(
    ("sign", "left", "right", "expected"),
    [
        ("-f", "{1}{0}", ["b", "a"], "ab"), ("-f", "{7}", ["a"], "{7}"), ("-split", "a,b", ",", ["a", "b"]),
        ("-join", ["a", "b"], "", "ab"), ("..", 1, 3, [1, 2, 3]), ("..", -1, -3, [-1, -2, -3]), ("..", 0, 10**9, None),
        ("-replace", "a#b", ["#", ""], "ab"), ("-replace", "a#b", "#", "ab"),
    ],
)  # fmt: skip
def test_operators(sign: str, left: object, right: object, expected: object) -> None:
    assert powercalls.OPERATORS[sign](State(), left, right) == expected


def test_casts() -> None:
    assert powercalls.cast(State(), "char", 65) == "A"
    assert powercalls.cast(State(), "char[]", [72, 105]) == ["H", "i"]
    assert powercalls.cast(State(), "int", "A") == 65
    assert powercalls.cast(State(), "string", ["a", "b"]) == "a b"


def test_packed_bytes_are_a_layer() -> None:
    state = State()
    call = powercalls.LANGUAGE.functions["frombase64string"]
    call(state, Name("convert"), [base64.b64encode(gzip.compress(b"Write-Host hello")).decode()])
    assert state.layers == [("powershell", "Write-Host hello")]
