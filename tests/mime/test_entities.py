from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from lazaretto.mime.entities import ENDLESS, declared


def laughs(depth: int, width: int = 10) -> str:
    rows = ['<!ENTITY l0 "lol">']
    rows += [f'<!ENTITY l{at} "{f"&l{at - 1};" * width}">' for at in range(1, depth)]
    return f"<!DOCTYPE x [{''.join(rows)}]><x>&l{depth - 1};</x>"


def test_how_much_they_unpack_to() -> None:
    assert declared(laughs(3)).size == 2 * 0 + 10 * (10 * 3 + 10 * 4) + 10 * 4 - 10 * 10 * 4 + 10 * 10 * 4 - 0
    assert declared(laughs(10)).size > 10**9
    assert declared('<!DOCTYPE x [<!ENTITY a "hello">]><x>&a;&a;&b;</x>').size == 10
    assert declared("<x>&a;</x>") == ((), (), 0)


def test_the_quadratic_kind() -> None:
    text = f'<!DOCTYPE x [<!ENTITY a "{"a" * 50_000}">]><x>{"&a;" * 50_000}</x>'
    assert declared(text).size == 50_000 * 50_000


def test_entities_that_refer_to_each_other() -> None:
    assert declared('<!DOCTYPE x [<!ENTITY a "&b;"><!ENTITY b "&a;">]><x>&a;</x>').size == ENDLESS
    assert declared('<!DOCTYPE x [<!ENTITY a "&a;">]><x>&a;</x>').size == ENDLESS


def test_what_is_fetched_from_outside() -> None:
    text = (
        """<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd"><!ENTITY % b PUBLIC 'x' 'http://h/d'><!ENTITY c "y">]>"""
    )
    found = declared(text)
    assert found.external == ("file:///etc/passwd", "http://h/d")
    assert found.values == ("y",)


def test_the_first_declaration_counts() -> None:
    assert declared('<!DOCTYPE x [<!ENTITY a "1"><!ENTITY a "22">]><x>&a;</x>').values == ("1",)


def test_a_name_of_any_length() -> None:
    name = "n" * 200
    assert declared(f"<!DOCTYPE x [<!ENTITY {name} '{'1' * 50}'>]><x>&{name};&{name};</x>").size == 100


def test_time_is_linear() -> None:
    start = time.process_time()
    declared("<!ENTITY a '" * 300_000)
    declared('<!ENTITY a "' * 300_001)
    declared("<!ENTITY a SYSTEM " * 200_000)
    declared("<!DOCTYPE x [" + "".join(f'<!ENTITY e{n} "&e{n + 1};">' for n in range(9_999)) + "]><x>&e0;</x>")
    declared("<!DOCTYPE x [<!ENTITY a '" + "&a;" * 300_000 + "'>]><x>" + "&a;" * 300_000)
    assert time.process_time() - start < 5
    assert declared("".join(f'<!ENTITY e{n} "x">' for n in range(20_000))).size == ENDLESS


@given(
    st.lists(st.sampled_from(["<!ENTITY ", "a", "b", ' "', '">', "&a;", "&b;", "%", "SYSTEM", "]>", "'"]), max_size=60)
)
def test_any_text(pieces: list[str]) -> None:
    assert declared("".join(pieces)).size >= 0
