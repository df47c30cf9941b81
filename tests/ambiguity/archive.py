"""archive: containers that one unpacker reads and another does not (APPNOTE.TXT; RFC 1952)."""

from __future__ import annotations

import bz2
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator

from tests.ambiguity.build import Case, attachment, case, enclosed, mixed, note
from tests.ambiguity.payload import COM, DOCX, GZ, NESTED, PNG, TAR, ZIP, docx, gzipped, local_only, zipcrypto, zipped

KIND = "archive"
BY_END = "unzip, 7-Zip, WinRAR and Windows find a zip by the directory at its end"
BY_START = "WinZip, bsdtar and macOS Archive Utility read local headers one after the other"
REPAIR = "7-Zip and WinRAR recover the members from their local headers"
MEMBERS = "gzip and every zcat go on with the next member (RFC 1952 2.2)"
DEEP = "Windows Explorer and 7-Zip open an archive in an archive by a double click"
BAD_SUM = "7-Zip and WinRAR extract the file and only warn about the sum"
CENTRAL, END = b"PK\x01\x02", b"PK\x05\x06"


def carried(data: bytes, name: str = "papers.zip", type: str = "application/zip") -> bytes:
    return enclosed(attachment(data, name, type=type))


def patched(data: bytes, at: int, new: bytes) -> bytes:
    return data[:at] + new + data[at + len(new) :]


def harmless() -> bytes:
    return zipped({"readme.txt": b"Nothing is in here.\r\n"})


def cases() -> Iterator[Case]:
    yield from around()
    yield from damaged()
    yield from two_directories()
    yield from methods()
    yield from streams()
    yield from nests()


def around() -> Iterator[Case]:
    for trick, data in (
        ("prefixed", b"#!/bin/sh\nexit 0\n" + ZIP.data),
        ("prefixed-exe", b"MZ" + bytes(510) + ZIP.data),
        ("prefixed-picture", PNG + ZIP.data),
        ("prefixed-64k", bytes(65_600) + ZIP.data),
        ("prefixed-gif", b"GIF89a" + bytes(60) + ZIP.data),
        ("prefixed-pdf", b"%PDF-1.4\n%%EOF\n" + ZIP.data),
        ("tail", ZIP.data + b"the end\n" * 20),
        ("tail-64k", ZIP.data + bytes(60_000)),
        ("comment", zipped({COM.name: COM.data}, comment=b"a comment " * 300)),
        ("concatenated", harmless() + ZIP.data),
    ):
        yield case(KIND, trick, carried(data), BY_END)
    yield case(KIND, "concatenated-first", carried(ZIP.data + harmless()), BY_START)
    empty = zipped({COM.name: COM.data}, comment=END + bytes(18))
    yield case(KIND, "comment-with-an-end", carried(empty), BY_START)
    yield case(
        KIND,
        "spanning-mark",
        carried(b"PK00" + ZIP.data),
        "PKZIP writes it before a single segment; 7-Zip and unzip skip it",
    )


