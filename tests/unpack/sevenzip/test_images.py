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

from lazaretto.unpack.sevenzip import images

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + b"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"

SECTOR = 512
NO_CHECKSUM = bytes(8 + 128)
LAST = 0xFFFFFFFF
PACKED: dict[str, tuple[int, Callable[[bytes], bytes]]] = {
    "raw": (1, bytes),
    "zlib": (0x80000005, zlib.compress),
    "bzip2": (0x80000006, bz2.compress),
    "xz": (0x80000008, lzma.compress),
}


def disk(folder: Path, kind: str) -> bytes:
    """A disk of 1 GB with one partition, almost empty."""
    (folder / "eicar.com").write_bytes(EICAR)
    script = """
    truncate -s 900M part && mkfs.fat part && mcopy -i part eicar.com :: && truncate -s 1G raw
    printf '2048,1843200,6\\n' | sfdisk -q raw && dd if=part of=raw bs=1M seek=1 conv=notrunc,sparse && rm part
    qemu-img convert -O KIND raw made && rm raw
    """
    subprocess.run(["sh", "-ec", script.replace("KIND", kind)], cwd=folder, check=True, capture_output=True)
    return (folder / "made").read_bytes()


@pytest.mark.parametrize("kind", ["vpc", "qcow2"])
def test_a_large_disk_is_read_by_its_file_system(kind: str, tmp_path: Path, kit: Any) -> None:
    found = kit.exploded(disk(tmp_path, kind), "x.vhd")
    path = next(path for path, content in found.data.items() if content == EICAR)
    assert path.lower() == "x.vhd!x.img/0.fat/eicar.com"
    assert found.names == {"sevenzip.image"}
    assert found.budget.bytes < 200_000_000


def test_a_large_image_that_is_no_disk_is_a_member(tmp_path: Path, kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "raw").write_bytes(b"no disk " * 100_000)
    subprocess.run(["qemu-img", "convert", "-O", "qcow2", "raw", "made"], cwd=tmp_path, check=True)
    monkeypatch.setattr(images, "LARGE", 1000)
    found = kit.exploded((tmp_path / "made").read_bytes(), "x.qcow2")
    assert found.data["x.qcow2!x.img"].rstrip(b"\0") == b"no disk " * 100_000
    assert not found.names


# ---------------------------------------------------------------------------- Apple


@pytest.fixture
def partition(tmp_path: Path) -> bytes:
    (tmp_path / "eicar.com").write_bytes(EICAR)
    script = "truncate -s 1M p && mkfs.fat p && mcopy -i p eicar.com ::"
    subprocess.run(["sh", "-ec", script], cwd=tmp_path, check=True, capture_output=True)
    return (tmp_path / "p").read_bytes()


def dmg(partition: bytes, kind: str) -> bytes:
    """UDIF: nothing in Debian writes it.  Blocks, a property list with one partition, a trailer."""
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
        assert found.names <= {"type.polyglot"}  # packed blocks come first, and begin like a packed file
