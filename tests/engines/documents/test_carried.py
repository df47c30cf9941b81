from __future__ import annotations

import pytest
from tests.engines.documents.make import HARMLESS_PE, PAYLOAD, iso, lnk, ole, packaged
from tests.engines.documents.weigh import graded, seen

from lazaretto.engines.documents.carried import what
from lazaretto.testing import artifact


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("a.exe", HARMLESS_PE, "program"),
        ("a.txt", HARMLESS_PE, "program"),
        ("a.exe", b"text", "program"),
        ("a.lnk", lnk(), "shortcut"),
        ("a", lnk(), "shortcut"),
        ("a.js", PAYLOAD, "script"),
        ("a.JS ", PAYLOAD, "script"),
        ("a.js", b"", ""),
        ("a.com", b"\xb4\x4c\xcd\x21" + bytes(99), "program"),
        ("example.com", b"<html><body>a</body></html>", ""),
        ("a.txt", PAYLOAD, ""),
        ("a.swf", b"FWS\x0a\x20\0\0\0" + bytes(24), ""),
        ("", PAYLOAD, ""),
    ],
)
def test_what_runs(name: str, data: bytes, expected: str) -> None:
    assert what(artifact(data, name=name)) == expected


def test_a_name_that_hides_what_it_is() -> None:
    assert "carry.disguised" in seen("a.iso", iso({"scan.pdf.exe": HARMLESS_PE}))
    assert "carry.disguised" not in seen("a.iso", iso({"scan.exe": HARMLESS_PE}))


def test_a_document_is_named_with_what_it_holds() -> None:
    (finding,) = graded("a.doc", ole({"WordDocument": bytes(4096), "ObjectPool/_1/\x01Ole10Native": packaged("a.js")}))
    assert finding.name == "document.ole.suspicious"
    assert "ObjectPool/_1/a.js: a script (carry.script)" in finding.evidence


def test_names_of_packed_files_are_those_inside() -> None:
    """A program in an archive in a document is one; what is in the program is no other."""
    (finding,) = graded("a.iso", iso({"a.exe": HARMLESS_PE + PAYLOAD}))
    assert sum("deliver.program" in line for line in finding.evidence) == 1
