"""Every way in which a page gives up its file, through the tree; what ordinary pages give; hostile pages."""

from __future__ import annotations

import base64
import contextlib
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lazaretto.config import Settings
from lazaretto.errors import LimitExceeded
from lazaretto.model import Artifact, Finding, Kind, Severity
from lazaretto.unpack.html.page import Html, worth_reading

Carrier = Callable[[bytes], str]


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def pieces(text: str, size: int = 9) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


def quoted(data: bytes) -> str:
    return ",".join(f'"{piece}"' for piece in pieces(b64(data)))


def script(text: str) -> str:
    return f"<html><body><script>{text}</script></body></html>"


def link(url: str) -> str:
    return f'<html><a href="{url}">look</a>'


def entities(text: str, form: str = "&#{};") -> str:
    return "".join(form.format(ord(letter)) for letter in text)


URL = "data:application/octet-stream;base64,"

MARKUP: dict[str, Carrier] = {
    "href": lambda data: link(URL + b64(data)),
    "upper case, without quotes": lambda data: f"<HTML><A HREF={URL.upper()}{b64(data)}>",
    "no media type": lambda data: link("data:;base64," + b64(data)),
    "line ends and tabs": lambda data: link("da\nt\ta:;base64,\n" + "\r\n".join(pieces(b64(data)))),
    "blanks": lambda data: link("data:;base64, " + " ".join(pieces(b64(data)))),
    "escapes in base64": lambda data: link("data:;base64," + "%0A".join(pieces(quote(b64(data), safe="")))),
    "url-safe alphabet": lambda data: link("data:;base64," + base64.urlsafe_b64encode(data).decode().rstrip("=")),
    "percent": lambda data: link("data:text/plain," + quote(data)),
    "all percent": lambda data: link("data:," + "".join(f"%{byte:02x}" for byte in data)),
    "decimal entities": lambda data: link(entities(URL) + b64(data)),
    "hexadecimal entities": lambda data: link(entities(URL, "&#x{:x};") + b64(data)),
    "entities without semicolon": lambda data: link("&#100&#97ta&colon;;base64," + b64(data)),
    "named entities": lambda data: link("da&Tab;ta&colon;&NewLine;;base64," + b64(data)),
    "entities in the payload": lambda data: link("data:;base64," + b64(data).replace("A", "&#65;")),
    "src": lambda data: f"<html><embed src='{URL}{b64(data)}'>",
    "object": lambda data: f"<html><object data='{URL}{b64(data)}'></object>",
    "srcset": lambda data: f'<html><img srcset="data:image/png;base64,AAAA 1x, {URL}{b64(data)} 2x">',
    "style attribute": lambda data: f"""<html><p style="background: url('{URL}{b64(data)}')">""",
    "style element": lambda data: f"<html><style>p {{ background: url({URL}{b64(data)}) }}</style>",
    "refresh": lambda data: f'<html><meta http-equiv=refresh content="0; url={URL}{b64(data)}">',
    "action": lambda data: f'<html><form action="{URL}{b64(data)}">',
    "srcdoc": lambda data: f'<html><iframe srcdoc="&lt;a href=&quot;{URL}{b64(data)}&quot;&gt;"></iframe>',
    "a page in a page": lambda data: link("data:text/html;base64," + b64(link(URL + b64(data)).encode())),
    "pages in pages": lambda data: link(
        "data:text/html," + quote(link("data:text/html," + quote(link(URL + b64(data)))))
    ),
    "a page without a head": lambda data: link("data:text/html," + quote(f"words <img src='{URL}{b64(data)}'>")),
    "conditional comment": lambda data: f"<html><!--[if mso]><img src='{URL}{b64(data)}'><![endif]-->",
    "unclosed quote before": lambda data: f'<html><p title=\'><a href="{URL}{b64(data)}">',
    "xml": lambda data: f"<?xml version='1.0'?><x><link>{URL}{b64(data)}</link></x>",
    "svg": lambda data: f"<svg xmlns='http://www.w3.org/2000/svg'><image xlink:href='{URL}{b64(data)}'/></svg>",
    "foreignObject": lambda data: f"<svg xmlns='x'><foreignObject><a href='{URL}{b64(data)}'/></foreignObject></svg>",
    "svg in html": lambda data: f"<html><svg><use href='{URL}{b64(data)}'/></svg>",
}

