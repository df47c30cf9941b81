from __future__ import annotations

import gzip
import hashlib
import io
import tarfile

import pytest

from lazaretto.engines.patterns.clam.container import header, members


def packed(files: dict[str, bytes], md5: str = "") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    body = gzip.compress(out.getvalue())
    digest = md5 or hashlib.md5(body).hexdigest()
    return f"ClamAV-VDB:24 Nov 2026 10-00 +0000:7:2:90:{digest}:SIGNATURE:builder:1".encode().ljust(512) + body


def test_its_header_and_its_files() -> None:
    content = packed({"a.ndb": b"A:0:*:6162", "a.info": b"x"})
    assert (header(content).version, header(content).signatures) == (7, 2)
    assert dict(members(content, sealed=True)) == {"a.ndb": b"A:0:*:6162", "a.info": b"x"}


def test_a_wrong_digest_is_an_error_where_one_is_promised() -> None:
    content = packed({"a.ndb": b"x"}, "0" * 32)
    with pytest.raises(ValueError, match="MD5"):
        list(members(content, sealed=True))
    assert list(members(content, sealed=False)) == [("a.ndb", b"x")]


@pytest.mark.parametrize("content", [b"", b"ClamAV-VDB:x", b"x" * 600, b"ClamAV-VDB:a:b:c:d:e:f:g:h".ljust(600)])
def test_what_is_none_is_an_error(content: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - which of the reasons is for people
        list(members(content, sealed=False))


def test_damage_is_an_error() -> None:
    content = packed({"a.ndb": b"x" * 5000})
    with pytest.raises(ValueError):  # noqa: PT011 - which of the reasons is for people
        list(members(content[:-20], sealed=False))
