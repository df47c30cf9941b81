from __future__ import annotations

import struct
import zlib
from typing import Any

import pytest

from lazaretto.errors import Malformed
from lazaretto.unpack.executable import installshield, layout


def overlay(samples: Any, name: str) -> bytes:
    data: bytes = samples.clam(name)
    image = layout.read(data)
    assert image is not None
    return data[image.end :]


def test_the_list_of_an_older_launcher(samples: Any) -> None:
    data = overlay(samples, "clam_IScab_ext.exe")
    files, end = installshield.listed(data)
    start, stop = files["Disk1\\clam.exe"]
    assert data[start:stop] == samples.clam("clam.exe")
    assert end == len(data)
    assert installshield.listed(b"no list") == ({}, 0)
    assert installshield.listed(b"a\0a\x001\x0099\0short") == ({}, 0)


def test_the_files_of_a_newer_launcher(samples: Any) -> None:
    files = {file.name: b"".join(file.chunks) for file in installshield.counted(overlay(samples, "clam_ISmsi_ext.exe"))}
    assert files["clam.exe409.bmp"] == samples.clam("clam.exe")
    assert files["clam.msi"].startswith(b"\xd0\xcf\x11\xe0")
    inner = {file.name: b"".join(file.chunks) for file in installshield.counted(overlay(samples, "clam_ISmsi_int.exe"))}
    assert inner["clam.msi"].startswith(b"\xd0\xcf\x11\xe0")


def test_the_form_with_long_names() -> None:
    """ISSetupStream: the name in UTF-16, its length in front."""
    name, plain = "a.txt", b"inside " * 300
    key = bytes(each ^ b"\xec\xca\x79\xf8"[place % 4] for place, each in enumerate(name.encode()))
    packed = zlib.compress(plain)
    masked = bytes(each ^ key[place % 1024 % len(key)] for place, each in enumerate(packed))
    masked = bytes((each >> 4) | (each << 4) & 0xFF for each in masked)
    raw = name.encode("utf-16-le")
    data = b"ISSetupStream\0" + struct.pack("<H30x", 1)
    data += struct.pack("<IIHI10x", len(raw), 6, 0, len(masked)) + raw + masked
    assert [(file.name, b"".join(file.chunks)) for file in installshield.counted(data)] == [(name, plain)]
    with pytest.raises(Malformed):
        list(installshield.counted(data[:-5]))


def test_header_and_cabinets_together(samples: Any) -> None:
    data = overlay(samples, "clam_IScab_int.exe")
    files, _ = installshield.listed(data)
    part = {name.rpartition("\\")[2]: data[start:end] for name, (start, end) in files.items()}
    found = installshield.cabinet(part["data1.hdr"], {1: part["data1.cab"], 2: part["data2.cab"]})
    contents = {file.name: b"".join(file.chunks) for file in found}
    assert contents["clam.exe"] == samples.clam("clam.exe")
    assert contents["isrt.dll"].startswith(b"MZ")
    with pytest.raises(Malformed, match="missing"):
        list(installshield.cabinet(part["data1.hdr"], {1: part["data1.cab"]}))
    with pytest.raises(Malformed, match="not here"):
        list(installshield.cabinet(part["data1.hdr"], {1: part["data1.hdr"]}))
    with pytest.raises(Malformed, match="another file"):
        list(installshield.cabinet(part["data1.cab"], {1: part["data1.cab"]}))


def old_cabinet(plain: bytes, flags: int, stored: bytes) -> bytes:
    """Version 5: header, descriptor, and the file's data in one."""
    start = 0x200
    table = struct.pack("<II", 8, 20) + b"dir".ljust(12, b"\0")  # a directory, then the file's entry, from here
    entry = struct.pack("<IIHII", 20 + 58, 0, flags, len(plain), len(stored)).ljust(0x26, b"\0")
    entry += struct.pack("<I", start) + bytes(16)
    table += entry + b"a.txt\0"
    descriptor = struct.pack("<12xI4xIIIxxxxxxxxII", 0x40, len(table), len(table), 1, 1, 0).ljust(0x40, b"\0")
    head = b"ISc(" + struct.pack("<IIII", 0x01005006, 0, 0x40, 0x100)
    return (head.ljust(0x40, b"\0") + descriptor + table).ljust(start, b"\0") + stored


def test_a_cabinet_that_lists_its_own_files() -> None:
    plain = b"inside " * 99
    compress = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = compress.compress(plain) + compress.flush()
    packed = struct.pack("<H", len(block)) + block
    for flags, stored in ((0, plain), (4, packed)):
        data = old_cabinet(plain, flags, stored)
        assert [(f.name, b"".join(f.chunks)) for f in installshield.cabinet(data, {1: data})] == [("dir\\a.txt", plain)]
    turned = bytes(((((each + place % 0x47) & 0xFF) << 2 | ((each + place % 0x47) & 0xFF) >> 6) & 0xFF) ^ 0xD5
                   for place, each in enumerate(plain))  # fmt: skip
    data = old_cabinet(plain, 2, turned)
    assert b"".join(next(installshield.cabinet(data, {1: data})).chunks) == plain


def test_damage_is_refused_or_read() -> None:
    data = old_cabinet(b"inside", 0, b"inside")
    for at in range(len(data)):
        for damaged in (data[:at], data[:at] + b"\xff" + data[at + 1 :]):
            try:
                for file in installshield.cabinet(damaged, {1: damaged}):
                    b"".join(file.chunks)
            except Malformed:
                continue