SCRIPTS: dict[str, Carrier] = {
    "atob": lambda data: f'var b = window.atob("{b64(data)}"); var u = new Uint8Array(b.length);',
    "own decoder": lambda data: f'function d(x) {{ return atob(x) }}; d("{b64(data)}")',
    "single quotes": lambda data: f"x = '{b64(data)}'",
    "template": lambda data: f"x = `{b64(data)}`",
    "template with names": lambda data: f"p = '{b64(data)[:12]}'; x = `${{p}}{b64(data)[12:]}`",
    "plus": lambda data: "x = " + " +\n".join(f'"{piece}"' for piece in pieces(b64(data))),
    "plus over statements": lambda data: "var a = '';" + "".join(f'\na += "{piece}";' for piece in pieces(b64(data))),
    "variables": lambda data: f'var a="{b64(data)[:9]}", b="{b64(data)[9:]}"; go(atob(a + b))',
    "array": lambda data: f'x = [{quoted(data)}].join("")',
    "array without join": lambda data: f"x = [{quoted(data)}]; go(x)",
    "array with something else": lambda data: f'x = ["{b64(data)}", "application/octet-stream"]; go(x, x[i])',
    "index": lambda data: f'x = "{b64(data)}"; a[x] = 1',
    "push": lambda data: "x = [];" + "".join(f'x.push("{p}");' for p in pieces(b64(data))) + "y = x.join('')",
    "concat": lambda data: f'x = "{b64(data)[:9]}".concat("{b64(data)[9:]}")',
    "fromCharCode": lambda data: f"x = String.fromCharCode({','.join(map(str, data))})",
    "fromCharCode, hexadecimal": lambda data: f"x = String.fromCharCode({', '.join(map(hex, data))})",
    "fromCharCode, apply": lambda data: f"x = String.fromCharCode.apply(null, [{','.join(map(str, data))}])",
    "Uint8Array": lambda data: f"x = new Uint8Array([{','.join(map(str, data))}])",
    "array of numbers": lambda data: f"x = [{','.join(map(str, data))}]",
    "hexadecimal": lambda data: f'x = decode("{data.hex()}")',
    "percent": lambda data: f'x = unescape("{"".join(f"%{byte:02x}" for byte in data)}")',
    "percent u": lambda data: f'x = unescape("{"".join(f"%u{byte:04x}" for byte in data)}")',
    "decodeURIComponent": lambda data: f"x = decodeURIComponent('{quote(b64(data), safe='')}')",
    "x escapes": lambda data: f"x = '{''.join(f'{chr(92)}x{byte:02x}' for byte in data)}'",
    "u escapes": lambda data: f"x = '{''.join(f'{chr(92)}u{byte:04X}' for byte in data)}'",
    "x escapes of base64": lambda data: f"x = '{''.join(f'{chr(92)}x{ord(letter):02x}' for letter in b64(data))}'",
    "backwards": lambda data: f'x = "{b64(data)[::-1]}".split("").reverse().join("")',
    "replace": lambda data: f'x = "{b64(data).replace("A", "#!")}".replace(/#!/g, "A")',
    "split and join": lambda data: f'x = "{b64(data).replace("A", "@@")}".split("@@").join("A")',
    "indexed name": lambda data: f'x = window["at" + "ob"]("{b64(data)}")',
    "twice": lambda data: f'x = atob(atob("{b64(b64(data).encode())}"))',
    "twice, unknown decoder": lambda data: f'x = f("{b64(b64(data).encode())}")',
    "eval": lambda data: f'eval(atob("{b64(f"var q = atob({b64(data)!r});".encode())}"))',
    "document.write": lambda data: f'document.write(unescape("{quote(link(URL + b64(data)))}"))',
    "data: with plus": lambda data: f'a.href = "{URL}" + "{b64(data)}"',
    "function": lambda data: f'(function() {{ var a = "{b64(data)[:9]}"; a += "{b64(data)[9:]}"; go(a) }})();',
    "regular expression before": lambda data: f"var r = /'/; x = '{b64(data)}'",
}

IN_PAGES: dict[str, Carrier] = {
    "handler": lambda data: f"<html><body onload='f(atob(\"{b64(data)}\"))'>",
    "handler in entities": lambda data: f'<html><p onclick="{entities("f(atob(")}&quot;{b64(data)}&quot;))">',
    "javascript:": lambda data: f'<html><a href="javascript:f(atob(%22{quote(b64(data), safe="")}%22))">',
    "script of a data: URL": lambda data: f"<html><script src='data:text/javascript,{quote(SCRIPTS['plus'](data))}'>",
    "svg": lambda data: (
        f"<svg xmlns='x'><script>//<![CDATA[\n{SCRIPTS['plus over statements'](data)}//]]></script></svg>"
    ),
    "svg with prefix": lambda data: f"<?xml version='1.0'?><s:svg><s:script>{SCRIPTS['atob'](data)}</s:script></s:svg>",
    "element": lambda data: f"<html><p hidden>{b64(data)}</p><script>atob(document.body.textContent)</script>",
    "unclosed": lambda data: f"<html><script>{SCRIPTS['atob'](data)}",
    "two scripts": lambda data: f"<html><script>a='{b64(data)[:9]}'</script><script>b=a+'{b64(data)[9:]}'</script>",
}

