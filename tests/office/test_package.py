from __future__ import annotations

import base64
import random
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unpack import officefiles as make

from lazaretto.errors import Encrypted, HostileInput, LimitExceeded, Malformed
from lazaretto.office import package
from lazaretto.office.compound import Compound

DOCUMENT = make.docx({"word/media/a.bin": random.Random(1).randbytes(300_000)})
HALF = base64.b64encode(bytes(16)).decode()


def taken(data: bytes) -> tuple[bytes, bytes]:
    file = Compound(data)
    info, content = file.find("EncryptionInfo"), file.find("EncryptedPackage")
    assert info
    assert content
    return file.read(info), file.read(content)


def agile_info(**changed: str) -> bytes:
    values = {
        "spinCount": "1", "keyBits": "128", "blockSize": "16", "hashAlgorithm": "SHA512", "saltValue": HALF,
        "cipherAlgorithm": "AES", "cipherChaining": "ChainingModeCBC", "encryptedVerifierHashInput": HALF,
        "encryptedVerifierHashValue": HALF, "encryptedKeyValue": HALF, "saltSize": "16",
    }  # fmt: skip
    row = " ".join(f'{name}="{value}"' for name, value in {**values, **changed}.items())
    return (
        struct.pack("<HHI", 4, 4, 0x40) + f"<encryption><keyData {row}/><p:encryptedKey {row}/></encryption>".encode()
    )


@pytest.mark.parametrize("lock", [make.agile, make.standard])
def test_the_right_word_opens_and_others_do_not(lock: object) -> None:
    info, content = taken(lock(DOCUMENT, "wort ä"))  # type: ignore[operator]
    read = package.read(info)
    assert read.key("Wort ä") is None
    assert read.key("") is None
    key = read.key("wort ä")
    assert key
    assert b"".join(read.chunks(content, key)) == DOCUMENT
    with pytest.raises(Malformed, match="ends after"):
        list(read.chunks(content[:-4000], key))


def test_a_size_that_would_hide_the_end_is_not_believed() -> None:
    info, content = taken(make.standard(DOCUMENT, "w"))
    read = package.read(info)
    key = read.key("w")
    assert key
    assert b"".join(read.chunks(struct.pack("<Q", 10) + content[8:], key)).startswith(DOCUMENT)


def test_what_nothing_here_opens_is_said() -> None:
    for info in (
        struct.pack("<HHI", 4, 3, 0) + bytes(200),
        struct.pack("<HHI", 9, 9, 0) + bytes(200),
        agile_info(cipherAlgorithm="RC2"),
        agile_info(cipherChaining="ChainingModeCFB"),
        agile_info(hashAlgorithm="WHIRLPOOL"),
        struct.pack("<HHII", 4, 2, 0, 32) + struct.pack("<8I", 0, 0, 0x6801, 0, 128, 0, 0, 0) + bytes(80),
    ):
        with pytest.raises(Encrypted):
            package.read(info)


def test_one_word_takes_no_longer_than_a_moment() -> None:
    with pytest.raises(LimitExceeded, match="10000000 rounds"):
        package.read(agile_info(spinCount="10000000"))
    assert package.read(agile_info(spinCount="5")).key("x") is None


@pytest.mark.parametrize(
    "changed",
    [{"keyBits": "9"}, {"blockSize": "0"}, {"encryptedKeyValue": ""}, {"spinCount": "many"}],
)
def test_what_is_damaged_is_said(changed: dict[str, str]) -> None:
    with pytest.raises(Malformed):
        package.read(agile_info(**changed))


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 4), st.integers(0, 4), st.binary(max_size=200))
def test_any_bytes(major: int, minor: int, rest: bytes) -> None:
    try:
        read = package.read(struct.pack("<HH", major, minor) + rest)
    except HostileInput:
        return
    read.key("x")
