from __future__ import annotations

import os
import resource
import struct
import subprocess
import threading
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lazaretto import config
from lazaretto.unpack.sevenzip import library as seven
from lazaretto.unpack.sevenzip import unpacker
from lazaretto.unpack.sevenzip.unpacker import SevenZip

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + b"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"

SPEC = (
    "Name: x\\nVersion: 1\\nRelease: 1\\nSummary: x\\nLicense: x\\nBuildArch: noarch\\n%%description\\nx\\n%%install\\n"
    "mkdir -p %%{buildroot}/opt\\ncp %%{payload} %%{buildroot}/opt/eicar.com\\n%%files\\n/opt/eicar.com\\n"
)

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
    "cramfs": "mkfs.cramfs . TARGET",
    "ntfs.img": "truncate -s 2M TARGET && mkntfs -q -F TARGET && ntfscp TARGET deep/eicar.com eicar.com",
    "msi": "msibuild TARGET -s made author 'Intel;1033' '{00000000-0000-0000-0000-000000000001}'"
    " && msibuild TARGET -a Binary.made deep/eicar.com",
    "rpm": f"printf '{SPEC}' > x.spec && rpmbuild -bb --quiet --define \"_topdir $PWD/rpm\""
    ' --define "payload $PWD/deep/eicar.com" x.spec && cp rpm/RPMS/*/*.rpm TARGET',
    "wim.solid": "wimlib-imagex capture . TARGET --solid",
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
        raise seven.Absent("7-Zip is not installed: apt-get install p7zip-full")

    data = pack({"a": b"hello"})
    monkeypatch.setattr(unpacker, "Library", absent)
    plugin = SevenZip(config.Settings())
    assert plugin.describe() == ("7-Zip is not installed: apt-get install p7zip-full",)
    found = kit.exploded(data, "x.7z", only=[plugin])
    assert "p7zip-full" in found.finding("unpack.tool").evidence[0]


def test_it_says_which_library_it_uses() -> None:
    assert "7z.so" in SevenZip(config.Settings()).describe()[0]


LZMA2 = b"\x21\x21\1"  # one byte of identifier, with properties, of which there is one
PPMD = b"\x23\3\4\1\5"


def stored_lzma2(content: bytes) -> bytes:
    return b"\1" + struct.pack(">H", len(content) - 1) + content + b"\0"


def test_the_own_writer_writes_what_7_zip_reads(write: Callable[..., bytes], kit: Any) -> None:
    data = write(b"hello", LZMA2 + b"\x18", stored_lzma2(b"hello"))
    assert kit.exploded(data).data["x!a"] == b"hello"


@pytest.mark.parametrize(
    "coder", [LZMA2 + b"\x28", PPMD + b"\6" + struct.pack("<I", 0xFFFFFFDB)], ids=["lzma2", "ppmd"]
)
def test_more_memory_than_there_is(coder: bytes, write: Callable[..., bytes], kit: Any) -> None:
    """A dictionary of 4 GB in a process that may have 512 MB."""
    data = write(b"hello", coder, stored_lzma2(b"hello"))
    kit.unpackers()
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        said = "crashed"
        try:
            used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
            resource.setrlimit(resource.RLIMIT_AS, (used + (512 << 20), used + (512 << 20)))
            said = " ".join(f"{each.name} {each.kind}" for each in kit.exploded(data).findings)
        finally:
            os.write(writing, said.encode())
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        assert "limit.memory limit" in answer.read()
    os.waitpid(child, 0)


@pytest.mark.parametrize("kind", ["7z", "cab", "arj", "newc.cpio", "bridge.iso", "wim", "squashfs", "fat.img"])
def test_damage_is_a_finding_and_nothing_worse(kind: str, folder: Path, tmp_path: Path, kit: Any) -> None:
    data = made(MAKERS[kind], folder, tmp_path / f"made.{kind}")
    limit = min(len(data), 40_000)
    for step in range(24):
        at = limit * step // 24
        for damaged in (data[:at], data[:at] + bytes((data[at] ^ 0xFF,)) + data[at + 1 :], data[:at] + data[at + 7 :]):
            started = time.monotonic()
            found = kit.exploded(damaged, f"x.{kind}")
            assert "unpack.crashed" not in found.names, found.findings
            assert time.monotonic() - started < 5


