from __future__ import annotations

import hashlib

from tests.unpack import rarmake as make

from lazaretto.unpack.rar import keys
from lazaretto.unpack.rar.blocks import Lock


def slowly(word: str, salt: bytes) -> tuple[bytes, bytes]:
    """RAR 4's derivation as it is told: one round after the other."""
    seed, state, vector = word.encode("utf-16-le") + salt, hashlib.sha1(usedforsecurity=False), b""
    for number in range(0x40000):
        state.update(seed + number.to_bytes(3, "little"))
        if number % 0x4000 == 0:
            vector += state.digest()[19:]
    digest = state.digest()
    return b"".join(digest[at : at + 4][::-1] for at in (0, 4, 8, 12)), vector


def test_rar4() -> None:
    key = keys.key4("grün", make.SALT[:8])
    assert (key.aes, key.iv) == slowly("grün", make.SALT[:8])


def test_rar5() -> None:
    aes, mac, check = make.secrets5("grün")
    lock = Lock(make.SALT, make.ROUNDS, check, True)
    assert keys.fits("grün", lock)
    assert not keys.fits("grun", lock)
    key = keys.key5("grün", lock)
    assert (key.aes, key.mac) == (aes, mac)
    assert key.checksum(1) != key.checksum(2)


def test_decryption_drops_half_a_block() -> None:
    sealed = make.sealed(bytes(range(48)), make.SALT, make.IV)
    assert keys.decrypt(sealed, make.SALT, make.IV) == bytes(range(48))
    assert keys.decrypt(sealed[:-1], make.SALT, make.IV) == bytes(range(32))
    assert b"".join(keys.decrypted(iter([sealed[:5], sealed[5:]]), make.SALT, make.IV)) == bytes(range(48))
