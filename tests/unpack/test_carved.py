from __future__ import annotations

import base64
import binascii
import gzip
import time
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lazaretto.mime.legacy import binhex
from lazaretto.model import Kind

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
XX = b"+-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
HQX = b"!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr"
BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
TWO_BYTES = (b"\x1f\x8b", b"\x1f\x8b\x08\xff", b"\x1f\x8b", b"\x1f\x9d\xff", b"\x1f\x9d", b"\xff\xfb", b"#!")
PROSE = b"Hello Mark,\r\n\r\nwe begin on Monday; see https://example.org/a?b=c#d for the rest.\r\n\r\n"


def uu(data: bytes) -> bytes:
    lines = b"".join(binascii.b2a_uu(data[at : at + 45]) for at in range(0, len(data), 45))
    return b"begin 644 a.zip\n" + lines + b" \nend\n"


def xx(data: bytes) -> bytes:
    begin, *lines, _, end = uu(data).splitlines()
    table = bytes.maketrans(bytes(range(32, 96)), XX)
    return b"\n".join([begin, *(line.translate(table) for line in lines), b"+", end, b""])


def yenc(data: bytes) -> bytes:
    shifted = bytes((code + 42) & 255 for code in data).replace(b"=", b"=}")
    for code in b"\0\r\n":
        shifted = shifted.replace(bytes([code]), bytes([61, code + 64]))
    return b"=ybegin line=999 size=%d name=a.zip\r\n%s\r\n=yend size=%d\r\n" % (len(data), shifted, len(data))


def hqx(data: bytes) -> bytes:
    pieces = (b"\x05a.zip\0????????\0\0" + len(data).to_bytes(4, "big") + bytes(4), data, b"")
    stream = b"".join(piece + binascii.crc_hqx(piece, 0).to_bytes(2, "big") for piece in pieces)
    text = base64.b64encode(stream.replace(b"\x90", b"\x90\0")).rstrip(b"=").translate(bytes.maketrans(BASE64, HQX))
    text = b":" + text + b":"
    lines = b"\r".join(text[at : at + 64] for at in range(0, len(text), 64))
    return b"(This file must be converted with BinHex 4.0)\r\r" + lines + b"\r"


def begin_base64(data: bytes) -> bytes:
    return b"begin-base64 644 a.zip\n" + base64.encodebytes(data) + b"====\n"


def mail(body: bytes, kind: bytes = b"text/plain") -> bytes:
    return b"From: a@b\r\nMIME-Version: 1.0\r\nContent-Type: " + kind + b"\r\n\r\n" + body


@pytest.mark.parametrize("write", [uu, xx, yenc, hqx, begin_base64])
@pytest.mark.parametrize("kind", [b"text/plain", b"text/html", b"text/x-odd"])
def test_an_archive_in_a_text_part(kit: Any, write: Any, kind: bytes) -> None:
    before = b"<html><p>" + PROSE if kind == b"text/html" else PROSE
    found = kit.exploded(
        mail(before + write(kit.zip_of({"run.js": kit.payload})) + b"\r\nYours: M.\r\n", kind), "m.eml"
    )
    assert found.findings == []
    (path,) = [path for path, data in found.data.items() if data == kit.payload]
    assert path.endswith("!a.zip!run.js")
    # The mail, the text, the archive once, the script; and the declared page, which yEnc's bytes do not look like.
    page = kind == b"text/html" and write is yenc
    assert len(found.artifacts) == 4 + page


@pytest.mark.parametrize("pack", [lambda data: data, gzip.compress], ids=["zip", "gzip of zip"])
@pytest.mark.parametrize("before", [b"", PROSE, PROSE + b"Content-Transfer-Encoding: x-gzip64\r\n\r\n"])
def test_bare_base64(kit: Any, pack: Any, before: bytes) -> None:
    body = before + base64.encodebytes(pack(kit.zip_of({"run.js": kit.payload}))) + b"\r\nYours, M.\r\n"
    found = kit.exploded(mail(body), "m.eml")
    assert found.findings == []
    assert found.holds(kit.payload)


@pytest.mark.parametrize("write", [uu, xx, yenc, hqx, begin_base64, base64.encodebytes])
def test_eicar(kit: Any, write: Any) -> None:
    found = kit.exploded(mail(PROSE + write(EICAR)), "m.eml")
    assert EICAR in found.data.values()


def test_in_the_text_around_the_parts(kit: Any) -> None:
    head = b'From: a@b\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
    block = uu(kit.zip_of({"run.js": kit.payload}))
    for before, after in ((block, b""), (b"", block)):
        found = kit.exploded(head + before + b"\r\n--b\r\n\r\nhello\r\n--b--\r\n" + after, "m.eml")
        assert found.holds(kit.payload)


def test_text_that_looks_like_something_else(kit: Any) -> None:
    """A control character or a magic number at its beginning does not keep a reader from showing it as text."""
    block = uu(kit.zip_of({"run.js": kit.payload}))
    for start in (b"\x01\x02\r\n", b"ID3 tags\r\n", b"%!PS\r\n"):
        assert kit.exploded(mail(start + block), "m.eml").holds(kit.payload)
    assert kit.exploded(b"\x01\x02\r\n" + block, "x.txt").holds(kit.payload)
    text = (PROSE + block).decode("latin-1")
    for charset in ("utf-16", "utf-16-le", "utf-16-be"):
        assert kit.exploded(text.encode(charset), "x.txt").holds(kit.payload)


def test_base64_in_base64(kit: Any) -> None:
    inner = base64.encodebytes(kit.zip_of({"run.js": kit.payload}))
    assert kit.exploded(mail(base64.encodebytes(inner)), "m.eml").holds(kit.payload)


