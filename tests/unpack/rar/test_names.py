from __future__ import annotations

from lazaretto.unpack.rar import names


def test_rar5() -> None:
    assert names.of_rar5("é.txt".encode()) == ("é.txt",)
    assert names.of_rar5(b"\xe9.txt") == ("\ufffd.txt", "é.txt")
    assert names.of_rar5(b"a.exe\0.txt") == ("a.exe", "a.exe\0.txt")


def test_rar4_plain() -> None:
    assert names.of_rar4(b"dir\\a.txt", unicode=False) == ("dir/a.txt",)
    assert names.of_rar4("ж.txt".encode(), unicode=True)[0] == "ж.txt"
    assert names.of_rar4(b"\x82.txt", unicode=False) == ("é.txt", "\x82.txt")
    assert "a.exe" in names.of_rar4(b"a.exe\0.txt", unicode=False)
    assert names.of_rar4(b"", unicode=True) == ("",)


def test_rar4_coded() -> None:
    # Groups: a low byte; one with the high byte; both; a run of the plain name.  Then a run with a correction.
    assert names.decoded(b"abcdef", b"\x04" + bytes([0b00_01_10_11]) + b"a\x36\xac\x20\x01") == "a\u0436\u20acdef"
    assert names.decoded(b"abcd", b"\x04" + bytes([0b11_000000]) + b"\x82\x01") == "\u0462\u0463\u0464\u0465"
    assert names.of_rar4(b"_.exe\0\x04" + bytes([0b01_11_0000]) + b"\x36\x02", unicode=True) == ("ж.exe", "_.exe")


def test_any_bytes() -> None:
    for size in range(12):
        for byte in (0, 0x55, 0xAA, 0xFF):
            names.decoded(b"abc", b"\x04" + bytes([byte]) * size)
    assert len(names.of_rar4(b"x\0" + b"\xff" * 60_000, unicode=True)[0]) <= 8192
