"""Apple's disk images (UDIF).  Nothing in Debian writes them, so a minimal writer does: a trailer, a property list
with one partition, its blocks."""

from __future__ import annotations

import base64
import bz2
import lzma
import struct
import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
SECTOR = 512
NO_CHECKSUM = bytes(8 + 128)
LAST = 0xFFFFFFFF
PACKED: dict[str, tuple[int, Callable[[bytes], bytes]]] = {
    "raw": (1, bytes),
    "zlib": (0x80000005, zlib.compress),
    "bzip2": (0x80000006, bz2.compress),
    "xz": (0x80000008, lzma.compress),
}


@pytest.fixture
def partition(tmp_path: Path) -> bytes:
    (tmp_path / "eicar.com").write_bytes(EICAR)
    script = "truncate -s 1M p && mkfs.fat p && mcopy -i p eicar.com ::"
    subprocess.run(["sh", "-ec", script], cwd=tmp_path, check=True, capture_output=True)
    return (tmp_path / "p").read_bytes()


def dmg(partition: bytes, kind: str) -> bytes:
    number, pack = PACKED[kind]
    data, sectors = pack(partition), len(partition) // SECTOR
    table = struct.pack(">4sIQQQII24x", b"mish", 1, 0, sectors, 0, 0x208, 0) + NO_CHECKSUM + struct.pack(">I", 2)
    table += struct.pack(">IIQQQQ", number, 0, 0, sectors, 0, len(data))
    table += struct.pack(">IIQQQQ", LAST, 0, sectors, 0, len(data), 0)
    plist = (
        '<?xml version="1.0"?><plist version="1.0"><dict><key>resource-fork</key><dict><key>blkx</key><array><dict>'
        "<key>Attributes</key><string>0x0050</string><key>ID</key><string>0</string><key>Name</key><string>disk</string>"
        f"<key>Data</key><data>{base64.b64encode(table).decode()}</data></dict></array></dict></dict></plist>"
    ).encode()
    trailer = struct.pack(">4sIIIQQQQQII16x", b"koly", 4, SECTOR, 1, 0, 0, len(data), 0, 0, 1, 1) + NO_CHECKSUM
    trailer += struct.pack(">QQ120x", len(data), len(plist)) + NO_CHECKSUM + struct.pack(">IQ12x", 1, sectors)
    assert len(trailer) == SECTOR
    return data + plist + trailer


@pytest.mark.parametrize("kind", PACKED)
def test_a_file_in_a_disk_image(kit: Any, partition: bytes, kind: str) -> None:
    image = dmg(partition, kind)
    for data, name in ((image, "x.dmg"), (kit.zip_of({"x.dmg": image}), "y.zip")):
        found = kit.exploded(data, name)
        (path,) = [path for path, content in found.data.items() if content == EICAR]
        assert path.startswith("x.dmg!" if name == "x.dmg" else "y.zip!x.dmg!")
        assert path.lower().endswith("!eicar.com")
        assert found.findings == []
