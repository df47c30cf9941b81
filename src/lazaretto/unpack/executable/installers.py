"""Setups whose archive nothing here opens: at least they are known for what they are."""

from __future__ import annotations

from lazaretto.unpack.executable.layout import Image

_MARKS: tuple[tuple[bytes, str], ...] = (
    (b"Inno Setup Setup Data (", "Inno Setup"),
    (b"rDlPtS0", "Inno Setup"),
    (b"zlb\x1a", "Inno Setup"),
    (b"idska32\x1a", "Inno Setup"),
    (b"WiseMain", "Wise"),
    (b"Wise Installation Wizard", "Wise"),
    (b"\xe0\xe0\xe1\xe1\xe2\xe2\xe3\xe3\xe4\xe4\xe5\xe5\xe6\xe6\xe7\xe7", "Setup Factory"),
    (b"Smart Install Maker v.", "Smart Install Maker"),
    (b"CExe", "CExe"),
    (b"InstallShield", "InstallShield"),
)
_SHORT = 8  # bytes; shorter marks stand by chance in any heap
_SECTIONS = {b".WISE": "Wise", b"_inno": "Inno Setup"}
_LEAST = 4096  # bytes of overlay: less holds no setup


def recognise(data: bytes, image: Image, overlay: bytes) -> str:
    """The name of the tool that made it; "" for what is no setup, or has nothing behind the program."""
    if len(overlay) < _LEAST:
        return ""
    for section in image.sections:
        if name := _SECTIONS.get(section.name):
            return name
    program = data[: image.end]
    for mark, name in _MARKS:
        if overlay.startswith(mark) or (len(mark) >= _SHORT and (mark in overlay or mark in program)):
            return name
    return ""
