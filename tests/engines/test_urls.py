"""The engine that reads links."""

from __future__ import annotations

import asyncio
import hashlib
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from tests.links.test_pictures import URL, code, saved
from tests.links.test_portable import document, of_pictures

from lazaretto import config
from lazaretto.engines.urls import MOST, Urls, UrlSettings
from lazaretto.inspection import Inspector
from lazaretto.model import Finding, Inspection, Kind, Severity, Status, Target
from lazaretto.testing import artifact, envelope, hostile, mail
from lazaretto.workers.pool import Pool


@pytest.fixture(scope="module")
def engine() -> Urls:
    return Urls(UrlSettings(protect=("bank.example bank.test",)))


def said(engine: Urls, data: bytes, **given: str) -> dict[str, Severity]:
    found = engine.inspect(artifact(data, **given))
    return {each.name: each.severity for each in found if isinstance(each, Finding)}


def targets(engine: Urls, data: bytes, **given: str) -> list[str]:
    return [each.url for each in engine.inspect(artifact(data, **given)) if isinstance(each, Target)]


def word_document() -> bytes:
    out = io.BytesIO()
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    with zipfile.ZipFile(out, "w") as file:
        file.writestr(
            "[Content_Types].xml", '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
        )
        file.writestr(
            "word/document.xml", "<w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'/>"
        )
        file.writestr(
            "word/_rels/document.xml.rels",
            '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="r1" Type="{kind}/hyperlink" Target="https://bank-example.com/" TargetMode="External"/>'
            "</Relationships>",
        )
    return out.getvalue()


CARRIERS = {
    "text": b"Go to https://bank-example.com/ now",
    "page": b'<html><a href="https://bank-example.com/">here</a></html>',
    "utf-16": '<html><a href="https://bank-example.com/">here</a></html>'.encode("utf-16"),
    "rtf": rb'{\rtf1{\field{\*\fldinst HYPERLINK "https://bank-example.com/"}{\fldrslt x}}}',
    "calendar": b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n"
    b"URL:https://bank-example\r\n .com/\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    "card": b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:x\r\nURL:https://bank-example.com/\r\nEND:VCARD\r\n",
    "shortcut": b"[InternetShortcut]\r\nURL=https://bank-example.com/\r\n",
    "markdown": b"# Title\n\n[here](//bank-example.com/)\n",
    "pdf": document("https://bank-example.com/"),
    "office": word_document(),
    "code": saved(code("https://bank-example.com/")),
}


@pytest.mark.parametrize("carrier", CARRIERS)
def test_every_carrier_through_the_whole_line(carrier: str) -> None:
    """As an attachment of a mail, with all unpackers."""
    given = {"engines": {"urls": {"protect": ["bank.example"]}}}
    inspector = Inspector(config.Loaded(config.Config.model_validate(given), None))
    found = inspector.inspect(
        mail(attachments={f"a.{'url' if carrier == 'shortcut' else 'bin'}": CARRIERS[carrier]}), envelope()
    )
    finding, *_ = [each for each in found.findings if each.name == "url.lookalike"]
    assert (finding.kind, finding.severity) == (Kind.PHISHING, Severity.HIGH)
    assert Target("https://bank-example.com/", "bank-example.com") in found.targets
    assert found.status is Status.SUSPICIOUS


def test_an_ordinary_newsletter_is_clean(engine: Urls) -> None:
    text = (
        '<a href="https://click.mailer.example/t?u=1">www.shop.com</a><a href="https://bit.ly/x">more</a>'
        '<a href="https://www.facebook.com/shop">us</a><img src="https://img.mailer.example/1.png">'
        '<form action="https://shop.com/find"><input type=search></form><a href="http://8.8.8.8/off">unsubscribe</a>'
    )
    found = said(engine, text.encode())
    assert set(found) == {"url.mismatch", "url.shortener", "url.ip"}
    assert set(found.values()) == {Severity.INFORMATIONAL}


def test_a_form_that_asks_for_a_password(engine: Urls) -> None:
    assert said(engine, b'<form action="https://x.example/p"><input type="password"></form>') == {
        "url.form": Severity.MEDIUM
    }


