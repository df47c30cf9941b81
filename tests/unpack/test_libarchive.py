from __future__ import annotations

import ctypes
import io
import tarfile
from collections.abc import Iterator

import pytest

from lazaretto.errors import HostileInput, LimitExceeded, Malformed
from lazaretto.unpack import libarchive


@pytest.fixture(scope="module")
def library() -> libarchive.Library:
    found = libarchive.load()
    assert found is not None
    return found


def archive(*contents: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for content in contents:
            info = tarfile.TarInfo("a")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


def test_files_in_pieces(library: libarchive.Library) -> None:
    contents = [b"one", b"two" * 100_000, b""]
    data = archive(*contents)
    pieces = (data[at : at + 777] for at in range(0, len(data), 777))
    assert [b"".join(chunks) for chunks in library.files("tar", pieces)] == contents
    assert library.version.startswith("libarchive")


def test_damage(library: libarchive.Library) -> None:
    with pytest.raises(Malformed):
        list(library.files("rar5", iter([b"no archive at all" * 100])))
    with pytest.raises(Malformed):
        [list(chunks) for chunks in library.files("tar", iter([archive(b"x" * 9000)[:2000]]))]


@pytest.mark.parametrize("error", [LimitExceeded("memory"), ValueError("x")])
def test_an_exception_in_the_feed_comes_back(library: libarchive.Library, error: Exception) -> None:
    def feed() -> Iterator[bytes]:
        yield archive(b"x" * 90_000)[:20_000]
        raise error

    with pytest.raises(HostileInput) as caught:
        [list(chunks) for chunks in library.files("tar", feed())]
    assert isinstance(caught.value, LimitExceeded if isinstance(error, HostileInput) else Malformed)


def test_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> ctypes.CDLL:
        raise OSError(name)

    monkeypatch.setattr(ctypes, "CDLL", refuse)
    assert libarchive.load() is None
