from __future__ import annotations

import io
import subprocess
import tarfile
import time
from pathlib import Path
from typing import Any

import pytest

from lazaretto.unpack import tarsparse

HOLE = 1 << 20
FORMS = {
    "old": ("--format=gnu",),
    "0.0": ("--format=pax", "--sparse-version=0.0"),
    "0.1": ("--format=pax", "--sparse-version=0.1"),
    "1.0": ("--format=pax", "--sparse-version=1.0"),
}


def packed(folder: Path, pieces: list[tuple[int, bytes]], size: int, form: str) -> bytes:
    with (folder / "a").open("wb") as file:
        for offset, data in pieces:
            file.seek(offset)
            file.write(data)
        file.truncate(size)
    command = ["tar", "-cSf", "-", *FORMS[form], "-C", str(folder), "a"]
    return subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("count", [2, 40])
def test_the_file_with_its_holes_and_without(kit: Any, tmp_path: Path, form: str, count: int) -> None:
    pieces = [(number * HOLE // 2, bytes([65 + number]) * 4096) for number in range(count)]
    found = kit.exploded(packed(tmp_path, pieces, count * HOLE // 2 + 7, form), "x.tar", ratio=10_000)
    whole = (tmp_path / "a").read_bytes()
    assert found.data["x.tar!a"] == whole
    condensed = next(data for path, data in found.data.items() if path.startswith("x.tar!a#"))
    assert condensed.endswith(b"".join(data for _, data in pieces))
    assert found.findings == []


@pytest.mark.parametrize("form", FORMS)
def test_large_holes_are_said(kit: Any, tmp_path: Path, form: str) -> None:
    found = kit.exploded(packed(tmp_path, [(0, kit.payload), (1 << 30, kit.payload)], 1 << 31, form), "x.tar")
    assert found.finding("tar.sparse").evidence[0].startswith("a: holes of ")
    assert found.holds(kit.payload)


def test_a_map_out_of_order_is_said(kit: Any) -> None:
    info = tarfile.TarInfo("a")
    info.size = 10
    info.pax_headers = {"GNU.sparse.map": "5,5,0,5", "GNU.sparse.size": "10"}
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(info, io.BytesIO(b"worldhello"))
    assert kit.exploded(out.getvalue(), "x.tar").finding("tar.sparse").evidence == ("a: a map out of order",)


def test_maps_of_nonsense_take_no_time() -> None:
    started = time.monotonic()
    body = b"9999999\n" + b"1\n" * 500_000
    found = tarsparse.of_pax(body, 0, len(body), [(b"GNU.sparse.major", b"1"), (b"GNU.sparse.realsize", b"x")])
    assert found is not None
    assert len(found.pieces) <= 100_000
    listed = b",".join(b"%d,1" % (n * 2) for n in range(200_000))
    found = tarsparse.of_pax(b"", 0, 0, [(b"GNU.sparse.map", listed)])
    assert found is not None
    assert len(b"".join(found.chunks(b"", 0))) == 100_000 - 1
    assert tarsparse.of_pax(b"", 0, 0, []) is None
    assert time.monotonic() - started < 5


def test_numbers() -> None:
    assert tarsparse.number(b"0000017\0") == 15
    assert tarsparse.number(b"\x80" + bytes(10) + b"\5") == 5
    assert tarsparse.number(b"\xff" * 12) == 0
    assert tarsparse.number(b"junk") == 0