def damaged() -> Iterator[Case]:
    whole = ZIP.data
    central, end = whole.index(CENTRAL), whole.index(END)
    crc = struct.pack("<I", 0xDEADBEEF)
    for trick, data, why in (
        ("no-directory", local_only({COM.name: COM.data}), REPAIR),
        ("no-end", whole[:end], REPAIR),
        ("cut-end", whole[:-10], REPAIR),
        ("bad-crc", patched(patched(whole, 14, crc), central + 16, crc), BAD_SUM),
        ("bad-crc-directory", patched(whole, central + 16, crc), BAD_SUM),
        ("bad-crc-local", patched(whole, 14, crc), BY_END),
        ("local-size-lies", patched(whole, 18, b"\1\0\0\0\1\0\0\0"), BY_END),
        ("directory-size-lies", patched(whole, central + 20, b"\1\0\0\0\1\0\0\0"), BY_START),
        ("local-name-differs", whole.replace(b"eicar.com", b"readme.tx", 1), BY_END),
        ("directory-name-differs", whole[:central] + whole[central:].replace(b"eicar.com", b"readme.tx"), BY_START),
        ("directory-offset-lies", patched(whole, end + 16, b"\xff\xff\0\0"), REPAIR),
        ("count-zero", patched(patched(whole, end + 8, b"\0\0"), end + 10, b"\0\0"), BY_START),
        (
            "count-lies",
            patched(patched(whole, end + 8, b"\x09\0"), end + 10, b"\x09\0"),
            "unzip and 7-Zip list what is there",
        ),
        ("disk-number-lies", patched(whole, end + 4, b"\x07\0\x07\0"), REPAIR),
        (
            "version-lies",
            patched(patched(whole, 4, b"\xff\0"), central + 6, b"\xff\0"),
            "7-Zip ignores the version needed",
        ),
        (
            "encrypted-flag-lies",
            patched(patched(whole, 6, b"\1\0"), central + 8, b"\1\0"),
            "Java's ZipFile and Android, which read .jar and .apk, ignore the flag",
        ),
        ("encrypted-flag-local-lies", patched(whole, 6, b"\1\0"), "Windows Explorer and 7-Zip go by the directory"),
        ("method-local-lies", patched(whole, 8, b"\0\0"), "Windows Explorer and Java's ZipFile go by the directory"),
        ("method-directory-lies", patched(whole, central + 10, b"\x63\0"), BY_START),
        ("directory-signature-broken", patched(whole, central, b"XX"), REPAIR),
    ):
        yield case(KIND, trick, carried(data), why)


def two_directories() -> Iterator[Case]:
    """A member that only one of the two ways of reading sees."""
    visible, hidden = harmless(), local_only({COM.name: COM.data})
    cut = visible.index(CENTRAL)
    moved = visible[:cut] + hidden + visible[cut:]
    at = moved.index(END) + 16
    moved = patched(moved, at, struct.pack("<I", cut + len(hidden)))
    yield case(KIND, "member-not-in-the-directory", carried(moved), BY_START)
    many = zipped({f"{at}.txt": b"x" for at in range(300)} | {COM.name: COM.data})
    yield case(KIND, "last-of-300", carried(many), "every unzipper lists all")
    same = zipped({"a.com": b"harmless first\r\n"}) + zipped({"a.com": COM.data})
    yield case(KIND, "same-name-twice", carried(same), BY_END)
    clean = "7-Zip and WinRAR clean the name and extract"
    for trick, name in (
        ("path-up", "../../eicar.com"),
        ("backslash", "a\\eicar.com"),
        ("absolute", "/eicar.com"),
        ("long", "x" * 200 + ".com"),
        ("high-bytes", "prüfung.com"),
        ("rtlo", "invoice\u202efdp.com"),
    ):
        yield case(KIND, f"name-{trick}", carried(zipped({name: COM.data})), clean)
    cut = zipped({"eicar.com_.txt": COM.data}).replace(b"eicar.com_.txt", b"eicar.com\0.txt")
    yield case(KIND, "name-nul", carried(cut), "programs in C end the name at the NUL: eicar.com")


def methods() -> Iterator[Case]:
    for trick, method in (("stored", zipfile.ZIP_STORED), ("bzip2", zipfile.ZIP_BZIP2), ("lzma", zipfile.ZIP_LZMA)):
        yield case(
            KIND,
            f"method-{trick}",
            carried(zipped({COM.name: COM.data}, method)),
            "7-Zip and WinZip know all methods of APPNOTE",
        )
    yield case(KIND, "method-xz", carried(with_method(95, lzma.compress(COM.data))), "7-Zip and WinZip read method 95")
    locked = zipcrypto(COM.name, COM.data, b"infected")
    yield case(KIND, "encrypted", mixed(note("The password is: infected"), attachment(locked, "papers.zip")),
               "every unzipper asks the password, which stands in the mail")  # fmt: skip