def test_ordinary_mail_holds_nothing(kit: Any) -> None:
    key = base64.encodebytes(bytes(range(130, 256)) * 9)
    armour = b"-----BEGIN PGP SIGNATURE-----\r\n\r\n" + key + b"=aBcD\r\n-----END PGP SIGNATURE-----\r\n"
    link = b"https://example.org/x?u=" + base64.b64encode(b"to=somebody@example.org&campaign=1234567890&" * 2) + b"\r\n"
    patch = b"index 0123456789abcdef0123456789abcdef01234567..89abcdef0123456789abcdef0123456789abcdef 100644\r\n"
    page = b'<html><img src="data:image/png;base64,' + base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(90)) + b'"></html>'
    chance = b"".join(base64.b64encode(start + bytes(range(200))) + b"\r\n\r\n=\r\n" for start in TWO_BYTES)
    for body in (chance, armour, link, patch, page, b"A" * 400, b"/" * 72 + b"\r\n" + b"f" * 64 + b"\r\n"):
        found = kit.exploded(mail(PROSE + body if body is not page else page), "m.eml")
        assert len(found.artifacts) == (3 if body is page else 2), found.data  # the picture is the page's, once
        assert found.findings == []


def test_a_text_at_the_deepest_level_is_a_limit_only_if_it_holds_something(kit: Any) -> None:
    plain = kit.exploded(mail(PROSE), "m.eml", depth=1)
    assert plain.findings == []
    full = kit.exploded(mail(PROSE + uu(EICAR)), "m.eml", depth=1)
    assert full.names == {"limit.depth"}
    assert not full.holds(EICAR)
    assert kit.exploded(mail(PROSE + uu(EICAR)), "m.eml", depth=2).holds(EICAR)


def test_a_bomb_is_a_limit(kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binhex, "LONGEST", 100)
    found = kit.exploded(mail(PROSE + hqx(bytes(1000))), "m.eml")
    assert found.finding("limit.member_bytes").kind is Kind.LIMIT


def test_more_files_than_the_limit_allows(kit: Any) -> None:
    found = kit.exploded(mail(uu(b"one file") * 50), "m.eml", count=20)
    assert found.names == {"limit.count"}


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(
                [uu(EICAR), yenc(EICAR), hqx(EICAR), base64.encodebytes(EICAR), b"begin 644 x\n", b"A" * 41, b":"]
            ),
            st.binary(max_size=20),
        )
    ).map(b"".join)
)
def test_any_bytes(kit: Any, data: bytes) -> None:
    assert "unpack.crashed" not in kit.exploded(data).names


@pytest.mark.parametrize(
    "pattern",
    [
        b'"' + b"A" * 41 + b'",',
        b" " + base64.b64encode(b"words " * 8) + b" ",
        b"begin 644 x\n#AAA\n",
        b"A" * 40 + b"-" * 200,
    ],
)
def test_time_is_linear(kit: Any, pattern: bytes) -> None:
    start = time.process_time()
    kit.exploded((pattern * (4_000_000 // len(pattern)))[:4_000_000], "x.txt")
    assert time.process_time() - start < 3


@pytest.mark.parametrize(
    ("name", "text", "width"),
    [
        ("a.json", '{"file": "%s", "x": 1}', 0),
        ("a.json", '[1, "%s"]', 60),
        ("a.txt", '\n {"a": {"b":"%s"}}', 76),
        ("a.xml", '<?xml version="1.0"?>\n<a><b>%s</b></a>', 0),
        ("a.xml", '<?xml version="1.0"?>\n<a>\n<b>\n%s\n</b></a>', 76),
        ("a.ldif", "dn: cn=a\njpegPhoto:: %s\nsn: x\n", 60),
    ],
)
@pytest.mark.parametrize("pack", ["payload", "zip"])
def test_a_value_in_base64(kit: Any, name: str, text: str, width: int, pack: str) -> None:
    data = kit.payload * 2 if pack == "payload" else kit.zip_of({"run.js": kit.payload * 2})
    encoded = base64.b64encode(data).decode()
    lines = (
        [encoded[at : at + width] for at in range(0, len(encoded), width)]
        if width
        else [encoded.replace("/", "\\/" if "{" in text else "/")]
    )
    end = "\n " if name == "a.ldif" else "\n" if name == "a.xml" else "\\r\\n"
    found = kit.exploded((text % end.join(lines)).encode(), name)
    assert found.holds(kit.payload * 2)
    assert found.findings == []


@pytest.mark.parametrize("write", [uu, xx, yenc, hqx, begin_base64])
def test_what_begins_like_json_and_is_none(kit: Any, write: Any) -> None:
    assert kit.exploded(b"[Hello]\n\n" + write(kit.zip_of({"run.js": kit.payload})) + b"\n").holds(kit.payload)


def test_words_of_a_link_are_no_value(kit: Any) -> None:
    encoded = base64.b64encode(b"a text that is long enough to be one, but stands in a link of a newsletter").decode()
    for text in (
        f"see https://example.org/{encoded}",
        f"x:: y {encoded}",
        f'{{"a": "https://example.org/?{encoded}"}}',
    ):
        assert len(kit.exploded(text.encode()).artifacts) == 1


def test_signs_written_as_percent_in_a_page(kit: Any) -> None:
    packed = kit.zip_of({"a.com": kit.payload * 3})
    text = quote(base64.b64encode(packed).decode(), safe="")
    assert "%" in text
    found = kit.exploded(f"<html><body><a href='x'>y</a><script>f({text})</script></body></html>".encode())
    assert found.holds(kit.payload * 3)
    assert found.findings == []
