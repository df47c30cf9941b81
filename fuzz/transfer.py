# Invariant: whatever a body is and whatever its header says of it, each decoder gives bytes, not many more than there
# were; the rivals of a decoding are few, and no two of them, nor one and the standard reading, are the same; what
# was encoded by the book comes out as it was, without a defect and without a rival.
"""Transfer encodings: the decoders and their rivals."""

from __future__ import annotations

import base64
import binascii
import quopri

from lazaretto.mime import transfer
from lazaretto.mime.parse import parse

ENCODINGS = ("", "7bit", "base64", "quoted-printable", "x-uuencode", "gzip64", "base64, quoted-printable", "odd", "=?")
MOST = 32  # rivals of one body
LARGEST, BESIDE = 2, 2_200  # times the encoded size, and bytes of zeros that uuencode leaves out


def _uu(data: bytes) -> bytes:
    lines = (binascii.b2a_uu(data[at : at + 45]) for at in range(0, len(data), 45))
    return b"begin 644 a\n" + b"".join(lines) + b"`\nend\n"


TEXT = "a text, grün = 5 €, and a line that is longer than the others, much longer\n".encode()
SEEDS = (
    base64.encodebytes(TEXT * 3),
    base64.b64encode(TEXT[:9]) + b"==\n" + base64.b64encode(TEXT[:7]) + b"\n\n-- \nfooter\n",
    base64.b64encode(TEXT).replace(b"a", b"-").replace(b"b", b"_"),
    b"\n".join(base64.b64encode(TEXT[at : at + 4]) for at in range(20)),
    quopri.encodestring(TEXT),
    b"a=\r\nb= \t\nc=\rd=3d=3=\r\r\ne==41==\x00=",
    _uu(TEXT),
    _uu(TEXT).replace(b"begin", b"Begin").replace(b"\nend", b""),
    b"=ybegin line=128 size=3 name=a\r\n\x8b\x8c\x8d\r\n=yend size=3\r\n",
)


def target(data: bytes) -> None:
    for encoding in ENCODINGS:
        _decodes(data, encoding)
        field = b"Content-Transfer-Encoding: " + encoding.encode() + b"\n"
        _rivals(field + b"\n" + data)
        _rivals(field + b"junk\nContent-Transfer-Encoding: x" + data[:5].replace(b"\n", b"") + b"\r\n \n\n" + data)
    _round_trips(data)


def _decodes(data: bytes, encoding: str) -> None:
    whole = transfer.transfer(data, encoding)
    assert len(whole.data) <= LARGEST * len(data) + BESIDE
    assert transfer.transfer(b"x" + data + b"y", encoding, 1, 1 + len(data)) == whole  # looks at nothing around it


def _rivals(raw: bytes) -> None:
    part = parse(raw).root
    first = transfer.decoded(raw, part)
    seen = [first.data]
    for rival in transfer.rivals(raw, part, first):
        assert len(rival.data) <= LARGEST * len(raw) + BESIDE, rival.reading
        assert rival.data not in seen, rival.reading
        seen.append(rival.data)
    assert len(seen) <= MOST


def _round_trips(data: bytes) -> None:
    for encoding, encoded in (
        ("base64", base64.encodebytes(data)),
        ("quoted-printable", binascii.b2a_qp(data, istext=False)),
        ("x-uuencode", _uu(data)),
    ):
        decoded = transfer.transfer(encoded, encoding)
        assert decoded == (data, ()), encoding
