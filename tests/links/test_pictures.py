"""QR codes in pictures.  The codes are made by segno, which shares nothing with what reads them."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Iterator

import pytest
import segno
from PIL import Image, ImageDraw, ImageFilter

from lazaretto.links import pictures

URL = "https://evil.example/verify?id=%d"


@pytest.fixture(autouse=True)
def _loaded() -> None:
    pictures.prepare()


def code(
    text: str, scale: int = 4, dark: str = "black", light: str = "white", error: str = "h", border: int = 4
) -> Image.Image:
    file = io.BytesIO()
    segno.make(text, error=error, micro=False).save(
        file, kind="png", scale=scale, dark=dark, light=light, border=border
    )
    return Image.open(file).convert("RGB")


def saved(image: Image.Image, kind: str = "PNG", **given: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **given)
    return file.getvalue()


def on_page(image: Image.Image, dice: random.Random) -> Image.Image:
    """In a picture of a letter."""
    ground = Image.new("RGB", (image.width + 300, image.height + 400), (250, 250, 245))
    draw = ImageDraw.Draw(ground)
    for line in range(12):
        draw.text(
            (20, 10 + 14 * line), "Your mailbox will be closed, scan this code to keep it " * 2, fill=(40, 40, 40)
        )
    ground.paste(image, (dice.randint(20, 250), dice.randint(190, 350)))
    return ground


def generated() -> Iterator[tuple[str, str, bytes]]:
    """What, its text and its picture: rotated, coloured, with a logo, inverted, small, blurred, in six formats."""
    dice = random.Random(5)
    for number, angle in enumerate((7, 15, 30, 45, 90, 133, 180, 200, 270, 315)):
        text = URL % number
        turned = code(text, 6).rotate(angle, expand=True, fillcolor="white", resample=Image.Resampling.BICUBIC)
        yield f"rotated {angle}", text, saved(on_page(turned, dice), "JPEG" if number % 2 else "PNG")
    colours = ("#c00000", "#003399", "#006633", "#5b2c83", "#333366", "#7a4b00", "#d35400", "#0078d4")
    for number, dark in enumerate(colours, 10):
        yield f"coloured {dark}", URL % number, saved(code(URL % number, dark=dark, light="#fdf6e3"))
    for number, (dark, light) in enumerate((("white", "black"), ("yellow", "#202060"), ("#f0f0f0", "#a00000")), 18):
        yield f"inverted {dark}", URL % number, saved(on_page(code(URL % number, 5, dark, light), dice))
    for number in range(21, 29):
        image = code(URL % number, 8)
        side = image.width // 5
        left = (image.width - side) // 2
        ImageDraw.Draw(image).rounded_rectangle((left, left, left + side, left + side), 9, fill=(0, 120 + number, 212))
        if number % 2:  # the logo with a white gap through it
            ImageDraw.Draw(image).rectangle(
                (left, left + side // 2 - 3, left + side, left + side // 2 + 3), fill="white"
            )
        yield f"logo {number}", URL % number, saved(image, "JPEG")
    for number, kind in enumerate(("GIF", "BMP", "WEBP", "JPEG"), 29):
        yield kind, URL % number, saved(on_page(code(URL % number, 3), dice), kind)
    yield "one pixel a module", URL % 33, saved(code(URL % 33, 1, error="m"))
    yield "two pixels a module", URL % 34, saved(code(URL % 34, 2, error="m"))
    yield "no margin", URL % 35, saved(code(URL % 35, 4, border=0))
    yield "blurred", URL % 36, saved(code(URL % 36, 5).filter(ImageFilter.GaussianBlur(1.5)), "JPEG")
    yield "pale", URL % 37, saved(code(URL % 37, 4, dark="#b8b8b8"))
    yield "squeezed", URL % 38, saved(code(URL % 38, 6).resize((240, 300)))
    see_through = io.BytesIO()
    segno.make(URL % 39, error="h").save(see_through, kind="png", scale=5, light=None)
    yield "transparent", URL % 39, see_through.getvalue()


def test_generated_codes_are_read() -> None:
    samples = list(generated())
    assert len(samples) == 40
    missed = [what for what, text, data in samples if text not in list(pictures.codes(data))]
    assert len(missed) <= 2, missed  # 95 %


def ordinary(number: int) -> bytes:
    """Noise, gradients, text, charts, chequers, stripes, tables: what pictures in mail are made of."""
    dice = random.Random(number)
    image = Image.new("RGB", (dice.randint(60, 500), dice.randint(60, 400)), tuple(dice.choices(range(256), k=3)))
    draw = ImageDraw.Draw(image)
    sort = number % 8
    if sort == 0:
        image = Image.effect_noise(image.size, dice.randint(20, 120)).convert("RGB")
    elif sort == 1:
        image = Image.linear_gradient("L").resize(image.size).convert("RGB")
    elif sort == 2:
        for line in range(0, image.height, 12):
            draw.text((5, line), "".join(dice.choices("abcdefgh ijklmnop", k=80)), fill="black")
    elif sort == 3:
        for at in range(0, image.width, 20):
            draw.rectangle((at, image.height - dice.randint(1, image.height), at + 12, image.height), fill="navy")
    elif sort == 4:
        side = dice.randint(4, 16)
        for x in range(0, image.width, side):
            for y in range(0, image.height, side):
                draw.rectangle((x, y, x + side, y + side), fill="white" if dice.random() < 0.5 else "black")
    elif sort == 5:
        for at in range(0, image.width, dice.randint(3, 9)):
            draw.line((at, 0, at, image.height), fill="black", width=dice.randint(1, 4))
    elif sort == 6:
        for _ in range(30):
            x, y = dice.randint(0, image.width), dice.randint(0, image.height)
            draw.ellipse((x, y, x + dice.randint(5, 80), y + dice.randint(5, 80)), outline="black", width=3)
    else:  # three squares that look like those of a code
        for x, y in ((5, 5), (image.width - 47, 5), (5, image.height - 47)):
            draw.rectangle((x, y, x + 42, y + 42), fill="black")
            draw.rectangle((x + 6, y + 6, x + 36, y + 36), fill="white")
            draw.rectangle((x + 12, y + 12, x + 30, y + 30), fill="black")
    return saved(image, "JPEG" if number % 3 else "PNG")


def test_ordinary_pictures_hold_none() -> None:
    assert {number: found for number in range(200) if (found := list(pictures.codes(ordinary(number))))} == {}


def test_every_frame_of_an_animation_is_looked_at() -> None:
    blank = Image.new("RGB", (180, 180), "white")
    file = io.BytesIO()
    frames = [Image.new("RGB", (180, 180), (shade, 200, 200)) for shade in range(0, 200, 20)]
    blank.save(file, "GIF", save_all=True, append_images=[*frames, code(URL % 1).resize((180, 180))])
    assert list(pictures.codes(file.getvalue())) == [URL % 1]


def bomb(side: int) -> bytes:
    """A PNG that says it is so big, in a few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(random.Random(1).randbytes(1000)))
        + chunk(b"IEND", b"")
    )


