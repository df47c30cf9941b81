"""Links in PDF."""

from __future__ import annotations

import io
import time

import pikepdf
import pytest
from PIL import Image, PdfImagePlugin
from tests.links.test_pictures import URL, code

from lazaretto.links import pictures, portable

LIMITS = portable.Limits(pages=20, code_pages=5, seconds=20)


@pytest.fixture(autouse=True)
def _loaded() -> None:
    pictures.prepare()
    portable.prepare()


def document(*uris: str, text: str = "", pages: int = 1, packed: bool = True) -> bytes:
    pdf = pikepdf.new()
    font = pdf.make_indirect(
        pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    )
    for _ in range(pages):
        page = pdf.add_blank_page(page_size=(612, 792))
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        page.Contents = pdf.make_stream(f"BT /F1 12 Tf 72 700 Td ({text}) Tj ET".encode())
    pdf.pages[0].Annots = pdf.make_indirect(
        pikepdf.Array(
            [
                pikepdf.Dictionary(
                    Type=pikepdf.Name.Annot,
                    Subtype=pikepdf.Name.Link,
                    Rect=[60, 690, 500, 720],
                    A=pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String(uri)),
                )
                for uri in uris
            ]
        )
    )
    out = io.BytesIO()
    mode = pikepdf.ObjectStreamMode.generate if packed else pikepdf.ObjectStreamMode.disable
    pdf.save(out, object_stream_mode=mode)
    return out.getvalue()


assert PdfImagePlugin  # writes PDF; Pillow looks for no plugin once pictures.prepare has been called


def of_pictures(*images: Image.Image) -> bytes:
    out = io.BytesIO()
    first, *rest = (image.convert("RGB") for image in images)
    first.save(out, "PDF", save_all=True, append_images=rest)
    return out.getvalue()


def raws(data: bytes, limits: portable.Limits = LIMITS) -> list[str]:
    return [found.link.raw for found in portable.read(data, limits) if found.link]


@pytest.mark.parametrize("packed", [True, False])
def test_annotations_with_what_is_shown(packed: bool) -> None:
    found = [
        each.link
        for each in portable.read(document("https://evil.example/(a)", text="www.bank.example", packed=packed), LIMITS)
        if each.link
    ]
    assert ("https://evil.example/(a)", "www.bank.example") in [(link.raw, link.shown) for link in found]


def test_links_in_the_text() -> None:
    assert "https://evil.example/text" in raws(document(text="go to https://evil.example/text now"))


def test_codes_on_pages() -> None:
    page = Image.new("RGB", (1240, 1754), "white")
    page.paste(code(URL % 1, 6), (400, 900))
    found = list(portable.read(of_pictures(Image.new("RGB", (800, 800), "grey"), page), LIMITS))
    assert [each.code for each in found if each.code] == [URL % 1]


def test_codes_that_are_drawn() -> None:
    import segno

    out = io.BytesIO()
    segno.make(URL % 2, error="m").save(out, kind="pdf", scale=5)
    assert [each.code for each in portable.read(out.getvalue(), LIMITS) if each.code] == [URL % 2]


def test_limits_are_said() -> None:
    many = document(text="page", pages=30)
    assert [each.limit for each in portable.read(many, LIMITS) if each.limit] == ["20 of 30 pages were looked at"]
    drawn = of_pictures(*[Image.effect_noise((300, 300), 50) for _ in range(7)])
    assert [each.limit for each in portable.read(drawn, LIMITS) if each.limit] == [
        "QR codes were looked for on 5 of 7 pages"
    ]
    late = [each.limit for each in portable.read(many, LIMITS._replace(seconds=-1)) if each.limit]
    assert late == ["-1 seconds were up at page 1 of 30"]


def test_damage_is_borne() -> None:
    whole = document("https://evil.example/", packed=False)
    assert "https://evil.example/" in raws(whole[: whole.index(b"xref")])
    for cut in range(0, len(whole), 97):
        raws(whole[:cut])
    assert raws(b"") == []


def test_many_links_over_much_text_are_read_in_time() -> None:
    text = "lorem ipsum dolor sit amet " * 8000
    began = time.monotonic()
    found = raws(document(*[f"https://evil.example/{count}" for count in range(3000)], text=text))
    assert "https://evil.example/2999" in found
    assert time.monotonic() - began < 3 * LIMITS.seconds


def test_links_beyond_the_limit_of_a_page_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portable, "_ANNOTATIONS", 3)
    data = document(*[f"https://evil.example/{count}" for count in range(5)])
    (said,) = [each for each in portable.read(data, LIMITS) if each.limit]
    assert not said.ordinary
