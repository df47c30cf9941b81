"""How OpenDocument packages are encrypted (OpenDocument 1.3 part 2, section 5; LibreOffice 24.8 for what is newer):
each file by itself, or the whole package in one, as the manifest says."""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.decrepit.ciphers.algorithms import Blowfish
from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from lazaretto.errors import Encrypted, LimitExceeded, Malformed
from lazaretto.mime import elements

MOST_ROUNDS: Final = 1_000_000  # of hashing for one word; LibreOffice writes 100,000
_MOST_MEMORY = 128 * 1024  # KiB for one word; LibreOffice writes 65,536
_BATCH = 1 << 18
_IV, _TAG = 12, 16  # XML Encryption 1.1 section 5.2.4: AES-GCM has its start before the data, its check behind


@dataclass(slots=True)
class Secret:
    """How one file of the package is encrypted, as the manifest says."""

    path: str
    attributes: dict[str, dict[str, str]] = field(default_factory=dict)  # by the name of the element

    def value(self, element: str, name: str) -> str:
        return self.attributes.get(element, {}).get(name, "")

    @property
    def what(self) -> str:
        algorithm = self.value("algorithm", "algorithm-name").rpartition("#")[2] or "an unknown algorithm"
        return f"OpenDocument, {algorithm[:40]}"


def secrets(manifest: bytes) -> list[Secret]:
    """Of every encrypted file."""
    found: list[Secret] = []
    path = ""
    wanted = ("file-entry", "encryption-data", "algorithm", "key-derivation", "start-key-generation")
    for each in elements.named(elements.document(manifest), *wanted):
        if each.name == "file-entry":
            path = each.attributes.get("full-path", "")
        elif each.name == "encryption-data":
            found.append(Secret(path, {each.name: each.attributes}))
        elif found and found[-1].path == path:
            found[-1].attributes.setdefault(each.name, each.attributes)
    return found


def check(secret: Secret) -> None:
    """Raises Encrypted when nothing here can open it, LimitExceeded when one word would take too long."""
    algorithm, derivation = _cipher(secret), _derivation(secret)
    if algorithm not in ("cbc", "gcm", "blowfish"):
        raise Encrypted(f"{secret.what}: nothing here opens it")
    if derivation not in ("pbkdf2", "argon2id"):
        name = secret.value("key-derivation", "key-derivation-name").rpartition("#")[2]
        raise Encrypted(f"OpenDocument, key by {name[:40] or 'an unknown function'}: nothing here opens it")
    rounds, memory = _number(secret, "iteration-count", 1024), _number(secret, "argon2-memory", 65536)
    passes, lanes = _number(secret, "argon2-iterations", 3), _number(secret, "argon2-lanes", 4)
    if derivation == "pbkdf2" and rounds > MOST_ROUNDS:
        raise LimitExceeded("rounds", f"{rounds} rounds for one word, more than {MOST_ROUNDS}")
    if derivation == "argon2id" and (memory > _MOST_MEMORY or passes * memory > 8 * _MOST_MEMORY or lanes > 64):
        raise LimitExceeded("rounds", f"{passes} passes over {memory} KiB for one word")


def opened(secret: Secret, word: str, data: bytes) -> Iterator[bytes] | None:
    """The file; None when the word is not the right one.  ``data`` is what the package has for it."""
    key = _key(secret, word)
    if _cipher(secret) == "gcm":
        plain = _gcm(key, data, _base64(secret.value("algorithm", "initialisation-vector")))
        return None if plain is None else _inflated(plain[at : at + _BATCH] for at in range(0, len(plain), _BATCH))
    if not _fits(secret, _first(secret, key, data)):
        return None
    return _inflated(_plain(secret, key, data))


def _first(secret: Secret, key: bytes, data: bytes) -> bytes:
    """What the checksum is about: the first 1024 bytes, unpadded, or all (5.3.2)."""
    whole = not secret.value("encryption-data", "checksum-type").lower().endswith("1k")
    taken = data if whole else data[:1040]
    return b"".join(_plain(secret, key, taken, last=whole or len(data) <= len(taken)))[: None if whole else 1024]


def _fits(secret: Secret, start: bytes) -> bool:
    kind = secret.value("encryption-data", "checksum-type").lower()
    make = hashlib.sha256 if "sha256" in kind else hashlib.sha1
    expected = _base64(secret.value("encryption-data", "checksum"))
    if expected:
        return make(start).digest() == expected
    try:  # the checksum may be left out (5.3.1): only the right word gives something that unpacks
        return bool(zlib.decompressobj(-15).decompress(start))
    except zlib.error:
        return False


