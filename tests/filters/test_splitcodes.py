"""QR codes in two pictures."""

from __future__ import annotations

import pytest
from PIL import Image
from tests.links.test_pictures import URL, code, saved

from lazaretto import config
from lazaretto.inspection import Inspector
from lazaretto.model import Finding, Kind, Severity
from lazaretto.testing import envelope, hostile, mail


@pytest.fixture(scope="module")
def inspector() -> Inspector:
    return Inspector(config.Loaded(config.Config.model_validate({}), None))


def halves(*, upright: bool) -> dict[str, bytes]:
    whole = code(URL % 1, 6)
    middle = whole.height // 2
    first = (0, 0, whole.width, middle) if upright else (0, 0, middle, whole.height)
    second = (0, middle, whole.width, whole.height) if upright else (middle, 0, whole.width, whole.height)
    return {"a.png": saved(whole.crop(first)), "b.png": saved(whole.crop(second))}


def said(inspector: Inspector, attached: dict[str, bytes]) -> list[Finding]:
    found = inspector.inspect(mail(attachments=attached), envelope())
    return [finding for finding in found.findings if finding.source == "splitcodes"]


@pytest.mark.parametrize("upright", [True, False])
def test_halves_are_put_together(inspector: Inspector, upright: bool) -> None:
    (finding,) = said(inspector, halves(upright=upright))
    assert (finding.name, finding.kind, finding.severity) == ("url.qr-split", Kind.PHISHING, Severity.MEDIUM)
    assert finding.artifact == "2/a.png"
    assert finding.evidence == (f"with 3/b.png it is a QR code: {URL % 1}",)


def test_whole_codes_and_ordinary_pictures_are_none(inspector: Inspector) -> None:
    whole = saved(code(URL % 1, 6))
    noise = saved(Image.effect_noise((200, 100), 50))
    assert said(inspector, {"a.png": whole, "b.png": whole, "c.png": noise, "d.png": noise}) == []
    assert said(inspector, {"a.png": saved(Image.new("L", (200, 100))), "b.png": noise}) == []


def test_too_many_are_said(inspector: Inspector) -> None:
    noise = {f"{n}.png": saved(Image.effect_noise((100, 50), n + 1)) for n in range(20)}
    assert [finding.name for finding in said(inspector, noise)] == ["limit.pairs"]


def test_damage_is_borne(inspector: Inspector) -> None:
    cut = {name: data[: len(data) // 2] for name, data in halves(upright=True).items()}
    assert all(finding.name == "url.qr-split" for finding in said(inspector, cut))
    said(inspector, {f"{n}.png": b"\x89PNG\r\n\x1a\n" + data[:1000] for n, data in enumerate(hostile())})
