"""Whole documents through the tree: what comes out under which name, what is said, what it costs."""

from __future__ import annotations

import time
import zlib
from typing import Any

import pikepdf
import pytest

from lazaretto.model import Kind, Severity
from lazaretto.testing import EICAR
from lazaretto.workers import sandbox, seccomp

LOCK = pikepdf.Encryption(user="open", owner="sesame", R=6)


def test_attachments_by_the_real_tool(kit: Any, pdf: Any) -> None:
    data = pdf.qpdf({"eicar.com": EICAR, "second.txt": b"hello"})
    assert kit.exploded(data, "a.pdf").data["a.pdf!eicar.com"] == EICAR
    assert kit.exploded(kit.zip_of({"d/a.pdf": data}), "z.zip").data["z.zip!d/a.pdf!eicar.com"] == EICAR


@pytest.mark.parametrize(
    "save",
    [
        {"object_stream_mode": pikepdf.ObjectStreamMode.generate},
        {"linearize": True},
        {"qdf": True},
        {"encryption": pikepdf.Encryption(owner="x", R=6)},
        {"encryption": pikepdf.Encryption(owner="x", R=4)},
        {"encryption": pikepdf.Encryption(owner="x", R=3, aes=False, metadata=False)},
    ],
)
def test_every_way_to_save(kit: Any, pdf: Any, save: dict[str, Any]) -> None:
    found = kit.exploded(pdf.qpdf({"e.com": EICAR}, **save), "a.pdf")
    assert found.data["a.pdf!e.com"] == EICAR
    assert found.names <= {"pdf.restricted"}
    assert ("pdf.restricted" in found.names) == ("encryption" in save)


def test_a_password_of_the_list_opens(kit: Any, pdf: Any) -> None:
    data = pdf.qpdf({"e.com": EICAR}, encryption=LOCK)
    found = kit.exploded(data, "a.pdf", passwords=("wrong", "sesame"))
    assert found.data["a.pdf!e.com"] == EICAR
    assert found.names == {"unpack.password"}
    locked = kit.exploded(data, "a.pdf", passwords=("wrong",))
    assert not locked.holds(EICAR)
    finding = locked.finding("unpack.encrypted")
    assert (finding.kind, finding.severity) == (Kind.ENCRYPTED, Severity.MEDIUM)
    assert finding.evidence == ("PDF: 1 word tried",)


def test_a_security_handler_that_nobody_knows(kit: Any, pdf: Any) -> None:
    data = pdf.qpdf({"e.com": EICAR}, encryption=LOCK).replace(b"/Filter /Standard", b"/Filter /Adobe.PS")
    assert "unpack.encrypted" in kit.exploded(data).names


def test_what_was_there_before_it_was_encrypted(kit: Any, pdf: Any) -> None:
    data = pdf.writer().stream(90, zlib.compress(EICAR), b"/Filter/FlateDecode").end()
    for words in (("open",), ()):
        assert kit.exploded(pdf.qpdf({}, encryption=LOCK) + data, passwords=words).holds(EICAR)


def test_older_revisions_and_objects_of_no_table(kit: Any, pdf: Any) -> None:
    first = pdf.qpdf({"e.com": EICAR})
    second = pdf.writer().stream(5, b"harmless").end()
    assert kit.exploded(first + second, "a.pdf").holds(EICAR)
    hidden = first.replace(b"startxref", b"99 0 obj<<>>stream\nhidden payload\nendstream endobj\nstartxref")
    assert kit.exploded(hidden, "a.pdf").data["a.pdf!object-99"].strip() == b"hidden payload"


def test_scripts_links_and_strings_have_names(kit: Any, pdf: Any) -> None:
    writer = pdf.writer().add(1, b"<</OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>>>")
    writer.add(2, b"<</S/URI/URI(http://a/)>>").add(3, b"<</Contents(" + b"x" * 300 + b")>>")
    found = kit.exploded(writer.end(), "a.pdf")
    assert found.data["a.pdf!script-1.js"] == b"app.alert(1)"
    assert found.types["a.pdf!script-1.js"] == "text/javascript"
    assert found.data["a.pdf!uris"] == b"http://a/"
    assert found.data["a.pdf!strings.txt"] == b"x" * 300
    assert found.finding("pdf.javascript").severity is Severity.INFORMATIONAL


def test_a_program_that_is_started_is_said(kit: Any, pdf: Any) -> None:
    found = kit.exploded(pdf.writer().add(1, b"<</S/Launch/Win<</F(cmd.exe)/P(/c calc)>>>>").end(), "a.pdf")
    assert found.finding("pdf.launch-command").evidence == ("Launch cmd.exe /c calc",)


