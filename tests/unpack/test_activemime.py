from __future__ import annotations

import base64
import zlib
from typing import Any

import pytest
from tests.unpack import officefiles as make

HEAD = b"ActiveMime\0\0\x01\xf0\x04\0\0\0\xff\xff\xff\xff\0\0\x07\xf0"


def active(data: bytes, start: int = 0x32, shown: int = 4) -> bytes:
    return (HEAD + bytes(4) + shown.to_bytes(2, "little")).ljust(start, b"\0") + zlib.compress(data)


@pytest.mark.parametrize(("start", "shown"), [(0x32, 4), (0x22A, 4), (0x40, 0x40 - 46), (0x99, 0xFFFF)])
def test_wherever_the_data_begins(kit: Any, start: int, shown: int) -> None:
    inner = make.ole({"VBA/Module1": kit.payload})
    found = kit.exploded(active(inner, start, shown), "editdata.mso")
    assert found.types["editdata.mso"] == "application/x-activemime"
    assert found.data["editdata.mso!oledata.ole!VBA/Module1"] == kit.payload
    zipped = kit.zip_of({"editdata.mso": active(inner, start, shown)})
    assert kit.exploded(zipped, "a.zip").data["a.zip!editdata.mso!oledata.ole!VBA/Module1"] == kit.payload


def test_in_a_document_of_word_2003(kit: Any) -> None:
    text = base64.b64encode(active(make.ole({"VBA/M": kit.payload}))).decode()
    xml = f'<w:wordDocument xmlns:w="w"><w:binData w:name="editdata.mso">{text}</w:binData></w:wordDocument>'
    assert kit.exploded(xml.encode(), "a.xml").data["a.xml!editdata.mso!oledata.ole!VBA/M"] == kit.payload


def test_without_data(kit: Any) -> None:
    assert "unpack.malformed" in kit.exploded(HEAD + b"\x78" * 500_000, "a.mso").names
    assert "unpack.malformed" in kit.exploded(active(bytes(100_000))[:70], "a.mso").names


def test_a_bomb(kit: Any) -> None:
    assert kit.exploded(active(bytes(30_000_000), shown=4), "a.mso").names & {"limit.ratio", "limit.member_bytes"}