def test_too_many_pixels_are_said() -> None:
    with pytest.raises(pictures.TooBig, match="30000 x 30000"):
        list(pictures.codes(bomb(30_000)))


def animation(frames: list[Image.Image], durations: list[int], kind: str = "GIF") -> bytes:
    file = io.BytesIO()
    frames[0].save(file, kind, save_all=True, append_images=frames[1:], duration=durations)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
@pytest.mark.parametrize("place", [0, 70, 149])
def test_a_code_that_stays_is_found_among_many_brief_frames(kind: str, place: int) -> None:
    frames = [Image.new("L", (120, 120), 255 - count % 8 * 30) for count in range(150)]
    frames[place] = code(URL % 1).convert("L").resize((120, 120))
    durations = [40] * 150
    durations[place] = 800
    assert list(pictures.codes(animation(frames, durations, kind))) == [URL % 1]


def test_ordinary_animations_are_no_limit_and_cost_little(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Image.Image] = []
    monkeypatch.setattr(pictures, "read", lambda image: asked.append(image) or iter(()))
    frames = [Image.new("L", (600, 600), 255 - count % 8 * 30) for count in range(150)]
    assert list(pictures.codes(animation(frames, [40] * 150))) == []
    assert 1 < len(asked) <= 14


def test_transparent_pictures_need_little_memory_and_are_read() -> None:
    shown = code(URL % 1).convert("L").resize((300, 300))
    clear = Image.new("RGBA", (300, 300), (0, 0, 0, 0))
    clear.putalpha(shown.point(lambda light: 255 - light))
    assert list(pictures.codes(saved(clear))) == [URL % 1]


def test_too_many_scans_are_said() -> None:
    data = saved(Image.new("L", (2000, 2000), 128), "JPEG", progressive=True)
    last = data[data.rindex(b"\xff\xda") : -2]
    with pytest.raises(pictures.TooBig, match="scans"):
        list(pictures.codes(data[:-2] + last * 1000 + data[-2:]))
    assert list(pictures.codes(data)) == []


def test_too_many_frames_are_said() -> None:
    file = io.BytesIO()
    frames = [Image.new("L", (40, 40), shade % 256) for shade in range(pictures.FRAMES + 5)]
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    with pytest.raises(pictures.TooBig, match="frames"):
        list(pictures.codes(file.getvalue()))


def test_damage_is_borne() -> None:
    data = saved(on_page(code(URL % 1), random.Random(1)), "JPEG")
    for cut in (50, 150, 1000, len(data) // 2):
        list(pictures.codes(data[:cut]))
    assert list(pictures.codes(b"GIF89a" + bytes(300))) == []
    assert list(pictures.codes(b"")) == []


def test_what_is_too_small_is_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "read", lambda image: pytest.fail("decoded"))
    assert list(pictures.codes(saved(Image.effect_noise((20, 20), 50)))) == []
    assert list(pictures.codes(saved(Image.effect_noise((2500, 30), 50)))) == []


def test_frames_that_make_an_animation_larger_are_counted() -> None:
    frame = b",\0\0\0\0%s%s\0\x02\x02\x44\x01\0"
    small = frame % (b"\x40\0", b"\x40\0")
    large = frame % (b"\xff\xff", b"\xff\xff")
    data = b"GIF89a\x40\0\x40\0\x80\0\0\0\0\0\xff\xff\xff" + small + large + b";" + bytes(80)
    with pytest.raises(pictures.TooBig, match="65535 x 65535"):
        list(pictures.codes(data))
