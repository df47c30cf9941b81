"""Office documents for the tests, made from their specifications; what is locked is opened by msoffcrypto-tool as well
(tests/office)."""

from __future__ import annotations

import base64
import hashlib
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from lazaretto.office import streamcipher, writer
from lazaretto.office.writer import Node

SALT = bytes(range(16))
VERIFIER = bytes(range(16, 32))
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"


def ole(streams: Mapping[str, bytes], clsid: str = "") -> bytes:
    """A compound file; "/" parts the names of a path."""
    root = Node("Root Entry", clsid=clsid)
    for path, data in streams.items():
        node = root
        *folders, name = path.split("/")
        for folder in folders:
            inside = next((each for each in node.children if each.name == folder), None)
            if inside is None:
                node.children.append(inside := Node(folder))
            node = inside
        node.children.append(Node(name, data))
    return writer.write(root)


def ole10native(data: bytes, name: str = "run.js", temporary: str = "C:\\tmp\\run.js", *, wide: bool = True) -> bytes:
    path = f"C:\\in\\{name}".encode()
    found = b"\2\0" + name.encode("cp1252", "replace") + b"\0" + path + b"\0\0\0\3\0"
    octets = temporary.encode() + b"\0"
    found += struct.pack("<I", len(octets)) + octets + struct.pack("<I", len(data)) + data
    if wide:
        for each in (temporary, name, f"C:\\in\\{name}"):
            found += struct.pack("<I", len(each)) + each.encode("utf-16-le")
    return struct.pack("<I", len(found)) + found


# ---------------------------------------------------------------------------- messages


def properties(head: int, *entries: tuple[int, int]) -> bytes:
    return bytes(head) + b"".join(struct.pack("<III4x", tag, 6, value) for tag, value in entries)


def attachment(number: int, data: bytes, **names: str) -> dict[str, bytes]:
    """``names`` by the number of a property in hexadecimal: p3707="a.txt"."""
    folder = f"__attach_version1.0_#{number:08X}/"
    found = {folder + "__properties_version1.0": properties(8), folder + "__substg1.0_37010102": data}
    for key, name in names.items():
        found[f"{folder}__substg1.0_{key[1:].upper()}001F"] = name.encode("utf-16-le")
    return found


def msg(*attachments: Mapping[str, bytes], more: Mapping[str, bytes] | None = None) -> bytes:
    streams = {"__properties_version1.0": properties(32), "__nameid_version1.0/__substg1.0_00020102": b"x" * 8}
    for each in attachments:
        streams.update(each)
    return ole({**streams, **(more or {})}, "00020D0B-0000-0000-C000-000000000046")


# ---------------------------------------------------------------------------- XML and zip


