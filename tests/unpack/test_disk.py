from __future__ import annotations

import struct

import pytest

from lazaretto.unpack import disk
from lazaretto.unpack.identify import identify, readings


def boot(*entries: bytes) -> bytearray:
    sector = bytearray(512)
    sector[510:] = b"\x55\xaa"
    for number, entry in enumerate(entries):
        sector[446 + 16 * number : 462 + 16 * number] = entry
    return sector


def entry(start: int = 1, count: int = 4, kind: int = 7, status: int = 0) -> bytes:
    return struct.pack("<B3xB3xII", status, kind, start, count)


def test_partitions_must_be_ones_that_can_be() -> None:
    room = bytes(4096)
    assert identify(bytes(boot(entry())) + room) == disk.MBR
    assert identify(bytes(boot(entry(), entry(2, status=0x80))) + room) == disk.MBR
    for wrong in (boot(), boot(entry(start=100)), boot(entry(status=3)), boot(entry(kind=0)), boot(entry(count=0))):
        assert disk.identify(bytes(wrong) + room) is None
    assert disk.identify(bytes(boot(entry()))) is None


def test_boot_sectors() -> None:
    fat = boot()
    fat[:3], fat[11:22] = b"\xeb\x3c\x90", struct.pack("<HBHBHHB", 512, 4, 1, 2, 512, 2048, 0xF8)
    assert disk.identify(bytes(fat) + bytes(512)) == disk.FAT
    fat[13] = 3
    assert disk.identify(bytes(fat) + bytes(512)) is None
    ntfs = boot()
    ntfs[:11] = b"\xeb\x52\x90NTFS    "
    assert disk.identify(bytes(ntfs)) == disk.NTFS
    ntfs[3:11] = b"EXFAT   "
    assert disk.identify(bytes(ntfs)) == disk.EXFAT


@pytest.mark.parametrize("start", [b"MZ" + bytes(600), b"a text that hides a disc " * 30, b"%PDF-1.4\n" + bytes(600)])
def test_an_image_that_is_mounted_by_what_stands_further_in_is_one_whatever_it_begins_with(start: bytes) -> None:
    iso = start.ljust(32768, b" ") + b"\x01CD001\x01" + bytes(2041)
    assert disk.ISO in readings(iso)
    footer = b"conectix" + struct.pack(">II", 2, 0x10000)
    assert disk.VHD in readings(start.ljust(4096, b" ") + footer.ljust(512, b"\0"))


def test_udf_alone_and_beside_iso() -> None:
    start = bytes(32768)
    volumes = [b"\0" + name + b"\1" + bytes(2041) for name in (b"CD001", b"BEA01", b"NSR02", b"TEA01")]
    assert identify(start + b"".join(volumes)) == disk.ISO
    assert disk.has_udf(start + b"".join(volumes))
    assert identify(start + b"".join(volumes[1:])) == disk.UDF
    assert disk.identify(start + volumes[1] + volumes[3]) is None
    assert not disk.has_udf(start + volumes[0])


def test_texts_are_no_images() -> None:
    for text in (b"hsqs is no file system, " * 90, b"conectix " * 99, b"From: a@b\r\n\r\nNXSB koly CD001 " * 99):
        assert disk.identify(text) is None
        assert len(readings(text)) == 1
