"""The data of files: out of the archive, decrypted, decompressed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

from lazaretto.errors import LimitExceeded, Malformed
from lazaretto.unpack import libarchive
from lazaretto.unpack.rar import keys, padding, rebuild, salvage, unarr
from lazaretto.unpack.rar.blocks import Item, Lock
from lazaretto.unpack.rar.chains import Chain
from lazaretto.unpack.rar.keys import Key

Keys = Mapping[Lock, Key]

_CHUNK = 256 * 1024
_COPIED = 64 << 20  # bytes of packed data that unarr is given at once: it wants all of it in one piece


@dataclass(frozen=True, slots=True)
class Tools:
    """The libraries; None where one is not installed."""

    libarchive: libarchive.Library | None
    unarr: unarr.Library | None

    def missing(self, chain: Chain) -> str:
        """The package that would have to be installed to decompress this; "" for none."""
        if needs_unarr(chain):
            return "" if self.unarr else unarr.PACKAGE
        return "" if self.libarchive else libarchive.PACKAGE


def needs_unarr(chain: Chain) -> bool:
    """libarchive knows neither chains of RAR 4 files nor RAR 2's compression."""
    return chain.items[0].version != 50 and (len(chain.items) > 1 or chain.items[0].version < 29)


def checked(item: Item, crc: int, opened: Keys | None) -> int:
    """A checksum as the archive would have it: RAR 5 may hide it from whoever has no password."""
    key = opened.get(item.lock) if opened and item.lock else None
    return key.checksum(crc) if key and item.lock and item.lock.tweaked else crc


def raw(data: bytes, item: Item, opened: Keys | None) -> Iterator[bytes]:
    """As it stands in the archive; of a stored file this is its content.  Raises Malformed where some is missing."""
    chunks = _decrypted(data, item, opened)
    left = item.size if not item.method and item.lock and item.size is not None and not item.after else item.packed
    yield from _limited(chunks, left)  # encrypted data is padded
    if item.missing:
        raise Malformed(f"RAR cut off: {item.missing} bytes of this member are missing")


def decompressed(data: bytes, tools: Tools, chain: Chain, opened: Keys | None) -> Iterator[Iterator[bytes]]:
    """The content of each file of a chain, one after the other.  The library must be there."""
    for number, chunks in enumerate(_files(data, tools, chain, opened)):
        yield salvage.whole(chunks, partial(_rest, data, tools, Chain(chain.items[: number + 1]), opened))


def _rest(data: bytes, tools: Tools, chain: Chain, opened: Keys | None, done: int) -> Iterator[bytes]:
    """What can be had of the last file of a chain behind ``done`` bytes of it, which came before an error."""
    last, count = chain.items[-1], len(chain.items)

    def sized(size: int | None) -> Iterator[bytes]:
        return _last(_files(data, tools, Chain([*chain.items[:-1], replace(last, size=size)]), opened), count)

    if last.version == 50:
        return salvage.behind(sized(None), done)
    if needs_unarr(chain):
        return salvage.behind(_last(_files(data, tools, chain, opened, slowly_from=done), count), done)
    return salvage.ending(sized, done, rebuild.UNKNOWN if last.size is None else last.size)


def _last(files: Iterator[Iterator[bytes]], count: int) -> Iterator[bytes]:
    """The last of so many; those before are read, for the dictionary."""
    for chunks in islice(files, count - 1):
        for _ in chunks:
            pass
    return next(files, iter(()))


def _files(
    data: bytes, tools: Tools, chain: Chain, opened: Keys | None, slowly_from: int | None = None
) -> Iterator[Iterator[bytes]]:
    def feed(item: Item) -> Iterator[bytes]:
        return _decrypted(data, item, opened)

    if needs_unarr(chain):
        assert tools.unarr is not None  # noqa: S101 see ``missing``
        if sum(item.packed for item in chain.items) > _COPIED:
            raise LimitExceeded("memory", f"a chain of files of more than {_COPIED} bytes")
        archive = padding.archive(chain.items, feed, tools.unarr)
        return tools.unarr.files(chain.items, archive, slowly_from)
    assert tools.libarchive is not None  # noqa: S101
    if chain.items[0].version == 50:
        return tools.libarchive.files("rar5", _unpadded(chain, feed))
    return tools.libarchive.files("rar", rebuild.rar4(chain.items, feed))


def slack(data: bytes, item: Item, opened: Keys | None) -> bytes:
    """What stands behind the last block of a file's compressed data, where no reader looks."""
    if item.version != 50 or not item.method:
        return b""
    used = padding.length(_decrypted(data, item, opened))
    if used >= item.packed:
        return b""
    return b"".join(salvage.behind(_decrypted(data, item, opened), used))


def _unpadded(chain: Chain, feed: rebuild.Feed) -> Iterator[bytes]:
    """libarchive takes whatever stands behind the last block for another."""
    items = [replace(item, packed=min(item.packed, padding.length(feed(item)))) for item in chain.items]
    whole = {item.start: item for item in chain.items}
    return rebuild.rar5(items, lambda item: _limited(feed(whole[item.start]), item.packed))


def _limited(chunks: Iterator[bytes], left: int) -> Iterator[bytes]:
    for chunk in chunks:
        yield chunk[:left]
        left -= min(left, len(chunk))


def _decrypted(data: bytes, item: Item, opened: Keys | None) -> Iterator[bytes]:
    end = item.start + item.packed
    chunks = (data[at : min(at + _CHUNK, end)] for at in range(item.start, end, _CHUNK))
    key = opened.get(item.lock) if opened and item.lock else None
    if key is None:
        return chunks
    return keys.decrypted(chunks, key.aes, item.iv or key.iv)
