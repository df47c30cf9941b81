"""Registrable domains."""

from __future__ import annotations

import pytest

from lazaretto.links import suffixes

RULES = suffixes.load()


@pytest.mark.parametrize(
    ("host", "domain", "label", "hosted"),
    [
        ("a.b.example.com", "example.com", "example", False),
        ("www.example.co.uk", "example.co.uk", "example", False),
        ("evil.github.io", "evil.github.io", "evil", True),
        ("github.io", "github.io", "github", True),
        ("a.b.c.ck", "b.c.ck", "b", False),  # *.ck
        ("www.ck", "www.ck", "www", False),  # !www.ck
        ("x.www.ck", "www.ck", "www", False),
        ("x.unknown-suffix", "x.unknown-suffix", "x", False),
        ("localhost", "localhost", "localhost", False),
        ("com", "com", "com", False),
    ],
)
def test_split(host: str, domain: str, label: str, hosted: bool) -> None:
    found = suffixes.split(host, RULES)
    assert (found.domain, found.label, found.hosted) == (domain, label, hosted)


def test_names_of_other_letters_are_in_ascii() -> None:
    assert "xn--p1ai" in RULES.public


def test_it_agrees_with_the_package_that_brings_the_list() -> None:
    import tldextract

    extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)
    for host in (
        "a.b.co.uk",
        "x.y.web.app",
        "foo.bar.kobe.jp",
        "city.kobe.jp",
        "a.compute.amazonaws.com",
        "q.blogspot.com",
    ):
        found = extract(host)
        if found.domain:
            assert suffixes.split(host, RULES).domain == f"{found.domain}.{found.suffix}"
