from __future__ import annotations

import pytest

from lazaretto.engines.patterns.clam.body import Unsupported
from lazaretto.engines.patterns.clam.compare import is_one, parse


@pytest.mark.parametrize(
    ("text", "data", "expected"),
    [
        ("0(>>2#ib1#>100)", b"..\x65", True),
        ("0(>>2#ib2#=258)", b"..\x01\x02", True),
        ("0(>>2#il2#=0x201)", b"..\x01\x02", True),
        ("0(>>2#il2#=0x201)", b"..\x01", False),
        ("0(>>1#db3#>99,<250)", b".200", True),
        ("0(>>1#db3#>99,<250)", b".251", False),
        ("0(>>1#db3#=25)", b". 25", True),
        ("0(>>1#dbe3#=25)", b". 25", False),
        ("0(>>1#hb2#=0xff)", b".Ff", True),
    ],
)
def test_it_holds(text: str, data: bytes, expected: bool) -> None:
    assert is_one(text)
    assert parse(text).holds(data, 0) is expected


def test_it_may_look_before() -> None:
    assert parse("0(<<1#ib1#=65)").holds(b".A.", 2)
    assert not parse("0(<<1#ib1#=65)").holds(b".A.", 0)


@pytest.mark.parametrize("text", ["0(>>1#ib3#=1)", "0(>>1#dl1#=1)", "0(>>1#db0#=1)", "0(1#zb1#=1)", "0(>>1#db1#x)",
                                  "0(>>1#db1#=1,=1,=1)", "x"])  # fmt: skip
def test_what_is_no_comparison_is_an_error(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - which of the reasons is for people
        parse(text)


@pytest.mark.parametrize("text", ["0(>>1#ab3#=1)", "0(>>1#hl3#=1)"])
def test_unsupported(text: str) -> None:
    with pytest.raises(Unsupported):
        parse(text)