def test_a_bomb_ends_in_a_limit(pack: Callable[..., bytes], kit: Any) -> None:
    flat = pack({"zeros": bytes(80_000_000), "behind.txt": kit.payload})
    started = time.monotonic()
    found = kit.exploded(flat, member_bytes=1 << 20)
    assert {"limit.member_bytes"} <= found.names
    assert found.data["x!behind.txt"] == kit.payload
    found = kit.exploded(flat, ratio=10)
    assert "limit.ratio" in found.names
    assert time.monotonic() - started < 5
    assert not [thread for thread in threading.enumerate() if thread.name == "7-Zip"]


def test_lying_sizes(write: Callable[..., bytes], kit: Any) -> None:
    for size in (1, 4, 6, 2**40, 2**63):
        data = write(b"hello", LZMA2 + b"\x18", stored_lzma2(b"hello"), size=size)
        found = kit.exploded(data)
        assert found.findings
        assert "unpack.crashed" not in found.names


@pytest.mark.parametrize("name", ["../../etc/x", "/etc/x", "C:\\x", "..", "a\nb", "con", "x" * 4000, "\ud800"])
def test_names_are_only_names(
    name: str, write: Callable[..., bytes], kit: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "deep" / "here").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "deep" / "here")
    before = sorted(tmp_path.rglob("*"))
    encoded = name.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    found = kit.exploded(write(b"hello", LZMA2 + b"\x18", stored_lzma2(b"hello"), name=encoded))
    assert b"hello" in found.data.values()
    assert sorted(tmp_path.rglob("*")) == before
    assert not Path("/etc/x").exists()


def lha_of(name: bytes, content: bytes) -> bytes:
    """Stored, with a header of level 0 (Haruyasu Yoshizaki's LHa, header.doc)."""
    fields = struct.pack("<5sIIIBBB", b"-lh0-", len(content), len(content), 0, 0x20, 0, len(name)) + name
    fields += struct.pack("<H", crc16(content))
    return bytes((len(fields), sum(fields) & 0xFF)) + fields + content + b"\0"


def crc16(content: bytes) -> int:
    value = 0
    for octet in content:
        value ^= octet
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return value


def xar_of(name: str, content: bytes) -> bytes:
    toc = (
        f'<?xml version="1.0"?><xar><toc><file id="1"><name>{name}</name><type>file</type><data><offset>0</offset>'
        f'<size>{len(content)}</size><length>{len(content)}</length><encoding style="application/octet-stream"/></data>'
        "</file></toc></xar>"
    ).encode()
    packed = zlib.compress(toc)
    return b"xar!" + struct.pack(">HHQQI", 28, 1, len(packed), len(toc), 0) + packed + content


def szdd_of(content: bytes) -> bytes:
    """Only literals: a byte of ones before each eight."""
    packed = b"".join(b"\xff" + content[at : at + 8] for at in range(0, len(content), 8))
    return b"SZDD\x88\xf0\x27\x33A\0" + struct.pack("<I", len(content)) + packed


@pytest.mark.parametrize(
    ("name", "data", "inner"),
    [
        ("a.lzh", lha_of(b"eicar.com", EICAR), "eicar.com"),
        ("a.xar", xar_of("eicar.com", EICAR), "eicar.com"),
        ("eicar.com.szdd", szdd_of(EICAR), "eicar.com"),
    ],
)
def test_the_payload_is_found_in_what_no_program_here_writes(name: str, data: bytes, inner: str, kit: Any) -> None:
    for found, outer in ((kit.exploded(data, name), name), (kit.exploded(kit.zip_of({name: data}), "o"), f"o!{name}")):
        assert found.data[f"{outer}!{inner}"] == EICAR
        assert not found.names


@pytest.mark.parametrize("options", [(), ("-XSetCompressor /SOLID lzma",), ("-XSetCompressor bzip2",)])
def test_the_files_of_an_nsis_installer(options: tuple[str, ...], folder: Path, kit: Any) -> None:
    """Who opens programs gives what stands behind the program as a file of its own."""
    script = folder / "made.nsi"
    script.write_text(
        f'Unicode true\nOutFile "made.exe"\nSection\nSetOutPath $TEMP\nFile "{folder}/deep/eicar.com"\nSectionEnd'
    )
    subprocess.run(["makensis", "-V1", *options, script], cwd=folder, check=True)
    program = (folder / "made.exe").read_bytes()
    overlay = program[program.index(b"\xef\xbe\xad\xdeNullsoftInst") - 4 :]
    assert EICAR in kit.exploded(overlay, "overlay").data.values()
