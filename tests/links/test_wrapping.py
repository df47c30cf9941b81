"""Links within links."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest

from lazaretto.links import address, wrapping

GOAL = "https://evil.example/a?b=c"


def inner(raw: str) -> list[tuple[str, str]]:
    url = address.read(raw)
    assert url is not None
    found, more = wrapping.unwrap(url)
    assert not more
    return [(each.url.text, each.how) for each in found]


@pytest.mark.parametrize(
    ("raw", "how"),
    [
        (
            "https://eur03.safelinks.protection.outlook.com/?url=" + quote(GOAL, "") + "&data=05%7C01&reserved=0",
            "guard",
        ),
        ("https://urldefense.proofpoint.com/v1/url?u=" + quote(GOAL, "") + "&k=x", "guard"),
        ("https://urldefense.proofpoint.com/v2/url?u=https-3A__evil.example_a-3Fb-3Dc&d=Dw&c=x", "guard"),
        ("https://urldefense.com/v3/__https://evil.example/a?b=c__;!!abc!def$", "guard"),
        ("https://urldefense.us/v3/__https:/evil.example/a*b=c__;Pw!!abc!def$", "guard"),
        ("https://linkprotect.cudasvc.com/url?a=" + quote(GOAL, "") + "&c=E,1", "guard"),
        ("https://secure-web.cisco.com/1abc/" + quote(GOAL, ""), "guard"),
        ("https://clicktime.symantec.com/3abc?u=" + quote(GOAL, ""), "guard"),
        ("https://www.google.de/url?sa=t&q=" + quote(GOAL, ""), "redirect"),
        (
            "https://www.bing.com/ck/a?!&p=1&u=a1" + base64.urlsafe_b64encode(GOAL.encode()).decode().rstrip("="),
            "redirect",
        ),
        ("https://l.facebook.com/l.php?u=" + quote(quote(GOAL, ""), ""), "redirect"),
        ("https://any.example/go?next=" + quote(GOAL, ""), "parameter"),
        ("https://any.example/go?" + GOAL, "parameter"),
        ("https://any.example/r/" + GOAL, "parameter"),
    ],
)
def test_wrappers(raw: str, how: str) -> None:
    assert inner(raw) == [(GOAL, how)]


def test_runs_that_version_3_has_cut_out() -> None:
    packed = base64.urlsafe_b64encode("äöü".encode()).decode().rstrip("=")
    ((text, _),) = inner(f"https://urldefense.com/v3/__https://evil.example/**B__;{packed}!!x$")
    assert text == "https://evil.example/%C3%A4%C3%B6%C3%BC"


def test_what_holds_nothing() -> None:
    assert inner("https://a.example/?x=1&y=httpd&mail=bob@example.com") == []
    assert inner("https://urldefense.com/v3/broken") == []
    assert inner("https://urldefense.com/v3/__zzzz__;////!!x$") == []


def test_wrappers_in_wrappers_end_in_a_limit() -> None:
    raw = GOAL
    for _ in range(5):
        raw = "https://a.example/?u=" + quote(raw, "")
    url = address.read("https://b.example/" + "".join(f"?u{n}=http://h{n}.example/&" for n in range(200)))
    assert url is not None
    assert wrapping.unwrap(url)[1]
    assert inner("https://www.google.com/url?q=" + quote("https://any.example/?r=" + quote(GOAL, ""), ""))[-1] == (
        GOAL,
        "parameter",
    )
