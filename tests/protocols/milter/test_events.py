from __future__ import annotations

import pytest

from lazaretto.protocols import milter as m


def test_equal_content_of_another_type_is_something_else() -> None:
    assert m.Helo(b"x") == m.Helo(b"x")
    assert m.Helo(b"x") != m.Unknown(b"x")


def test_what_was_said_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        m.Helo(b"x").name = b"y"  # type: ignore[misc]  # on purpose


def test_flags_have_the_values_of_mfdef_h() -> None:
    assert m.Option.LEADING_SPACE == 1 << 20
    assert m.Option.QUIET_BODY == 1 << 19
    assert m.Option.QUIET_HEADERS == 1 << 7
    assert m.Action.SET_MACROS == 1 << 8
    assert [stage.value for stage in m.Stage] == list(range(7))