CARRIERS = {
    **MARKUP,
    **{f"script: {name}": lambda data, carrier=carrier: script(carrier(data)) for name, carrier in SCRIPTS.items()},
    **{f"in a page: {name}": carrier for name, carrier in IN_PAGES.items()},
}


@pytest.mark.parametrize("name", CARRIERS)
def test_an_archive_comes_out(kit: Any, name: str) -> None:
    packed = kit.zip_of({"run.js": kit.payload * 6})
    found = kit.exploded(CARRIERS[name](packed).encode())
    assert kit.payload * 6 in found.data.values(), list(found.types.items())
    assert not {"unpack.malformed", "unpack.crashed"} & found.names


@pytest.mark.parametrize("name", CARRIERS)
def test_a_text_comes_out(kit: Any, name: str) -> None:
    text = kit.payload + b"with a second line\n"
    assert text in kit.exploded(CARRIERS[name](text).encode()).data.values()


@pytest.mark.parametrize(
    "charset", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]
)
@pytest.mark.parametrize("name", ["href", "decimal entities", "script: plus", "in a page: handler"])
def test_in_any_charset(kit: Any, charset: str, name: str) -> None:
    packed = kit.zip_of({"run.js": kit.payload})
    assert kit.payload in kit.exploded(CARRIERS[name](packed).encode(charset)).data.values()


@pytest.mark.parametrize(
    "head", ["<html><meta charset=utf-7>", "<html><meta charset='UTF-7'>" + "words " * 2000, "+ADw-html+AD4-", ""]
)
def test_utf_7(kit: Any, head: str) -> None:
    page = CARRIERS["script: atob"](kit.zip_of({"run.js": kit.payload}))
    for letter, written in (("+", "+-"), ("<", "+ADw-"), (">", "+AD4-"), ('"', "+ACI-")):
        page = page.replace(letter, written)
    assert kit.payload in kit.exploded((head + page).encode()).data.values()


def test_names_and_types(kit: Any) -> None:
    found = kit.exploded(b'<html><a href="data:application/zip,x" download="in&#118;oice.zip">')
    artifact = found.artifacts[1]
    assert (artifact.path, artifact.names, artifact.declared) == ("x!invoice.zip", ("invoice.zip",), "application/zip")


def test_a_blob_of_plain_text_is_a_file(kit: Any) -> None:
    first, second = (half.decode().replace("\\", "\\\\") for half in (kit.payload[:20], kit.payload[20:]))
    found = kit.exploded(script(f"new Blob(['{first}' + '{second}'])").encode())
    assert kit.payload in found.data.values()


# ---------------------------------------------------------------------------- smuggling

SAVE = 'a.href = URL.createObjectURL(new Blob([u])); a.download = "invoice.zip"; a.click();'


def test_a_script_that_saves_a_file(kit: Any) -> None:
    found = kit.exploded(script(SAVE).encode())
    finding = found.finding("html.smuggling")
    assert (finding.kind, finding.severity, finding.artifact) == (Kind.SCRIPT, Severity.MEDIUM, "x")
    assert "invoice.zip" in finding.evidence


def test_a_script_that_saves_an_archive(kit: Any) -> None:
    packed = kit.zip_of({"run.js": kit.payload})
    found = kit.exploded(script(SCRIPTS["atob"](packed) + SAVE).encode())
    finding = found.finding("html.smuggling")
    assert finding.severity == Severity.HIGH
    assert "application/zip" in finding.evidence
    assert "x!invoice.zip" in found.data


@pytest.mark.parametrize(
    "text",
    [
        "navigator.msSaveOrOpenBlob(new Blob([x]), 'a.zip')",
        "var b = new window['Bl' + 'ob']([x]); a['down' + 'load'] = 'x'; a.click()",
        "b = new File([x], 'a.zip'); a.setAttribute('download', 'a.zip'); a.click()",
    ],
)
def test_other_ways_to_save(kit: Any, text: str) -> None:
    assert kit.exploded(script(text).encode()).finding("html.smuggling").severity == Severity.MEDIUM


def test_a_data_url_that_is_clicked_by_script(kit: Any) -> None:
    page = f"<html><a id=x download=a.zip href='{URL}{b64(kit.zip_of({'a': b'b'}))}'></a><script>x.click()</script>"
    assert kit.exploded(page.encode()).names == set()  # saved by nobody yet
    page = page.replace("x.click()", "x.download='b.zip';x.click()")
    assert kit.exploded(page.encode()).finding("html.smuggling").severity == Severity.HIGH


