"""Disk images told by content: partitions, file systems, and what virtual machines write.

Most have no mark at their beginning, and two bytes somewhere prove nothing: each check below also asks for numbers
that only the real thing has.
"""

from __future__ import annotations

import struct

ISO = "application/x-iso9660-image"
UDF = "application/x-udf-image"
VHD = "application/x-vhd"
DMG = "application/x-apple-diskimage"
MBR, GPT = "application/x-mbr", "application/x-gpt"
FAT, EXFAT, NTFS = "application/x-fat", "application/x-exfat", "application/x-ntfs"

SECTOR = 512
_VOLUMES = 32768  # ECMA-119 6.2.1 and ECMA-167 part 2: where volume descriptors begin
_VOLUME = 2048
_MOST_VOLUMES = 64


def identify(data: bytes, size: int | None = None) -> str | None:
    """What a reader of disk images opens first in these bytes, or in an image of ``size`` bytes that begins so."""
    if len(data) < SECTOR:
        return None
    found = mounted(data)
    return found[0] if found else _by_head(data) or _file_system(data) or _partitions(data, size or len(data))


def mounted(data: bytes) -> list[str]:
    """Images that are opened by what stands further in or at the end, whatever the file begins with."""
    found = []
    if data[_VOLUMES + 1 : _VOLUMES + 6] == b"CD001":
        found.append(ISO)
    elif data[_VOLUMES + 1 : _VOLUMES + 6] == b"BEA01" and has_udf(data):
        found.append(UDF)
    end = data[-SECTOR:]
    # A fixed image has its footer at the end alone; before Virtual PC 2004 it had 511 bytes.  0x00010000: version 1.
    if (end[:8] == b"conectix" or end[1:9] == b"conectix") and b"\0\1\0\0" in end[12:17]:
        found.append(VHD)
    if end[:8] == b"koly\0\0\0\4" and _is_udif(data, end):
        found.append(DMG)
    return found


def _is_udif(data: bytes, trailer: bytes) -> bool:
    """Whether the trailer points into these bytes, and not into a larger file of which they are the end."""
    start, size = struct.unpack_from(">QQ", trailer, 216)  # of the property list
    fork, length = struct.unpack_from(">QQ", trailer, 40)  # of the resources, which older images have instead
    end = start + size if size else fork + length
    return bool(0 < end <= len(data) - SECTOR)


def has_udf(data: bytes) -> bool:
    """Whether one of the volume descriptors says that there is a UDF file system (ECMA-167 3/9.1)."""
    for number in range(_MOST_VOLUMES):
        name = data[_VOLUMES + number * _VOLUME + 1 : _VOLUMES + number * _VOLUME + 6]
        if name in (b"NSR02", b"NSR03"):
            return True
        if name not in (b"CD001", b"BEA01", b"BOOT2", b"TEA01"):
            return False
    return False


def _by_head(data: bytes) -> str | None:
    head = data[:4]
    if head in (b"hsqs", b"sqsh"):
        major, minor = struct.unpack_from("<HH" if head == b"hsqs" else ">HH", data, 28)
        return "application/x-squashfs" if 1 <= major <= 4 and minor <= 3 else None
    if head in (b"\x45\x3d\xcd\x28", b"\x28\xcd\x3d\x45") and data[16:32] == b"Compressed ROMFS":
        return "application/x-cramfs"
    if data[0x40:0x44] == b"\x7f\x10\xda\xbe":
        return "application/x-virtualbox-vdi"
    if head == b"\x3a\xff\x26\xed" and data[4:6] == b"\1\0":
        return "application/x-android-sparse"
    return None


def _file_system(data: bytes) -> str | None:
    if data[510:512] == b"\x55\xaa" and data[0] in (0xE9, 0xEB):
        if data[3:11] == b"NTFS    ":
            return NTFS
        if data[3:11] == b"EXFAT   ":
            return EXFAT
    if _is_fat(data):
        return FAT
    if data[32:36] == b"NXSB" and struct.unpack_from("<I", data, 36)[0] in (4096, 8192, 16384, 32768, 65536):
        return "application/x-apfs"
    if data[1024:1028] in (b"H+\0\4", b"HX\0\5"):
        return "application/x-hfs"
    return "application/x-ext" if _is_ext(data) else None


def _is_fat(data: bytes) -> bool:
    """By the BIOS parameter block of the boot sector (ECMA-107 section 9; Microsoft's FAT specification, section 3)."""
    if data[510:512] != b"\x55\xaa" or data[0] not in (0xE9, 0xEB):
        return False
    size, cluster, reserved, tables, _, _, media = struct.unpack_from("<HBHBHHB", data, 11)
    return (
        size in (512, 1024, 2048, 4096)
        and cluster & (cluster - 1) == 0 < cluster
        and reserved > 0
        and tables in (1, 2)
        and (media == 0xF0 or media >= 0xF8)
    )


def _is_ext(data: bytes) -> bool:
    """By the superblock at 1024 (Linux, Documentation/filesystems/ext4/super.rst)."""
    if data[0x438:0x43A] != b"\x53\xef":
        return False
    inodes, blocks = struct.unpack_from("<II", data, 0x400)
    state, revision = struct.unpack_from("<H", data, 0x43A)[0], struct.unpack_from("<I", data, 0x44C)[0]
    size = struct.unpack_from("<I", data, 0x418)[0]
    return bool(inodes and blocks and size <= 6 and state <= 7 and revision <= 1)


def _partitions(data: bytes, size: int) -> str | None:
    if data[SECTOR : SECTOR + 8] == b"EFI PART" and data[SECTOR + 8 : SECTOR + 12] == b"\0\0\1\0":
        return GPT
    if data[:2] == b"ER" and data[SECTOR : SECTOR + 4] == b"PM\0\0":
        return "application/x-apple-partitions"
    return MBR if _is_mbr(data, size) else None


def _is_mbr(data: bytes, size: int) -> bool:
    """Four entries, each either empty or a partition that begins in this very file."""
    if data[510:512] != b"\x55\xaa":
        return False
    used = 0
    for at in range(446, 510, 16):
        status, kind, start, count = struct.unpack_from("<B3xB3xII", data, at)
        if not any(data[at : at + 16]):
            continue
        if status not in (0, 0x80) or not kind or not start or not count or start * SECTOR >= size:
            return False
        used += 1
    return used > 0
