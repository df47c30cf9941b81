from __future__ import annotations

import pytest

from lazaretto.engines.patterns.clam.body import Either, Unsupported, parse


@pytest.mark.parametrize(
    "text",
    ["", "zz", "616", "61", "6?6?", "6162{4-2}6364", "6162{}6364", "61[1-40]6364", "6162[1-2]6364", "!(61|6263)6465",
     "!(6?)6465", "6162()", "61(62", "6162)", "6162*", "*", "6162*61", "6162{5", "61{1-2}6162", "(61|6{1-2})6162"],
)  # fmt: skip
def test_what_is_no_body_is_an_error(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - which of the reasons is for people
        parse(text)


def test_alternatives_within_alternatives_are_unsupported() -> None:
    with pytest.raises(Unsupported):
        parse("6162(61|(62|63))")


def test_unknown_modifiers_are_an_error() -> None:
    with pytest.raises(ValueError, match="modifier 'z'"):
        parse("6162", "z")


def test_a_short_fixed_gap_is_any_bytes_and_a_long_one_parts() -> None:
    (short,), (long,) = parse("6162{3}6364"), parse("6162{200}6364")
    assert (len(short.parts), short.gaps) == (1, ())
    assert (len(long.parts), long.gaps) == (2, ((200, 200),))


def test_the_longest_fixed_bytes_of_the_best_part_are_looked_for() -> None:
    (body,) = parse("6162??636465*7a7a")
    assert body.best.literal == b"cde"
    assert body.best.ahead == (3, 3)


def test_what_is_before_the_literal_may_vary_in_length() -> None:
    (body,) = parse("(61|626364)7a7a7a")
    (part,) = body.parts
    assert isinstance(part.items[0], Either)
    assert part.ahead == (1, 3)


def test_wide_and_not_are_two_bodies() -> None:
    wide, plain = parse("6162", "wa")
    assert (wide.best.literal, plain.best.literal) == (b"a\0b\0", b"ab")


def test_case_is_ignored_for_letters_alone() -> None:
    (body,) = parse("4130", "i")
    assert (body.best.literal, body.best.nocase) == (b"a0", True)
