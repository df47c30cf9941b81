"""True type: what a file is by its content, whatever its name and its sender say.

A table lookup on the first byte, then a few structural checks; no file is read further than its first and
last 64 KiB and a bounded number of archive entries.
"""

from __future__ import annotations

import binascii
import lzma
import re
import struct
import zlib
from collections.abc import Iterator, Sequence

from lazaretto.mime import armour, cms, openpgp
from lazaretto.office import kinds
from lazaretto.unpack import disk, language, media, rarmark, signatures, text
from lazaretto.unpack.text import looks_like_mail

__all__ = ["extension", "identify", "is_page", "looks_like_mail", "readings"]

_ENDS = 64  # marks that are looked at before one is taken for what it says it is
_ENTRIES = 300  # zip entries that are looked at to tell a document from an archive
_END = 65_557  # APPNOTE 4.3.16: end record of 22 bytes, comment of at most 65,535

_PROBE = 4096  # bytes that are decompressed to see whether they can be

_RAR_SUFFIXES = (".rar", ".cbr")
_ZIP_SUFFIXES = (".zip", ".jar", ".docx", ".docm", ".xlsx", ".xlsm", ".xlsb", ".pptx", ".pptm", ".zipx", ".cbz")
# Pieces of an archive behind the first, as 7-Zip, WinRAR and zip name them: "a.7z.002", "a.r00", "a.z01".
_PIECE = re.compile(
    r"\.(?:(?:7z|zip|rar|tar|gz|tgz|bz2|xz|arj|cab|iso|wim)\.[0-9]{3}|[rsz][0-9]{2}|a[0-9]{2})\Z", re.IGNORECASE
)
_XML_SUFFIXES = (".xml", ".rels", ".doc", ".xls", ".ppt", ".fodt", ".fods", ".fodp", ".fodg")
_PAGE_SUFFIXES = (".htm", ".html", ".xhtml", ".xht", ".shtml", ".svg", ".hta")
_MARKUP = re.compile(
    rb"<(?:!doctype|html|head|body|script|svg|iframe|object|embed|form|meta|img|a)[\s>/]", re.IGNORECASE
)
_MAIL_SUFFIXES = (".eml", ".mht", ".mhtml", ".mbox")
# Method, name in the DOS manner, sizes follow; the last member of an archive is a method of 0.
_ARC = re.compile(rb"\x1a[\x01-\x0b](?=[^\0]{1,12}\0)[\w!#$%&'()@^`{}~-]{1,8}(?:\.[\w!#$%&'()@^`{}~-]{0,3})?\0")
_LHA = re.compile(rb"-(?:lh[0-9dx]|lz[s45]|pm[012])-")


def identify(data: bytes, names: Sequence[str] = ()) -> str:
    """The media type, lower case.  ``names`` only tells apart kinds of text (a script, a table)."""
    if not data:
        return "text/plain"
    found = _by_magic(data) or _by_structure(data)
    if found and data.startswith(b"#!") and (script := text.script_by_name(tuple(names))):
        return script  # the line that Unix reads is a comment to PowerShell, and a complaint to cmd
    if found:
        return found
    return text.identify_text(data, tuple(names)) or _late(data) or signatures.OCTETS


def readings(data: bytes, names: Sequence[str] = ()) -> tuple[str, ...]:
    """The true type and, after it, every other container that some reader would open in the same bytes: an
    archive behind an executable, a picture or a mail header (zip is read from its end)."""
    found = identify(data, names)
    others = []
    # The last member of a tar, or an object in an old document, may well be an archive that is only stored: nobody
    # would open that from outside, unless it is called an archive.
    exact = found in signatures.CONTAINERS
    if found not in signatures.ZIP_FAMILY and _has_zip_end(data, exact=exact and not _named(names, _ZIP_SUFFIXES)):
        others.append(signatures.ZIP)
    if len(data) > disk.SECTOR:
        others += [kind for kind in disk.mounted(data) if kind != found]
    if found == signatures.MSI:
        others.append(signatures.OLE2)
    if (not exact or _named(names, _RAR_SUFFIXES)) and rarmark.find(data) > 0:
        others.append(signatures.RAR)
    if (
        found not in (signatures.MAIL, signatures.MBOX)
        and names
        and _named(names, _MAIL_SUFFIXES)
        and b":" in data[:1000]
    ):
        others.append(signatures.MAIL)
    # PDF 1.7, annex H, implementation note 13: something else may stand in front.  A PDF that is only stored in an
    # archive stands there as well.
    pdf = b"%PDF-" in data[:1024] and found != signatures.PDF
    if pdf and (not exact or _named(names, (".pdf",))):
        others.append(signatures.PDF)
    # Browsers go by the name, and read over "GIF89a" and zeros.
    if found not in signatures.TEXTS and _named(names, _PAGE_SUFFIXES) and is_page(data):
        others.append("text/html")
    if found in (signatures.OCTETS, "text/plain") and any(map(_PIECE.search, names)):
        others.append(signatures.PIECE)
    if found in signatures.TEXTS:
        # Whoever opens a package takes its parts for XML, whatever stands in the comments at their beginning.
        if found in ("text/html", "text/plain") and names and _named(names, _XML_SUFFIXES):
            others.append(signatures.XML)
        others += _armoured(data)
    elif found == signatures.OCTETS and names and data[:1] >= b"\x80" and _named(names, (".pgp", ".gpg")):
        others.append(signatures.PGP)  # cut off, or in a form that nobody writes
    return (found, *others)