def _plain(secret: Secret, key: bytes, data: bytes, *, last: bool = True) -> Iterator[bytes]:
    start = _base64(secret.value("algorithm", "initialisation-vector"))
    try:
        if _cipher(secret) == "blowfish":
            yield Cipher(Blowfish(key), CFB(start)).decryptor().update(data)
            return
        decryptor = Cipher(algorithms.AES(key), modes.CBC(start)).decryptor()
    except ValueError as error:
        raise Malformed(f"OpenDocument encryption: {error}") from None
    end = len(data) - len(data) % 16
    for at in range(0, end, _BATCH):
        piece = decryptor.update(data[at : min(at + _BATCH, end)])
        if last and at + _BATCH >= end:  # XML Encryption 5.2: the last byte counts the padding
            piece = piece[: -piece[-1]] if 0 < piece[-1] <= 16 else piece
        yield piece


def _gcm(key: bytes, data: bytes, declared: bytes) -> bytes | None:
    """The start stands before the data (XML Encryption 1.1 section 5.2.4), or in the manifest alone."""
    if len(data) < _IV + _TAG:
        raise Malformed("an encrypted file cut off")
    places = [(data[:_IV], _IV)] + [(declared, 0)] * (len(declared) == _IV and declared != data[:_IV])
    try:
        for start, at in places:
            decryptor = Cipher(algorithms.AES(key), modes.GCM(start, data[-_TAG:])).decryptor()
            plain = decryptor.update(memoryview(data)[at:-_TAG])
            try:
                decryptor.finalize()
            except InvalidTag:
                continue
            return plain
    except ValueError as error:
        raise Malformed(f"OpenDocument encryption: {error}") from None
    return None


def _inflated(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """3.2: encrypted files are deflated before, whatever the zip says of them; a package in a package need not be."""
    decoder, first = zlib.decompressobj(-15), next(pieces, b"")
    if first.startswith(b"PK\x03\x04"):
        yield first
        yield from pieces
        return
    piece: bytes | None = first
    try:
        while piece is not None:
            yield decoder.decompress(piece, _BATCH)
            while decoder.unconsumed_tail:
                yield decoder.decompress(decoder.unconsumed_tail, _BATCH)
            piece = next(pieces, None)
    except zlib.error as error:
        raise Malformed(f"damaged data behind the encryption: {error}") from None
    if not decoder.eof:
        raise Malformed("data behind the encryption ends early")


def _key(secret: Secret, word: str) -> bytes:
    kind = secret.value("start-key-generation", "start-key-generation-name").lower()
    make = hashlib.sha256 if "sha256" in kind or _derivation(secret) == "argon2id" else hashlib.sha1
    start = make(word.encode("utf-8", "surrogatepass")).digest()
    size = min(max(_number(secret, "key-size", 16), 1), 64)
    salt = _base64(secret.value("key-derivation", "salt"))
    if _derivation(secret) == "pbkdf2":
        return hashlib.pbkdf2_hmac("sha1", start, salt, max(_number(secret, "iteration-count", 1024), 1), size)
    memory, passes = _number(secret, "argon2-memory", 65536), _number(secret, "argon2-iterations", 3)
    lanes = _number(secret, "argon2-lanes", 4)
    try:
        return Argon2id(salt=salt, length=size, iterations=passes, lanes=lanes, memory_cost=memory).derive(start)
    except (ValueError, MemoryError) as error:
        raise Malformed(f"OpenDocument encryption: {error}") from None


def _cipher(secret: Secret) -> str:
    name = secret.value("algorithm", "algorithm-name").lower()
    return "blowfish" if "blowfish" in name else name.rpartition("-")[2] if "aes" in name else name


def _derivation(secret: Secret) -> str:
    name = secret.value("key-derivation", "key-derivation-name").lower()
    return next((known for known in ("pbkdf2", "argon2id") if name.endswith(known)), name)


def _number(secret: Secret, name: str, default: int) -> int:
    text = secret.value("key-derivation", name)[:12]
    return int(text) if text.isascii() and text.isdigit() else default


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text[:1000])
    except (ValueError, binascii.Error):
        return b""
