from __future__ import annotations

import struct
import subprocess
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from lazaretto.unpack.sevenzip.archive import Archive
from lazaretto.unpack.sevenzip.library import Library

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + b"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
Pack = Callable[..., bytes]


@pytest.fixture(scope="session")
def library() -> Library:
    return Library()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the payload and a text."""
    inside = tmp_path / "inside"
    (inside / "deep").mkdir(parents=True)
    (inside / "deep" / "eicar.com").write_bytes(EICAR)
    (inside / "read me.txt").write_bytes(b"hello\n")
    return inside


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    """Makes a 7z of these files with the real program."""

    def make(files: Mapping[str, bytes], *options: str, name: str = "made.7z") -> bytes:
        inside = tmp_path / "packed"
        for path, content in files.items():
            (inside / path).parent.mkdir(parents=True, exist_ok=True)
            (inside / path).write_bytes(content)
        target = tmp_path / name
        target.unlink(missing_ok=True)
        subprocess.run(["7z", "a", "-bd", *options, target, *files], cwd=inside, check=True, stdout=subprocess.DEVNULL)
        return target.read_bytes()

    return make


def written(content: bytes, coder: bytes, packed: bytes, *, size: int | None = None, name: str = "a") -> bytes:
    """A 7z with a header that says what no program would say (7zFormat.txt).  ``coder``: as in a folder."""

    def number(value: int) -> bytes:
        return b"\xff" + struct.pack("<Q", value)

    names = b"\0" + name.encode("utf-16-le") + b"\0\0"
    header = (
        *(b"\1\4", b"\6\0\1\x09", number(len(packed)), b"\0"),
        *(b"\7\x0b\1\0\1", coder, b"\x0c", number(len(content) if size is None else size)),
        *(b"\x0a\1", struct.pack("<I", zlib.crc32(content)), b"\0\0"),
        *(b"\5\1\x11", number(len(names)), names, b"\0\0"),
    )
    joined = b"".join(header)
    start = struct.pack("<QQI", len(packed), len(joined), zlib.crc32(joined))
    return b"7z\xbc\xaf\x27\x1c\0\4" + struct.pack("<I", zlib.crc32(start)) + start + packed + joined


@pytest.fixture(scope="session")
def write() -> Pack:
    return written


@pytest.fixture
def opened(library: Library) -> Callable[..., Archive]:
    def open_(data: bytes, handler: str = "7z", word: str | None = None) -> Archive:
        return Archive(library, handler, [(data, 0, len(data))], word)

    return open_