def is_page(data: bytes) -> bool:
    """Whether who takes it for a page finds markup in it, whatever stands in front."""
    return _MARKUP.search(data) is not None


def extension(media_type: str) -> str:
    """For a file without a name: "pdf", "bin" when there is nothing better."""
    return signatures.EXTENSIONS.get(media_type) or ("txt" if media_type.startswith("text/") else "bin")


def _by_magic(data: bytes) -> str | None:
    for magic, media_type in signatures.BY_FIRST_BYTE.get(data[0], ()):
        if data.startswith(magic):
            if media_type == signatures.OLE2:
                return kinds.kind(data)
            if media_type == signatures.SHELL:
                return language.interpreter(data)
            return _zip_flavour(data) if media_type == signatures.ZIP else media_type
    return None


def _by_structure(data: bytes) -> str | None:
    head = data[:64]
    if head[:2] in (b"MZ", b"ZM"):
        return _executable(data)
    if head[:3] == b"BZh" and head[3:4] in b"123456789" and head[4:10] in (b"1AY&SY", b"\x17rE8P\x90"):
        return signatures.BZIP2
    if head[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}.get(head[8:12])
    if head[4:8] == b"ftyp":
        return "image/heif" if head[8:12] in (b"heic", b"heix", b"mif1", b"avif") else "video/mp4"
    if head[:2] == b"BM" and len(data) > 26 and struct.unpack_from("<I", data, 14)[0] in (12, 40, 52, 56, 64, 108, 124):
        return "image/bmp"
    if head[:4] == b"\xca\xfe\xba\xbe" and len(data) >= 8:
        # A universal binary counts its few architectures where a Java class has its version, 45 and above.
        return signatures.MACH_O if data[7] < 45 and data[4:7] == b"\0\0\0" else "application/java-vm"
    if head[:3] in (b"FWS", b"CWS", b"ZWS") and len(data) > 8 and 0 < data[3] < 60:
        return signatures.SWF
    if head[1:4] == b"\x2a\x4d\x18" and 0x50 <= head[0] <= 0x5F:
        return _behind_skippable(data)
    if head[7:14] == b"**ACE**":
        return "application/x-ace-compressed"
    if head[:4] == b"ZOO " and head[20:24] == b"\xdc\xa7\xc4\xfd":
        return "application/x-zoo"
    if head[8:12] == b"\x19\x04\x00\x10" and head[4:8] in (b"\x6d\0\0\x10", b"\x12\x3a\0\x10"):
        return signatures.SIS
    if _ARC.match(head) and struct.unpack_from("<I", head, 15)[0] <= len(data) - 29:
        return "application/x-arc"
    if head[:2] == b"\x60\xea" and len(data) > 10 and 10 < struct.unpack_from("<H", data, 2)[0] <= 2600:
        return "application/x-arj"
    if head[0] < 225 and _is_lzma(head) and (head[:3] == b"\x5d\0\0" or _decodes(data[:_PROBE])):
        return signatures.LZMA
    if head[4:20] == b"\xef\xbe\xad\xdeNullsoftInst":  # NSIS, Source/exehead/fileform.h: behind the flags
        return signatures.NSIS
    if head[:2] in (b"\xc7\x71", b"\x71\xc7") and _is_binary_cpio(data):
        return "application/x-cpio"
    if head[0] == 0 and _is_macbinary(data):
        return signatures.MACBINARY
    if _LHA.match(data, 2):
        return "application/x-lzh-compressed"
    if head[0] == 0x30 and cms.begins(head):
        return signatures.CMS
    if head[0] >= 0x80 and openpgp.begins(data):
        return signatures.PGP
    return signatures.TAR if _is_tar(data) else media.identify(data)


