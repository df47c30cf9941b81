from __future__ import annotations

import datetime
import struct

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12

from lazaretto.unpack import media
from lazaretto.unpack.identify import identify

TTF = b"\0\1\0\0" + struct.pack(">4H", 12, 128, 3, 64) + bytes(40)
ADTS = b"\xff\xf1\x50\x80\x01\x1f\xfc\0" + b"\xff\xf1\x50\x80\x01\x1f\xfc\0"


def certificate() -> tuple[bytes, bytes]:
    """A certificate in DER, and a key with it in PKCS#12."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "x")])
    day = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), day, day)
    made = builder.sign(key, hashes.SHA256())
    locked = serialization.BestAvailableEncryption(b"x")
    return made.public_bytes(serialization.Encoding.DER), pkcs12.serialize_key_and_certificates(
        b"x", key, made, None, locked
    )


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"RIFX\0\0\0\0WAVEfmt ", "audio/wav"),
        (b"FORM\0\0\0\0AIFFCOMM", "audio/aiff"),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm", "video/x-matroska"),
        (b"\x09\x08\x10\0\0\x06\x05\0", "application/octet-stream"),  # BIFF 8, which stands in a compound file
        (b"\x09\x04\x06\0\0\0\x10\0\0\0", "application/x-ms-biff"),
        (b"\x09\0\x04\0\x07\0\x10\0", "application/x-ms-biff"),
        (b"\xff\xf3\xc0\xc4" + bytes(40), "audio/mpeg"),
        (b"\xff\xff\xff\xff" + bytes(40), "application/octet-stream"),
        (ADTS[:8] + b"\xff\xf1", "audio/aac"),
        (b"\x0a\x05\x01\x08\0\0\0\0\x0a\0\x0a\0" + bytes(99), "image/vnd.zbrush.pcx"),
        (b"P6\n# made\n12 12\n255\n\xff\0", "image/x-portable-anymap"),
        (b"P6 is a type of engine", "text/plain"),
        (TTF, "font/ttf"),
        (b"\0\1\0\0" + bytes(60), "application/octet-stream"),
        (b"Title" + bytes(55) + b"MOBI\0\0\0\0" + bytes(40), "application/x-mobipocket-ebook"),
        (b"\xa7\x0d\r\n\0\0\0\0" + bytes(8) + b"\xe3" + bytes(9), "application/x-python-bytecode"),
        (bytes(128) + b"DICM\x02\0", "application/dicom"),
        (bytes(36) + b"acsp" + bytes(90), "application/vnd.iccprofile"),
        (b"\0\0\x0b" + bytes(30) + b"TRUEVISION-XFILE.\0", "image/x-tga"),
    ],
)
def test_structures(data: bytes, expected: str) -> None:
    assert identify(data) == expected


def test_keys() -> None:
    der, store = certificate()
    assert identify(der) == "application/pkix-cert"
    assert identify(store) == "application/x-pkcs12"
    assert identify(b"\x30\x82\x01") == "application/octet-stream"


def test_nothing_that_is_cut_is_an_error() -> None:
    der, store = certificate()
    for whole in (
        der,
        store,
        TTF,
        ADTS,
        b"P6\n1 1\n",
        b"\x09\0\x04\0\0\0\x10\0",
        b"\x30\x80",
        b"\x30\x84\xff\xff\xff\xff\x30",
    ):
        for end in range(1, min(len(whole), 200)):
            media.identify(whole[:end])
            media.late(whole[:end])
