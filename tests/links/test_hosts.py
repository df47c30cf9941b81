"""Hosts in all spellings."""

from __future__ import annotations

import pytest

from lazaretto.links import hosts


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Example.COM", "example.com"),
        ("example.com.", "example.com"),
        ("ｅｘａｍｐｌｅ．com", "example.com"),
        ("example。com", "example.com"),
        ("ex%61mple.com", "example.com"),
        ("exam\u00adple.com", "example.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("2130706433", "127.0.0.1"),
        ("0x7f.1", "127.0.0.1"),
        ("0177.0.0.01", "127.0.0.1"),
        ("0x7f000001", "127.0.0.1"),
        ("192.168.1.1", "192.168.1.1"),
        ("①②⑦.0.0.1", "127.0.0.1"),
        ("[::FFFF:1.2.3.4]", "1.2.3.4"),
        ("[2001:DB8::1]", "[2001:db8::1]"),
        ("straße.example", "xn--strae-oqa.example"),
        ("STRAẞE.example", "xn--strae-oqa.example"),
        ("βόλος.example", "xn--nxasmm1c.example"),
        ("a_b.example", "a_b.example"),
    ],
)
def test_one_form(text: str, name: str) -> None:
    host = hosts.read(text)
    assert host is not None
    assert host.name == name


@pytest.mark.parametrize(
    "text", ["", ".", "a b", "1.2.3.4.5", "256.256.256.256.256", "99999999999", "[::g]", "a" * 300, "é" * 100]
)
def test_what_is_no_host(text: str) -> None:
    assert hosts.read(text) is None


def test_oddities_are_named() -> None:
    assert hosts.read("0x7f.1") == hosts.Host(
        "127.0.0.1", "127.0.0.1", True, ("address as a number, in octal or in hexadecimal",)
    )
    assert hosts.read("127.0.0.1") == hosts.Host("127.0.0.1", "127.0.0.1", True)
    assert hosts.read("p%61y.example") == hosts.Host("pay.example", "pay.example", False, ("percent-encoded host",))


def test_letters_of_a_punycode_name() -> None:
    assert hosts.read("xn--pypal-4ve.com") == hosts.Host("xn--pypal-4ve.com", "pаypal.com")


def test_private_addresses() -> None:
    assert hosts.is_private("192.168.1.1")
    assert hosts.is_private("[::1]")
    assert not hosts.is_private("8.8.8.8")
    assert not hosts.is_private("example.com")
