from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lazaretto.protocols.smtp import xtext


@settings(max_examples=100)
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_there_and_back(text: str) -> None:
    assert xtext.is_xtext(xtext.encode(text))
    assert xtext.decode(xtext.encode(text)) == text


@pytest.mark.parametrize("text", ["a b", "a=b", "+4", "+zz", "ü", "a+"])
def test_refuses(text: str) -> None:
    with pytest.raises(ValueError, match="is not xtext"):
        xtext.decode(text)
