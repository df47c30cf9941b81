# Invariant: any bytes give artifacts and findings within the limits; never an exception, never a finding that an
# unpacker crashed, never two artifacts of one path.
"""PDF, OneNote, shortcuts, Flash, RTF, encoded scripts."""

from __future__ import annotations

import base64
import zlib

from fuzz._tree import explode

PDF = (
    b"%%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>/Names<</EmbeddedFiles<</Names[(k)3 0 R]>>>>"
    b"/AcroForm<</XFA[(a)5 0 R]>>>>endobj 3 0 obj<</F(a.txt)/UF<feff0061>/EF<</F 4 0 R>>>>endobj\n"
    b"4 0 obj<</Length 6 0 R/Filter[/AHx/Fl]/DecodeParms[null<</Predictor 12/Columns 2>>]>>stream\n"
    b"%b>\nendstream endobj\n"
    b"5 0 obj<</Filter/LZW/Length 9>>stream\n%b\nendstream endobj 6 0 obj 99 endobj\n"
    b"7 0 obj<</Type/ObjStm/N 1/First 4/Length 40/Filter/A85>>stream\n%b~>\nendstream endobj\n"
    b"8 0 obj<</S/Launch/Win<</F(cmd.exe)/P(/c x)>>/S2<</S/URI/URI(http://a/)>>>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%%%EOF\ntail"
) % (
    zlib.compress(b"\2ab\2\1\1").hex().encode(),
    bytes.fromhex("800b6050220c0c8501"),
    base64.a85encode(b"9 0 <</JS(x)>>"),
)
ONENOTE = (
    bytes.fromhex("e4525c7b8cd8a74daeb15378d02996d3") + bytes(32) + bytes.fromhex("3fdd9a101b91f549a5d01791edc8aed8")
    + bytes.fromhex("e716e3bd65261145a4c48d4d0b7a9eac 0800000000000000") + bytes(12) + b"embedded"
    + bytes.fromhex("22a7fb71790f0b4abb13899256426b24 c4f4f7f5b17a56a4") + bytes(8)
    + bytes.fromhex("9480001040000000000000000000000000000000000000000000000000000000")
)  # fmt: skip
PACKAGED = (
    ONENOTE[:48] + bytes.fromhex("2fe98d63d4a6c14b9a36b3fc2511a5b7 00000000 a800 1200 1200") + b"\x11embedded" + b"\5"
)
LNK = (
    bytes.fromhex("4c000000 0114020000000000c000000000000046 f3000000") + bytes(52) + b"\x19\0\x17\0\x2fC:\\"
    + bytes(19) + b"\x1c\0\0\0\x1c\0\0\0\3\0\0\0" + bytes(16) + b"\2\0a\0b\0\4\0/\0c\0 \0x\0\1\0i\0" + bytes(4)
    + b"appended"
)  # fmt: skip
SWF = zlib.compress(bytes([8, 0, 0, 0, 1, 1]) + b"\xcf\x15\1\0\0\0\0\0embedded\0\0")
OBJECT = b"0105000002000000080000005061636b61676500000000000000000004000000aabbccdd"
SEEDS = (
    PDF,
    ONENOTE,
    PACKAGED,
    LNK,
    b"CWS\x0a\xff\0\0\0" + SWF,
    b"FWS\x0a\xff\0\0\0" + zlib.decompress(SWF),
    b"{\\rtf1{\\object\\objupdate{\\*\\objdata12 " + OBJECT + b"{\\*\\objdata 01}}}{\\pict 89504e\\bin3 abc}}",
    b'<script language="VBScript.Encode">#@~^BgAAAA==\\ko$K6AAAAAA==^#~@</script>',
    b'<?xml version="1.0"?><libraryDescription><url>\\\\h\\s</url></libraryDescription>',
)


def target(data: bytes) -> None:
    explode(data)
