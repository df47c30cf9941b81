from __future__ import annotations

import pytest

from lazaretto.engines.patterns.facts import FILETYPES, VARIABLES, facts
from lazaretto.filetypes.catalogue import TYPES
from lazaretto.model import Artifact


def artifact(path: str, *names: str, kind: str = "text/plain") -> Artifact:
    return Artifact(path, names, b"", kind, "", None, None, 0, "")


def test_every_variable_has_a_value() -> None:
    assert facts(artifact("2/in.zip!docs/Run.VBS", "docs/Run.VBS", kind="text/vbscript")) == {
        "filename": "run.vbs",
        "filepath": "2/in.zip/docs/run.vbs",
        "extension": ".vbs",
        "filetype": "VBS",
        "owner": "",
    }


@pytest.mark.parametrize(
    ("path", "names", "expected"),
    [
        ("1", (), ("", "1", "")),
        ("2", ("Invoice.PDF.exe",), ("invoice.pdf.exe", "2/invoice.pdf.exe", ".exe")),
        ("2", ("C:\\Users\\x\\a.bat",), ("a.bat", "2/a.bat", ".bat")),
        ("2", ("\udcff.exe",), ("?.exe", "2/?.exe", ".exe")),
    ],
)
def test_names_of_any_sort(path: str, names: tuple[str, ...], expected: tuple[str, str, str]) -> None:
    told = facts(artifact(path, *names))
    assert (told["filename"], told["filepath"], told["extension"]) == expected
    assert set(told) == set(VARIABLES)


def test_types_are_types_that_we_know() -> None:
    assert set(FILETYPES) <= set(TYPES)
    assert facts(artifact("1", kind="text/plain"))["filetype"] == "TXT"
    assert facts(artifact("1", kind="application/x-unknown"))["filetype"] == ""
