"""html-smuggling: the file is in a page or drawing, and the program that shows it hands it out."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator

from tests.ambiguity import smuggled_objects
from tests.ambiguity.build import CRLF, Case, b64, case, chopped, mail, qp
from tests.ambiguity.payload import COM, GZ, ZIP
from tests.ambiguity.smuggling_page import BROWSER, COM64, KIND, ZIP64, attached, link, page

SCRIPT = "Chrome, Edge and Firefox run the script of the opened attachment and save the Blob"
CHARSET = "browsers go by the byte order mark before anything else"


def cases() -> Iterator[Case]:
    yield from data_uris()
    yield from charsets()
    yield from scripts()
    yield from drawings()
    yield from smuggled_objects.calendars()
    yield from smuggled_objects.documents()


def percent(data: bytes) -> bytes:
    return b"".join(b"%%%02X" % byte for byte in data)


def entities(data: bytes, form: bytes = b"&#%d;") -> bytes:
    return b"".join(form % byte for byte in data)


def data_uris() -> Iterator[Case]:
    plain, zipped = b"data:application/octet-stream;base64," + COM64, b"data:application/zip;base64," + ZIP64
    nested = b"data:text/html;base64," + b64encode(page(link(zipped)))
    for trick, url in (
        ("base64", plain),
        ("zip", zipped),
        ("percent", b"data:application/octet-stream," + percent(COM.data)),
        ("percent-zip", b"data:application/zip," + percent(ZIP.data)),
        ("lower-percent", b"data:," + percent(COM.data).lower()),
        ("no-type", b"data:;base64," + ZIP64),
        ("capitals", b"DATA:application/zip;BASE64," + ZIP64),
        ("charset", b"data:text/plain;charset=utf-8;base64," + COM64),
        ("percent-over-base64", b"data:;base64," + percent(ZIP64)),
        ("entities", entities(zipped)),
        ("hex-entities", entities(zipped, b"&#x%x;")),
        ("zero-entities", entities(plain, b"&#0%d;")),
        ("entities-in-scheme", b"d&#97;ta&colon;application/zip;base64&comma;" + ZIP64),
        ("nested", nested),
        ("nested-percent", b"data:text/html," + percent(page(link(plain)))),
        ("newlines", CRLF.join(chopped(zipped, 60))),
        ("tabs-in-scheme", b"da\tta:application/zip;base64," + ZIP64),
        ("blank-before", b"  " + zipped),
        ("no-padding", b"data:;base64," + COM64.rstrip(b"=")),
        ("blanks-in-base64", b"data:;base64," + b" ".join(chopped(ZIP64, 8))),
        ("html-percent-entities", b"data:text/html," + entities(percent(page(link(plain))))),
        ("fragment", zipped + b"#page=2"),
        ("gzip", b"data:application/gzip;base64," + b64encode(GZ.data)),
    ):
        yield case(KIND, f"uri-{trick}", attached(page(link(url))), BROWSER)
    for trick, body in (
        ("single-quotes", b"<a download='x.zip' href='" + zipped + b"'>open</a>"),
        ("no-quotes", b"<a download=x.zip href=" + zipped + b">open</a>"),
        ("iframe", b'<iframe src="' + zipped + b'"></iframe>'),
        ("refresh", b'<meta http-equiv=refresh content="0;url=' + zipped + b'">'),
        ("srcdoc", b'<iframe srcdoc="' + link(zipped).replace(b'"', b"&quot;") + b'"></iframe>'),
        ("area", b'<map name=m><area shape=default href="' + plain + b'"></map><img usemap="#m" width=99 height=99>'),
        ("unclosed-tag", b'<iframe src="' + zipped + b'"'),
        ("in-capitals", b'<A DOWNLOAD HREF="' + zipped + b'">open</A>'),
        ("nul-in-tag", b'<a \0 download href="' + zipped + b'">open</a>'),
    ):
        yield case(KIND, f"tag-{trick}", attached(page(body)), BROWSER)
    inline = mail(
        "Content-Type: text/html; charset=utf-8",
        "Content-Transfer-Encoding: quoted-printable",
        body=qp(page(link(zipped)), 25),
    )
    yield case(KIND, "uri-in-the-body", inline, "Apple Mail and webmails follow data: links of the body")
    yield case(KIND, "uri-in-shtml", attached(page(link(zipped)), "papers.shtml", "application/octet-stream"), BROWSER)
    yield case(
        KIND,
        "uri-in-xhtml",
        attached(
            b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body>'
            + link(zipped)
            + b"</body></html>",
            "papers.xhtml",
            "application/xhtml+xml",
        ),
        BROWSER,
    )


def charsets() -> Iterator[Case]:
    text = page(link(b"data:application/zip;base64," + ZIP64)).decode()
    shifted = text.replace("+", "+-")
    for mark, code in (("=", "+AD0-"), ("<", "+ADw-"), (">", "+AD4-"), ('"', "+ACI-")):
        shifted = shifted.replace(mark, code)
    for trick, data, why in (
        ("utf16-le", b"\xff\xfe" + text.encode("utf-16-le"), CHARSET),
        ("utf16-be", b"\xfe\xff" + text.encode("utf-16-be"), CHARSET),
        ("utf8-bom", b"\xef\xbb\xbf" + text.encode(), CHARSET),
        ("utf16-no-bom", text.encode("utf-16-le"), "Internet Explorer, Word and Outlook guess UTF-16 by the NULs"),
        ("utf32", b"\xff\xfe\0\0" + text.encode("utf-32-le"), "Internet Explorer and Word open UTF-32"),
        ("utf7", b"<meta charset=utf-7>" + shifted.encode(), "Outlook and Internet Explorer decode UTF-7"),
    ):
        yield case(KIND, f"page-{trick}", attached(data), why)
    for charset, codec in (
        ("utf-16", "utf-16"),
        ("utf-16le", "utf-16-le"),
        ("utf-16be", "utf-16-be"),
        ("utf-7", "utf-7"),
    ):
        part = mail(
            f"Content-Type: text/html; charset={charset}",
            "Content-Transfer-Encoding: base64",
            body=b64(text.encode(codec)),
        )
        yield case(
            KIND,
            f"mail-in-{charset}",
            part,
            "Thunderbird and Outlook decode a mail's text from its charset, this one too",
        )
    utf7 = mail("Content-Type: text/html; charset=utf-7", body=shifted)
    yield case(KIND, "mail-in-utf-7-shifted", utf7, "Thunderbird and Outlook decode UTF-7 in mail")


SAVE = b"var a=document.createElement('a');a.href=URL.createObjectURL(new Blob([d]));a.download='eicar.com';a.click();"


def script(code: bytes) -> bytes:
    return page(b"<script>\r\n" + code + CRLF + SAVE + b"\r\n</script>")


def scripts() -> Iterator[Case]:
    pieces = b"'+'".join(chopped(ZIP64, 16))
    array = b",".join(b"%d" % byte for byte in COM.data)
    decode = b"var d=Uint8Array.from(atob(s),function(c){return c.charCodeAt(0)});"
    hexes = COM.data.hex().encode()
    for trick, code in (
        ("atob", b"var s='" + ZIP64 + b"';" + decode),
        ("joined-literals", b"var s='" + pieces + b"';" + decode),
        ("double-quotes", b'var s="' + b'" + "'.join(chopped(ZIP64, 20)) + b'";' + decode),
        ("appended", b"var s='';" + b"".join(b"s+='" + piece + b"';\r\n" for piece in chopped(ZIP64, 30)) + decode),
        ("array-join", b"var s=['" + b"','".join(chopped(ZIP64, 12)) + b"'].join('');" + decode),
        ("template", b"var s=`" + ZIP64 + b"`;" + decode),
        ("byte-array", b"var d=new Uint8Array([" + array + b"]);"),
        ("byte-array-hex", b"var d=new Uint8Array([" + b",".join(b"0x%02x" % byte for byte in COM.data) + b"]);"),
        ("char-codes", b"var d=String.fromCharCode(" + array + b");"),
        ("hex-escapes", b"var d='" + b"".join(b"\\x%02x" % byte for byte in COM.data) + b"';"),
        ("unicode-escapes", b"var d='" + b"".join(b"\\u%04x" % byte for byte in COM.data) + b"';"),
        ("unescape", b"var d=unescape('" + percent(COM.data) + b"');"),
        (
            "hex-string",
            b"var h='" + hexes + b"',d=new Uint8Array(h.match(/../g).map(function(x){return parseInt(x,16)}));",
        ),
        ("reversed", b"var s='" + ZIP64[::-1] + b"'.split('').reverse().join('');" + decode),
        ("continued-line", b"var s='" + b"\\\r\n".join(chopped(ZIP64, 40)) + b"';" + decode),
        ("data-uri-cut", b"var u='data:application/zip;base64," + ZIP64 + b"';var s=u.split(',')[1];" + decode),
    ):
        yield case(KIND, f"script-{trick}", attached(script(code)), SCRIPT)
    late = page(b'<body onload="' + b"var s='" + ZIP64 + b"';location='data:application/zip;base64,'+s" + b'">')
    yield case(KIND, "script-in-an-event", attached(late), SCRIPT)
    element = page(
        b"<div id=s hidden>"
        + ZIP64
        + b"</div><script>var s=document.getElementById('s').textContent;"
        + decode
        + SAVE
        + b"</script>"
    )
    yield case(KIND, "script-from-an-element", attached(element), SCRIPT)
    remote = page(
        b'<script src="data:text/javascript;base64,'
        + b64encode(b"var s='" + ZIP64 + b"';" + decode + SAVE)
        + b'"></script>'
    )
    yield case(KIND, "script-in-a-data-uri", attached(remote), SCRIPT)
    alone = (
        b"var x=new ActiveXObject('MSXML2.DOMDocument').createElement('b');x.dataType='bin.base64';x.text='"
        + ZIP64
        + b"';var f=new"
        b" ActiveXObject('ADODB.Stream');f.Type=1;f.Open();f.Write(x.nodeTypedValue);f.SaveToFile('a.zip');"
    )
    yield case(
        KIND, "script-file", attached(alone, "papers.js", "text/javascript"), "Windows Script Host runs an opened .js"
    )


def drawings() -> Iterator[Case]:
    zipped = b"data:application/zip;base64," + ZIP64
    head = (
        b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="300" height="50">'
    )
    code = (
        b"var s='" + ZIP64 + b"';var d=Uint8Array.from(atob(s),c=>c.charCodeAt(0));var a=document.createElementNS("
        b"'http://www.w3.org/1999/xhtml','a');a.href=URL.createObjectURL(new Blob([d]));a.download='x.zip';a.click()"
    )
    for trick, body in (
        ("link", b'<a href="' + zipped + b'"><text y="20">Open</text></a>'),
        ("xlink", b'<a xlink:href="' + zipped + b'"><text y="20">Open</text></a>'),
        (
            "foreign-object",
            b'<foreignObject width="300" height="50"><a xmlns="http://www.w3.org/1999/xhtml" href="'
            + zipped
            + b'">o</a></foreignObject>',
        ),
        ("script", b"<script><![CDATA[" + code + b"]]></script>"),
        ("script-data-uri", b'<script href="data:text/javascript;base64,' + b64encode(code) + b'"/>'),
        ("entity", b'<a href="' + entities(zipped, b"&#x%X;") + b'"><text y="20">Open</text></a>'),
    ):
        yield case(
            KIND,
            f"svg-{trick}",
            attached(head + body + b"</svg>", "papers.svg", "image/svg+xml"),
            "browsers open .svg as a page",
        )
