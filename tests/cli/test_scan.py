"""The contract that other programs rely on (DESIGN, section 9), to the letter."""

from __future__ import annotations

import base64
import fcntl
import gzip
import io
import json
import mailbox
import os
import pty
import struct
import subprocess
import sys
import termios
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import CONTRACT, EICAR, SPAM, Run

from lazaretto.cli import scan

CLEAN = b"From: a@b.example\r\nTo: c@d.example\r\nSubject: clean\r\n\r\nNothing.\r\n"


def mail(content: bytes, name: str = "invoice.com") -> bytes:
    head = (
        b"From: a@b.example\r\nTo: c@d.example\r\nSubject: with an attachment\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\ntext\r\n--b\r\n'
    )
    part = f'Content-Type: application/octet-stream; name="{name}"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    return head + part.encode() + base64.encodebytes(content).replace(b"\n", b"\r\n") + b"--b--\r\n"


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def lines(text: str | bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, list[dict[str, Any]]]:
    """Exit status and lines of one run over a folder that holds one of everything."""
    folder = tmp_path_factory.mktemp("everything")
    samples = {
        "1/infected.eml": mail(zipped(invoice=EICAR), "invoice.zip"),
        "1/suspicious": SPAM,
        "1/unscannable": b"PK\003\004 and nothing else",
        "1/clean": b"text",
        "a.zip": zipped(a=EICAR),
        "b.gz": gzip.compress(EICAR),
        "c.letter": b"From me to you: " + EICAR,
        "d.empty": b"",
        "e.mbox": b"".join(
            b"From a@b Mon Nov 23 10:00:00 2026\r\n" + each + b"\r\n" for each in (CLEAN, mail(EICAR), CLEAN)
        ),
    }
    for name, content in samples.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    box = mailbox.Maildir(folder / "f.Maildir")
    box.add(CLEAN)
    box.add(mail(EICAR))
    (folder / "g.loop").symlink_to(folder)
    (folder / "h.link").symlink_to(folder / "a.zip")
    command = [sys.executable, "-m", "lazaretto", "scan", "--json", "--artifacts", "."]
    done = subprocess.run(command, capture_output=True, cwd=folder)
    assert done.stderr == b""
    return done.returncode, lines(done.stdout)


def of(scanned: tuple[int, list[dict[str, Any]]], path: str) -> list[dict[str, Any]]:
    return [line for line in scanned[1] if line["path"] == path]


def test_every_line_has_the_promised_keys_and_no_others(scanned: Any) -> None:
    status, found = scanned
    assert status == 1
    for line in found:
        assert list(line) == [*CONTRACT, *(["message"] if line["path"] == "e.mbox" else []), "tree"]
        assert isinstance(line["seconds"], float)
        assert 0 < line["seconds"] < 60
        for finding in line["findings"]:
            assert list(finding) == ["source", "name", "kind", "severity", "artifact", "evidence"]


def test_a_folder_is_read_to_its_end_in_a_stable_order(scanned: Any) -> None:
    paths = list(dict.fromkeys(line["path"] for line in scanned[1]))
    assert paths == sorted(paths)
    assert [path.partition("/new/")[0] for path in paths] == [
        "1/clean", "1/infected.eml", "1/suspicious", "1/unscannable", "a.zip", "b.gz", "c.letter", "d.empty",
        "e.mbox", "f.Maildir", "f.Maildir",
    ]  # fmt: skip


@pytest.mark.parametrize("status", ["infected", "suspicious", "unscannable", "clean"])
def test_each_word_of_status(scanned: Any, status: str) -> None:
    (line,) = of(scanned, f"1/{status}" + (".eml" if status == "infected" else ""))
    assert line["status"] == status


def test_a_finding_says_what_and_where(scanned: Any) -> None:
    (line,) = of(scanned, "1/infected.eml")
    assert line["bytes"] == len(mail(zipped(invoice=EICAR), "invoice.zip"))
    (finding,) = line["findings"]
    assert (finding["source"], finding["name"], finding["kind"]) == ("patterns", "EICAR-Test-File", "malware")
    assert finding["severity"] in {"low", "medium", "high", "critical"}
    assert finding["artifact"].endswith("invoice.zip!invoice")
    assert finding["evidence"]


