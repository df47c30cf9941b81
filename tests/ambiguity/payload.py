"""What the cases carry: the EICAR test file, plain and in the containers that a user opens without a thought.

All of it is made the same way each time: fixed dates, no names of this machine.
"""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from typing import NamedTuple

from lazaretto.testing import EICAR

LONG_AGO = (2003, 5, 1, 0, 0, 0)


class Payload(NamedTuple):
    name: str
    data: bytes


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED, comment: bytes = b"") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members.items():
            entry = zipfile.ZipInfo(name, LONG_AGO)
            entry.compress_type = method
            archive.writestr(entry, data)
        archive.comment = comment
    return out.getvalue()


def gzipped(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def docx(members: dict[str, bytes]) -> bytes:
    """A document like Word's, with these members beside the text."""
    types = (
        b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        b'<Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType='
        b'"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
    )
    document = (
        b'<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        b"<w:body><w:p><w:r><w:t>See the object.</w:t></w:r></w:p></w:body></w:document>"
    )
    return zipped({"[Content_Types].xml": types, "word/document.xml": document, **members})


def tarred(name: str, data: bytes) -> bytes:
    head = bytearray(512)
    head[: len(name)] = name.encode()
    head[100:136] = b"0000644\x000000000\x000000000\x00%011o\x00" % len(data)
    head[136:148] = b"00000000000\x00"
    head[148:157] = b"        0"
    head[257:265] = b"ustar\x0000"
    head[148:156] = b"%06o\x00 " % sum(head)
    return bytes(head) + data + bytes(-len(data) % 512) + bytes(1024)


def local_only(members: dict[str, bytes]) -> bytes:
    """Local headers and data without a central directory: streaming unzippers and repairing ones still read it."""
    whole = zipped(members)
    return whole[: whole.index(b"PK\x01\x02")]


def zipcrypto(name: str, data: bytes, password: bytes) -> bytes:
    """A zip under PKWARE's traditional encryption (APPNOTE 6.1), which every unzipper asks the password of."""
    keys = [0x12345678, 0x23456789, 0x34567890]
    table = [_crc(each) for each in range(256)]

    def feed(byte: int) -> None:
        keys[0] = table[(keys[0] ^ byte) & 0xFF] ^ keys[0] >> 8
        keys[1] = (keys[1] + (keys[0] & 0xFF)) * 134775813 + 1 & 0xFFFFFFFF
        keys[2] = table[(keys[2] ^ keys[1] >> 24) & 0xFF] ^ keys[2] >> 8

    def coded(byte: int) -> int:
        key = keys[2] | 2
        out = byte ^ (key * (key ^ 1) >> 8 & 0xFF)
        feed(byte)
        return out

    for byte in password:
        feed(byte)
    crc = zlib.crc32(data)
    secret = bytes(map(coded, bytes(11) + bytes((crc >> 24,)) + data))
    fields = struct.pack("<HHHHHIIIH", 20, 1, 0, 0, 0x2EA1, crc, len(secret), len(data), len(name)) + b"\0\0"
    local = b"PK\x03\x04" + fields + name.encode() + secret
    central = b"PK\x01\x02\x14\x00" + fields + bytes(14) + name.encode()
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)
    return local + central + end


def _crc(value: int) -> int:
    for _ in range(8):
        value = value >> 1 ^ (0xEDB88320 if value & 1 else 0)
    return value


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001"
    "e221bc330000000049454e44ae426082"
)
COM = Payload("eicar.com", EICAR)
TXT = Payload("eicar.txt", EICAR)
ZIP = Payload("papers.zip", zipped({"eicar.com": EICAR}))
NESTED = Payload("papers.zip", zipped({"inner.zip": ZIP.data}))
DOCX = Payload("papers.docx", docx({"word/embeddings/object1.bin": EICAR}))
GZ = Payload("eicar.com.gz", gzipped(EICAR))
TAR = Payload("papers.tar", tarred("eicar.com", EICAR))
