"""Unpacking beside the standard library doing the same: how many times slower (or quicker) we are."""

from __future__ import annotations

import base64
import gzip
import io
import random
import tarfile
import time
import zipfile
from collections.abc import Callable, Iterable

from lazaretto import config, plugin
from lazaretto.mime import parse
from lazaretto.unpack import tree
from lazaretto.unpack.identify import identify
from lazaretto.unpack.limits import Budget


def run() -> Iterable[tuple[str, float, str]]:
    """Name, value, unit."""
    files = _files()
    archive, tar = _zip(files), gzip.compress(_tar(files))
    unpackers = plugin.build(config.load(None, {}), "unpack", plugin.Unpacker)  # type: ignore[type-abstract]  # found

    def explode(data: bytes) -> None:
        list(tree.explode(data, ("x",), Budget(config.Unpack()), unpackers))

    yield "unpack: zip of 300 files, against zipfile", _best(explode, archive) / _best(_zipfile, archive), "times"
    yield "unpack: tar.gz of 300 files, against tarfile", _best(explode, tar) / _best(_tarfile, tar), "times"
    mail = b"From: a@b\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(archive)
    cost = _best(lambda raw: list(tree.explode_message(parse.parse(raw), Budget(config.Unpack()), unpackers)), mail)
    yield "unpack: the same zip in a mail", cost * 1000, "ms"
    yield "unpack: identify", sum(_best(identify, data) for _, data in files) / len(files) * 1e6, "µs"


def _best(work: Callable[[bytes], object], data: bytes, times: int = 5) -> float:
    spent = []
    for _ in range(times):
        started = time.perf_counter()
        work(data)
        spent.append(time.perf_counter() - started)
    return min(spent)


def _files() -> list[tuple[str, bytes]]:
    source = random.Random(1)
    words = [source.randbytes(source.randint(2, 9)).hex() for _ in range(2000)]
    return [(f"{n}.txt", " ".join(source.choices(words, k=5000)).encode()) for n in range(300)]


def _zip(files: list[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return out.getvalue()


def _tar(files: list[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in files:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def _zipfile(data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            archive.read(name)


def _tarfile(data: bytes) -> None:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for member in archive:
            if file := archive.extractfile(member):
                file.read()
