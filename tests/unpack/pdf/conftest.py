"""PDFs for the tests: by libqpdf, or written object by object where it would refuse."""

from __future__ import annotations

import io
import zlib
from typing import Any

import pikepdf
import pytest


class Writer:
    """A file of objects, with a trailer and no table: readers mend that, and offsets need no counting."""

    def __init__(self) -> None:
        self.parts = [b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"]

    def add(self, number: int, body: bytes) -> Writer:
        self.parts.append(b"%d 0 obj\n%s\nendobj\n" % (number, body))
        return self

    def stream(self, number: int, data: bytes, extra: bytes = b"", *, length: int | None = None) -> Writer:
        size = len(data) if length is None else length
        return self.add(number, b"<</Length %d %s>>\nstream\n%s\nendstream" % (size, extra, data))

    def packed(self, number: int, objects: dict[int, bytes]) -> Writer:
        """A stream of objects."""
        table, body = b"", b""
        for each, source in objects.items():
            table += b"%d %d " % (each, len(body))
            body += source + b" "
        extra = b"/Type/ObjStm/N %d/First %d/Filter/FlateDecode" % (len(objects), len(table))
        return self.stream(number, zlib.compress(table + body), extra)

    def end(self) -> bytes:
        return b"".join(self.parts) + b"trailer\n<</Root 1 0 R>>\nstartxref\n0\n%%EOF\n"


def qpdf(files: dict[str, bytes], **save: Any) -> bytes:
    """A document of one page with these files attached."""
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        for name, data in files.items():
            pdf.attachments[name] = pikepdf.AttachedFileSpec(pdf, data, filename=name)
        pdf.save(out, **save)
    return out.getvalue()


class PdfKit:
    writer = Writer
    qpdf = staticmethod(qpdf)


@pytest.fixture(scope="session")
def pdf() -> type[PdfKit]:
    return PdfKit
