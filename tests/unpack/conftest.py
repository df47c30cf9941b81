"""Archives for the tests: made by the standard library, or byte by byte where it refuses."""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from functools import cache

import pytest

from lazaretto import config, plugin
from lazaretto.config import Unpack
from lazaretto.model import Artifact, Finding
from lazaretto.unpack import tree
from lazaretto.unpack.limits import Budget

PAYLOAD = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def zip_of(files: Mapping[str, bytes] | Sequence[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items() if isinstance(files, Mapping) else files:
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return out.getvalue()


def tar_of(files: Mapping[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def local(
    name: bytes, data: bytes, *, method: int = 0, flags: int = 0, crc: int | None = None, size: int = -1
) -> bytes:
    """A zip local header with its data (APPNOTE 4.3.7)."""
    checksum = zlib.crc32(data) if crc is None else crc
    size = len(data) if size < 0 else size
    return struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, flags, method, 0, 0, checksum, len(data), size, len(name), 0) + (
        name + data
    )


def central(name: bytes, offset: int, packed: int, size: int, crc: int, *, method: int = 0, flags: int = 0) -> bytes:
    """An entry of the directory (4.3.12)."""
    return (
        struct.pack("<4sHHHHHHIII", b"PK\1\2", 20, 20, flags, method, 0, 0, crc, packed, size)
        + struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, 0, offset)
        + name
    )


def end(entries: Sequence[bytes], offset: int) -> bytes:
    """The directory with its end record (4.3.16)."""
    directory = b"".join(entries)
    return directory + struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, len(entries), len(entries), len(directory), offset, 0)


class Exploded:
    """What came out of a file, easy to ask."""

    def __init__(self, things: list[Artifact | Finding], budget: Budget) -> None:
        self.artifacts = [thing for thing in things if isinstance(thing, Artifact)]
        self.findings = [thing for thing in things if isinstance(thing, Finding)]
        self.budget = budget

    @property
    def data(self) -> dict[str, bytes]:
        return {artifact.path: artifact.data for artifact in self.artifacts}

    @property
    def types(self) -> dict[str, str]:
        return {artifact.path: artifact.type for artifact in self.artifacts}

    @property
    def names(self) -> set[str]:
        return {finding.name for finding in self.findings}

    def finding(self, name: str) -> Finding:
        return next(finding for finding in self.findings if finding.name == name)

    def holds(self, payload: bytes) -> bool:
        return any(payload in artifact.data for artifact in self.artifacts)


@cache
def unpackers() -> list[plugin.Unpacker]:
    return plugin.build(config.load(None, {}), "unpack", plugin.Unpacker)  # type: ignore[type-abstract]


def exploded(
    data: bytes,
    name: str = "x",
    clock: Callable[[], float] | None = None,
    only: list[plugin.Unpacker] | None = None,
    **limits: object,
) -> Exploded:
    chosen = Unpack.model_validate(limits)
    budget = Budget(chosen, clock) if clock else Budget(chosen)
    return Exploded(list(tree.explode(data, (name,), budget, only or unpackers())), budget)


class Kit:
    """The functions of this file, for test modules that cannot import it."""

    payload = PAYLOAD
    zip_of, tar_of, exploded, unpackers = map(staticmethod, (zip_of, tar_of, exploded, unpackers))
    local, central, end = map(staticmethod, (local, central, end))


@pytest.fixture(scope="session")
def kit() -> type[Kit]:
    return Kit
