"""QR codes in pictures: read only where one can be, in formats and sizes that cannot hurt.

Modules of Pillow are loaded by ``prepare``: in the sandbox nothing can be opened any more.
"""

from __future__ import annotations

import importlib
import io
import warnings
import zlib
from collections.abc import Iterator
from typing import Any, Final

# Readers of few lines or of much use; those of rare formats, and what runs other programs (EPS), stay away.
FORMATS: Final = ("PNG", "JPEG", "GIF", "BMP", "WEBP")
TYPES: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/bmp", "image/webp"})
SMALLEST: Final = 25  # pixels on the shorter side: a code has 21 modules at least (ISO/IEC 18004, 5.3.1), and a margin
MOST_PIXELS: Final = 40_000_000
FRAMES: Final = 100  # of an animation, and as many pixels in all as one picture may have
_WORKING = 2_000  # pixels on the longer side that are searched
_SMALL = 400  # below it a code is tried magnified
_FEWEST = 100  # bytes that hold no code


class TooBig(Exception):
    """More pixels or frames than are looked at."""


def prepare() -> None:
    """Loads what reads pictures and codes."""
    from PIL import Image

    for name in ("Png", "Jpeg", "Gif", "Bmp", "WebP"):
        importlib.import_module(f"PIL.{name}ImagePlugin")
    Image.MAX_IMAGE_PIXELS = None  # ours counts, which is said and not raised
    Image._initialized = 2  # no other plugin is ever looked for
    for name in ("ImageFile", "ImageOps", "ImageChops", "ImageFilter", "ImagePalette", "ImageSequence", "JpegPresets"):
        importlib.import_module(f"PIL.{name}")
    import zxingcpp

    zxingcpp.read_barcodes(Image.new("L", (8, 8)), formats=_formats())


def codes(data: bytes) -> Iterator[str]:
    """What is written in the QR codes of a picture.  Raises TooBig, after what could be read."""
    if len(data) < _FEWEST:
        return
    seen: set[str] = set()
    for image in frames(data):
        for text in read(image):
            if text not in seen:
                seen.add(text)
                yield text


def frames(data: bytes, smallest: int = SMALLEST) -> Iterator[Any]:
    """In grey, none bigger than is searched.  A damaged picture gives what can be seen of it."""
    from PIL import Image, ImageFile

    ImageFile.LOAD_TRUNCATED_IMAGES = True
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            image: Any = Image.open(io.BytesIO(data), formats=FORMATS)
        except Exception:  # noqa: BLE001 no picture; whoever shows it fails as well
            return
        width, height = image.size
        if min(width, height) < smallest or max(width, height) > 60 * min(width, height):
            return
        if width * height > MOST_PIXELS and not (image.format == "JPEG" and width * height <= 8 * MOST_PIXELS):
            raise TooBig(f"a picture of {width} x {height} pixels")
        yield from _each(image, width * height)


def _each(image: Any, pixels: int) -> Iterator[Any]:
    """Frames that show something new; a damaged picture ends where it is damaged."""
    seen: set[int] = set()
    for count in range(FRAMES + 1):
        if count:
            try:
                image.seek(count)
            except Exception:  # noqa: BLE001 EOFError at the end; others where it is damaged
                return
            if count == FRAMES or count * pixels > MOST_PIXELS:
                raise TooBig(f"an animation of more than {count} frames of {image.size[0]} x {image.size[1]} pixels")
        grey = _grey(image)
        if grey is not None and (key := zlib.crc32(grey.tobytes())) not in seen:
            seen.add(key)
            yield grey


def _grey(image: Any) -> Any:
    from PIL import Image

    try:
        if image.format == "JPEG":
            image.draft("L", (_WORKING, _WORKING))  # decoded at a fraction of its size
        if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
            colours = image.convert("RGBA")
            ground = Image.new("RGBA", colours.size, "white")
            ground.alpha_composite(colours)
            image = ground
        grey = image.convert("RGB").convert("L") if image.mode in ("P", "CMYK", "RGBA") else image.convert("L")
        grey.thumbnail((_WORKING, _WORKING))
    except (MemoryError, KeyboardInterrupt, SystemExit):
        raise
    except Exception:  # noqa: BLE001 a damaged picture shows nothing
        return None
    return grey


def size(data: bytes) -> tuple[int, int] | None:
    """Width and height as the header says; None for no picture and for one that is too big or too small."""
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            width, height = Image.open(io.BytesIO(data), formats=FORMATS).size
        except Exception:  # noqa: BLE001 no picture
            return None
    return (width, height) if min(width, height) >= SMALLEST // 2 and width * height <= MOST_PIXELS else None


def joined(one: bytes, other: bytes, *, upright: bool) -> Iterator[str]:
    """Codes that only two pictures together show, one upon the other or side by side."""
    from PIL import Image

    halves = [next(frames(each, smallest=SMALLEST // 2), None) for each in (one, other)]
    first, second = halves
    if first is None or second is None or any(text for half in halves for text in read(half)):
        return
    width = max(first.width, second.width) if upright else first.width + second.width
    height = first.height + second.height if upright else max(first.height, second.height)
    whole = Image.new("L", (width, height), 255)
    whole.paste(first, (0, 0))
    whole.paste(second, (0, first.height) if upright else (first.width, 0))
    yield from read(whole)


def read(grey: Any) -> Iterator[str]:
    """Codes in a grey picture.  Where there is little contrast it is stretched; a small one is magnified."""
    import zxingcpp
    from PIL import Image, ImageOps

    low, high = grey.getextrema()
    if high - low < 16:  # one colour
        return
    tries = [grey]
    if high - low < 160:
        tries.append(ImageOps.autocontrast(grey))
    if max(grey.size) <= _SMALL:
        tries.append(ImageOps.expand(grey.resize((grey.width * 3, grey.height * 3), Image.Resampling.NEAREST), 24, 255))
    for each in tries:
        found = zxingcpp.read_barcodes(each, formats=_formats())
        if found:
            yield from (code.text for code in found[:16] if code.text)
            return


def _formats() -> Any:
    """Those of ISO/IEC 18004; micro codes hold no link."""
    import zxingcpp

    return zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
