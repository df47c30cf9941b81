from __future__ import annotations

import os
import resource
from collections.abc import Callable
from pathlib import Path

import pytest

from lazaretto.workers import landlock, sandbox, seccomp

InChild = Callable[[Callable[[], object]], str]
PARENT = os.getpid()
NAMES = ["limits", "network namespace", "user", "privileges", "landlock", "seccomp"]


def close(root: bool, memory: int = 256 << 20) -> tuple[str, ...]:
    if not root and os.geteuid() == 0:
        os.setresuid(1000, 1000, 1000)  # as a service without privileges starts us
    return sandbox.apply(sandbox.Limits(memory), PARENT)


@pytest.fixture(params=[True, False], ids=["as started", "unprivileged"])
def root(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def test_one_line_for_each_protection(in_child: InChild, root: bool) -> None:
    lines = in_child(lambda: "\n".join(close(root))).splitlines()
    assert [line.partition(": ")[0] for line in lines] == NAMES
    assert all(line.partition(": ")[2].startswith(("in force", "not available: ")) for line in lines)
    assert lines[0].endswith("in force (256 MiB of memory, 32 open files, no file is written, no core)")


def test_root_becomes_nobody_for_good(in_child: InChild) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root")
    assert in_child(lambda: close(True) and (os.getuid(), os.getegid())) == "(65534, 65534)"


def test_memory_has_a_limit_and_small_things_fit(in_child: InChild, root: bool) -> None:
    def hog() -> str:
        close(root, 64 << 20)
        fits = len(bytearray(16 << 20))
        return f"{fits} {len(bytearray(8 << 30))}"  # more than a test run can have freed before

    def modest() -> int:
        close(root, 64 << 20)
        return len(bytearray(16 << 20))

    assert in_child(modest) == str(16 << 20)
    assert in_child(hog).startswith("MemoryError")


def test_files_are_refused_by_whatever_this_kernel_has(in_child: InChild, root: bool) -> None:
    assert in_child(lambda: close(root) and Path("/etc/passwd").read_text()).startswith("PermissionError")


def test_an_open_file_cannot_be_written_to(in_child: InChild, root: bool, tmp_path: Path) -> None:
    def write() -> int:
        with (tmp_path / "x").open("wb", buffering=0) as file:
            close(root)
            return file.write(b"x") or 0

    assert in_child(write).startswith("OSError: [Errno 27]")  # EFBIG


def test_a_kernel_without_landlock_and_seccomp_is_told_apart(
    in_child: InChild, root: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_landlock() -> int:
        raise OSError(38, "Function not implemented")

    def without_seccomp() -> None:
        raise RuntimeError("Unable to find libseccomp")

    monkeypatch.setattr(landlock, "restrict", without_landlock)
    monkeypatch.setattr(seccomp, "restrict", without_seccomp)

    def work() -> str:
        lines = close(root)
        try:
            os.fork()
        except OSError as error:
            return "\n".join((*lines, f"fork: {error.strerror}"))
        return "forked"

    lines = in_child(work).splitlines()
    assert lines[4] == "landlock: not available: Function not implemented"
    assert lines[5] == "seccomp: not available: Unable to find libseccomp"
    assert lines[6] == "fork: Resource temporarily unavailable"


def test_no_core_and_not_traceable(in_child: InChild, root: bool) -> None:
    assert in_child(lambda: close(root) and resource.getrlimit(resource.RLIMIT_CORE)) == "(0, 0)"


def test_an_orphan_ends(in_child: InChild) -> None:
    """The parent named is not the parent there is."""
    assert in_child(lambda: sandbox.apply(sandbox.Limits(1 << 28), 1)) == "exit 1"


def test_sizes_are_those_of_proc() -> None:
    assert sandbox.sizes(b"100 20 3 4 0 5 0\n") == (100 * resource.getpagesize(), 17 * resource.getpagesize())
    total, resident = sandbox.pages()
    assert total > resident > 1 << 20
