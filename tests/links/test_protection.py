"""Look-alikes of protected names."""

from __future__ import annotations

import pytest

from lazaretto.links import hosts, lists, suffixes
from lazaretto.links.protection import Guard

RULES = suffixes.load()
GUARD = Guard(
    [lists.brand(["lazaretto.example", "lazaretto.co.uk"]), lists.brand(["hus.example"])],
    [lists.brand(["paypal.com", "paypal.*"])],
    RULES,
)


def like(name: str) -> tuple[str, str, bool] | None:
    host = hosts.read(name)
    assert host is not None
    found = GUARD.looks_like(host, suffixes.split(host.name, RULES))
    return (found.how, found.domain, found.protected) if found else None


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("lazaret0.example", None),
        ("lazarett0.example", "homoglyph"),
        ("lаzaretto.com", "homoglyph"),  # a Cyrillic letter
        ("1azaretto.com", "homoglyph"),
        ("lazarreto.com", None),  # two away
        ("lazareto.com", "typo"),
        ("lazarettoo.com", "typo"),
        ("lazaertto.com", "typo"),
        ("lazarexto.com", "typo"),
        ("lazaretto.com", "suffix"),
        ("lazaretto-login.com", "word"),
        ("secure-lazaretto.com", "word"),
        ("lazarettosupport.com", "word"),
        ("lazaretto-museum.com", "token"),
        ("lazaretto.example.evil.com", "subdomain"),
        ("www.lazaretto.co.uk.evil.com", "subdomain"),
        ("lazaretto-example.com", "subdomain"),
        ("lazaretto.evil.com", "token"),
    ],
)
def test_tricks(name: str, how: str | None) -> None:
    assert like(name) == (how and (how, "lazaretto.example", True))


@pytest.mark.parametrize(
    "name",
    [
        "lazaretto.example",
        "www.lazaretto.example",
        "mail.lazaretto.co.uk",
        "paypal.de",
        "pay.com",
        "hut.com",
        "example.com",
        "127.0.0.1",
        "localhost",
    ],
)
def test_genuine_ones_and_strangers(name: str) -> None:
    assert like(name) is None


def test_short_names_have_no_neighbours_but_are_known() -> None:
    assert like("hus-login.com") == ("word", "hus.example", True)
    assert like("huss.com") is None


def test_brands_of_the_list_are_no_property() -> None:
    assert like("paypa1.com") == ("homoglyph", "paypal.com", False)


def test_long_hosts_cost_little() -> None:
    assert like(".".join(["x-y" * 20] * 3) + ".com") is None
    assert like("login" * 12 + ".com") is None
    assert like("-".join("a" * 31) + ".com") is None
