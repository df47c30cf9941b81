from __future__ import annotations

import pytest

from lazaretto.config import Settings
from lazaretto.engines.names import Names
from lazaretto.model import Artifact, Severity
from lazaretto.testing import hostile

HIGH, MEDIUM, NOTE = Severity.HIGH, Severity.MEDIUM, Severity.INFORMATIONAL
PE, PDF, LNK = "application/vnd.microsoft.portable-executable", "application/pdf", "application/x-ms-shortcut"
JS, TEXT, OCTETS = "text/javascript", "text/plain", "application/octet-stream"


def said(*names: str, kind: str = OCTETS, declared: str = "", data: bytes = b"x") -> dict[str, Severity]:
    artifact = Artifact("1", names, data, kind, declared, "1", None, 0, "0")
    return {finding.name: finding.severity for finding in Names(Settings()).inspect(artifact)}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("invoice.pdf.exe", {"name.double-extension": HIGH}),
        ("photo.jpg .scr. ", {"name.double-extension": HIGH}),
        ("Report.DOCX.JS", {"name.double-extension": HIGH}),
        ("a.tar.gz", {}),
        ("jquery.min.js", {}),
        ("setup.1.2.exe", {}),
        ("report.exe.pdf", {}),
        ("a.pdf.zip", {}),
        ("gpj.\u202egpj.exe", {"name.rtlo": HIGH}),
        ("annexe\u202efdp.scr", {"name.rtlo": HIGH}),
        ("a\u202ex.txt", {"name.rtlo": MEDIUM}),
        ("\u202bשלום.pdf", {"name.rtlo": NOTE}),
        ("\u200fשלום.pdf", {}),
        ("invoice" + " " * 20 + ".exe", {"name.padded": HIGH}),
        ("invoice.pdf" + "\u3000" * 40 + ".js", {"name.padded": HIGH, "name.double-extension": HIGH}),
        ("invoice" + "." * 12 + "pdf", {"name.padded": NOTE}),
        ("a  b.exe", {}),
        ("a\0.exe", {"name.control": MEDIUM}),
        ("a\r\n.pdf", {"name.control": NOTE}),
        ("a\t.pdf", {}),
        ("invoice.\u0435\u0445\u0435", {"name.lookalike": MEDIUM}),
        ("invoice.p\u0501f", {"name.lookalike": MEDIUM}),
        ("invoice.\uff45\uff58\uff45", {"name.lookalike": MEDIUM}),
        ("\u0434\u043e\u0433\u043e\u0432\u043e\u0440.pdf", {}),
        ("\u0441\u0442\u0440. 5", {}),
        ("a.\u0442\u0435\u043a\u0441\u0442", {}),
        ("", {}),
        ("." * 10_000, {}),
    ],
)
def test_names(name: str, expected: dict[str, Severity]) -> None:
    assert said(name, kind="") == expected  # whatever it is


@pytest.mark.parametrize(
    ("name", "kind", "declared", "expected"),
    [
        ("a.pdf", PE, "", {"type.disguised": HIGH}),
        ("a.jpg", LNK, "image/jpeg", {"type.disguised": HIGH}),
        ("a.doc", JS, "", {"type.disguised": MEDIUM}),
        ("a.exe", PE, "", {}),
        ("a.exe", PE, "application/pdf", {"type.disguised": MEDIUM}),
        ("a.dll", PE, OCTETS, {}),
        ("a.pif", PE, "audio/wav", {"type.disguised": MEDIUM}),
        ("a", PE, "", {}),
        ("a.unknown", PE, "", {}),
        ("a.txt", JS, "text/plain", {}),
        ("a.js", JS, "text/html", {}),
        ("a.png", "image/jpeg", "", {"type.mismatch": NOTE}),
        ("a.doc", "application/rtf", "application/msword", {}),
        ("a.doc", PDF, "", {"type.mismatch": NOTE}),
        ("a.pdf", PDF, "image/png", {"type.mismatch": NOTE}),
        ("a.pdf", PDF, "application/octet-stream", {}),
        ("a.pdf", OCTETS, "application/pdf", {}),
        ("a.bin", PDF, "", {}),
        ("a.eml", "application/mbox", "message/rfc822", {}),
        ("a.patch", "message/rfc822", "", {}),
        ("a.xml", "application/rss+xml", "text/xml", {}),
    ],
)
def test_types(name: str, kind: str, declared: str, expected: dict[str, Severity]) -> None:
    assert said(name, kind=kind, declared=declared) == expected


def test_an_empty_file_is_nothing_in_disguise() -> None:
    assert said("a.pdf", kind=TEXT, data=b"") == {}


def test_the_worst_of_all_its_names_counts_once() -> None:
    assert said("a.txt", "a.pdf.exe", "b.pdf.exe") == {"name.double-extension": HIGH}


def test_hostile_names() -> None:
    for data in hostile():
        name = data.decode("latin-1")[:100_000]
        said(name, name + ".exe", kind=PE, declared=name)


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("a.js", "image/gif", {"type.disguised": MEDIUM}),  # GIF89a=1;eval(...)
        ("a.BAT ", "image/jpeg", {"type.disguised": MEDIUM}),
        ("a.hta", PDF, {"type.disguised": MEDIUM}),
        ("a.vbs", OCTETS, {"type.disguised": MEDIUM}),
        ("a.js", JS, {}),
        ("a.js", TEXT, {}),
        ("a.ts", "video/mp2t", {}),
        ("a.gif", "image/gif", {}),
    ],
)
def test_what_is_harmless_by_its_bytes_and_run_by_its_name(name: str, kind: str, expected: dict[str, Severity]) -> None:
    assert said(name, kind=kind) == expected
