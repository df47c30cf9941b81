from __future__ import annotations

import binascii

from hypothesis import given, settings
from hypothesis import strategies as st

from lazaretto.mime import defects, uu


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=200), end=st.sampled_from([b"\n", b"\r\n"]))
def test_round_trip(data: bytes, end: bytes) -> None:
    lines = [binascii.b2a_uu(data[at : at + 45], backtick=True).strip(b"\n") for at in range(0, len(data), 45)]
    encoded = end.join([b"begin 644 a name", *lines, b"`", b"end", b"behind"])
    assert uu.begins(encoded)
    assert uu.decode(encoded) == (data, ())


def test_blanks_cut_off_and_check_characters_are_made_good() -> None:
    line = binascii.b2a_uu(b"abc\0\0\0").rstrip(b" \n")
    assert uu.decode(b"begin 644 x\n" + line + b"\nend\n") == (b"abc\0\0\0", ())
    line = binascii.b2a_uu(b"abcdef").rstrip(b"\n") + b"Z"
    assert uu.decode(b"begin 644 x\n" + line + b"\nend\n") == (b"abcdef", ())


def test_damage_is_told() -> None:
    assert uu.decode(b"%:&5L;&\\\n") == (b"hello", (defects.UU_DAMAGED,))
    data, odd = uu.decode(b"begin 644 x\n\xff\xff\xff\n%:&5L;&\\\nend\n")
    assert data.endswith(b"hello")
    assert odd == (defects.UU_DAMAGED,)


def test_lines_that_hold_nothing_of_what_they_promise_end_somewhere() -> None:
    data, odd = uu.decode(b"begin 644 x\n" + b"_\n" * 500_000)
    assert len(data) < 3_000_000
    assert uu.LIMIT_UU in odd
