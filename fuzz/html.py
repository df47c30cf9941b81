# Invariant: any page, script, calendar or card gives members and findings within their caps, or ends at a limit; never
# another exception.  What stands in a data: URL or a script before the damage still comes out.
"""The unpackers of markup, scripts, calendars and cards, without the tree."""

from __future__ import annotations

import base64

from lazaretto.config import Settings
from lazaretto.errors import LimitExceeded
from lazaretto.model import Artifact, Finding
from lazaretto.plugin import Member, Unpacker
from lazaretto.unpack import calendar
from lazaretto.unpack.html import page

PAYLOAD = b"the payload that an engine looks for\n"
ENCODED = base64.b64encode(PAYLOAD)
# Under a name that nothing else uses: a script may well take a string apart.
BEFORE = (
    (page.Html, "text/html", b"<html><a href='data:;base64,%s'></a>" % ENCODED),
    (page.Html, "text/html", b"<html><script>held = atob('%s');</script>" % ENCODED),
    (page.Html, "text/javascript", b"held = '%s'; f(atob(held));\n" % ENCODED),
    (calendar.Calendar, "text/calendar", b"BEGIN:VCALENDAR\nATTACH;VALUE=BINARY:%s\nX:\n" % ENCODED),
)

SEEDS = (
    b"",
    b"<a download='a.zip' href='data:application/zip;base64,UEsFBgAA'>",
    b'<img srcset="data:image/png,%41%42 1x, data:;base64,QUJD 2x"><style>a{b:url(data:,x)}</style>',
    b"<iframe srcdoc='&lt;a href=&quot;data:text/html,&#x3C;b&gt;&quot;'><p onclick='f(&quot;x&quot;+\"y\")'>",
    b"<script>var a='UEsD'; a+=\"BBQA\"+`AA${a}`; b=[a,'x'].join(''); c=a.split('').reverse().join('')</script>",
    b"<script>x=String.fromCharCode(77,0x5a,144);y=new Uint8Array([77,90,144,0,3,0]);z='\\x4d\\u005a\\n'</script>",
    b"<script>new Blob([atob('TVqQAAMAAAA=')],{type:'a/b'});a.download='a.exe';a['cl'+'ick']()</script>",
    b"x=unescape('%3Cscript%3E%u0041').replace(/A/g,'B').concat('C'); for(i=0;i<9;i++){ f(x[i]^7) } /* end */ // x",
    b"<svg><script>//<![CDATA[\neval(atob('YT0nYic='))//]]></script></svg>",
    b"+ADw-script+AD4-x='a'+AD0-+ADw-/script+AD4-",
    "<meta charset=utf-16><a href='data:,x'>".encode("utf-16"),
    b'BEGIN:VCALENDAR\r\nATTACH;FMTTYPE=a/b;X-FILENAME="a:b";ENCODING=BASE64;VALUE=BINARY:QUJD\r\n REVG\r\n',
    b"BEGIN:VCARD\nPHOTO;JPEG;BASE64:\n QUJD\n\nNOTE;ENCODING=QUOTED-PRINTABLE:=3Chtml=3E=\n=41\nKEY:data:,x\n",
)


def target(data: bytes) -> None:
    for made, kind, before in BEFORE:
        unpacker = made(Settings())
        _opened(unpacker, kind, data)
        assert any(PAYLOAD in each for each in _opened(unpacker, kind, before + data)), kind
    _opened(page.Html(Settings()), "text/html", b"<script>" + data)
    _opened(page.Html(Settings()), "text/html", b'<a data: onclick="' + data)
    _opened(page.Html(Settings()), "text/html", data.decode("latin-1").encode("utf-16"))


def _opened(unpacker: Unpacker, kind: str, data: bytes) -> list[bytes]:
    found: list[bytes] = []
    try:
        for thing in unpacker.unpack(Artifact("x", ("x",), data, kind, "", None, None, 0, "")):
            assert isinstance(thing, Member | Finding)
            if isinstance(thing, Member):
                found.append(b"".join(thing.chunks))
                assert found[-1]
                assert all(name.encode("utf-8") for name in thing.names)
    except LimitExceeded:
        pass
    assert len(found) <= page.MEMBERS
    return found
