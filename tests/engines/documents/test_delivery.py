from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from tests.engines.documents.make import HARMLESS_PE, PAYLOAD
from tests.engines.documents.weigh import grade, graded, seen

from lazaretto.engines.documents import Documents
from lazaretto.engines.documents.delivery import label
from lazaretto.model import Finding
from lazaretto.testing import artifact, mail

_CONTROL = b"<html><object classid='clsid:adb880a6-d8ff-11cf-9377-00aa003b7a11'>"
_SHORTCUT = b"<param name='Command' value='ShortCut'><param name='Item1' value=',%b,a'></object>"


def helped(files: Mapping[str, bytes]) -> tuple[Finding, ...]:
    """A compiled help file as its unpacker gives it: nothing here writes one."""
    whole = artifact(b"ITSF", name="a.chm", type="application/vnd.ms-htmlhelp", path="a.chm")
    parts = [replace(artifact(data, name=name, path=f"a.chm!{name}"), parent="a.chm") for name, data in files.items()]
    return tuple(Documents(Documents.Settings()).judge([whole, *parts], ()))


def test_help_that_starts_what_runs_anything() -> None:
    (finding,) = helped({"a.htm": _CONTROL + _SHORTCUT % b"powershell.exe"})
    assert finding.name == "delivery.help.malicious"
    for name in ("deliver.help", "deliver.help-shortcut", "deliver.help-command"):
        assert any(f"({name})" in line for line in finding.evidence)


def test_help_that_is_none() -> None:
    assert helped({"a.htm": _CONTROL + _SHORTCUT % b"notepad.exe", "b.js": b"var a = 1"}) == ()
    assert helped({"a.htm": b"<html>powershell: shortcut and command</html>"}) == ()
    (finding,) = helped({"a.exe": HARMLESS_PE})
    assert finding.name == "delivery.help.suspicious"


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("a.iqy", b"WEB\r\n1\r\nhttp://example.invalid/", "iqy"),
        ("a.LIBRARY-MS", b"x", "library-ms"),
        ("a.img", b"%PDF-1.7", "pdf"),
        ("a.wholly unknown", b"x", "txt"),
        ("", b"x", "txt"),
    ],
)
def test_the_word_for_a_format(name: str, data: bytes, expected: str) -> None:
    assert label(artifact(data, name=name)) == expected


def test_namespaces_are_no_addresses() -> None:
    jnlp = b'<?xml version="1.0"?><jnlp xmlns="http://schemas.microsoft.com/a" x="http://www.w3.org/"/>'
    assert seen("a.jnlp", jnlp) == set()


def test_a_name_among_others_is_enough() -> None:
    assert grade("a.wsh", b"[ScriptFile]\r\nPath=C:\\a.js\r\n") == "suspicious"
    assert grade("a.wsh.", b"[ScriptFile]\r\nPath=C:\\a.js\r\n") == "suspicious"
    assert grade("a.txt", b"[ScriptFile]\r\nPath=C:\\a.js\r\n") == ""


def test_the_same_in_a_mail_and_in_an_archive() -> None:
    from tests.unpack import officefiles

    query = b"WEB\r\n1\r\nhttp://example.invalid/a.dat\r\n"
    (found,) = graded("mail.eml", mail(attachments={"a.iqy": query}))
    assert found.name == "delivery.file.suspicious"
    (found,) = graded("a.zip", officefiles.zipped({"a.iqy": query}))
    assert found.artifact == "a.zip!a.iqy"


def test_a_library_under_any_name() -> None:
    assert grade("readme.txt", HARMLESS_PE + b"xlAutoOpen\0") == "suspicious"
    assert grade("a.xll", HARMLESS_PE) == "suspicious"
    assert grade("a.xll", PAYLOAD) == ""
