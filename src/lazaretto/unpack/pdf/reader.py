"""libqpdf's view of a PDF: what its cross-reference tables name, mended and decrypted as other readers do it.

It opens from memory; nothing here touches a file.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from lazaretto.errors import Encrypted, LimitExceeded, Malformed
from lazaretto.plugin import Passwords
from lazaretto.unpack.pdf import crypt

if TYPE_CHECKING:
    import pikepdf  # loaded by ``prepare`` before the sandbox closes, not by who only asks which unpackers there are

OBJECTS = 200_000  # that are looked at
# Bytes that a stream of objects, or one of references, may be unpacked to.  libqpdf takes 75 for each where they are
# numbers of one digit, so that this is much already; the scan reads larger ones.
_MEMORY = 4 * 2**20
WEIGHT = 3_000_000  # words of all objects together, of which libqpdf keeps each in 150 bytes
_LATIN = "latin-1"


class Seen(NamedTuple):
    """One object: its source, and its data when it is a stream."""

    number: int
    generation: int
    source: bytes
    raw: bytes | None


def prepare() -> None:
    """Loads libqpdf and sets its limits, for the process: once, before anything is read."""
    import pikepdf

    crypt.prepare()
    pikepdf.settings.set_qpdf_limits(
        flate_max_memory=_MEMORY,
        png_max_memory=_MEMORY,
        tiff_max_memory=_MEMORY,
        run_length_max_memory=_MEMORY,
    )


def describe() -> str:
    import pikepdf

    return f"libqpdf {pikepdf.__libqpdf_version__} (pikepdf {pikepdf.__version__})"


class Reader:
    """An opened document; ``word`` is the password that opened it, "" for the empty one and for none."""

    def __init__(self, pdf: pikepdf.Pdf, word: str) -> None:
        self.word = word
        self.encrypted = pdf.is_encrypted
        self._pdf = pdf

    def keys(self) -> crypt.Keys | None:
        if not self.encrypted:
            return None
        info = self._pdf.encryption
        if info.V < 4:  # libqpdf names the methods of crypt filters only, which came with 4
            return crypt.Keys(bytes(info.encryption_key), crypt.RC4, crypt.RC4, crypt.RC4)
        methods = (info.stream_method, info.string_method, info.file_method)
        return crypt.Keys(bytes(info.encryption_key), *(method.name for method in methods))

    def objects(self, known: set[tuple[int, int]]) -> Iterator[Seen]:
        """Streams, and of all others those that are not ``known``."""
        import pikepdf

        for count, each in enumerate(self._pdf.objects):
            if count >= OBJECTS:
                raise LimitExceeded("pdf", f"more than {OBJECTS} objects in a PDF")
            with contextlib.suppress(pikepdf.PdfError, ValueError, RuntimeError, TypeError):  # it is too damaged
                yield from _seen(each, known)


def _seen(each: pikepdf.Object, known: set[tuple[int, int]]) -> Iterator[Seen]:
    import pikepdf

    if isinstance(each, pikepdf.Stream):
        raw = each.read_raw_bytes()
        yield Seen(*each.objgen, pikepdf.Dictionary(dict(each.items())).unparse(resolved=False), raw)
    elif isinstance(each, (pikepdf.Dictionary, pikepdf.Array, pikepdf.String)) and each.objgen not in known:
        yield Seen(*each.objgen, each.unparse(resolved=True), None)


def opened(data: bytes, passwords: Passwords | None) -> Reader:
    """Raises Encrypted where no word opens it, Malformed where nothing can be read."""
    import pikepdf

    try:
        return Reader(_open(data, ""), "")
    except pikepdf.PasswordError:
        for word in passwords or ():
            # 7.6.4.3: before revision 6 in a charset of PDF's own, which for Western letters is Latin-1
            for form in dict.fromkeys((word.encode("utf-8", "replace"), word.encode(_LATIN, "replace"))):
                with contextlib.suppress(pikepdf.PasswordError):
                    return Reader(_open(data, form), word)
        raise Encrypted("PDF") from None


def _open(data: bytes, password: str | bytes) -> pikepdf.Pdf:
    import pikepdf

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return pikepdf.open(io.BytesIO(data), password=password)
    except pikepdf.PasswordError:
        raise
    except (pikepdf.PdfError, ValueError, RuntimeError, TypeError, KeyError) as error:
        raise Malformed(f"libqpdf: {error}"[:300]) from None
