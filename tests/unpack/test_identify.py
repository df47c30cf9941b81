from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unpack.officefiles import ole

from lazaretto.unpack.identify import extension, identify, readings
from lazaretto.unpack.signatures import CONTAINERS

PE = b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0" + bytes(100)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (gzip.compress(b"x"), "application/gzip"),
        (bz2.compress(b"x"), "application/x-bzip2"),
        (bz2.compress(b""), "application/x-bzip2"),
        (lzma.compress(b"x"), "application/x-xz"),
        (b"\x28\xb5\x2f\xfd" + bytes(9), "application/zstd"),
        (b"\x50\x2a\x4d\x18" + bytes(9), "application/zstd"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(26), "application/x-7z-compressed"),
        (b"Rar!\x1a\x07\x00", "application/vnd.rar"),
        (b"Rar!\x1a\x07\x01\x00", "application/vnd.rar"),
        (b"MSCF\0\0\0\0", "application/vnd.ms-cab-compressed"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504), "application/x-ole-storage"),
        (ole({"WordDocument": b"x"}), "application/msword"),
        (ole({"x": b"x"}, "000C1084-0000-0000-C000-000000000046"), "application/x-msi"),
        (b"ActiveMime\0\0", "application/x-activemime"),
        (b"%PDF-1.7\n", "application/pdf"),
        (b"\n\njunk\x00\x01%PDF-1.7\n", "application/pdf"),
        (b"{\\rtf1", "application/rtf"),
        (PE, "application/vnd.microsoft.portable-executable"),
        (b"MZ" + bytes(98), "application/x-dosexec"),
        (b"MZ is how it begins, and a text it is, of more than sixty-four bytes in all.", "text/plain"),
        (b"\x7fELF\x02", "application/x-elf"),
        (b"\xcf\xfa\xed\xfe\x07", "application/x-mach-binary"),
        (b"\xca\xfe\xba\xbe\0\0\0\x02", "application/x-mach-binary"),
        (b"\xca\xfe\xba\xbe\0\0\0\x34", "application/java-vm"),
        (b"L\0\0\0\x01\x14\x02\0", "application/x-ms-shortcut"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"BM" + bytes(12) + struct.pack("<I", 40) + bytes(30), "image/bmp"),
        (b"II*\0", "image/tiff"),
        (b"MM\0*", "image/tiff"),
        (b"!<arch>\ndebian-binary   ", "application/vnd.debian.binary-package"),
        (b"\0\0-lh5-\0", "application/x-lzh-compressed"),
        (bytes(32769) + b"CD001", "application/x-iso9660-image"),
        (b"\x78\x9f\x3e\x22\0\0", "application/vnd.ms-tnef"),
        (b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80", "application/cms"),
        (b"\x30\x82\x10\0\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x09", "application/cms"),
        (b"\xcb\x09b\x01x\0\0\0\0hi", "application/pgp"),
        (b"<svg>", "image/svg+xml"),
        (b"text", "text/plain"),
        (b"", "text/plain"),
        (b"\0\1\2\3\xff", "application/octet-stream"),
    ],
)
def test_by_content(data: bytes, expected: str) -> None:
    assert identify(data) == expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"a.txt": b""}, "application/zip"),
        ({}, "application/zip"),
        ({"[Content_Types].xml": b"<", "word/document.xml": b"<"}, "wordprocessingml.document"),
        ({"[Content_Types].xml": b"<", "word/vbaProject.bin": b"x"}, "word.document.macroenabled.12"),
        ({"xl/workbook.xml": b"<", "[Content_Types].xml": b"<"}, "spreadsheetml.sheet"),
        ({"xl/workbook.xml": b"<", "xl/macrosheets/sheet1.xml": b"<"}, "excel.sheet.macroenabled.12"),
        ({"xl/workbook.bin": b"<"}, "excel.sheet.binary.macroenabled.12"),
        ({"ppt/presentation.xml": b"<"}, "presentationml.presentation"),
        ({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<"}, "opendocument.text"),
        ({"mimetype": b"application/evil", "a": b""}, "application/zip"),
        ({"META-INF/MANIFEST.MF": b"x"}, "application/java-archive"),
        ({"META-INF/MANIFEST.MF": b"x", "AndroidManifest.xml": b"x"}, "vnd.android.package-archive"),
        ({**{f"junk{n}": bytes(9) for n in range(600)}, "word/vbaProject.bin": b"x"}, "document.macroenabled.12"),
    ],
)
@pytest.mark.parametrize("method", [0, 8])
def test_what_is_built_on_zip(kit: Any, files: dict[str, bytes], expected: str, method: int) -> None:
    assert identify(kit.zip_of(files, method)).endswith(expected)