def test_pictures(kit: Any, pdf: Any) -> None:
    writer = pdf.writer().stream(1, b"\xff\xd8\xff\xe0 picture", b"/Subtype/Image/Filter/DCTDecode")
    writer.stream(2, zlib.compress(b"pixels"), b"/Subtype/Image/Filter/FlateDecode").stream(3, b"x", b"/Type/XRef")
    found = kit.exploded(writer.end(), "a.pdf")
    assert found.types["a.pdf!object-1"] == "image/jpeg"
    assert len(found.artifacts) == 2


def test_a_file_under_two_names_is_two_files(kit: Any, pdf: Any) -> None:
    found = kit.exploded(pdf.qpdf({"a.txt": b"same", "b.exe": b"same"}), "a.pdf")
    assert {"a.pdf!a.txt", "a.pdf!b.exe"} <= set(found.data)


def test_what_does_not_decode_is_given_as_it_is(kit: Any, pdf: Any) -> None:
    found = kit.exploded(pdf.writer().stream(1, b"\xff\xffno deflate", b"/Filter/FlateDecode").end(), "a.pdf")
    assert found.data["a.pdf!object-1"] == b"\xff\xffno deflate"


def test_front_and_back(kit: Any, pdf: Any) -> None:
    found = kit.exploded(b"GIF89a" + pdf.qpdf({}) + b"MZ" + EICAR, "a.pdf")
    assert found.data["a.pdf!leading-data"] == b"GIF89a"
    assert found.data["a.pdf!trailing-data"] == b"MZ" + EICAR


def test_truncated_and_flipped(kit: Any, pdf: Any) -> None:
    data = pdf.qpdf({"e.com": EICAR}, encryption=LOCK)
    for at in range(0, len(data), 37):
        for damaged in (data[:at], data[:at] + bytes((data[at] ^ 0x55,)) + data[at + 1 :]):
            assert "unpack.crashed" not in kit.exploded(damaged, "a.pdf", passwords=("open",)).names


def bomb(pdf: Any, kind: str) -> bytes:
    writer = pdf.writer()
    if kind == "chain":
        data = bytes(2**25)
        for _ in range(10):
            data = zlib.compress(data)
        writer.stream(1, data, b"/Filter[" + b"/Fl " * 10 + b"]")
    elif kind == "nothing":
        writer.stream(1, zlib.compress(zlib.compress(bytes(2**28 + 2**20))), b"/Filter[/Fl/Fl/AHx]")
    elif kind == "objects":
        writer.parts.append(b"1 0 obj(a)endobj\n" * 1_000_000)
    elif kind == "streams":
        writer.parts.append(b"1 0 obj<<>>stream\n" * 300_000)
    elif kind == "packed":
        for number in range(60):
            packed = zlib.compress(b" " * 2**23)
            writer.stream(number, packed, b"/Type/ObjStm/N 1/First 5/Filter/FlateDecode")
    elif kind == "words":
        writer.add(1, b"[" + b"<</Names 2 0 R>>" * 100_000 + b"]").add(2, b"[" + b"(a)3 0 R " * 100_000 + b"]")
    return bytes(writer.end())


@pytest.mark.parametrize(
    ("kind", "limit"),
    [
        ("chain", "limit.ratio"),
        ("nothing", "pdf.limit"),
        ("objects", "pdf.limit"),
        ("streams", "pdf.limit"),
        ("packed", "pdf.limit"),
        ("words", "pdf.limit"),
    ],
)
def test_bombs_end_soon_and_are_said(kit: Any, pdf: Any, kind: str, limit: str) -> None:
    data = bomb(pdf, kind)
    start = time.process_time()
    found = kit.exploded(data, "a.pdf")
    assert time.process_time() - start < 5
    assert limit in found.names
    assert "unpack.crashed" not in found.names


def test_in_the_sandbox(kit: Any, pdf: Any, fenced: Any) -> None:
    data = pdf.qpdf({"e.com": EICAR}, encryption=LOCK)
    kit.unpackers()  # as the nursery does
    assert fenced(lambda: kit.exploded(data, passwords=("open",)).holds(EICAR)) == b"True"


@pytest.fixture
def fenced() -> Any:
    import os

    def run(work: Any) -> bytes:
        reading, writing = os.pipe()
        if (pid := os.fork()) == 0:
            said = b"died"
            try:
                sandbox._prctl(38, 1)  # no_new_privs
                seccomp.restrict()
                said = str(work()).encode()
            finally:
                os.write(writing, said)
                os._exit(0)
        os.close(writing)
        os.waitpid(pid, 0)
        with os.fdopen(reading, "rb") as answer:
            return answer.read()

    return run