def _late(data: bytes) -> str | None:
    """Signatures that readers also accept further in."""
    if b"%PDF-" in data[:1024]:  # PDF 1.7, annex H, implementation note 13
        return signatures.PDF
    if image := disk.identify(data):
        return image
    if _has_zip_end(data) and data.find(b"PK\x03\x04", 0, 1 << 20) >= 0:
        return signatures.ZIP
    return media.late(data)


def _behind_skippable(data: bytes) -> str:
    """Skippable frames come first (RFC 8878 section 3.1.2), and lz4 has the same ones."""
    at = 0
    for _ in range(64):
        if data[at + 1 : at + 4] != b"\x2a\x4d\x18" or not 0x50 <= data[at] <= 0x5F:
            break
        at += 8 + int.from_bytes(data[at + 4 : at + 8], "little")
    mark = data[at : at + 4]
    return signatures.LZ4 if mark in (b"\x04\x22\x4d\x18", b"\x02\x21\x4c\x18") else "application/zstd"


def _executable(data: bytes) -> str | None:
    if len(data) < 64:
        return signatures.DOS if b"\x00" in data else None
    at = struct.unpack_from("<I", data, 0x3C)[0]
    if data[at : at + 4] == b"PE\x00\x00":
        return signatures.PE
    return signatures.DOS if b"\x00" in data[:64] else None  # a text may begin with these letters


def _is_lzma(head: bytes) -> bool:
    """The usual properties, a dictionary of a usual size (2^n or 2^n + 2^(n-1)), an unpacked size that can be."""
    if len(head) < 14:
        return False
    dictionary, size = struct.unpack_from("<IQ", head, 1)
    usual = dictionary & (dictionary - 1) == 0 or (
        dictionary % 3 == 0 and (dictionary // 3) & (dictionary // 3 - 1) == 0
    )
    return bool(usual) and dictionary >= 4096 and head[13] == 0 and (size == 2**64 - 1 or size < 2**40)


def _decodes(data: bytes) -> bool:
    """Whether the beginning is LZMA, with properties that hardly anybody uses."""
    try:
        return bool(lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=64 << 20).decompress(data, 64))
    except (lzma.LZMAError, EOFError):
        return False


def _is_binary_cpio(data: bytes) -> bool:
    """The old binary format, in either order of bytes: a kind of file that exists, and a name that ends in NUL."""
    if len(data) < 27:
        return False
    order = "<" if data[0] == 0xC7 else ">"
    mode, length = struct.unpack_from(f"{order}H", data, 6)[0], struct.unpack_from(f"{order}H", data, 20)[0]
    kinds = (0o01, 0o02, 0o04, 0o06, 0o10, 0o12, 0o14)
    return mode >> 12 in kinds and 1 < length <= 4096 and data[25 + length : 26 + length] == b"\0"


def _is_macbinary(data: bytes) -> bool:
    """A name of 1 to 63 characters, zeros that have to be there, a checksum over the header ("Macintosh Binary Transfer
    Format II")."""
    head = data[:128]
    if len(head) < 128 or not 0 < head[1] < 64 or head[74] or head[82]:
        return False
    return binascii.crc_hqx(head[:124], 0) == int.from_bytes(head[124:126], "big")


def _is_tar(data: bytes) -> bool:
    if len(data) < 512:
        return False
    if data[257:262] == b"ustar":
        return True
    field = data[148:156].replace(b"\0", b" ").strip()
    if not field or len(field) > 7 or not field.isdigit() or not data[0]:
        return False
    try:  # the old format has no magic, only its checksum: the bytes' sum, the checksum's own counted as blanks
        return int(field, 8) == sum(data[:148]) + 8 * 32 + sum(data[156:512])
    except ValueError:
        return False


# ---------------------------------------------------------------------------- zip and what is built on it


