from __future__ import annotations

import struct
import zlib

import pytest

from lazaretto.errors import Malformed
from lazaretto.unpack.executable import bundles

MARK = bytes.fromhex("8b1202b96a612038727b930214d7a03213f5b9e6efae3318ee3b2dce24b36aae")


def pyinstaller(files: dict[str, tuple[bytes, bool]], behind: bytes = b"") -> bytes:
    body, toc = b"", b""
    for name, (data, deflated) in files.items():
        stored = zlib.compress(data) if deflated else data
        raw = name.encode() + b"\0"
        toc += struct.pack(">IIIIBc", 18 + len(raw), len(body), len(stored), len(data), deflated, b"s") + raw
        body += stored
    cookie = struct.pack(">8sIIII64s", b"MEI\x0c\x0b\x0a\x0b\x0e", len(body) + len(toc) + 88, len(body), len(toc), 311,
                         b"python311.dll")  # fmt: skip
    return b"MZ the program itself" + body + toc + cookie + behind


def dotnet(files: dict[str, bytes], major: int = 6, *, packed: bool = False) -> bytes:
    program = b"MZ".ljust(100, b"\0")
    body, rows = b"", b""
    start = len(program) + 8 + len(MARK)
    for name, data in files.items():
        compress = zlib.compressobj(9, zlib.DEFLATED, -15)
        stored = compress.compress(data) + compress.flush() if packed else data
        rows += struct.pack("<qq", start + len(body), len(data))
        rows += struct.pack("<q", len(stored) if packed else 0) if major >= 6 else b""
        rows += b"\x01" + bytes([len(name)]) + name.encode()
        body += stored
    header = struct.pack("<IIi", major, 0, len(files)) + b"\x04abcd" + (bytes(40) if major >= 2 else b"")
    return program + struct.pack("<q", start + len(body)) + MARK + body + header + rows


def given(found: object) -> dict[str, bytes]:
    return {file.name: b"".join(file.chunks) for file in found}  # type: ignore[attr-defined]  # either kind of file


def test_pyinstaller() -> None:
    data = pyinstaller({"script": (b"print()" * 50, True), "lib/a.dll": (b"MZ", False)}, behind=b"signature")
    assert given(bundles.pyinstaller(data)) == {"script": b"print()" * 50, "lib/a.dll": b"MZ"}
    assert given(bundles.pyinstaller(b"MZ no archive")) == {}


@pytest.mark.parametrize("major", [1, 2, 6])
def test_dotnet(major: int) -> None:
    files = {"a.dll": b"MZ" * 30, "b/appsettings.json": b"{}"}
    assert given(bundles.dotnet(dotnet(files, major))) == files
    assert given(bundles.dotnet(b"MZ" + bytes(8) + MARK)) == {}
    assert given(bundles.dotnet(dotnet(files, 6, packed=True))) == files


def test_damage_is_refused_or_read() -> None:
    for data, read in (
        (pyinstaller({"a": (b"text", True)}), bundles.pyinstaller),
        (dotnet({"a": b"b"}), bundles.dotnet),
    ):
        for at in range(20, len(data)):
            for damaged in (data[:at], data[:at] + b"\xff" + data[at + 1 :]):
                try:
                    given(read(damaged))
                except Malformed:
                    continue
