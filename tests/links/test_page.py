"""Links in HTML."""

from __future__ import annotations

import pytest

from lazaretto.links import page


def targets(text: str) -> list[str]:
    return [link.raw for link in page.read(text).links]


@pytest.mark.parametrize(
    "text",
    [
        '<a href="https://evil.example/">x</a>',
        "<A HREF='https://evil.example/'>x</A>",
        "<a href=https://evil.example/>x",
        '<a title="a > b" \n href = "https://evil.example/">x</a>',
        '<a/href="https://evil.example/">x</a>',
        '<a href="https&colon;//evil&period;example/">x</a>',
        '<a href="&#104;ttps://evil.example/">x</a>',
        '<a href="//evil.example/">x</a>',
        '<a href="/\\evil.example/">x</a>',
        '<base href="https://evil.example/"><a href="">no</a><a href="./">x</a>',
        '<area href="https://evil.example/">',
        '<form action="https://evil.example/">',
        '<iframe src="https://evil.example/">',
        '<meta http-equiv="Refresh" content="0; URL=\'https://evil.example/\'">',
        '<script>window.location.href = "https://evil.example/"</script>',
        '<!--[if mso]><v:roundrect href="https://evil.example/"></v:roundrect><![endif]-->',
        '<svg><a xlink:href="https://evil.example/"></a></svg>',
        '<button formaction="https://evil.example/">',
        '<a href="https://evil.example/" href="https://good.example">x</a>',
    ],
)
def test_targets(text: str) -> None:
    assert targets(text) == ["https://evil.example/"]


@pytest.mark.parametrize(
    "text", ['<a href="#top">', "<a name=x>", "<img src=https://a.example/x.png>", "<abbr href=x:y>", "<p>a</p>"]
)
def test_what_is_no_link(text: str) -> None:
    assert targets(text) == []


@pytest.mark.parametrize(
    ("inside", "shown"),
    [
        ("www.<b>bank</b>.example", "www.bank.example"),
        ("www.bank&#8203;.example", "www.bank.example"),
        ("  Read\n more ", "Read more"),
        ("https:&#47;&#47;bank.example", "https://bank.example"),
        ('<img src="x.png">', ""),
    ],
)
def test_what_the_reader_sees(inside: str, shown: str) -> None:
    assert page.read(f'<a href="https://evil.example/">{inside}</a> after').links[0].shown == shown


def test_forms_with_passwords() -> None:
    text = '<form action="https://evil.example/p"><input name=u><input TYPE=password></form>'
    assert page.read(text).forms == ["https://evil.example/p"]
    assert page.read('<form action="https://a.example/"><input type=search>').forms == []


def test_links_in_visible_text() -> None:
    found = page.visible(
        '<p style="x: url(http://no.example)">see https://a.example/?b&amp;c, or</p><p>www.d.example</p>'
    )
    assert [link.raw for link in found] == ["https://a.example/?b&c", "http://www.d.example"]


@pytest.mark.parametrize(
    "text",
    [
        "<a " * 100_000,
        '<a href="' * 50_000,
        "<a x='" * 50_000,
        "<a href=x>" * 50_000,
        "<" * 300_000,
        "<a" + " x" * 200_000,
        "<meta content='" + "1" * 100_000,
    ],
)
def test_hostile_pages_cost_little(text: str) -> None:
    page.read(text)
    list(page.visible(text))