def with_method(number: int, packed: bytes) -> bytes:
    stored = zipped({COM.name: packed}, zipfile.ZIP_STORED)
    central = stored.index(CENTRAL)
    size, sum = struct.pack("<I", len(COM.data)), struct.pack("<I", zlib.crc32(COM.data))
    for at, base in ((0, 8), (central, 10)):
        stored = patched(stored, at + base, struct.pack("<H", number))
        stored = patched(stored, at + base + 6, sum)
        stored = patched(stored, at + base + 14, size)
    return stored


def streams() -> Iterator[Case]:
    for trick, data, why in (
        ("gzip-second-member", gzipped(b"harmless\n") + GZ.data, MEMBERS),
        ("gzip-empty-first", gzipped(b"") + GZ.data, MEMBERS),
        ("gzip-tail", GZ.data + b"junk" * 9, "gzip warns of trailing garbage and extracts"),
        ("gzip-zero-tail", GZ.data + bytes(512), "gzip ignores zeros behind"),
        ("gzip-no-trailer", GZ.data[:-8], "7-Zip and zcat write what they have"),
        ("gzip-bad-crc", patched(GZ.data, len(GZ.data) - 8, bytes(4)), BAD_SUM),
        (
            "gzip-name-and-comment",
            b"\x1f\x8b\x08\x18" + bytes(6) + b"eicar.com\0a comment\0" + GZ.data[10:],
            "all fields are legal (RFC 1952 2.3)",
        ),
        (
            "gzip-extra",
            b"\x1f\x8b\x08\x04" + bytes(6) + b"\x04\0abcd" + GZ.data[10:],
            "all fields are legal (RFC 1952 2.3)",
        ),
        ("gzip-of-zip", gzipped(ZIP.data), DEEP),
        ("gzip-of-tar", gzipped(TAR.data), DEEP),
        ("bzip2", bz2.compress(COM.data), "7-Zip, bunzip2"),
        ("bzip2-second-stream", bz2.compress(b"harmless\n") + bz2.compress(COM.data), "bunzip2 goes on"),
        ("xz", lzma.compress(COM.data), "7-Zip, unxz"),
        ("xz-second-stream", lzma.compress(b"harmless\n") + lzma.compress(COM.data), "unxz goes on"),
        ("lzma-alone", lzma.compress(COM.data, lzma.FORMAT_ALONE), "7-Zip, unlzma"),
        ("tar", TAR.data, "7-Zip, bsdtar"),
        ("tar-behind-zeros", bytes(1024) + TAR.data, "tar --ignore-zeros; 7-Zip goes on"),
        ("tar-no-end", TAR.data[:-1024], "every tar reads to the end of the file"),
    ):
        yield case(KIND, trick, carried(data, "papers." + trick.partition("-")[0], "application/octet-stream"), why)


def nests() -> Iterator[Case]:
    yield case(KIND, "zip-in-zip", carried(NESTED.data), DEEP)
    data = ZIP.data
    for level in range(6):
        data = zipped({f"{level}.zip": data})
    yield case(KIND, "zip-in-zip-8", carried(data), DEEP)
    mixed_up = zipped({"a.tar.gz": gzipped(TAR.data)})
    yield case(KIND, "zip-gzip-tar", carried(mixed_up), DEEP)
    yield case(KIND, "docx-object", carried(DOCX.data, DOCX.name), "Word hands out the embedded object")
    yield case(
        KIND,
        "zip-in-docx",
        carried(docx({"word/embeddings/object1.zip": ZIP.data}), DOCX.name),
        "Word hands out the embedded object",
    )
    yield case(
        KIND, "jar-name", carried(ZIP.data, "papers.jar", "application/java-archive"), "a jar is a zip: 7-Zip, Java"
    )
    yield case(KIND, "no-name", carried(ZIP.data, "papers", "application/octet-stream"), "7-Zip goes by the content")
