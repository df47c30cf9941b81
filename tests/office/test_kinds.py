from __future__ import annotations

import pytest
from tests.unpack import officefiles as make

from lazaretto.office import kinds


@pytest.mark.parametrize(
    ("streams", "clsid", "kind"),
    [
        ({"WordDocument": b"x"}, "", kinds.WORD),
        ({"WORKBOOK": b"x"}, "", kinds.EXCEL),
        ({"Book": b"x"}, "", kinds.EXCEL),
        ({"PowerPoint Document": b"x"}, "", kinds.POWERPOINT),
        ({"__properties_version1.0": b"x"}, "", kinds.OUTLOOK),
        ({"VisioDocument": b"x"}, "", kinds.VISIO),
        ({"Quill/QuillSub/CONTENTS": b"x"}, "", kinds.PUBLISHER),
        ({"Props12": b"x"}, "", kinds.PROJECT),
        ({"FileHeader": b"x"}, "", kinds.HANGUL),
        ({"\u4840\u3f3f": b"x"}, "000C1084-0000-0000-C000-000000000046", kinds.INSTALLER),
        ({"a": b"x"}, "00020D0B-0000-0000-C000-000000000046", kinds.OUTLOOK),
        ({"EncryptedPackage": b"x"}, "", kinds.OLE2),
        ({"Storage/WordDocument": b"x"}, "", kinds.OLE2),
    ],
)
def test_what_it_is(streams: dict[str, bytes], clsid: str, kind: str) -> None:
    assert kinds.kind(make.ole(streams, clsid)) == kind
    assert kind in kinds.TYPES


def test_what_is_too_damaged_to_say() -> None:
    assert kinds.kind(make.ole({"WordDocument": b"x"})[:600]) == kinds.OLE2
    assert kinds.kind(b"") == kinds.OLE2


def test_documents_in_storages() -> None:
    assert kinds.is_document(["\x01Ole", "Workbook"])
    assert kinds.is_document(["EncryptedPackage"])
    assert not kinds.is_document(["VBA", "dir"])
