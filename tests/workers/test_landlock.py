from __future__ import annotations

import os
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from lazaretto.workers import landlock, sandbox


def fenced() -> None:
    sandbox._prctl(38, 1)  # no_new_privs
    landlock.restrict()


def has_landlock() -> bool:
    try:
        landlock.abi()
    except OSError:
        return False
    return True


needs_landlock = pytest.mark.skipif(not has_landlock(), reason="this kernel has no Landlock")


def test_rights_of_each_abi_are_those_of_the_kernels_header() -> None:
    assert landlock.attributes(1) == struct.pack("=Q", 0x1FFF)
    assert landlock.attributes(3) == struct.pack("=Q", 0x7FFF)
    assert landlock.attributes(4) == struct.pack("=QQ", 0x7FFF, 3)
    assert landlock.attributes(5) == struct.pack("=QQ", 0xFFFF, 3)
    assert landlock.attributes(6) == landlock.attributes(7) == struct.pack("=QQQ", 0xFFFF, 3, 3)


def test_every_abi_up_to_the_newest_is_known() -> None:
    for version in range(1, landlock.NEWEST + 1):
        assert len(landlock.attributes(version)) % 8 == 0


@needs_landlock
def test_no_file_can_be_read_or_made(in_child: Callable[[Callable[[], object]], str], tmp_path: Path) -> None:
    (tmp_path / "x").write_text("secret")

    def read() -> str:
        fenced()
        return (tmp_path / "x").read_text()

    def make() -> int:
        fenced()
        return (tmp_path / "y").write_text("z")

    assert in_child(read).startswith("PermissionError: [Errno 13]")
    assert in_child(make).startswith("PermissionError: [Errno 13]")
    assert not (tmp_path / "y").exists()


@needs_landlock
def test_what_is_open_stays_open(in_child: Callable[[Callable[[], object]], str], tmp_path: Path) -> None:
    (tmp_path / "x").write_text("mine")

    def read() -> str:
        with (tmp_path / "x").open() as file:
            fenced()
            return file.read()

    assert in_child(read) == "mine"


@needs_landlock
def test_no_signal_reaches_others(in_child: Callable[[Callable[[], object]], str]) -> None:
    if landlock.abi() < 6:
        pytest.skip("signals are scoped from ABI 6")

    def signal_parent() -> None:
        fenced()
        os.kill(os.getppid(), 0)

    assert in_child(signal_parent).startswith("PermissionError")


def test_without_no_new_privs_the_kernel_refuses_and_we_say_so(in_child: Callable[[Callable[[], object]], str]) -> None:
    def unprepared() -> None:
        if os.geteuid() == 0:
            os.setresuid(sandbox.NOBODY, sandbox.NOBODY, sandbox.NOBODY)
        landlock.restrict()

    if has_landlock():
        assert in_child(unprepared).startswith("PermissionError")
    else:
        assert in_child(unprepared).startswith("OSError")