def test_the_tree_names_every_artifact(scanned: Any) -> None:
    for line in scanned[1]:
        assert len(line["tree"]) == line["artifacts"] > 0
        assert all({"path", "names", "type", "size", "sha256"} <= set(each) for each in line["tree"])
    (line,) = of(scanned, "1/infected.eml")
    innermost = next(each for each in line["tree"] if each["path"].endswith("invoice.zip!invoice"))
    assert (innermost["size"], innermost["sha256"]) == (len(EICAR), sha256(EICAR).hexdigest())
    assert innermost["names"] == ["invoice"]
    assert line["findings"][0]["artifact"] == innermost["path"]


def test_a_maildir_has_a_line_for_each_mail(scanned: Any) -> None:
    assert sorted(line["status"] for line in scanned[1] if line["path"].startswith("f.Maildir/new/")) == [
        "clean", "infected"
    ]  # fmt: skip


def test_an_mbox_has_a_line_for_each_message(scanned: Any) -> None:
    assert [(line["message"], line["status"], line["bytes"]) for line in of(scanned, "e.mbox")] == [
        (1, "clean", len(CLEAN)), (2, "infected", len(mail(EICAR))), (3, "clean", len(CLEAN))
    ]  # fmt: skip


def test_what_only_begins_like_an_mbox_is_a_file(scanned: Any) -> None:
    assert [line["status"] for line in of(scanned, "c.letter")] == ["infected"]


@pytest.mark.parametrize("path", ["a.zip", "b.gz"])
def test_an_archive_is_opened(scanned: Any, path: str) -> None:
    (line,) = of(scanned, path)
    assert (line["status"], line["artifacts"]) == ("infected", 2)


def test_an_empty_file_is_clean(scanned: Any) -> None:
    (line,) = of(scanned, "d.empty")
    assert (line["status"], line["bytes"]) == ("clean", 0)


def test_all_clean_is_status_0(run: Run, tmp_path: Path) -> None:
    (tmp_path / "clean.eml").write_bytes(CLEAN)
    (tmp_path / "folder").mkdir()
    status, out, err = run("scan", "--json", "clean.eml", "folder")
    (line,) = lines(out)
    assert list(line) == CONTRACT
    assert (status, line["path"], line["status"], line["findings"], err) == (0, "clean.eml", "clean", [], "")


@pytest.mark.parametrize("arguments", [["-"], []])
def test_standard_input(process: Any, arguments: list[str]) -> None:
    done = process("scan", "--json", *arguments, stdin=mail(EICAR))
    assert (done.returncode, done.stderr) == (1, b"")
    (line,) = lines(done.stdout)
    assert list(line) == CONTRACT
    assert (line["path"], line["status"], line["bytes"]) == ("-", "infected", len(mail(EICAR)))