def test_codes_are_judged_as_links(engine: Urls) -> None:
    found = said(engine, saved(code("https://bank.example@evil.example/")))
    assert found == {"url.qr": Severity.INFORMATIONAL, "url.userinfo": Severity.MEDIUM}
    assert said(engine, saved(code("just a text"))) == {}
    assert said(Urls(UrlSettings(codes=False)), saved(code(URL % 1))) == {}


def test_one_finding_for_each_sign(engine: Urls) -> None:
    text = " ".join(f"http://8.8.8.{n}/" for n in range(20)).encode()
    (finding,) = [each for each in engine.inspect(artifact(text)) if isinstance(each, Finding)]
    assert len(finding.evidence) == 6
    assert finding.evidence[-1] == "and 15 more"
    text = (" ".join(f"http://8.8.{n}.8/" for n in range(200)) + " http://134744072/").encode()
    count = {each.name: each for each in engine.inspect(artifact(text)) if isinstance(each, Finding)}
    assert count["url.ip"].evidence[-1] == "and 195 more"
    assert count["url.ip-disguised"].severity is Severity.MEDIUM


def test_ordinary_files_meet_no_limit(engine: Urls) -> None:
    table = "\n".join(f"{n};https://shop.example/p/{n};12.50" for n in range(30_000)).encode()
    assert said(engine, table, type="text/csv") == {}
    assert said(engine, b"word, " * 2_000_000) == {}
    assert said(engine, bytes(20_000_000), type="application/msword") == {}


def test_limits_are_said(engine: Urls, monkeypatch: pytest.MonkeyPatch) -> None:
    many = " ".join(f"https://a.example/{n}" for n in range(MOST + 1)).encode()
    assert said(engine, many) == {"limit.links": Severity.LOW}
    monkeypatch.setattr("lazaretto.engines.urls.LONGEST", 1000)
    assert said(engine, b"word " * 2_000) == {"limit.bytes": Severity.LOW}
    from tests.links.test_pictures import bomb

    assert said(engine, bomb(30_000), type="image/png") == {"limit.picture": Severity.LOW}


def test_the_version_says_what_the_answer_depends_on(tmp_path: Path) -> None:
    (tmp_path / "a.hosts").write_text("evil.example\n")
    versions = {
        Urls(UrlSettings(**given)).version  # type: ignore[arg-type]  # each is one of its fields
        for given in ({}, {"protect": ("a.example",)}, {"brands": False}, {"feeds": (tmp_path,)}, {"code_pages": 1})
    }
    assert len(versions) == 5
    (line,) = Urls(UrlSettings(feeds=(tmp_path,))).describe()
    assert "1 links and hosts" in line


@pytest.mark.parametrize("kind", sorted(Urls.types))
def test_it_bears_anything(engine: Urls, kind: str) -> None:
    for data in hostile():
        list(engine.inspect(artifact(data, type=kind)))


def test_in_the_sandbox() -> None:
    """Libraries of pictures and PDF can open nothing there, and start no thread."""
    loaded = config.Loaded(config.Config.model_validate({"workers": {"count": 1}}), None)
    attached: dict[str, bytes] = {
        f"{kind}.bin": saved(code(URL % number), kind)
        for number, kind in enumerate(("PNG", "JPEG", "GIF", "BMP", "WEBP"))
    }
    attached["page.bin"] = of_pictures(code(URL % 9, 6))
    attached["text.bin"] = document("https://evil.example/pdf", text="Fonts")

    async def check() -> Inspection:
        pool = Pool(loaded)
        await pool.start()
        try:
            return await pool.inspect(mail(attachments=attached), envelope())
        finally:
            await pool.stop()

    found = asyncio.run(check())
    assert not [finding for finding in found.findings if finding.kind in (Kind.FAILED, Kind.LIMIT)]
    read = {target.url for target in found.targets}
    assert {URL % number for number in (0, 1, 2, 3, 4, 9)} <= read
    assert "https://evil.example/pdf" in read


def test_findings_do_not_depend_on_the_name(engine: Urls) -> None:
    data: Any = b"http://8.8.8.8/"
    assert hashlib.sha256(data).hexdigest()
    assert list(engine.inspect(artifact(data, name="a"))) == list(engine.inspect(artifact(data, name="b")))
