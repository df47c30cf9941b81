from __future__ import annotations

import base64
import struct
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lazaretto.unpack import screnc
from lazaretto.unpack.screnc import decoded

ESCAPES = {0x0D: b"@#", 0x0A: b"@&", 0x3C: b"@!", 0x3E: b"@*", 0x40: b"@$"}
PLAIN = b"\t" + bytes(range(0x20, 0x7F))


def encoded(text: bytes) -> bytes:
    """An encoder of our own: each character by the table whose turn it is."""
    tables = [bytes.fromhex(each) for each in screnc._ENCODED]
    out = bytearray()
    for place, byte in enumerate(text):
        if byte in ESCAPES:
            out += ESCAPES[byte]
        elif byte in PLAIN:
            out += bytes((tables[screnc._TURNS[place % 64]][PLAIN.index(byte)],))
        else:
            out += bytes((byte,))
    return bytes(out)


def block(text: bytes, length: int | None = None) -> bytes:
    body = encoded(text)
    size = base64.b64encode(struct.pack("<I", len(body) if length is None else length))
    return b"#@~^" + size + body + base64.b64encode(struct.pack("<I", sum(text)))[:6] + b"==^#~@"


SCRIPT = b'WScript.Echo "<payload@host>"\r\n\tIf a > b Then x = "' + bytes(range(0x20, 0x7F)) + b'\xe4"\r\n' * 3


def test_what_the_real_encoder_wrote() -> None:
    """From Microsoft's documentation of the encoder, without what its page lost."""
    assert decoded(b"\\ko$K6,") == b"MsgBox "


def test_files_by_name_and_blocks_in_pages(kit: Any) -> None:
    assert kit.exploded(block(SCRIPT), "a.vbe").data["a.vbe!decoded.vbs"] == SCRIPT
    assert kit.exploded(block(SCRIPT), "a.jse").types["a.jse!decoded.js"] == "text/javascript"
    page = b'<html><script language="JScript.Encode">' + block(SCRIPT) + b"</script>"
    page += b'<script language="VBScript.Encode">' + block(b"second") + b"</script></html>"
    found = kit.exploded(page, "a.html")
    assert found.data["a.html!decoded.js"] == SCRIPT
    assert found.data["a.html!decoded.vbs"] == b"second"
    assert kit.exploded(kit.zip_of({"d/a.vbe": block(SCRIPT)}), "z.zip").holds(SCRIPT)


def test_utf16(kit: Any) -> None:
    wide = b"\xff\xfe" + block(SCRIPT.replace(b"\xe4", b"")).decode().encode("utf-16-le")
    assert kit.exploded(wide, "a.vbe").holds(b"<payload@host>")


@pytest.mark.parametrize("length", [0, 5, 10**9])
def test_lengths_that_lie(kit: Any, length: int) -> None:
    assert kit.exploded(block(SCRIPT, length), "a.vbe").data["a.vbe!decoded.vbs"] == SCRIPT


def test_no_end(kit: Any) -> None:
    assert kit.exploded(block(SCRIPT)[:100], "a.vbe").holds(b"<payload@host>")
    found = kit.exploded(block(SCRIPT)[:100] + block(b"second"), "a.vbe")
    assert found.holds(b"<payload@host>")
    assert found.holds(b"second")


@given(st.binary(max_size=200))
def test_there_and_back(text: bytes) -> None:
    text = text.replace(b"\x7f", b"")
    assert decoded(encoded(text)) == text
    decoded(text)


def test_time(kit: Any) -> None:
    start = time.process_time()
    kit.exploded(b"#@~^AAAAAA==" * 200_000, "a.vbe", count=500)
    kit.exploded(block(SCRIPT * 20_000), "a.vbe")
    assert time.process_time() - start < 5