def zipped(files: Mapping[str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return out.getvalue()


def relations(*targets: tuple[str, str]) -> str:
    rows = "".join(
        f'<Relationship Id="r{number}" Type="{KIND}{kind}" Target="{target}" TargetMode="External"/>'
        for number, (kind, target) in enumerate(targets)
    )
    return f'<?xml version="1.0"?><Relationships xmlns="{RELATIONS}">{rows}</Relationships>'


def docx(files: Mapping[str, bytes | str] | None = None) -> bytes:
    types = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"></Types>'
    return zipped({"[Content_Types].xml": types, "word/document.xml": "<w:document/>", **(files or {})})


# ---------------------------------------------------------------------------- Office 97 to 2003, locked


def short_head(word: str) -> tuple[bytes, streamcipher.Key]:
    """An encryption header of RC4 with 40 bits, and the keys."""
    lock = streamcipher.Rc4Short(SALT, b"", b"")
    keys = lock._keys(word)  # made as it is read
    shown = streamcipher.rc4(keys(0), VERIFIER + hashlib.md5(VERIFIER).digest())
    return struct.pack("<HH", 1, 1) + SALT + shown, keys


def api_head(word: str, bits: int = 128) -> tuple[bytes, streamcipher.Key]:
    """An encryption header of the CryptoAPI."""
    lock = streamcipher.Rc4Api(SALT, b"", b"", bits)
    keys = lock._keys(word)
    shown = streamcipher.rc4(keys(0), VERIFIER + hashlib.sha1(VERIFIER).digest())
    inner = struct.pack("<IIIIIIII", 4, 0, 0x6801, 0x8004, bits, 1, 0, 0) + "RC4".encode("utf-16-le") + b"\0\0"
    head = struct.pack("<HHII", 2, 2, 4, len(inner)) + inner
    return head + struct.pack("<I", 16) + SALT + shown[:16] + struct.pack("<I", 20) + shown[16:], keys


Head = Callable[[str], tuple[bytes, streamcipher.Key]]


def doc(text: bytes, flags: int = 0, key: int = 0) -> bytes:
    """The start of a WordDocument stream, then the text."""
    return struct.pack("<HH6xHHI", 0xA5EC, 0xC1, flags | 0x200, 0xBF, key).ljust(0x600, b"\0") + text.ljust(4096, b" ")


def locked_doc(text: bytes, word: str, head: Head = short_head, data: bytes = b"") -> bytes:
    header, keys = head(word)
    main, table = doc(text, 0x100, len(header)), header.ljust(4096, b"\0")
    streams = {"WordDocument": main[:68] + streamcipher.blocks(keys, main, 512)[68:]}
    streams["1Table"] = header + streamcipher.blocks(keys, table, 512)[len(header) :]
    if data:
        streams["Data"] = streamcipher.blocks(keys, data, 512)
    return ole(streams)


def xored_doc(text: bytes, word: str) -> bytes:
    key, check = streamcipher.xor_key(word.encode()), streamcipher.verifier(word.encode())
    array = streamcipher.Xor(key, check).key(word)
    assert array
    main = doc(text, 0x8100, key << 16 | check)
    return ole({"WordDocument": main[:68] + streamcipher.xor_word(main, array, 0)[68:], "1Table": bytes(4096)})


def record(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def book(rows: Sequence[tuple[int, bytes]], filepass: bytes | None = None) -> bytes:
    start = record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 1997, 0, 0))
    start += record(0x2F, filepass) if filepass is not None else b""
    body = start + b"".join(record(kind, data) for kind, data in rows) + record(0x0A)
    return body + record(0x3C, bytes(-len(body) % 2000 + 4096))


def locked_xls(text: bytes, word: str, head: Head = short_head) -> bytes:
    header, keys = head(word)
    plain = book([(0x85, b"\1\2\3\4name"), (0xFC, text)], b"\1\0" + header)
    stream, out = streamcipher.blocks(keys, plain, 1024), bytearray(plain)
    _each(plain, lambda start, end: out.__setitem__(slice(start, end), stream[start:end]))
    return ole({"Workbook": bytes(out)})


def xored_xls(text: bytes, word: str) -> bytes:
    key, check = streamcipher.xor_key(word.encode()), streamcipher.verifier(word.encode())
    array = streamcipher.Xor(key, check).key(word)
    assert array
    plain = book([(0x85, b"\1\2\3\4name"), (0xFC, text)], struct.pack("<HHH", 0, key, check))
    out = bytearray(plain)

    def lock(start: int, end: int) -> None:
        for at in range(start, end):
            index = (at + end - _begin(plain, start)) & 15
            turned = (array[index] << 3 | array[index] >> 5) & 255
            each = plain[at] ^ turned
            out[at] = (each >> 3 | each << 5) & 255

    _each(plain, lock)
    return ole({"Workbook": bytes(out)})


def _begin(plain: bytes, start: int) -> int:
    """Where the data of the record begins that is encrypted from ``start`` on."""
    at = 0
    while True:
        size = int.from_bytes(plain[at + 2 : at + 4], "little")
        if at + 4 + size > start:
            return at + 4
        at += 4 + size


def _each(plain: bytes, change: Callable[[int, int], None]) -> None:
    at = 0
    while at + 4 <= len(plain):
        kind, size = struct.unpack_from("<HH", plain, at)
        if kind not in (0x809, 0x2F):
            change(at + (8 if kind == 0x85 else 4), at + 4 + size)
        at += 4 + size


def atom(kind: int, data: bytes, *, container: bool = False, instance: int = 0) -> bytes:
    return struct.pack("<HHI", instance << 4 | (15 if container else 0), kind, len(data)) + data


def locked_ppt(text: bytes, word: str, picture: bytes = b"") -> bytes:
    header, keys = api_head(word)
    session = atom(0x2F14, header, container=True)
    slide = atom(0x03E8, atom(0x0FA8, text), container=True)
    stream = streamcipher.rc4(keys(1), slide)
    offsets = (0, len(stream))
    directory = atom(0x1772, struct.pack("<III", 2 << 20 | 1, *offsets))
    at = len(stream) + len(session)
    edit = atom(0x0FF5, struct.pack("<IHBBIIIIHHI", 0, 0, 0, 3, 0, at, 1, 2, 0, 0, 2))
    main = stream + session + directory + edit
    user = atom(0x0FF6, struct.pack("<IIIHHBBH", 0x14, 0xF3D1C4DF, at + len(directory), 4, 0x3F4, 3, 0, 0) + b"user")
    streams = {"PowerPoint Document": main.ljust(4200, b"\0"), "Current User": user + struct.pack("<I", 8)}
    if picture:
        whole = atom(0xF01E, bytes(17) + picture, instance=0x6E0)
        parts = (whole[:8], whole[8:24], whole[24:25], whole[25:])
        streams["Pictures"] = b"".join(streamcipher.rc4(keys(0), part) for part in parts) * 2
    return ole(streams)


# ---------------------------------------------------------------------------- Office 2007 and later, locked


def standard(package: bytes, word: str) -> bytes:
    """[MS-OFFCRYPTO] 2.3.4.5 to 2.3.4.9."""
    digest = hashlib.sha1(SALT + word.encode("utf-16-le")).digest()
    for at in range(50_000):
        digest = hashlib.sha1(struct.pack("<I", at) + digest).digest()
    digest = hashlib.sha1(digest + bytes(4)).digest()
    key = hashlib.sha1(bytes(a ^ 0x36 for a in digest) + b"\x36" * 44).digest()[:16]
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor
    head = struct.pack("<IIIIIIII", 0x24, 0, 0x660E, 0x8004, 128, 0x18, 0, 0) + "AES".encode("utf-16-le") + b"\0\0"
    info = struct.pack("<HHII", 4, 2, 0x24, len(head)) + head + struct.pack("<I", 16) + SALT
    info += encryptor().update(VERIFIER) + struct.pack("<I", 20)
    info += encryptor().update(hashlib.sha1(VERIFIER).digest() + bytes(12))
    body = struct.pack("<Q", len(package)) + encryptor().update(package + bytes(-len(package) % 16))
    return ole({"EncryptionInfo": info, "EncryptedPackage": body})


def agile(package: bytes, word: str) -> bytes:
    """By msoffcrypto-tool; ``package`` of more than 4096 bytes (its writer damages smaller ones)."""
    from msoffcrypto.format.ooxml import OOXMLFile

    out = io.BytesIO()
    OOXMLFile(io.BytesIO(package)).encrypt(word, out)
    return out.getvalue()


def odt(content: bytes, word: str, how: str = "cbc", rounds: int = 1000) -> bytes:
    """An encrypted package: "cbc" or "blowfish" by file, or "gcm" as a whole."""
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed_content = packed.compress(content) + packed.flush()
    modern = how == "gcm"
    path = "encrypted-package" if modern else "content.xml"
    make = hashlib.sha1 if how == "blowfish" else hashlib.sha256
    start = make(word.encode()).digest()
    if modern:
        key = Argon2id(salt=SALT, length=32, iterations=1, lanes=1, memory_cost=1024).derive(start)
        derivation = 'loext:argon2-iterations="1" loext:argon2-memory="1024" loext:argon2-lanes="1"'
        derivation = f'manifest:key-derivation-name="urn:org:documentfoundation:names:argon2id" {derivation}'
    else:
        size = 16 if how == "blowfish" else 32
        key = hashlib.pbkdf2_hmac("sha1", start, SALT, rounds, size)
        derivation = f'manifest:key-derivation-name="PBKDF2" manifest:iteration-count="{rounds}"'
    secret, iv = _encrypted(how, key, packed_content)
    names = {"cbc": "http://www.w3.org/2001/04/xmlenc#aes256-cbc", "blowfish": "Blowfish CFB"}
    name = names.get(how, "http://www.w3.org/2009/xmlenc11#aes256-gcm")
    check = "" if modern else f'manifest:checksum="{_b64(make(packed_content[:1024]).digest())}"'
    kind = "SHA1/1K" if how == "blowfish" else "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0#sha256-1k"
    manifest = (
        f'<manifest:manifest xmlns:manifest="x"><manifest:file-entry manifest:full-path="{path}">'
        f'<manifest:encryption-data manifest:checksum-type="{kind}" {check}>'
        f'<manifest:algorithm manifest:algorithm-name="{name}" manifest:initialisation-vector="{_b64(iv)}"/>'
        f'<manifest:key-derivation {derivation} manifest:salt="{_b64(SALT)}" manifest:key-size="{len(key)}"/>'
        f'<manifest:start-key-generation manifest:start-key-generation-name="{make().name}"/>'
        "</manifest:encryption-data></manifest:file-entry></manifest:manifest>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo("mimetype"), "application/vnd.oasis.opendocument.text")
        archive.writestr(zipfile.ZipInfo(path), secret)
        archive.writestr(zipfile.ZipInfo("META-INF/manifest.xml"), manifest)
    return out.getvalue()


def _encrypted(how: str, key: bytes, data: bytes) -> tuple[bytes, bytes]:
    from cryptography.hazmat.decrepit.ciphers.algorithms import Blowfish
    from cryptography.hazmat.decrepit.ciphers.modes import CFB

    if how == "gcm":
        encryptor = Cipher(algorithms.AES(key), modes.GCM(SALT[:12])).encryptor()
        body = encryptor.update(data) + encryptor.finalize()
        return SALT[:12] + body + encryptor.tag, SALT[:12]
    if how == "blowfish":
        return Cipher(Blowfish(key), CFB(SALT[:8])).encryptor().update(data), SALT[:8]
    pad = 16 - len(data) % 16
    return Cipher(algorithms.AES(key), modes.CBC(SALT)).encryptor().update(data + bytes(pad - 1) + bytes([pad])), SALT


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
