# Invariant: any bytes give artifacts and findings within the limits; never an exception, never a finding that an
# unpacker crashed, never two artifacts of one path.
"""What Python itself opens: zip, tar, gzip, bzip2, xz; mails and mailboxes; forks of the Macintosh."""

from __future__ import annotations

import binascii
import bz2
import gzip
import io
import lzma
import tarfile
import zipfile

from fuzz._tree import explode, zip_of


def _tar() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        info = tarfile.TarInfo("long/" * 30 + "ä")
        info.size = 5
        archive.addfile(info, io.BytesIO(b"hello"))
    return out.getvalue()[:4096]


def _macbinary() -> bytes:
    head = (b"\0\5a.zip".ljust(83, b"\0") + b"\0\0\0\5\0\0\0\3".ljust(16, b"\0") + b"\0\4").ljust(
        122, b"\0"
    ) + b"\x82\x81"
    head += binascii.crc_hqx(head, 0).to_bytes(2, "big") + b"\0\0"
    return head + b"".join(fork.ljust(128, b"\0") for fork in (b"hello", b"abc", b"note")) + b"more"


MAIL = (
    b"From: a@b\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\ntext\r\n--x\r\n"
    b"Content-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    + zip_of()
    + b"\r\n--x--\r\n"
)
SEEDS = (
    *(zip_of(method) for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)),
    _tar(),
    gzip.compress(b"text") + gzip.compress(zip_of()) + b"tail",
    bz2.compress(b"text") * 2,
    lzma.compress(b"text"),
    _macbinary(),
    MAIL,
    b"From a@b Mon Jan  1 00:00:00 2026\n" + MAIL,
)


def target(data: bytes) -> None:
    explode(data)
