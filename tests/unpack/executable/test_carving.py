from __future__ import annotations

import bz2
import gzip
import lzma
import random
import struct
import zlib
from typing import Any

import pytest

from lazaretto.unpack.executable import carving

NOISE = bytes(range(1, 200)) * 3


def kinds(data: bytes) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for place in carving.places(data):
        found.setdefault(place.what, []).append(place.start)
    return found


def test_every_mark_is_found_where_its_file_begins(kit: Any, samples: Any) -> None:
    real = {
        "zip": kit.zip_of({"a": b"text"}),
        "gz": gzip.compress(b"text"),
        "bz2": bz2.compress(b"text"),
        "xz": lzma.compress(b"text"),
        "exe": samples.pe_of([(b".text", b"x", 0)]),
        "7z": samples.clam("clam.7z"),
        "cab": samples.clam("clam.cab"),
        "arj": samples.clam("clam.arj"),
        "chm": samples.clam("clam.chm"),
        "szdd": samples.clam("clam.exe.szdd"),
        "ole": samples.clam("clam.ole.doc"),
    }
    for what, data in real.items():
        assert len(NOISE) in kinds(NOISE + data + NOISE).get(what, []), what


@pytest.mark.parametrize(
    "mark",
    [b"PK\x03\x04" + b"\xff" * 40, b"\x1f\x8b\x08\xff" + bytes(40), b"MZ" + bytes(62), b"\x60\xea\x22\0" + bytes(60),
     b"xx-lh5-" + b"\x07" * 40, b"1AY&SY"],
    ids=["zip", "gz", "exe", "arj", "lzh", "bz2"],
)  # fmt: skip
def test_marks_alone_are_not_enough(mark: bytes) -> None:
    assert kinds(NOISE + mark + NOISE) == {}


def test_chance_makes_none() -> None:
    assert kinds(random.Random(4).randbytes(4_000_000)) == {}
    assert kinds(bytes(1_000_000)) == {}


def test_too_many_are_said_to_be_too_many() -> None:
    cabinet = b"MSCF\0\0\0\0" + bytes(30)
    assert len(kinds(cabinet * 100)["cab"]) == carving.MOST + 1
    false = b"MZ" * 30_000  # none is a program, and nobody looks at all of them
    assert len(kinds(false)["exe"]) == carving.MOST + 1
    assert len(kinds(b"MZ" * 5_000).get("exe", [])) == 0


def test_what_launchers_look_for_in_themselves_is_checked() -> None:
    tail = bytes(range(20))
    seven = b"7z\xbc\xaf\x27\x1c\0\x04" + zlib.crc32(tail).to_bytes(4, "little") + tail
    cabinet = b"MSCF\0\0\0\0" + struct.pack("<IIIIBB", 60, 0, 44, 0, 3, 1) + bytes(40)
    nsis = bytes(4) + b"\xef\xbe\xad\xdeNullsoftInst"
    data = b"x" * 100 + seven + seven[:9] + cabinet
    data = data.ljust(512, b"x") + nsis + nsis
    assert list(carving.launched(data, 0, len(data))) == [(100, "7z"), (141, "cab"), (512, "nsis")]
    assert list(carving.launched(data, 0, 100)) == []
