from __future__ import annotations

import struct
import subprocess
from pathlib import Path

import pytest

from lazaretto.unpack import zipindex
from lazaretto.unpack.sevenzip.zipwords import Lock, field, strength


def locked(folder: Path, *options: str) -> bytes:
    (folder / "a").write_bytes(b"content " * 50)
    subprocess.run(["7z", "a", "-bd", "-tzip", "-psecret", *options, "a.zip", "a"], cwd=folder, check=True, stdout=-3)
    return (folder / "a.zip").read_bytes()


@pytest.mark.parametrize("cipher", ["AES128", "AES192", "AES256", "ZipCrypto"])
def test_the_right_word_passes_and_hardly_any_other(cipher: str, tmp_path: Path) -> None:
    data = locked(tmp_path, f"-mem={cipher}")
    lock = Lock(data, zipindex.read(data).entries[0])
    assert lock.passes("secret")
    assert lock.proven == cipher.startswith("AES")
    wrong = sum(lock.passes(f"word {number}") for number in range(200))
    assert wrong == 0 if lock.proven else wrong < 8


def test_damaged_locked_data_passes_no_word(tmp_path: Path) -> None:
    data = bytearray(locked(tmp_path, "-mem=AES256"))
    entry = zipindex.read(bytes(data)).entries[0]
    data[entry.start + 25] ^= 1
    assert not Lock(bytes(data), entry).passes("secret")


def test_what_is_too_short_passes_no_word() -> None:
    for extra, method in ((struct.pack("<HHH2sBH", 0x9901, 7, 2, b"AE", 3, 8), 99), (b"", 0), (b"", 99)):
        entry = zipindex.Entry(0, 4, 3, 3, 0, method, 1, (b"a",), extra)
        assert not Lock(b"abcdefg", entry).passes("a")


def test_extra_fields() -> None:
    extra = struct.pack("<HHH", 5, 2, 7) + struct.pack("<HHH2sBH", 0x9901, 7, 2, b"AE", 3, 8)
    assert field(extra, 5) == b"\7\0"
    assert field(extra, 6) == b""
    found = strength(extra)
    assert found is not None
    assert (found.key, found.salt, found.method) == (32, 16, 8)
    assert strength(extra[:9]) is None
