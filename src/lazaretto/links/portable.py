"""Links of a PDF: actions of annotations (ISO 32000-2, 12.6.4.8), links in its text, QR codes on its pages.

PDFium reads and draws, in the sandbox.  Its time is bounded by pages and by a clock; a page that takes longer by
itself meets the worker's deadline.
"""

from __future__ import annotations

import ctypes
import itertools
import re
import time
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from lazaretto.links import pictures, prose
from lazaretto.links.judge import Link

_SIDE: Final = 1200  # pixels of the longer side of a page as it is drawn
_ANNOTATIONS = 20_000  # of one page
_TEXT = 1_000_000  # characters of one page
_PATHS = 100  # drawn shapes of which a code could be made: it has as many dark modules
_URI = re.compile(rb"/URI\s{0,9}\(((?:[^()\\\r\n]|\\.){3,2000})\)")
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_BYTES = 4096  # of one URI


class Limits(NamedTuple):
    pages: int
    code_pages: int
    seconds: float


class Found(NamedTuple):
    link: Link | None = None
    limit: str = ""
    ordinary: bool = True  # of a limit: long documents meet it
    code: str | None = None


def prepare() -> None:
    """Loads PDFium, and lets it draw once what it would look for fonts for."""
    import pypdfium2

    document = pypdfium2.PdfDocument.new()
    page = document.new_page(50, 50)
    page.render(scale=1).to_pil()
    document.close()


def read(data: bytes, limits: Limits) -> Iterator[Found]:
    for found in _URI.finditer(data):  # what belongs to no page, and what a damaged file has
        yield Found(Link(_ESCAPED.sub(_unescaped, found[1]).decode("utf-8", "replace"), "", "link"))
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
        count = len(document)
    except pypdfium2.PdfiumError:  # locked or damaged, which its unpacker says
        return
    try:
        yield from _pages(document, count, limits)
    finally:
        document.close()


def _pages(document: Any, count: int, limits: Limits) -> Iterator[Found]:
    import pypdfium2

    end = time.monotonic() + limits.seconds
    drawn = 0
    for number in range(min(count, limits.pages)):
        if time.monotonic() > end:
            yield Found(limit=f"{limits.seconds:g} seconds were up at page {number + 1} of {count}", ordinary=False)
            return
        try:
            page = document[number]
        except pypdfium2.PdfiumError:
            continue
        try:
            yield from _read(document, page, end)
            if drawn < limits.code_pages and _may_show_code(page):
                drawn += 1
                for text in pictures.read(_drawn(page)):
                    yield Found(code=text)
        except pypdfium2.PdfiumError:
            continue
        finally:
            page.close()
    if count > limits.pages:
        yield Found(limit=f"{limits.pages} of {count} pages were looked at")
    elif drawn >= limits.code_pages and count > drawn:
        yield Found(limit=f"QR codes were looked for on {drawn} of {count} pages")


def _read(document: Any, page: Any, end: float) -> Iterator[Found]:
    text = page.get_textpage()  # once: making it takes as long as the page has text
    try:
        yield from _annotations(document, page, text, end)
        yield from _text(text)
    finally:
        text.close()


def _annotations(document: Any, page: Any, text: Any, end: float) -> Iterator[Found]:
    from pypdfium2 import raw

    place = ctypes.c_int(0)
    link = raw.FPDF_LINK()
    for count in itertools.count():
        if not raw.FPDFLink_Enumerate(page, ctypes.byref(place), ctypes.byref(link)):
            return
        if count == _ANNOTATIONS:
            yield Found(limit=f"more than {_ANNOTATIONS} links on one page", ordinary=False)
            return
        action = raw.FPDFLink_GetAction(link)
        if not action:
            continue
        kind = raw.FPDFAction_GetType(action)
        if kind == raw.PDFACTION_URI:
            size = raw.FPDFAction_GetURIPath(document, action, None, 0)
        elif kind in (raw.PDFACTION_LAUNCH, raw.PDFACTION_REMOTEGOTO):
            size = raw.FPDFAction_GetFilePath(action, None, 0)
        else:
            continue
        if size > _BYTES * 2:
            yield Found(limit=f"a link of {size} bytes was not read", ordinary=False)
        if not 1 < size <= _BYTES * 2:
            continue
        buffer = ctypes.create_string_buffer(size)
        if kind == raw.PDFACTION_URI:
            raw.FPDFAction_GetURIPath(document, action, buffer, size)
            target = buffer.raw[: size - 1].decode("utf-8", "replace")
            shown = _under(text, link, raw) if time.monotonic() < end else ""
            yield Found(Link(target, shown, "link"))
        else:
            raw.FPDFAction_GetFilePath(action, buffer, size)
            target = buffer.raw[: size - 1].decode("utf-8", "replace")
            if target[:2] in ("\\\\", "//"):
                yield Found(Link("file:" + target.replace("\\", "/"), "", "link"))
            elif "://" in target[:12]:
                yield Found(Link(target, "", "link"))


def _under(text: Any, link: Any, raw: Any) -> str:
    """The text that stands where the reader clicks."""
    box = raw.FS_RECTF()
    if not raw.FPDFLink_GetAnnotRect(link, ctypes.byref(box)):
        return ""
    return " ".join(text.get_text_bounded(box.left, box.bottom, box.right, box.top).split())[:300]


def _text(text: Any) -> Iterator[Found]:
    length = text.count_chars()
    content = text.get_text_range(0, min(length, _TEXT)) if length > 0 else ""
    if length > _TEXT:
        yield Found(limit=f"{_TEXT} of {length} characters of one page were read", ordinary=False)
    for link in prose.links(content.replace("\ufffe", "")):
        yield Found(link)


def _may_show_code(page: Any) -> bool:
    """Pictures, or shapes in numbers; a page of text alone is not drawn."""
    from pypdfium2 import raw

    shapes = 0
    for at in range(min(raw.FPDFPage_CountObjects(page), 20_000)):
        kind = raw.FPDFPageObj_GetType(raw.FPDFPage_GetObject(page, at))
        if kind in (raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_FORM):
            return True
        if kind == raw.FPDF_PAGEOBJ_PATH:
            # One path may be all of a code: its segments count.
            shapes += 1 + max(0, raw.FPDFPath_CountSegments(raw.FPDFPage_GetObject(page, at))) // 2
            if shapes > _PATHS:
                return True
    return False


def _drawn(page: Any) -> Any:
    width, height = page.get_size()
    scale = min(_SIDE / max(width, height, 1), 4.0)
    return page.render(scale=scale, grayscale=True).to_pil().convert("L")


def _unescaped(found: re.Match[bytes]) -> bytes:
    """ISO 32000-2, 7.3.4.2."""
    given = found[1]
    return bytes([int(given, 8) & 255]) if given.isdigit() and given[:1] in b"01234567" else given
