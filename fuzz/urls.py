"""Links: any bytes give links and findings, never an exception, in time; what is canonical stays as it is; what is
unwrapped is bounded."""

from __future__ import annotations

from functools import cache

from lazaretto.engines.urls import Urls, UrlSettings
from lazaretto.links import address, wrapping
from lazaretto.model import Finding
from lazaretto.testing import artifact

SEEDS = (
    b"https://user@EX%41MPLE.com:8080/a/../b?c=%7e#d http:\\\\0x7f.1\\ www.a.example [x](//b.example) data:text/html,x",
    b'<base href="//a.example"><a href="https://evil.example/">www.bank.example</a>'
    b"<form action=x><input type=password>",
    "https://раураl.com http：//ｅｘａｍｐｌｅ。com https://xn--pypal-4ve.com".encode(),
    b"https://urldefense.com/v3/__https://a.example/**B__;w6TDtsO8!!x$ "
    b"https://a.safelinks.protection.outlook.com/?url=http%3A%2F%2Fb.example",
    rb'{\rtf1{\field{\*\fldinst HYPERLINK "https://evil.example/r"}{\fldrslt www.bank.example}}}',
    b"BEGIN:VCARD\r\nURL;ENCODING=QUOTED-PRINTABLE:https://a.example/=3D=\r\n x\r\nEND:VCARD\r\n",
    b'<Relationships><Relationship Type="x/hyperlink" Target="https://a.example"'
    b' TargetMode="External"/></Relationships>',
    "█▀▀▀▀▀█ ▄▀ █▀▀▀▀▀█\n█ ███ █ ▀█ █ ███ █\n".encode() * 8,
    b"<table>" + b"<tr>" + b'<td bgcolor="#000"></td><td></td>' * 12 + b"</tr>" * 24 + b"</table>",
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Annots"
    b"[<</Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(https://a.example)>>>>]>>endobj\n"
    b"trailer<</Root 1 0 R>>",
    b"GIF89a\x40\0\x40\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x40\0\x40\0\0\x02\x02\x44\x01\0;" + bytes(80),
)
KINDS = sorted(Urls.types)


@cache
def engine() -> Urls:
    return Urls(UrlSettings(protect=("bank.example",), code_pages=2, seconds=2))


def target(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    url = address.read(text[:2000])
    if url is not None and url.host and "longer than is read" not in url.odd:
        again = address.read(url.text)
        assert again is not None, url.text
        assert again.text == url.text, (url.text, again.text)
        assert len(wrapping.unwrap(url)[0]) <= 4 * wrapping.DEEPEST
    for kind in (artifact(data).type, KINDS[len(data) % len(KINDS)]):
        for thing in engine().inspect(artifact(data, type=kind)):
            if isinstance(thing, Finding):
                assert len(thing.evidence) <= 6
            thing_text = repr(thing)
            thing_text.encode()
