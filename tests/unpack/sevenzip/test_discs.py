from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from lazaretto.unpack.sevenzip import discs

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + b"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def disc(folder: Path, *options: str) -> bytes:
    made = folder.parent / "disc.iso"
    subprocess.run(["genisoimage", "-quiet", *options, "-o", made, "."], cwd=folder, check=True, stderr=-3)
    return made.read_bytes()


def joined(pieces: discs.Pieces) -> bytes:
    return b"".join(data[start:end] for data, start, end in pieces)


def test_each_tree_is_shown_alone(folder: Path) -> None:
    data = disc(folder, "-J", "-udf")
    found = list(discs.trees(data))
    assert [handler for handler, _ in found] == ["Iso", "Iso", "Udf"]
    first, second, third = (joined(pieces) for _, pieces in found)
    assert third == data
    assert (first.count(b"\1CD001"), first.count(b"\2CD001")) == (0, 2)
    assert (second.count(b"\1CD001"), second.count(b"\2CD001")) == (2, 0)
    assert len(second) == len(data)
    assert len(list(discs.trees(bytes(100)))) == 1


@pytest.mark.parametrize("option", ["-hide", "-hide-joliet"])
def test_a_file_that_only_some_trees_show_is_found(option: str, folder: Path, kit: Any) -> None:
    found = kit.exploded(disc(folder, "-J", "-R", option, "eicar.com"), "x.iso")
    assert not found.findings
    paths = [path for path, content in found.data.items() if content == EICAR]
    assert len(paths) == 1


def test_what_all_trees_show_comes_once(folder: Path, kit: Any) -> None:
    found = kit.exploded(disc(folder, "-J", "-R", "-udf"), "x.iso")
    assert set(found.data) == {"x.iso", "x.iso!deep/eicar.com", "x.iso!read me.txt"}


def test_the_same_file_under_another_kind_of_name_comes_again(folder: Path, kit: Any) -> None:
    data = bytearray(disc(folder, "-J", "-R"))
    joliet = "eicar.com".encode("utf-16-be")
    data[data.index(joliet) : data.index(joliet) + len(joliet)] = "eicar.txt".encode("utf-16-be")
    names = {artifact.name for artifact in kit.exploded(bytes(data), "x.iso").artifacts}
    assert {"deep/eicar.txt", "deep/eicar.com"} <= names


def test_a_tree_that_cannot_be_read_hides_no_other(folder: Path, kit: Any) -> None:
    data = bytearray(disc(folder, "-J"))
    volume = data.index(b"\2CD001")
    data[volume + 158 : volume + 162] = b"\xff\xff\xff\x0f"  # its root is nowhere
    found = kit.exploded(bytes(data), "x.iso")
    assert EICAR in found.data.values()
    assert "unpack.malformed" in found.names


def test_numbers_whose_halves_differ_are_read_as_others_read_them(folder: Path, kit: Any) -> None:
    """A tree that every system mounts, and 7-Zip does not."""
    data = bytearray(disc(folder, "-J"))
    for volume in (data.index(b"\1CD001"), data.index(b"\2CD001")):
        data[volume + 162 : volume + 166] = b"\xff\xff\xff\xff"
    assert EICAR in kit.exploded(bytes(data), "x.iso").data.values()
