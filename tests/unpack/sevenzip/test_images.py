from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from lazaretto.unpack.sevenzip import images

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + b"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


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
