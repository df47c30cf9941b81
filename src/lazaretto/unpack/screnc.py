"""Scripts that Microsoft's Script Encoder has written (.vbe, .jse, and in pages): ``#@~^``, a length, the text with
each character replaced after one of three tables, a checksum, ``^#~@``.

There is no specification; this follows "Breaking the Windows Script Encoder" (Mr Brownstone, 2001)."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import ClassVar

from lazaretto.model import Artifact, Finding
from lazaretto.plugin import Member, Unpacker
from lazaretto.unpack.signatures import OCTETS, TEXTS

_BEGIN, _END = b"#@~^", b"==^#~@"
_HEAD = 12  # bytes of the mark and the length
_CHECKSUM = 6
_START = re.compile(rb"#@~\^[A-Za-z0-9+/]{6}==")
_ESCAPE = re.compile(rb"@([#&!*$])")
_ESCAPED = {b"#": b"\r", b"&": b"\n", b"!": b"<", b"*": b">", b"$": b"@"}
_PLAIN = b"\t" + bytes(range(0x20, 0x7F))
_ENCODED = (
    # of tab and of all from the blank to "~"; "<", ">" and "@" are escaped, "?" stands for them
    "6450224a615e5d5b426023655f7e4f527a21462026632a7647252c29693f273f673f62415a6632734d4371397c534831"
    "726e70493f4b6a2e7f28357d242d54377b3d6c346d4e2b306f746b4c33563a7857773b442f59455c6836587909753855",
    "377e5a453a7959277663624d515352202654712b662a587f7b30316c493f783f5f3f29242f39336f21752842464a5c48"
    "364b7d5d6a506923097065742c77443f6d7c43385e5b6e574c347225567368554732352e644f3b2d41617a22606b4e3d",
    "692c65725b66754c45762a43334220634a5a387932576c2b46524f3d703f7b3f513f7a7e3b474177565f26786e647467"
    "7d683522553a606a716f495c5d2759257c236d2831397f365434624e305e73094b61244d6b4421375358482e502d293f",
)
_TURNS = (  # which of the tables is used, by the character's place
    b"\1\2\0\1\2\0\2\0\0\2\0\2\1\0\2\0\1\0\2\0\1\1\2\0\0\2\1\0\2\0\0\2"
    b"\1\1\0\2\0\2\0\1\0\1\1\2\0\1\0\2\1\0\2\0\1\1\2\0\0\1\1\2\0\1\0\2"
)
_LANGUAGE = re.compile(rb"(j(?:ava)?script)\.encode|vbscript\.encode", re.IGNORECASE)
_BEFORE = 2_000  # bytes in front of a block in which a page names its language


class ScriptEncoder(Unpacker):
    """The text of every block."""

    name: ClassVar[str] = "screnc"
    # DEL is one of the characters that the encoder writes, and no character of a text.
    types: ClassVar[frozenset[str]] = TEXTS | {OCTETS}

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        data = artifact.data
        if b"\0" in data[:4096]:  # UTF-16: what the encoder writes is ASCII, the rest does not matter
            data = data.replace(b"\0", b"")
        if _BEGIN not in data:
            return
        at = 0
        while found := _START.search(data, at):
            encoded, at = _block(data, found.start())
            yield Member((_name(artifact, data[max(0, found.start() - _BEFORE) : found.start()]),), [decoded(encoded)])


def _block(data: bytes, start: int) -> tuple[bytes, int]:
    """What stands between the marks, by its length or, where that lies, to the end mark; and the offset behind it."""
    begin = start + _HEAD
    stop = begin + int.from_bytes(base64.b64decode(data[start + len(_BEGIN) : begin])[:4], "little")
    if data[stop + _CHECKSUM : stop + _CHECKSUM + len(_END)] == _END:
        return data[begin:stop], stop + _CHECKSUM + len(_END)
    following = _START.search(data, begin)
    limit = following.start() if following else len(data)
    end = data.find(_END, begin, limit)
    return (data[begin : max(begin, end - _CHECKSUM)], end + len(_END)) if end >= 0 else (data[begin:limit], limit)


def decoded(encoded: bytes) -> bytes:
    """Each character counts, escapes as one."""
    text = _ESCAPE.sub(lambda found: _ESCAPED[found[1]], encoded)
    out = bytearray(len(text))
    tables = [_table(bytes.fromhex(each)) for each in _ENCODED]
    for place, turn in enumerate(_TURNS):
        out[place :: len(_TURNS)] = text[place :: len(_TURNS)].translate(tables[turn])
    return bytes(out)


def _table(encoded: bytes) -> bytes:
    table = bytearray(bytes.maketrans(encoded, _PLAIN))
    for byte in b"<>@":  # they come of escapes
        table[byte] = byte
    return bytes(table)


def _name(artifact: Artifact, before: bytes) -> str:
    said = _LANGUAGE.findall(before)
    if said:
        return "decoded.js" if said[-1] else "decoded.vbs"
    return (
        "decoded.js" if artifact.type == "text/javascript" or artifact.name.lower().endswith(".jse") else "decoded.vbs"
    )
