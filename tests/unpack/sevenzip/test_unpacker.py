from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lazaretto import config
from lazaretto.unpack.sevenzip import library as seven
from lazaretto.unpack.sevenzip import unpacker
from lazaretto.unpack.sevenzip.unpacker import SevenZip

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + b"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"

# How real programs make each container out of the files of a folder; TARGET is the container.
MAKERS = {
    "7z": "7z a -bd TARGET .",
    "cab": "gcab -c TARGET deep/eicar.com 'read me.txt'",
    "arj": "arj a -r -y TARGET",
    "newc.cpio": "find . -type f | cpio -o -H newc > TARGET",
    "odc.cpio": "find . -type f | cpio -o -H odc > TARGET",
    "bin.cpio": "find . -type f | cpio -o -H bin > TARGET",
    "lib.a": "ar qc TARGET deep/eicar.com",
    "joliet.iso": "genisoimage -quiet -J -o TARGET .",
    "rock.iso": "xorriso -as mkisofs -quiet -R -o TARGET .",
    "bridge.iso": "genisoimage -quiet -J -R -udf -o TARGET .",
    "wim": "wimlib-imagex capture . TARGET",
    "squashfs": "mksquashfs . TARGET -quiet",
    "com.Z": "compress -c deep/eicar.com > TARGET || true",
    "com.zst": "zstd -q deep/eicar.com -o TARGET",
    "fat.img": "truncate -s 1M TARGET && mkfs.fat TARGET && mcopy -i TARGET deep/eicar.com ::",
    "ext.img": "truncate -s 1M TARGET && mke2fs -q -d . TARGET",
    "deb": "mkdir DEBIAN && printf 'Package: x\nVersion: 1\nArchitecture: all\nMaintainer: a <a@b>\nDescription: x\n'"
    " > DEBIAN/control && dpkg-deb --build . TARGET",
}
DISKS = {"vhd": "vpc", "vhdx": "vhdx", "vmdk": "vmdk", "qcow2": "qcow2", "vdi": "vdi"}


def made(command: str, folder: Path, target: Path) -> bytes:
    done = subprocess.run(["sh", "-c", command.replace("TARGET", str(target))], cwd=folder, capture_output=True)
    assert done.returncode == 0, done.stderr
    return target.read_bytes()


@pytest.mark.parametrize("kind", MAKERS)
def test_the_payload_is_found_in(kind: str, folder: Path, tmp_path: Path, kit: Any) -> None:
    name = f"made.{kind}"
    data = made(MAKERS[kind], folder, tmp_path / name)
    found = kit.exploded(data, name)
    assert not found.names, found.findings
    inside = [path for path, content in found.data.items() if path != name and content == EICAR]
    assert inside
    again = kit.exploded(kit.zip_of({"outer.bin": data}), "o.zip")
    assert [path for path, content in again.data.items() if path.startswith("o.zip!outer.bin!") and content == EICAR]


@pytest.mark.parametrize("kind", DISKS)
def test_the_payload_is_found_in_the_partition_of_a_disk(kind: str, folder: Path, tmp_path: Path, kit: Any) -> None:
    raw = tmp_path / "raw.img"
    image = made(MAKERS["fat.img"], folder, tmp_path / "fat.img")
    raw.write_bytes(bytes(1 << 20) + image)
    subprocess.run(["sfdisk", "-q", raw], input=b"2048,2048,6\n", check=True)
    target = tmp_path / f"disk.{kind}"
    subprocess.run(["qemu-img", "convert", "-O", DISKS[kind], raw, target], check=True)
    found = kit.exploded(target.read_bytes(), target.name)
    assert f"{target.name}!disk.img!0.fat!EICAR.COM".lower() in {path.lower() for path in found.data}
    assert not found.names


def test_without_the_library_each_container_is_reported(
    kit: Any, monkeypatch: pytest.MonkeyPatch, pack: Callable[..., bytes]
) -> None:
    def absent() -> None:
        raise seven.Absent("7-Zip is not installed: apt-get install 7zip")

    data = pack({"a": b"hello"})
    monkeypatch.setattr(unpacker, "Library", absent)
    plugin = SevenZip(config.Settings())
    assert plugin.describe() == ("7-Zip is not installed: apt-get install 7zip",)
    found = kit.exploded(data, "x.7z", only=[plugin])
    assert "7zip" in found.finding("unpack.tool").evidence[0]


def test_it_says_which_library_it_uses() -> None:
    assert "7z.so" in SevenZip(config.Settings()).describe()[0]
