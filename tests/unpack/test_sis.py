from __future__ import annotations

import struct
import zlib
from typing import Any

EICAR = ("X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*").encode()


def sis(*records: tuple[int, str, list[bytes]], release: int = 6, options: int = 1, languages: int = 2) -> bytes:
    """Header, the list of files, names and data.  ``records``: kind, name, data in each language."""
    size = sum(28 + 8 * len(d) + (4 * len(d) + 8 if release == 6 else 0) if k < 2 else 4 for k, _, d in records)
    uid = 0x10003A12 if release == 6 else 0x1000006D
    head = struct.pack(
        "<IIIIHHHHHHHHIHHHHI",
        1,
        uid,
        0x10000419,
        0,
        0,
        languages,
        len(records),
        0,
        0,
        0,
        0,
        0,
        0,
        *[
            options,
            0,
            1,
            0,
            0,
        ],
    )
    head = (head + struct.pack("<II", 0, 100)).ljust(100, b"\0")
    listed, behind = b"", b""

    def put(data: bytes) -> int:
        nonlocal behind
        behind += data
        return 100 + size + len(behind) - len(data)

    for kind, name, contents in records:
        listed += struct.pack("<I", kind)
        if kind > 1:
            continue
        raw = name.encode("utf-16-le" if options & 1 else "latin-1")
        packed = [zlib.compress(each) if release == 6 and not options & 8 else each for each in contents]
        listed += struct.pack("<IIIIII", 0, 0, len(raw), put(raw), len(raw), put(raw))
        listed += struct.pack(f"<{len(packed)}I", *map(len, packed)) + struct.pack(
            f"<{len(packed)}I", *map(put, packed)
        )
        if release == 6:
            listed += struct.pack(f"<{len(packed)}I", *map(len, contents)) + bytes(8)
    return head + listed + behind


def test_eicar_in_every_release(kit: Any) -> None:
    for release, options in ((6, 1), (6, 9), (5, 0), (6, 0)):
        archive = sis(
            (0, "C:\\a.exe", [EICAR]), (5, "", []), (1, "b.exe", [b"one", EICAR]), release=release, options=options
        )
        found = kit.exploded(archive, "x.sis")
        assert found.types["x.sis"] == "application/vnd.symbian.install"
        assert found.data["x.sis!C:/a.exe"] == EICAR
        assert (found.data["x.sis!b.exe"], found.data["x.sis!b.exe#2"]) == (b"one", EICAR)
        assert found.findings == []
    assert kit.exploded(kit.zip_of({"a.sis": archive}), "z.zip").data["z.zip!a.sis!C:/a.exe"] == EICAR


def test_truncated_at_every_byte_and_flipped(kit: Any) -> None:
    whole = sis((0, "a.exe", [kit.payload]), (6, "", []))
    for cut in range(16, len(whole)):
        assert kit.exploded(whole[:cut]).findings, cut
    for at in range(12, len(whole)):
        changed = bytearray(whole)
        changed[at] ^= 0xFF
        assert "unpack.crashed" not in kit.exploded(bytes(changed)).names


def test_what_symbian_9_has_is_reported(kit: Any) -> None:
    assert kit.exploded(b"\x7a\x1a\x20\x10" + bytes(60)).names == {"unpack.unsupported"}
