"""Each heuristic has a source that shows it and one like it that does not."""

from __future__ import annotations

import pytest
from tests.engines.scripts import single

from lazaretto.engines.scripts import Scripts
from lazaretto.engines.scripts.weights import begins, load
from lazaretto.testing import artifact

WEIGHTS = load()
ENGINE = Scripts(Scripts.Settings())


def seen(name: str, data: str | bytes) -> str:
    one = artifact(data if isinstance(data, bytes) else data.encode(), name=name)
    assert ENGINE.wants(one), one.type
    return "\n".join(line for finding in ENGINE.inspect(one) for line in finding.evidence)


def test_every_heuristic_has_its_samples() -> None:
    assert single.SAMPLES.keys() == WEIGHTS.heuristics.keys()


@pytest.mark.parametrize("name", sorted(single.SAMPLES))
def test_heuristic(name: str) -> None:
    file, positive, negative = single.SAMPLES[name]
    assert f"({name})" in seen(file, positive)
    assert f"({name})" not in seen(file, negative)


def test_the_table_is_whole() -> None:
    for each in WEIGHTS.heuristics.values():
        assert each.does in WEIGHTS.kinds, each.id
        assert 0 < each.weight <= WEIGHTS.malicious, each.id
        assert each.says, each.id
        assert each.docs.endswith("."), each.id
    assert all(word == word.lower() for word, _, _ in WEIGHTS.texts)
    assert 0 < WEIGHTS.suspicious < WEIGHTS.malicious


def test_words_that_patterns_begin_with() -> None:
    assert begins(r"\bmshta(?:\.exe)? x") == ("mshta",)
    assert begins(r"\b(?:a-b|cd)\b") == ("a-b", "cd")
    assert begins(r"\babcd? x") == ("abc",)
    assert begins(r"\b[wc]script") == begins("x") == ("",)
