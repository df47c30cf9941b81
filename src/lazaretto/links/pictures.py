"""QR codes in pictures: read only where one can be, in formats and sizes that cannot hurt.

Modules of Pillow are loaded by ``prepare``: in the sandbox nothing can be opened any more.
"""

from __future__ import annotations

import importlib
import io
import warnings
from collections.abc import Iterator
from typing import Any, Final

# Readers of few lines or of much use; those of rare formats, and what runs other programs (EPS), stay away.
FORMATS: Final = ("PNG", "JPEG", "GIF", "BMP", "WEBP")
TYPES: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/bmp", "image/webp"})
SMALLEST: Final = 25  # pixels on the shorter side: a code has 21 modules at least (ISO/IEC 18004, 5.3.1), and a margin
MOST_PIXELS: Final = 64_000_000  # of several bytes each
MOST_NARROW: Final = 160_000_000  # of one byte each, as in scans in black and white
FRAMES: Final = 2_000  # of an animation
MOST_MOVING: Final = 160_000_000  # pixels of all its frames
_SCAN = b"\xff\xda"  # ITU-T T.81, B.2.3: begins a scan, which goes over all pixels; a progressive picture has about ten
_MOST_DRAWN = 10 * 320_000_000
_LONG = 400  # milliseconds; nobody reads a code that is shown for less, but where it comes again and again
_BRIEF = 12  # sights of an animation that are read however short they are
_LOOK = (32, 32)  # cells by whose light two sights are told apart
_ALIKE = 8  # steps of 256 that a cell may change within one sight
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
        if image.format == "JPEG" and (scans := data.count(_SCAN)) * width * height > _MOST_DRAWN:
            raise TooBig(f"a picture of {width} x {height} pixels in {scans} scans")
        if width * height > _most(image):
            raise TooBig(f"a picture of {width} x {height} pixels")
        yield from _each(image, width * height)


def _each(image: Any, pixels: int) -> Iterator[Any]:
    """Sights of an animation: the first ones, all that stay long enough to be read, and the last; a damaged picture
    ends where it is damaged.  Frames are drawn upon each other, so each has to be decoded."""
    last = look = None
    shown = sights = 0
    waits = False  # whether the present sight has not been given out yet
    for count in range(FRAMES + 1):
        if count:
            try:
                image.seek(count)
            except MemoryError:
                raise TooBig(f"an animation whose frame {count + 1} does not fit into the memory") from None
            except Exception:  # noqa: BLE001 EOFError at the end; others where it is damaged
                break
            pixels += image.width * image.height  # a frame may make the whole larger
            if count == FRAMES or pixels > MOST_MOVING or image.width * image.height > MOST_PIXELS:
                if waits:
                    yield last
                raise TooBig(
                    f"an animation of more than {count} frames, of up to {image.width} x {image.height} pixels"
                )
        grey = _grey(image)
        if grey is None:
            continue
        now = grey.resize(_LOOK, reducing_gap=1.0)
        if look is None or _differ(look, now):
            look, shown, waits, sights = now, 0, True, sights + 1
        last, shown = grey, shown + int(image.info.get("duration", 0) or 100)
        if waits and (sights <= _BRIEF or shown >= _LONG):
            waits = False
            yield grey
    if waits:  # what remains when it has come to its end
        yield last


def _differ(one: Any, other: Any) -> bool:
    from PIL import ImageChops

    _, most = ImageChops.difference(one, other).getextrema()
    return not isinstance(most, tuple) and most > _ALIKE  # grey pictures have one band


def _most(image: Any) -> int:
    if image.format == "JPEG":
        return 5 * MOST_PIXELS
    narrow = image.mode in ("1", "L", "P") and "transparency" not in image.info
    return MOST_NARROW if narrow else MOST_PIXELS


def _grey(image: Any) -> Any:
    from PIL import Image

    try:
        if image.format == "JPEG":
            image.draft("L", (_WORKING, _WORKING))  # decoded at a fraction of its size
        if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
            # Light and cover by themselves, made small before they are put on white: a big one fills the memory else.
            image = image if image.mode in ("RGBA", "LA") else image.convert("RGBA")
            grey, cover = image.convert("L"), image.getchannel("A")
            for each in (grey, cover):
                each.thumbnail((_WORKING, _WORKING))
            return Image.composite(grey, Image.new("L", grey.size, 255), cover)
        grey = (image.convert("RGB") if image.mode == "CMYK" else image).convert("L")
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
