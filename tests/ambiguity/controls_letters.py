"""Controls: languages, names, seals, invitations and newsletters."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator

from tests.ambiguity.build import CRLF, b64, entity, multipart, note, qp, raw
from tests.ambiguity.controls import PDF, PICTURE, PLAIN, letter
from tests.ambiguity.controls_clients import VERSION, Named, html, mixed


def controls() -> Iterator[Named]:
    yield from languages()
    yield from names()
    yield from newsletters()


def languages() -> Iterator[Named]:
    for trick, charset, codec, text in (
        ("japanese-iso-2022-jp", "ISO-2022-JP", "iso2022_jp", "議事録を添付します。=よろしく--お願いします"),
        ("japanese-shift-jis", "Shift_JIS", "shift_jis", "表示ソフト能"),
        ("japanese-euc", "EUC-JP", "euc_jp", "議事録"),
        ("chinese-gbk", "GBK", "gbk", "会议纪要"),
        ("chinese-gb18030", "gb18030", "gb18030", "会议纪要𠀀"),
        ("chinese-big5", "big5", "big5", "會議記錄許功蓋"),
        ("korean-euc", "euc-kr", "euc_kr", "회의록"),
        ("korean-ks", "ks_c_5601-1987", "euc_kr", "회의록"),
        ("russian-koi8", "koi8-r", "koi8_r", "протокол"),
        ("thai", "windows-874", "cp874", "รายงาน"),
        ("hebrew-utf16", "utf-16", "utf-16", "פרוטוקול"),
    ):
        data = text.encode(codec)
        cte = "base64" if "utf" in charset else "7bit" if "2022" in charset else "8bit"
        body = b64(data) if cte == "base64" else data + CRLF
        yield (
            trick,
            letter(
                VERSION,
                f"Content-Type: text/plain; charset={charset}",
                f"Content-Transfer-Encoding: {cte}",
                body=body,
                subject=f"=?{charset}?B?{b64encode(data).decode()}?=",
            ),
        )
    header = letter(
        VERSION,
        b"X-Subject: " + "表示ソフト".encode("shift_jis"),
        "Content-Type: text/plain; charset=shift_jis",
        body="x\r\n",
    )
    yield "shift-jis-raw-header", header
    yield "utf7-old-outlook", letter(VERSION, "Content-Type: text/plain; charset=utf-7", body="Gr+APwA3w-e\r\n")


def names() -> Iterator[Named]:
    for trick, disposition in (
        ("blanks-unquoted", "attachment; filename=Minutes of the meeting.pdf"),
        ("eight-bit", 'attachment; filename="Prüfung.pdf"'.encode("latin-1")),
        ("extended-and-plain", "attachment; filename=\"Pruefung.pdf\"; filename*=utf-8''Pr%C3%BCfung.pdf"),
        (
            "pieces",
            "attachment;\r\n filename*0=a-very-long-name-that-goes-on-and-on-and-on-over-the-;\r\n filename*1=line.pdf",
        ),
        (
            "pieces-encoded",
            "attachment;\r\n filename*0*=iso-2022-jp''%1B%24%42%35%44;\r\n filename*1*=%3B%76%1B%28%42.pdf",
        ),
        ("iso-2022-jp-word", 'attachment; filename="=?ISO-2022-JP?B?GyRCNUQ7dk8/GyhCLnBkZg==?="'),
        ("two-words", 'attachment;\r\n filename="=?UTF-8?Q?Protokoll_der_Pr=C3=BC?=\r\n =?UTF-8?Q?fung=2Epdf?="'),
        ("parentheses", 'attachment; filename="minutes (1).pdf"'),
        ("comma", 'attachment; filename="minutes, final.pdf"'),
        ("path-of-a-scanner", r'attachment; filename="\\\\scan\\out\\0001.pdf"'),
        ("no-name", "attachment"),
        ("apostrophe", 'attachment; filename="Ann\'s minutes.pdf"'),
    ):
        part = entity(
            "Content-Type: application/pdf",
            b"Content-Disposition: " + raw(disposition),
            "Content-Transfer-Encoding: base64",
            body=b64(PDF),
        )
        yield f"name-{trick}", mixed("=_n", note(), part)


def newsletters() -> Iterator[Named]:
    yield (
        "newsletter-tracking",
        letter(
            VERSION,
            "List-Unsubscribe: <https://news.example/u?x=1>, <mailto:u@news.example>",
            "Precedence: bulk",
            "Content-Type: text/html; charset=utf-8",
            "Content-Transfer-Encoding: quoted-printable",
            body=qp(
                b'<img src="https://news.example/o.gif?u=abc&amp;c=1" width=1 height=1><a'
                b' href="https://news.example/c?u=abc">Read</a>',
                20,
            ),
        ),
    )
    yield (
        "newsletter-inline-picture",
        letter(
            VERSION,
            "Content-Type: text/html; charset=utf-8",
            body=b'<html><body><img src="data:image/png;base64,' + b64encode(PICTURE) + b'"></body></html>',
        ),
    )
    yield (
        "newsletter-inline-font",
        letter(
            VERSION,
            "Content-Type: text/html",
            body=b"<style>@font-face{font-family:x;src:url(data:font/woff2;base64,"
            + b64encode(b"wOF2" + bytes(60))
            + b")}</style><p>Hi",
        ),
    )
    yield (
        "newsletter-svg-data-uri",
        letter(
            VERSION,
            "Content-Type: text/html",
            body='<img src="data:image/svg+xml,%3Csvg xmlns=%27http://www.w3.org/2000/svg%27 width=%271%27/%3E">',
        ),
    )
    yield (
        "newsletter-broken-html",
        letter(
            VERSION,
            "Content-Type: text/html",
            body="<table><tr><td><b><i>Sale!</b></i><!-- <td> <p align=center"
            " <a href=https://x.example>Go</table>\0\r\n".replace("\0", ""),
        ),
    )
    yield (
        "newsletter-long-line",
        letter(
            VERSION,
            "Content-Type: text/html; charset=utf-8",
            "Content-Transfer-Encoding: 8bit",
            body="<p>" + "Grüße und ein Angebot. " * 900 + "</p>\r\n",
        ),
    )
    yield (
        "newsletter-json-ld",
        letter(
            VERSION,
            "Content-Type: text/html",
            body='<script type="application/ld+json">{"@context":"http://schema.org",'
            '"@type":"Order"}</script><p>Thanks',
        ),
    )
    yield (
        "newsletter-dkim",
        letter(
            "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=news.example; s=k1;\r\n\th=from:subject;"
            " bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm"
            "5NMpJWZG3hSuFU=;\r\n\tb=" + "\r\n\t ".join(["Zm9vYmFyYmF6cXV4" * 4] * 4),
            *PLAIN,
            body="Hi\r\n",
        ),
    )
    yield (
        "newsletter-sendgrid-mixed",
        letter(
            "Mime-Version: 1.0",
            "Content-Type: multipart/alternative; boundary=0a1b2c3d",
            body=multipart(
                "0a1b2c3d", note(), html("Hi", "Content-Transfer-Encoding: quoted-printable", "Mime-Version: 1.0")
            ),
        ),
    )
