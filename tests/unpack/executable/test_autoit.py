from __future__ import annotations

import struct
from typing import Any

import pytest

from lazaretto.errors import LimitExceeded, Malformed
from lazaretto.unpack.executable import autoit


def script(data: bytes) -> bytes:
    return data[data.index(autoit.MAGIC) :]


@pytest.mark.parametrize(("name", "word"), [("clam.ea05.exe", "AUT2EXE"), ("clam.ea06.exe", "FUNC _FILECOUNTLINES")])
def test_script_and_files_of_both_generations(samples: Any, name: str, word: str) -> None:
    files = {file.name: file.data() for file in autoit.files(script(samples.clam(name)))}
    assert files["C:\\clam.exe"] == samples.clam("clam.exe")
    text = next(data for name, data in files.items() if name.endswith(".tmp"))
    assert word.encode() in text.replace(b"\0", b"")


def test_what_is_cut_is_said_to_be(samples: Any) -> None:
    data = script(samples.clam("clam.ea05.exe"))
    for length in (30, 41, 60, 100, 300, len(data) // 2):
        with pytest.raises(Malformed):
            list(autoit.files(data[:length]))
    with pytest.raises(Malformed):
        list(autoit.files(autoit.MAGIC + b"AU3!EA07" + bytes(100)))


def test_damaged_data_gives_what_comes_before_it(samples: Any) -> None:
    data = bytearray(script(samples.clam("clam.ea05.exe")))
    for at in range(40, len(data), 97):
        damaged = bytes(data[:at]) + bytes([data[at] ^ 0xFF]) + bytes(data[at + 1 :])
        try:
            for file in autoit.files(damaged):
                file.data()
        except (Malformed, LimitExceeded):
            continue


def test_bytes_and_copies() -> None:
    bits = "".join(f"0{byte:08b}" for byte in b"ab") + "1" + f"{2:015b}" + "01"  # two back, 3 + 1 bytes
    data = b"EA05" + (6).to_bytes(4) + int(bits.ljust(64, "0"), 2).to_bytes(8)
    assert autoit.unpacked(data, 0) == b"ababab"
    assert autoit.unpacked(data[:-5], 0) == b"ab"
    with pytest.raises(LimitExceeded):
        autoit.unpacked(b"EA05\xff\xff\xff\xff", 0)


def test_tokens_become_text() -> None:
    def text(token: int, word: str) -> bytes:
        raw = bytes(each ^ key for each, key in zip(word.encode("utf-16-le"), bytes([len(word), 0]) * 99, strict=False))
        return bytes([token]) + struct.pack("<I", len(word)) + raw

    data = struct.pack("<I", 2) + text(0x30, "RUN") + b"\x47" + text(0x36, "calc.exe") + b"\x48\x7f"
    data += text(0x33, "x") + b"\x41\x05" + struct.pack("<i", -7) + b"\x7f"
    assert autoit.words(data) == b'RUN ("calc.exe")\r\n$x =-7 \r\n'
    assert autoit.words(b"\1\0\0\0\xff") == b"\1\0\0\0\xff"
