from __future__ import annotations

import pytest

from lazaretto.unpack.html.scriptcalls import FUNCTIONS
from lazaretto.unpack.html.scriptvalue import Account, Array, Letters, Text, Value


def called(name: str, owner: Value, *items: Value) -> Value:
    return FUNCTIONS[name](Account(), owner, list(items))


@pytest.mark.parametrize(
    ("name", "owner", "items", "result"),
    [
        ("atob", None, [Text("aGVs bG8=")], "hello"),
        ("unescape", None, [Text("%68%u0065llo")], "hello"),
        ("fromcharcode", None, [104, 0x65, 108, 108, 111], "hello"),
        ("apply", None, [None, Array([104, 105])], "hi"),
        ("join", Array([Text("he"), Text("llo")]), [Text("")], "hello"),
        ("join", Letters("abc"), [Text("-")], "a-b-c"),
        ("join", Array([1, 2]), [], "1,2"),
        ("replace", Text("h@llo"), [Text("@"), Text("e")], "hello"),
        ("replace", Text("h.e!l.lo"), [Text("[.!]"), Text("")], "hello"),
        ("concat", Text("he"), [Text("l"), Text("lo")], "hello"),
        ("slice", Text("xxhello"), [2], "hello"),
        ("tostring", Text("hello"), [], "hello"),
    ],
)
def test_known_results(name: str, owner: Value, items: list[Value], result: str) -> None:
    value = called(name, owner, *items)
    assert isinstance(value, Text)
    assert str(value) == result


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
@pytest.mark.parametrize("owner", [None, 1, Text(""), Text("ab"), Array([]), Array([None, Text("a")]), Letters("ab")])
@pytest.mark.parametrize(
    "items", [[], [None], [None, None], [Text("")], [Text("é\ud800")], [5], [Array([None])], [-1, 2]]
)
def test_any_arguments(name: str, owner: Value, items: list[Value]) -> None:
    called(name, owner, *items)


def test_split_and_reverse() -> None:
    assert called("reverse", called("split", Text("olleh"), Text(""))) == Letters("hello")
    parts = called("split", Text("a|b"), Text("|"))
    assert isinstance(parts, Array)
    assert [str(each) for each in parts.items] == ["a", "b"]


def test_push_changes_its_array() -> None:
    array = Array([Text("a")])
    called("push", array, Text("b"))
    assert len(array.items) == 2


def test_what_goes_into_a_file_and_its_name() -> None:
    account = Account()
    FUNCTIONS["file"](account, None, [Array([Text("x" * 20)]), Text("a.txt")])
    FUNCTIONS["setattribute"](account, None, [Text("download"), Text("b.txt")])
    FUNCTIONS["setattribute"](account, None, [Text("href"), Text("c.txt")])
    assert [(each.text, each.sink) for each in account.built] == [("x" * 20, True)]
    assert account.names == ["a.txt", "b.txt"]
