from __future__ import annotations

import struct
from typing import Any

from lazaretto.unpack.executable import layout
from lazaretto.unpack.executable.overlay import stretches

DER = b"\x30\x0bcertificate"


def certificate(extra: bytes = b"") -> bytes:
    body = DER + extra
    return (struct.pack("<IHH", 8 + len(body), 0x200, 2) + body).ljust(-(-(8 + len(body)) // 8) * 8, b"\0")


def given(samples: Any, front: bytes, table: bytes, behind: bytes, size: int | None = None) -> dict[str, bytes]:
    start = 0x600 + len(front)
    data = samples.pe_of(
        [(b".text", b"x" * 512, 0)],
        behind=front + table + behind,
        directories=[(4, (start, len(table) if size is None else size))] if table else (),
    )
    image = layout.read(data)
    assert image is not None
    return {each.name: each.data for each in stretches(data, image)}


def test_what_stands_behind_the_last_section(samples: Any) -> None:
    assert given(samples, b"overlay", b"", b"") == {"overlay": b"overlay"}
    assert given(samples, b"", b"", b"") == {}
    assert given(samples, bytes(100), b"", b"") == {}


def test_certificates_are_left_out_and_what_is_around_them_is_not(samples: Any) -> None:
    assert given(samples, b"", certificate(), b"") == {}
    assert given(samples, b"in front", certificate(), b"behind") == {
        "overlay": b"in front", "behind-certificates": b"behind",
    }  # fmt: skip


def test_what_a_certificate_is_padded_with(samples: Any) -> None:
    assert given(samples, b"", certificate(b"a program"), b"") == {"certificate-1": b"a program"}
    assert given(samples, b"", certificate() + certificate(b"second"), b"")["certificate-1"] == b"second"
    two = certificate() + b"no certificate"
    assert given(samples, b"", two, b"") == {"behind-certificates": b"no certificate"}


def test_a_table_that_is_none_is_overlay(samples: Any) -> None:
    assert given(samples, b"", b"a zip, say, and no table", b"")["overlay"] == b"a zip, say, and no table"
    wrong = bytearray(certificate())
    wrong[8] = 0x31
    assert given(samples, b"", bytes(wrong), b"")["overlay"] == bytes(wrong)
