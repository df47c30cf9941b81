"""The vault's key file: one 32-byte key a line in hex, newest first, ``#`` before a comment.

From each key come three others by HKDF-SHA256 (RFC 5869), one for each use, and the key's id: a check value that
says which key a blob needs without saying anything about the key.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from lazaretto.database import make_directory, sync_directory
from lazaretto.errors import ConfigError, Problem, StorageError

COMMENT = "# Keys of the Lazaretto vault, newest first.  Keep a copy elsewhere: without them what is held is lost.\n"
_HEX = re.compile(r"[0-9a-fA-F]{64}")


@dataclass(frozen=True, slots=True)
class Key:
    """What comes from one line of the file."""

    id: str  # 16 hex digits
    blob: bytes = field(repr=False)  # encrypts blobs
    name: bytes = field(repr=False)  # names blobs
    stamp: bytes = field(repr=False)  # signs stamps


@dataclass(frozen=True, slots=True)
class Keys:
    """All keys of the file, newest first; there is at least one."""

    all: tuple[Key, ...]

    @property
    def newest(self) -> Key:
        return self.all[0]

    def get(self, key_id: str) -> Key | None:
        return next((key for key in self.all if key.id == key_id), None)


def open_keys(path: Path, needed: frozenset[str]) -> Keys:
    """The keys; made when there is no file and nothing ``needed`` (ids of keys that blobs are encrypted with).

    Raises StorageError when keys are missing, ConfigError when the file is not a key file.  Changes nothing then."""
    if not path.exists():
        if needed:
            raise StorageError(
                f"the key file {path} is missing, and the vault holds mail encrypted with key {_list(needed)}: "
                "restore the file from your backup; nothing was changed"
            )
        return _write(path, COMMENT, [secrets.token_hex(32)])
    keys = load(path)
    if missing := needed - {key.id for key in keys.all}:
        raise StorageError(
            f"{path} holds key {_list(key.id for key in keys.all)}, but the vault holds mail encrypted with key "
            f"{_list(missing)}: restore the key file that belongs to this vault; nothing was changed"
        )
    return keys


def load(path: Path) -> Keys:
    """Raises ConfigError for every line that is no key, and when others may read the file."""
    return _keys(path, _lines(path))


def add(path: Path) -> Keys:
    """Puts a new key on top of the file."""
    return _write(path, COMMENT, [secrets.token_hex(32), *_lines(path)])


def keep_only(path: Path, ids: frozenset[str]) -> Keys:
    """Removes every other key from the file."""
    return _write(path, COMMENT, [line for line in _lines(path) if derive(bytes.fromhex(line)).id in ids])


def derive(secret: bytes) -> Key:
    """What comes from 32 secret bytes.  The contexts are part of the format: never change them."""
    return Key(
        id=_hkdf(secret, b"lazaretto vault key id", 8).hex(),
        blob=_hkdf(secret, b"lazaretto vault blob", 32),
        name=_hkdf(secret, b"lazaretto vault name", 32),
        stamp=_hkdf(secret, b"lazaretto vault stamp", 32),
    )


def _hkdf(secret: bytes, context: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt=None, info=context).derive(secret)


def _lines(path: Path) -> list[str]:
    """The keys in hex.  Raises ConfigError."""
    try:
        mode = path.stat().st_mode
        lines = path.read_text("ascii").splitlines()
    except OSError as error:
        raise StorageError(f"the key file {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError:
        raise ConfigError(Problem(path, None, "is not a key file", "one line of 64 hex digits for each key")) from None
    problems = []
    if stat.S_IMODE(mode) & 0o007:
        problems.append(Problem(path, None, "others may read the vault's key", f"chmod 600 {path}"))
    keys = []
    for number, line in enumerate(lines, 1):
        text = line.partition("#")[0].strip()
        if _HEX.fullmatch(text):
            keys.append(text.lower())
        elif text:
            problems.append(Problem(path, number, "is not a key", "a key is 64 hex digits: `openssl rand -hex 32`"))
    if not keys and not problems:
        problems.append(Problem(path, None, "holds no key", "restore it from your backup"))
    if problems:
        raise ConfigError(*problems)
    return list(dict.fromkeys(keys))


def _keys(path: Path, lines: Iterable[str]) -> Keys:
    return Keys(tuple(derive(bytes.fromhex(line)) for line in lines))


def _write(path: Path, comment: str, lines: list[str]) -> Keys:
    """Whole or not at all: a new file, synced, takes the place of the old one (rename(2))."""
    make_directory(path.parent)
    fresh = path.with_name(f".{path.name}.new")
    try:
        fresh.unlink(missing_ok=True)
        with open(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="ascii") as file:
            file.write(comment + "".join(f"{line}\n" for line in lines))
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(path)
        sync_directory(path.parent)
    except OSError as error:
        raise StorageError(f"the key file {path} cannot be written: {error.strerror}") from error
    return _keys(path, lines)


def _list(ids: Iterable[str]) -> str:
    return ", ".join(sorted(ids))
