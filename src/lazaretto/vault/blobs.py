"""Encrypted content in files: one for each distinct content, whole or not there, checked on every read.

::

    blob   = header chunk* ; the last chunk may be shorter, and is there even when the content is empty
    header = "LZVAULT1" key-id(8) salt(16) name(32)
    chunk  = AES-256-GCM(1 MiB of content) with its tag(16); nonce = counter(11) last(1), header as additional data

The key of a blob is HKDF-SHA256(the vault's blob key, salt), so that nonces can count from 0.  The counter stands
against swapped chunks, the last flag against cutting: the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizar:
"Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", 2015).  The name is HMAC-SHA256(the vault's
name key, content): it finds the same content again and tells a stranger nothing.
"""

from __future__ import annotations

import contextlib
import hmac
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from lazaretto.database import make_directory, sync_directory
from lazaretto.errors import StorageError
from lazaretto.vault.key import Key, Keys

MAGIC = b"LZVAULT1"
SALT = 16
HEADER = len(MAGIC) + 8 + SALT + 32
CHUNK = 2**20
TAG = 16
SHARDS = [f"{number:02x}" for number in range(256)]  # folders, by the first digits of the name
_NAME = re.compile(r"[0-9a-f]{64}")


class Blobs:
    """Blocking: called in a thread.  Raises StorageError."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._temporary = directory / "temporary"

    def open(self) -> int:
        """Makes the folders, removes what a crash left half written; returns how many files that were."""
        make_directory(self._temporary)
        for shard in SHARDS:
            make_directory(self._directory / shard)
        with _told(self._directory):
            left = list(self._temporary.iterdir())
            for file in left:
                file.unlink()
        return len(left)

    def is_empty(self) -> bool:
        return next(self.names(), None) is None

    def names(self, min_age: float = 0) -> Iterator[str]:
        """Of all blobs that were written at least ``min_age`` seconds ago."""
        newest = time.time() - min_age
        for shard in SHARDS:
            with contextlib.suppress(FileNotFoundError), os.scandir(self._directory / shard) as entries:
                for entry in entries:
                    if _NAME.fullmatch(entry.name) and (not min_age or entry.stat().st_mtime <= newest):
                        yield entry.name

    def is_whole(self, name: str, stored: int) -> bool:
        """Whether the file is there in its full length, without reading it."""
        with contextlib.suppress(OSError):
            return self._path(name).stat().st_size == stored
        return False

    def write(self, name: str, content: bytes, key: Key) -> int:
        """On disk under ``name_of(content, key)`` when this returns; the size of the file in bytes."""
        path = self._path(name)
        temporary = self._temporary / f"{name}.{os.urandom(4).hex()}"
        with _told(path):
            try:
                with open(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
                    stored = _encrypt(file, name, content, key)
                    file.flush()
                    os.fsync(file.fileno())
                temporary.rename(path)
                sync_directory(path.parent)
            except OSError:
                temporary.unlink(missing_ok=True)
                raise
        return stored

    def read(self, name: str, keys: Keys) -> bytes:
        """The content, every byte of it authentic."""
        path = self._path(name)
        with _told(path), path.open("rb") as file:
            header = file.read(HEADER)
            if len(header) < HEADER or not header.startswith(MAGIC) or header[-32:].hex() != name:
                raise _damaged(path, "its header is not that of this blob")
            key = keys.get(header[len(MAGIC) :][:8].hex())
            if key is None:
                raise StorageError(f"blob {path} needs key {header[8:16].hex()}, which is not in the vault's key file")
            try:
                return b"".join(_decrypt(file, header, key))
            except InvalidTag:
                raise _damaged(path, "its content is not what was written") from None

    def remove(self, name: str) -> None:
        path = self._path(name)
        with _told(path):
            path.unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self._directory / name[:2] / name


def name_of(content: bytes, key: Key) -> str:
    return hmac.new(key.name, content, "sha256").hexdigest()


def stored_size(size: int) -> int:
    """Bytes on disk of a content of ``size`` bytes."""
    return HEADER + size + TAG * max(1, -(-size // CHUNK))


def _encrypt(file: BinaryIO, name: str, content: bytes, key: Key) -> int:
    header = MAGIC + bytes.fromhex(key.id) + os.urandom(SALT) + bytes.fromhex(name)
    cipher = _cipher(key, header)
    file.write(header)
    view = memoryview(content)
    count = max(1, -(-len(content) // CHUNK))
    for number in range(count):
        chunk = view[number * CHUNK : (number + 1) * CHUNK]
        file.write(cipher.encrypt(_nonce(number, number == count - 1), chunk, header))
    return stored_size(len(content))


def _decrypt(file: BinaryIO, header: bytes, key: Key) -> Iterator[bytes]:
    cipher = _cipher(key, header)
    left = os.fstat(file.fileno()).st_size - HEADER
    number = 0
    while True:
        last = left <= CHUNK + TAG
        chunk = file.read(CHUNK + TAG)
        yield cipher.decrypt(_nonce(number, last), chunk, header)
        if last:
            return
        left -= len(chunk)
        number += 1


def _cipher(key: Key, header: bytes) -> AESGCM:
    salt = header[len(MAGIC) + 8 :][:SALT]
    return AESGCM(HKDF(SHA256(), 32, salt=salt, info=b"lazaretto blob").derive(key.blob))


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _damaged(path: Path, what: str) -> StorageError:
    return StorageError(f"blob {path} is damaged: {what}; restore it from a backup of the vault")


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise StorageError(f"blob {path} is missing; restore it from a backup of the vault") from error
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror}; check space, permissions and disk of the vault") from error
