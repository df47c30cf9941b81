from __future__ import annotations

import inspect
import pickle
import re
from pathlib import Path

from lazaretto import errors
from lazaretto.errors import ConfigError, LimitExceeded, NextHopError, Problem


def test_the_tree_in_the_docstring_is_the_tree_in_the_code() -> None:
    drawn: dict[str, str] = {}
    above: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        if match := re.match(
            r"([ │├└─]*)([A-Z]\w+(?:Error|Input|Malformed|Exceeded|Encrypted|Temporary|Found)?)\b", line
        ):
            depth, name = match.start(2), match[2]
            if not hasattr(errors, name):
                continue
            above = [(column, parent) for column, parent in above if column < depth]
            drawn[name] = above[-1][1] if above else "Exception"
            above.append((depth, name))
    coded = {
        name: cls.__mro__[1].__name__
        for name, cls in inspect.getmembers(errors, inspect.isclass)
        if issubclass(cls, Exception)
    }
    assert drawn == coded


def test_a_problem_says_where_what_and_what_to_do() -> None:
    assert str(Problem(Path("a.toml"), 3, "wrong", "make it right")) == "a.toml:3: wrong\n    make it right"
    assert str(Problem(Path("a.toml"), None, "wrong")) == "a.toml: wrong"
    assert str(Problem(None, None, "wrong")) == "wrong"


def test_config_error_carries_every_problem() -> None:
    error = ConfigError(Problem(None, None, "one"), Problem(None, None, "two"))
    assert len(error.problems) == 2
    assert str(error) == "one\ntwo"


def test_errors_travel_between_processes_whole() -> None:
    error = pickle.loads(pickle.dumps(ConfigError(Problem(Path("a"), 1, "one"), Problem(None, None, "two"))))
    assert [problem.what for problem in error.problems] == ["one", "two"]
    assert pickle.loads(pickle.dumps(LimitExceeded("depth", "deep"))).name == "depth"
    assert pickle.loads(pickle.dumps(NextHopError("refused", 550, "no"))).code == 550


def test_errors_keep_what_callers_ask_for() -> None:
    assert LimitExceeded("depth").name == "depth"
    assert "depth" in str(LimitExceeded("depth"))
    refused = NextHopError("refused", 550, "no such user")
    assert (refused.code, refused.text, str(refused)) == (550, "no such user", "refused")
