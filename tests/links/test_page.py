"""Links in HTML."""

from __future__ import annotations

import time

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
        '<a href="/">x</a><base href="https://evil.example/">',
        '<base href="https://no.example/"><a href="//evil.example/">',
        '<base href="https://no.example/"><a href="/\\evil.example/">',
        '<meta http-equiv="&#114;efresh" content="0;url=https://evil.example/">',
        '<svg:a x:href="https://evil.example/">',
        '<svg><set attributeName="xlink:href" to="https://evil.example/"/></svg>',
        '<svg><animate attributeName=href values="https://evil.example/">',
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
        ("<abbr>www</abbr>.bank.example", "www.bank.example"),
        ("www.bank.example<a href=x>.other", "www.bank.example"),
    ],
)
def test_what_the_reader_sees(inside: str, shown: str) -> None:
    assert page.read(f'<a href="https://evil.example/">{inside}</a> after').links[0].shown == shown


def test_forms_with_passwords() -> None:
    text = '<form action="https://evil.example/p"><input name=u><input TYPE=password></form>'
    assert page.read(text).forms == ["https://evil.example/p"]
    assert page.read('<form action="https://a.example/"><input type=search>').forms == []
    assert page.read('<form action=x><input type="&#112;assword">').forms == ["x"]
    assert page.read('<base href="https://evil.example"><form action=p><input type=password>').forms == [
        "https://evil.example/p"
    ]
    text = '<form action="https://a.example/"><input type=password><button formaction="https://evil.example/">'
    assert page.read(text).forms == ["https://a.example/", "https://evil.example/"]


@pytest.mark.parametrize(
    "text",
    [
        '<img src="\\\\evil.example\\x.png">',
        '<body background="\\\\evil.example\\x.png">',
        "<video poster=&#92;&#92;evil.example\\x.png>",
        "<style>p { background: url(\\\\evil.example\\x.png) }</style>",
        '<a href="\\\\evil.example\\x.png">',
    ],
)
def test_file_servers_that_are_asked(text: str) -> None:
    assert set(targets(text)) == {"\\\\evil.example\\x.png"}


def test_links_in_visible_text() -> None:
    found = page.visible(
        '<p style="x: url(http://no.example)">see https://a.example/?b&amp;c, or</p><p>www.d.example</p>'
    )
    assert [link.raw for link in found] == ["https://a.example/?b&c", "http://www.d.example"]
    (link,) = page.visible(f"<p>{'x ' * 100_000}https://a.example/</p>")
    assert link.raw == "https://a.example/"
    assert [link.raw for link in page.visible("1 < 2 https://a.example/")] == ["https://a.example/"]


@pytest.mark.parametrize(
    "text",
    [
        "<a " * 100_000,
        '<a href="' * 50_000,
        "<a x='" * 50_000,
        "<a href=x>" * 50_000,
        "<" * 300_000,
        "<http://" * 125_000,
        "<a href=x>." * 100_000,
        "&#92;" * 100_000,
        "=\\\\a" * 100_000,
        "<a" + " x" * 200_000,
        "<meta content='" + "1" * 100_000,
    ],
)
def test_hostile_pages_cost_little(text: str) -> None:
    began = time.monotonic()
    page.read(text)
    list(page.visible(text))
    assert time.monotonic() - began < 5
