"""RAR archives byte by byte: no free program writes them.  Stored files, files packed without any matches, encryption
of data and headers, services; as the technote of RAR 5.0 and the TechNote of RAR 4.20 have them."""

from __future__ import annotations

import hashlib
import hmac
import struct
import zlib
from collections.abc import Sequence

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from lazaretto.unpack.rar import keys

MARK4, MARK5 = b"Rar!\x1a\x07\0", b"Rar!\x1a\x07\1\0"
SALT, IV = bytes(range(16)), bytes(range(100, 116))
ROUNDS = 4


def vint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def bits(*fields: tuple[int, int]) -> str:
    return "".join(f"{value:0{width}b}" for value, width in fields)


def packed(text: str) -> bytes:
    return int(text.ljust(-(-len(text) // 8) * 8, "0"), 2).to_bytes(-(-len(text) // 8), "big")


# ---------------------------------------------------------------------------- RAR 5


def block5(kind: int, fields: bytes = b"", *, flags: int = 0, extra: bytes = b"", data: bytes | None = None) -> bytes:
    flags |= bool(extra) | 2 * (data is not None)
    head = vint(kind) + vint(flags) + (vint(len(extra)) if extra else b"")
    head += vint(len(data)) if data is not None else b""
    body = vint(len(head + fields + extra)) + head + fields + extra
    return struct.pack("<I", zlib.crc32(body)) + body + (data or b"")


def main5(flags: int = 0, extra: bytes = b"") -> bytes:
    return block5(1, vint(flags), extra=extra)


END5 = block5(5, b"\0")


def record(kind: int, body: bytes) -> bytes:
    return vint(len(vint(kind) + body)) + vint(kind) + body


def secrets5(word: str, rounds: int = ROUNDS) -> tuple[bytes, bytes, bytes]:
    """Key, key of checksums, check value."""
    one, two, three = (hashlib.pbkdf2_hmac("sha256", word.encode(), SALT, (1 << rounds) + more) for more in (0, 16, 32))
    check = bytes(three[n] ^ three[n + 8] ^ three[n + 16] ^ three[n + 24] for n in range(8))
    return one, two, check + hashlib.sha256(check).digest()[:4]


def sealed(data: bytes, key: bytes, iv: bytes) -> bytes:
    context = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    return context.update(data + bytes(-len(data) % 16)) + context.finalize()


def file5(
    name: str,
    content: bytes,
    *,
    data: bytes | None = None,
    method: int = 0,
    form: int = 0,
    kind: int = 2,
    flags: int = 0,
    word: str = "",
    check: bool = True,
    tweaked: bool = True,
    rounds: int = ROUNDS,
    crc: int | None = None,
    size: int | None = None,
    extra: bytes = b"",
    attributes: int = 0,
) -> bytes:
    """``data``: the packed data, when it is not stored."""
    body = content if data is None else data
    checksum = zlib.crc32(content) if crc is None else crc
    if word:
        key, mac, value = secrets5(word, rounds)
        body = sealed(body, key, IV)
        lock = vint(0) + vint(check | 2 * tweaked) + bytes([rounds]) + SALT + IV + (value if check else b"")
        extra = record(1, lock) + extra
        if tweaked:
            digest = hmac.digest(mac, struct.pack("<I", checksum), "sha256")
            checksum = 0
            for word_ in struct.unpack("<8I", digest):
                checksum ^= word_
    raw = name.encode("utf-8", "surrogateescape")
    size = len(content) if size is None else size
    fields = vint(4 | attributes) + vint(size) + vint(0x20) + struct.pack("<I", checksum)
    fields += vint(method << 7 | form) + vint(0) + vint(len(raw)) + raw
    return block5(kind, fields, flags=flags, extra=extra, data=body)


def packed5(content: bytes) -> bytes:
    """One block with a table of 256 codes of eight bits, and the bytes."""
    lengths = "".join(bits((symbol in (8, 19), 4)) for symbol in range(20))
    table = "0" * 256 + "1" + bits((127, 7)) + "1" + bits((25, 7))
    text = lengths + table + "".join(bits((byte, 8)) for byte in content)
    body, last = packed(text), (len(text) - 1) % 8
    size = len(body).to_bytes(-(-len(body).bit_length() // 8) or 1, "little")
    flags = 0xC0 | (len(size) - 1) << 3 | last
    check = 0x5A ^ flags
    for byte in size:
        check ^= byte
    return bytes([flags, check]) + size + body


def rar5(*blocks: bytes, main: bytes = main5(), end: bytes = END5) -> bytes:
    return MARK5 + main + b"".join(blocks) + end


def hidden5(word: str, *blocks: bytes, check: bool = True) -> bytes:
    """With encrypted headers; ``blocks`` have at most one file's data each, which is encrypted on its own."""
    key, _, value = secrets5(word)
    lock = block5(4, vint(0) + vint(int(check)) + bytes([ROUNDS]) + SALT + (value if check else b""))
    out = MARK5 + lock
    for block in (main5(), *blocks, END5):
        size, used = block[4] & 127 | (block[5] << 7 if block[4] > 127 else 0), 5 + (block[4] > 127)
        head = block[: used + size]
        out += IV + sealed(head, key, IV) + block[used + size :]
    return out


# ---------------------------------------------------------------------------- RAR 4


def block4(kind: int, flags: int, fields: bytes = b"", data: bytes = b"") -> bytes:
    body = struct.pack("<BHH", kind, flags, 7 + len(fields)) + fields
    return struct.pack("<H", zlib.crc32(body) & 0xFFFF) + body + data


def main4(flags: int = 0) -> bytes:
    return block4(0x73, flags, bytes(6))


END4 = block4(0x7B, 0x4000)


def file4(
    name: bytes,
    content: bytes,
    *,
    data: bytes | None = None,
    method: int = 0,
    version: int = 29,
    flags: int = 0,
    kind: int = 0x74,
    word: str = "",
    more: bytes = b"",
    crc: int | None = None,
    size: int | None = None,
    host: int = 2,
    attributes: int = 0x20,
    salt: bytes = SALT[:8],
) -> bytes:
    body = content if data is None else data
    behind = more
    if word:
        key = keys.key4(word, salt)
        body, flags, behind = sealed(body, key.aes, key.iv), flags | 0x404, more + salt
    checksum = zlib.crc32(content) if crc is None else crc
    size = len(content) if size is None else size
    fields = struct.pack(
        "<IIBIIBBHI", len(body), size, host, checksum, 0, version, 0x30 + method, len(name), attributes
    )
    return block4(kind, 0x8000 | flags, fields + name + behind, body)


def code4(symbol: int) -> str:
    """Eight bits for the bytes up to 253, nine for 254, 255, the end (256) and a match of two bytes (263)."""
    return bits((symbol, 8)) if symbol < 254 else bits((508 + (254, 255, 256, 263).index(symbol), 9))


MATCH4 = code4(263) + bits((1, 2))  # two bytes from two bytes ago


def packed4(content: bytes, *, before: str = "") -> bytes:
    """One block with a table, the bytes and the mark of the end."""
    lengths = "".join(bits(({8: 1, 9: 2, 18: 3, 19: 3}.get(symbol, 0), 4)) for symbol in range(20))
    table = "0" * 254 + "10" * 3 + "110" + bits((3, 3)) + "10" + "111" + bits((118, 7)) + "111" + bits((0, 7))
    return packed("00" + lengths + table + before + "".join(map(code4, content)) + code4(256) + "01")


def rar4(*blocks: bytes, flags: int = 0, end: bytes = END4) -> bytes:
    return MARK4 + main4(flags) + b"".join(blocks) + end


def hidden4(word: str, *blocks: bytes) -> bytes:
    key = keys.key4(word, SALT[:8])
    out = MARK4 + main4(0x80)
    for block in (*blocks, END4):
        size = int.from_bytes(block[5:7], "little")
        out += SALT[:8] + sealed(block[:size], key.aes, key.iv) + block[size:]
    return out


def samples() -> Sequence[bytes]:
    """One of each kind, for the fuzzer."""
    text = b"some text that is in an archive"
    return (
        rar5(file5("a.txt", text), file5("b.txt", text, data=packed5(text), method=3)),
        rar5(
            file5("a", text, data=packed5(text), method=3),
            file5("b", text, data=packed5(text), method=3, form=0x40),
            main=main5(4),
        ),
        rar5(file5("a.txt", text, word="1234"), file5("CMT", b"a comment", kind=3)),
        hidden5("1234", file5("a.txt", text, word="1234")),
        rar4(file4(b"a.txt", text), file4(b"b.txt", text, data=packed4(text), method=3)),
        rar4(
            file4(b"a", text, data=packed4(text), method=3),
            file4(b"b", text[-2:] + b"x", data=packed4(b"x", before=MATCH4), method=3, flags=0x10),
            flags=8,
        ),
        rar4(file4(b"a.txt", text, word="1234"), file4(b"CMT", b"a comment", kind=0x7A)),
        hidden4("1234", file4(b"a.txt", text, word="1234")),
    )