def _has_zip_end(data: bytes, *, exact: bool = False) -> bool:
    """Whether an end record stands near the end, or, ``exact``, whether nothing stands behind it.  Programs that read
    zip hold its marks as texts: there has to be a directory or a member as well."""
    at, last = len(data), max(0, len(data) - _END)
    if data.find(b"PK\x05\x06", last) < 0:  # much quicker than rfind, and most files have none
        return False
    for _ in range(_ENDS):
        at = data.rfind(b"PK\x05\x06", last, at)
        if at < 0:
            return False
        if len(data) - at < 22 or (exact and at + 22 + int.from_bytes(data[at + 20 : at + 22], "little") != len(data)):
            continue
        size, offset = struct.unpack_from("<II", data, at + 12)
        if data[max(0, at - size) :][:4] == b"PK\x01\x02" or data[offset : offset + 4] == b"PK\x01\x02":
            return True
        return _has_zip_member(data)
    return False


def _has_zip_member(data: bytes) -> bool:
    """Whether a local header stands somewhere (APPNOTE 4.3.7): a version, a method and a name that can be."""
    at = -1
    for _ in range(_ENDS):
        at = data.find(b"PK\x03\x04", at + 1)
        if at < 0 or at + 30 > len(data):
            return False
        version, _, method, *_, name = struct.unpack_from("<HHHHHIIIH", data, at + 4)
        if version & 0xFF < 100 and method < 100 and 0 < name <= 4096:
            return True
    return True


def _zip_flavour(data: bytes) -> str:
    mimetype, names = None, set()
    for name, body in _zip_entries(data):
        if name == b"mimetype" and mimetype is None:
            mimetype = body.decode("ascii", "replace").strip().lower()
        names.add(name.lower())
    if mimetype in signatures.ZIP_FAMILY:
        return mimetype
    if document := _office(names):
        return document
    if b"androidmanifest.xml" in names:
        return signatures.APK
    return signatures.JAR if b"meta-inf/manifest.mf" in names else signatures.ZIP


def _office(names: set[bytes]) -> str | None:
    macros = any(name.endswith((b"vbaproject.bin", b"vbadata.xml")) or b"/macrosheets/" in name for name in names)
    for folder, plain, enabled in (
        (b"word/", signatures.DOCX, signatures.DOCM),
        (b"xl/", signatures.XLSX, signatures.XLSM),
        (b"ppt/", signatures.PPTX, signatures.PPTM),
        (b"visio/", signatures.VSDX, signatures.VSDM),
    ):
        if any(name.startswith(folder) for name in names):
            if b"xl/workbook.bin" in names:
                return signatures.XLSB
            return enabled if macros else plain
    return "application/vnd.ms-xpsdocument" if b"fixeddocseq.fdseq" in names else None


def _zip_entries(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Names and the first stored bytes of some entries: by local headers at the start, then by directory."""
    at = data.find(b"PK\x03\x04", 0, 1 << 20)
    for _ in range(_ENTRIES):
        if at < 0 or at + 30 > len(data):
            break
        size, _, name_length, extra_length = struct.unpack_from("<IIHH", data, at + 18)
        name = data[at + 30 : at + 30 + name_length]
        body = at + 30 + name_length + extra_length
        start = data[body : body + min(size or 100, 100)]
        yield name, _inflated(start) if name == b"mimetype" and data[at + 8] == 8 else start
        at = data.find(b"PK\x03\x04", body + (0 if size == 0xFFFFFFFF else size), body + size + (1 << 20))
    end = data.rfind(b"PK\x05\x06", max(0, len(data) - _END))
    if end < 0 or end + 22 > len(data):
        return
    at = end - int(struct.unpack_from("<I", data, end + 12)[0])
    for _ in range(_ENTRIES * 10):
        if at < 0 or data[at : at + 4] != b"PK\x01\x02" or at + 46 > len(data):
            return
        name_length, extra_length, comment_length = struct.unpack_from("<HHH", data, at + 28)
        yield data[at + 46 : at + 46 + name_length], b""
        at += 46 + name_length + extra_length + comment_length


def _inflated(start: bytes) -> bytes:
    try:
        return zlib.decompressobj(-15).decompress(start, 100)
    except zlib.error:
        return b""


def _named(names: Sequence[str], suffixes: tuple[str, ...]) -> bool:
    return any(name.lower().endswith(suffixes) for name in names)


def _armoured(data: bytes) -> list[str]:
    """What stands in a text in armour; signed text is text already."""
    found = {label[:3] for label in armour.labels(data) if label != "PGP SIGNED MESSAGE"}
    return [signatures.PGP] * ("PGP" in found) + [signatures.CMS] * bool(found - {"PGP"})