def test_readings_add_a_pdf_behind_something_else(kit: Any) -> None:
    assert readings(b"GIF89a" + b"%PDF-1.4")[1:] == ("application/pdf",)
    stored = kit.zip_of({"a.pdf": b"%PDF-1.4"}, 0)
    assert readings(stored, ("a.zip",)) == ("application/zip",)
    assert readings(stored, ("a.pdf",))[1:] == ("application/pdf",)


def test_readings_add_an_archive_at_the_end(kit: Any) -> None:
    archive = kit.zip_of({"a": b"1"})
    assert readings(PE + archive)[1:] == ("application/zip",)
    assert readings(archive) == ("application/zip",)
    assert readings(b"\x89PNG\r\n\x1a\n" + archive + b"tail")[1:] == ("application/zip",)
    assert readings(b"text") == ("text/plain",)
    assert readings(b"X: y\n\nno known field", ["odd.eml"])[1:] == ("message/rfc822",)


def test_readings_add_what_stands_in_armour() -> None:
    message = b"Hello,\n\n-----BEGIN PGP MESSAGE-----\n\nowF\n-----END PGP MESSAGE-----\n"
    assert readings(message) == ("text/plain", "application/pgp")
    assert readings(b"<html><pre>" + message) == ("text/html", "application/pgp")
    assert readings(b"-----BEGIN PKCS7-----\nMII\n" + message) == ("text/plain", "application/pgp", "application/cms")
    for text in (b"-----BEGIN PGP SIGNED MESSAGE-----\n", b"the words BEGIN CMS\n"):
        assert readings(text) == ("text/plain",)
    assert readings(b"-----BEGIN CERTIFICATE-----\n") == ("application/x-pem-file",)


def test_readings_by_name_of_packets_that_are_cut_off() -> None:
    cut = b"\xcb\xff\0\0\0\x50b\x05"
    assert readings(cut, ("a.bin",)) == ("application/octet-stream",)
    assert readings(cut, ("a.GPG",)) == ("application/octet-stream", "application/pgp")


def test_extension_for_what_has_no_name() -> None:
    assert extension("application/pdf") == "pdf"
    assert extension("text/unheard-of") == "txt"
    assert extension("application/unheard-of") == "bin"


@settings(max_examples=100)
@given(
    st.binary(max_size=700), st.sampled_from([b"", b"MZ", b"PK\3\4", b"PK\5\6", b"BM", b"RIFF", b"\xca\xfe\xba\xbe"])
)
def test_any_bytes_have_a_type(data: bytes, start: bytes) -> None:
    assert identify(start + data).count("/") == 1
    assert readings(start + data)[0] == identify(start + data)


@pytest.mark.parametrize(
    "start",
    [b"MZ", b"BZh91AY&SY", b"RIFF", bytes(4) + b"ftyp", b"BM", b"\xca\xfe\xba\xbe", b"FWS", b"CWS", b"\x60\xea"],
)
def test_a_signature_that_is_cut_off_is_no_trouble(start: bytes) -> None:
    for cut in range(1, 32):
        assert readings((start + bytes([7]) * 32)[:cut])


@pytest.mark.parametrize(("lc", "dictionary"), [(3, 1 << 20), (4, 1 << 23), (0, 4096)])
def test_lzma_with_any_properties(lc: int, dictionary: int) -> None:
    chain = [{"id": lzma.FILTER_LZMA1, "lc": lc, "lp": 0, "pb": 2, "dict_size": dictionary}]
    assert identify(lzma.compress(b"some text " * 40, lzma.FORMAT_ALONE, filters=chain)) == "application/x-lzma"
    assert identify(bytes([lc]) + (1 << 16).to_bytes(4, "little") + bytes(9) + b"\xff" * 99) != "application/x-lzma"


def test_skippable_frames_of_two_formats() -> None:
    frame = b"\x50\x2a\x4d\x18\1\0\0\0x"
    assert identify(frame * 3 + b"\x04\x22\x4d\x18") == "application/x-lz4"
    assert identify(frame * 3 + b"\x28\xb5\x2f\xfd") == "application/zstd"
    assert identify(frame * 9) == "application/zstd"