def test_what_is_not_there_is_status_2_and_the_rest_is_inspected(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad").write_bytes(EICAR)
    status, out, err = run("scan", "--json", "none", "bad", "--josn")
    assert (status, [line["status"] for line in lines(out)]) == (2, ["infected"])
    assert err == "lazaretto: none: no such file\nlazaretto: --josn: no such file, and no such option\n"


def test_what_may_not_be_read_is_never_passed_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Root may read everything, so for a moment we are somebody else."""
    os.chmod(tmp_path.parent, 0o755)
    os.chmod(tmp_path, 0o755)
    for each in (tmp_path / "closed", tmp_path / "file"):
        each.mkdir(0o700) if each.name == "closed" else each.touch(0o600)
    (tmp_path / "closed" / "bad").write_bytes(EICAR)
    tally = scan.Tally()
    with somebody(tmp_path):
        found = list(scan._targets(list(scan._files([Path()], tally)), 1000, tally, lambda: None))
    assert (found, tally.unreadable, tally.exit) == ([], 2, 2)
    assert capsys.readouterr().err == "lazaretto: ./closed: Permission denied\nlazaretto: file: Permission denied\n"


@contextmanager
def somebody(folder: Path) -> Iterator[None]:
    before, user = Path.cwd(), os.geteuid()
    os.chdir(folder)
    if user == 0:
        os.seteuid(65534)
    else:
        for each in ("closed", "file"):
            os.chmod(each, 0)
    try:
        yield
    finally:
        os.seteuid(user)
        for each in ("closed", "file"):
            os.chmod(each, 0o700)
        os.chdir(before)


def test_what_is_too_large_is_never_called_clean(run: Run, process: Any, tmp_path: Path) -> None:
    (tmp_path / "lazaretto.toml").write_text("[unpack]\nmember_bytes = 2000\n")
    (tmp_path / "huge").write_bytes(bytes(2001))
    (tmp_path / "mbox").write_bytes(b"From a\n" + CLEAN.replace(b"\r", b"") + b"\nFrom b\nSubject: x\n\n" + b"x" * 2000)
    status, out, _ = run("scan", "--json", "huge", "mbox")
    huge, first, second = lines(out)
    assert status == 1
    assert list(huge) == CONTRACT
    assert (huge["status"], huge["bytes"], huge["findings"][0]["kind"]) == ("unscannable", 2001, "limit")
    assert "unpack.member_bytes" in huge["findings"][0]["evidence"][0]
    assert (first["status"], second["status"], second["message"]) == ("clean", "unscannable", 2)
    endless = process("scan", "--json", "/dev/zero", "-", stdin=bytes(3000))
    assert [line["status"] for line in lines(endless.stdout)] == ["unscannable", "unscannable"]


def test_for_people(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad\x1b[31m").write_bytes(EICAR)
    (tmp_path / "clean").write_bytes(b"text")
    status, out, err = run("scan", tmp_path)
    assert status == 1
    assert "bad\\u001b[31m: infected\n    EICAR-Test-File (malware) in bad" in out
    assert out.endswith("1 clean, 1 infected, 0 suspicious, 0 unscannable\n")
    assert "\x1b" not in out + err
    assert str(tmp_path / "clean") not in out


def test_a_broken_configuration_is_status_2(run: Run, tmp_path: Path) -> None:
    (tmp_path / "lazaretto.toml").write_text("[engines.patterns]\ndirs = ['missing']\n")
    status, out, err = run("scan", "--json", tmp_path)
    assert (status, out) == (2, "")
    assert f"{tmp_path}/missing: is no folder of patterns\n    make it" in err


def test_a_bar_of_progress_on_a_terminal_only(tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / str(number)).write_bytes(b"text")
    command = [sys.executable, "-m", "lazaretto", "scan", str(tmp_path)]
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs, env={**os.environ, "TERM": "xterm"}) as done:
        os.close(theirs)
        shown = b""
        while piece := _read(ours):
            shown += piece
        assert done.stdout
        assert done.stdout.read() == b"20 clean, 0 infected, 0 suspicious, 0 unscannable\n"
    os.close(ours)
    assert b"inspecting" in shown
    assert b"20/20" in shown


def test_a_reader_that_has_seen_enough(tmp_path: Path) -> None:
    for number in range(300):
        (tmp_path / f"{number}.eml").write_bytes(mail(EICAR))
    command = [sys.executable, "-m", "lazaretto", "scan", "--json", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as scanning:
        assert scanning.stdout
        assert scanning.stderr
        assert b"infected" in scanning.stdout.readline()
        scanning.stdout.close()
        assert scanning.stderr.read() == b""
    assert scanning.returncode == 0


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # EIO: nobody has the other side open any more
        return b""


def test_details_are_given_when_asked_for(tmp_path: Path) -> None:
    (tmp_path / "invoice.pdf.exe").write_bytes(b"MZ" + bytes(200))
    command = [sys.executable, "-m", "lazaretto", "scan", "--json", "--details", tmp_path]
    (line,) = lines(subprocess.run(command, capture_output=True).stdout)
    assert len(line["details"]) == len(line["findings"])
    at = [finding["name"] for finding in line["findings"]].index("name.double-extension")
    assert line["details"][at]["threat"] is None
    assert "before one that runs" in line["details"][at]["meaning"]