@pytest.mark.parametrize(
    "page",
    [
        "<html><p>Our newsletter about metadata: subscription, description</p><a href='https://x/?a=1&amp;b=2'>&copy;</a>",
        "<html><img src='data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA='>",
        script("document.getElementById('x').click(); window.location = 'https://example.org/'"),
        script("var w = new Worker(URL.createObjectURL(new Blob([code])))"),
        script("new Blob([]);" + "var a = {};\n" * 2000 + "x.download = 1"),
        "<html><a download href='https://example.org/a.zip'>a.zip</a>",
    ],
)
def test_ordinary_pages_give_no_finding(kit: Any, page: str) -> None:
    assert kit.exploded(page.encode()).findings == []


def test_what_is_not_worth_reading() -> None:
    assert not worth_reading(b"<html><p onclick='f(1)'>subscription &#8217; &amp; (rgb) description: text</p>" * 99)
    for part in (
        b"DATA:",
        b"d\nata:",
        b"<SCRIPT>",
        b"java\tscript:",
        b"atob('",
        b"&#x64;",
        b"&#0097;",
        b"&colon;",
        b"\0",
    ):
        assert worth_reading(b"<html>" + part), part


# ---------------------------------------------------------------------------- hostile


def things(data: bytes, kind: str = "text/html") -> list[Any]:
    artifact = Artifact("x", (), data, kind, "", None, None, 0, "")
    return list(Html(Settings()).unpack(artifact))


@given(
    st.lists(
        st.sampled_from(
            [
                *"<>=\"'&;()+ \n",
                "data:",
                "data:text/html,",
                ";base64,",
                "<script>",
                "</script>",
                "atob(",
                "QUJD" * 20,
                "&#100;",
                "srcdoc=",
                "onload=",
                "javascript:",
                "<a download=",
                "new Blob([",
                "%3C",
                "\\x41",
                "é",
                "\ud83d\ude00",
                "\0",
            ]
        ),
        max_size=40,
    )
)
def test_any_page(parts: list[str]) -> None:
    text = "".join(parts).encode("utf-16", "surrogatepass").decode("utf-16")
    for charset in ("utf-8", "utf-16-le"):
        for thing in things(text.encode(charset)):
            assert isinstance(thing, Finding) or all(isinstance(chunk, bytes) for chunk in thing.chunks)


@given(st.binary(max_size=500))
def test_any_bytes(kit: Any, data: bytes) -> None:
    found = kit.exploded(b"<html><script>" + data, "x.html", seconds=20)
    assert "unpack.crashed" not in found.names


@pytest.mark.parametrize(
    ("head", "unit"),
    [
        ("data:", "<"),
        ("data:", "<a "),
        ("<a href='data:,", "&#"),
        ("<a href='", "&#97;"),
        ("", "data:"),
        ("", "(data:,"),
        ("", '"data:,'),
        ("data:", '="'),
        ("data:", "=("),
        ("data:", "onx='f(aaaaaaaa)' "),
        ("", "<script>"),
        ("", "<script"),
        ("<script>", '"a"+'),
        ("<script>", "a+="),
        ("<script>", '\\"'),
        ("<script>x='", "\\x41"),
        ("<script>", "("),
        ("<script>", "[1,"),
        ("<script>x=[", "77,"),
        ("<script>", "/*"),
        ("<script>", "`${"),
    ],
)
def test_four_megabytes_take_linear_time(head: str, unit: str) -> None:
    data = (head + unit * (4_000_000 // len(unit))).encode()
    started = time.process_time()
    with contextlib.suppress(LimitExceeded):
        things(data)
    assert time.process_time() - started < 6


def test_a_bomb_ends_in_a_finding_and_hides_nothing(kit: Any) -> None:
    packed = kit.zip_of({"run.js": kit.payload})
    page = script(f'z = "{b64(packed)}"; a = "{"x" * 999}";' + "a += a;" * 99)
    found = kit.exploded(page.encode())
    assert found.finding("limit.script").kind == Kind.LIMIT
    assert found.holds(kit.payload)


def test_too_many_files(kit: Any) -> None:
    page = "<html>" + "".join(f"<img src='data:image/png,{number}'>" for number in range(1100))
    found = kit.exploded(page.encode())
    assert found.finding("limit.members").kind == Kind.LIMIT
    assert len(found.artifacts) == 1001


def test_the_same_picture_twice_is_one_file(kit: Any) -> None:
    assert len(kit.exploded(b"<html>" + b"<img src='data:image/png,x'>" * 50).artifacts) == 2