def test_archives_that_nothing_opens_are_known() -> None:
    arc = b"\x1a\x08NAME.TXT\0" + bytes(4) + b"\5\0\0\0" + bytes(10) + b"hello\x1a\0"
    for data, kind in (
        (arc, "application/x-arc"),
        (b"ZOO 2.10 Archive.\x1a\0\0\xdc\xa7\xc4\xfd", "application/x-zoo"),
        (bytes(7) + b"**ACE**", "application/x-ace-compressed"),
        (b"EGGA\0\1", "application/x-egg"),
        (b"SIT!\0\1", "application/x-stuffit"),
        (b"StuffIt (c)1997-2002", "application/x-stuffit"),
        (b"StuffIt!\xff", "application/x-stuffitx"),
        (b"\xab\xcd\0\x54", "application/x-diskdoubler"),
        (b"\x89LZO\0\r\n\x1a\n", "application/x-lzop"),
        (b"RE\x7e\x5e", "application/vnd.rar"),
    ):
        assert identify(data + bytes(20)) == kind
        assert kind in CONTAINERS
    assert identify(b"\x1a\x08NAME.TXT\0" + bytes(4) + b"\xff\0\0\0") != "application/x-arc"


def test_a_program_that_reads_zip_is_no_zip() -> None:
    texts = b"\x7fELF\x02\x01\x01" + bytes(60) + b"PK\x05\x06\0PK\x03\x04\0PK\x01\x02\0" + b"bad zip file\0" * 9
    assert readings(texts) == ("application/x-elf",)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a", "b")
    for behind in (b"", texts):  # a mark behind the archive hides nothing
        assert readings(texts + out.getvalue() + behind) == ("application/x-elf", "application/zip")
    cut = out.getvalue().replace(b"PK\x01\x02", b"PK\x01\x00")  # no directory where it should be
    assert readings(texts + cut) == ("application/x-elf", "application/zip")


@pytest.mark.parametrize("name", ["a.7z.002", "a.zip.010", "a.r00", "a.Z01"])
def test_pieces_of_archives_are_known_by_their_names(name: str) -> None:
    assert "application/x-archive-piece" in readings(b"\x80\xff" * 99, (name,))
    assert "application/x-archive-piece" in CONTAINERS


def test_names_that_only_look_like_those_of_pieces() -> None:
    for name in ("a.002", "a.r", "report.2024", "z01.txt"):
        assert readings(b"\x80\xff" * 99, (name,)) == ("application/octet-stream",)


def test_archive_across_the_end_of_a_tar_is_one_for_whoever_calls_it_so() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a"))
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:  # type: ignore[assignment]
        archive.writestr("b", b"x")  # type: ignore[attr-defined]
    data = out.getvalue() + zipped.getvalue() + b"!" * 512
    assert readings(data, ("a.zip",)) == ("application/x-tar", "application/zip")
    assert readings(data, ("a.tar",)) == ("application/x-tar",)


def test_cabinet_with_reserved_bytes_in_use() -> None:
    assert identify(b"MSCF\0\0\0\1" + bytes(99)) == "application/vnd.ms-cab-compressed"


@pytest.mark.parametrize("start", ["<?xml version='1.0'?><!-- <html> -->", f"<!--{' ' * 9000}-->", ""])
def test_a_part_of_a_package_is_xml_by_its_name(start: str) -> None:
    assert "text/xml" in readings(f"{start}<Relationships/>".encode(), ("_rels/.rels",))
    assert "text/xml" not in readings(b"<html>", ("a.html",))


def test_a_line_for_unix_does_not_hide_what_windows_runs() -> None:
    assert identify(b"#!/bin/sh\niex $a", ["a.ps1"]) == "text/x-powershell"
    assert identify(b"#!/bin/sh\necho a", ["a.sh"]) == "text/x-shellscript"


@pytest.mark.parametrize(
    "front", [b"GIF89a\r\n", b"%PDF-1.4\r\n", bytes(50), b"\xff\xd8\xff\xe0\0\x10JFIF\0", b"PK\3\4"]
)
@pytest.mark.parametrize("name", ["a.htm", "A.HTML ", "a.svg", "a.hta"])
def test_what_is_called_a_page_is_read_as_one_as_well(front: bytes, name: str) -> None:
    """Browsers go by the name of a file, and read over what stands in front."""
    page = front + b"<html><script>save()</script></html>"
    assert "text/html" in readings(page, (name.strip(),))
    assert "text/html" not in readings(page, ("a.gif",))
    assert "text/html" not in readings(front + b"1 < 2", (name,))
