# Invariant: in any bytes, what is found lies inside them, holds something and has names that can be encoded as UTF-8;
# what finds also says that it may be present; decoding a body never raises; and whatever is encoded, with text around
# it, is found again as it was.
"""The old encodings: uuencode, xxencode, begin-base64, yEnc, BinHex, bare base64."""

from __future__ import annotations

import base64
import binascii

from lazaretto.mime.legacy import binhex, runs, uu, yenc

_HQX = b"!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr"
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_BEFORE, _BEHIND = b"Hello,\r\nhere it is:\r\n\r\n", b"\r\nYours, A. B.\r\n"


def _uu(data: bytes) -> bytes:
    lines = [binascii.b2a_uu(data[at : at + 45]) for at in range(0, len(data), 45)]
    return b"begin 644 a file\n" + b"".join(lines) + b"`\nend\n"


def _xx(data: bytes) -> bytes:
    table = bytes.maketrans(bytes(range(32, 96)), b"+-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
    lines = [binascii.b2a_uu(data[at : at + 45])[:-1].translate(table) for at in range(0, len(data), 45)]
    return b"begin 644 a file\n" + b"\n".join(lines) + b"\n+\nend\n"


def _begin_base64(data: bytes) -> bytes:
    return b"begin-base64 644 a file\n" + base64.encodebytes(data) + b"====\n"


def _yenc(data: bytes) -> bytes:
    out = bytearray()
    for code in data:
        shifted = (code + 42) & 255
        out += bytes([61, (shifted + 64) & 255]) if shifted in b"\0\r\n=" else bytes([shifted])
        if len(out) % 128 < 2:
            out += b"\r\n"
    return b"=ybegin line=128 size=%d name=a file\r\n%s\r\n=yend size=%d\r\n" % (len(data), out, len(data))


def _binhex(data: bytes) -> bytes:
    header = b"\x06a file\0????????\0\0" + len(data).to_bytes(4, "big") + bytes(4)
    pieces = (header, data, b"")
    stream = b"".join(piece + binascii.crc_hqx(piece, 0).to_bytes(2, "big") for piece in pieces)
    text = base64.b64encode(stream.replace(b"\x90", b"\x90\0")).rstrip(b"=").translate(bytes.maketrans(_BASE64, _HQX))
    return b"(This file must be converted with BinHex 4.0)\n:%s:\n" % text


_FORMS = ((uu, (_uu, _xx, _begin_base64)), (yenc, (_yenc,)), (binhex, (_binhex,)), (runs, (base64.encodebytes,)))
SEEDS = (
    *(_BEFORE + write(bytes(range(200)) * 2 + bytes(99)) + _BEHIND for _, writers in _FORMS for write in writers),
    b"=ybegin part=1 total=2 line=128 size=6 name=x\r\n=ypart begin=1 end=3\r\n\x8b\x8c\x8d\r\n=yend size=3 part=1\r\n"
    b"=ybegin part=2 total=2 line=128 size=6 name=x\r\n=ypart begin=4 end=6\r\n..\x8d\r\n=yend size=3 part=2\r\n",
    b"Content-Transfer-Encoding: base64\r\n\r\nUEsD\r\nBBQA\r\nAAAA\r\nAAAA\r\nAAAA\r\nAAAA\r\nAAAA\r\nAAAA==\r\n",
)


def target(data: bytes) -> None:
    for form, writers in _FORMS:
        found = list(form.find(data))
        assert not found or form.present(data)
        for each in found:
            assert 0 <= each.start < each.end <= len(data)
            assert each.data
            repr(each.names).encode()
        form.decode(data) if form is not runs else runs.lenient(data)
        _round_trip(form, writers, data)
    uu.decode_xx(data)


def _round_trip(form: object, writers: tuple[object, ...], data: bytes) -> None:
    payload = data[:1000]
    if len(payload) < 36:  # shorter ones are no run
        return
    for write in writers:
        text = _BEFORE + write(payload) + _BEHIND  # type: ignore[operator]
        first = next(iter(form.find(text)), None)  # type: ignore[attr-defined]
        assert first, write
        assert first.data == payload, (write, first)
        assert first.sound, (write, first)
