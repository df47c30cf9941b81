from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import SPAM, Run, Site
from tests.engines.macros import files, samples
from tests.office import vbamake

from lazaretto.model import new_id

DOCM = files.docm(vbamake.project(samples.HOSTILE["shell-powershell"]))


@pytest.fixture
def docm(tmp_path: Path) -> Path:
    file = tmp_path / "a.docm"
    file.write_bytes(DOCM)
    return file


def test_for_people(docm: Path, ask: Run) -> None:
    status, out, err = ask("explain", docm)
    assert (status, err) == (1, "")
    assert "macro.vba.malicious in a.docm!word/vbaProject.bin" in out
    assert "tool.powershell" in out
    assert "→ Module1:2" in out
    assert "suspicious from 40, malicious from 85: malicious" in out


def test_why_not_the_next(tmp_path: Path, ask: Run) -> None:
    file = tmp_path / "b.docm"
    file.write_bytes(files.docm(vbamake.project('Sub AutoOpen()\nShell "notepad"\nEnd Sub')))
    _, out, _ = ask("explain", file)
    assert "not malicious: it neither hides" in out


def test_for_programs(docm: Path, ask: Run) -> None:
    status, out, _ = ask("explain", docm, "--json")
    assert status == 1
    (line,) = map(json.loads, out.splitlines())
    assert list(line) == ["path", "status", "explained", "others"]
    (found,) = line["explained"]
    assert found["grade"] == "malicious"
    assert found["score"] >= found["thresholds"]["malicious"] == 85
    assert found["heuristics"][0]["id"] == "autorun.open"
    assert set(found["heuristics"][0]) == {"id", "does", "weight", "counts", "weak", "says", "docs", "seen"}
    assert (found["next"], found["missing"]) == ("", [])


def test_other_findings_with_their_meaning(tmp_path: Path, ask: Run) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(b"=cmd|'/c calc'!A0\r\n")
    status, out, _ = ask("explain", file, "--json")
    assert status == 1
    (other,) = json.loads(out)["others"]
    assert (other["name"], other["meaning"]) == (
        "document.dde",
        "A field that asks another program (DDE); high when it starts one",
    )
    assert "A field that asks another program" in ask("explain", file).out


def test_nothing_is_found(tmp_path: Path, ask: Run) -> None:
    file = tmp_path / "a.txt"
    file.write_text("Nothing.")
    assert ask("explain", file) == (0, f"{file}: clean\n  nothing was found\n\n", "")


def test_what_strangers_wrote_steers_no_terminal(tmp_path: Path, ask: Run) -> None:
    file = tmp_path / "a.docm"
    file.write_bytes(files.docm(vbamake.project('Sub AutoOpen()\nShell "\x1b[31mpowershell \u202e c"\nEnd Sub')))
    assert "\x1b" not in ask("explain", file).out


def test_what_a_node_holds(site: Site, ask: Run) -> None:
    event = site.send(b"evil " + SPAM, new_id())
    (item,) = [outcome.item for outcome in event.outcomes]
    assert event.envelope is not None
    for thing in (item, event.envelope.id):
        status, out, _ = ask("explain", thing, "--json")
        assert status == 1
        assert [each["kind"] for each in json.loads(out)["others"]] == ["spam"]


def test_what_cannot_be_read(tmp_path: Path, ask: Run) -> None:
    status, _, err = ask("explain", tmp_path / "no")
    assert status == 2
    assert "No such file" in err
    assert ask("explain").status == 2


def test_what_cannot_be_read_keeps_nothing_else_from_being_explained(docm: Path, tmp_path: Path, ask: Run) -> None:
    status, out, err = ask("explain", tmp_path / "no", docm, tmp_path, "--json")
    assert status == 2
    assert [json.loads(line)["path"] for line in out.splitlines()] == [str(docm)]
    assert [line.rpartition(": ")[2] for line in err.splitlines()] == ["No such file or directory", "Is a directory"]
