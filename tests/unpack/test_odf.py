from __future__ import annotations

from typing import Any

import pytest
from tests.unpack import officefiles as make

from lazaretto.model import Kind, Severity
from lazaretto.office import opendocument
from lazaretto.office.opendocument import Secret

CONTENT = '<office:document-content xmlns:office="o" xmlns:draw="d" xmlns:xlink="x">%s</office:document-content>'
MIME = "application/vnd.oasis.opendocument.text"


def package(content: str, manifest: str = "<manifest:manifest xmlns:manifest='m'/>") -> bytes:
    return make.zipped({"mimetype": MIME, "content.xml": content, "META-INF/manifest.xml": manifest})


@pytest.mark.parametrize("how", ["cbc", "gcm", "blowfish"])
def test_a_known_word_opens(kit: Any, how: str) -> None:
    content = CONTENT.encode() + kit.payload
    found = kit.exploded(make.odt(content, "infected", how), "a.odt")
    path = "encrypted-package" if how == "gcm" else "content.xml"
    assert found.data[f"a.odt!decrypted/{path}"] == content
    assert found.names == {"unpack.password"}
    zipped = kit.zip_of({"in/a.odt": make.odt(content, "infected", how)})
    assert kit.exploded(zipped, "b.zip").data[f"b.zip!in/a.odt!decrypted/{path}"] == content


@pytest.mark.parametrize("how", ["cbc", "gcm", "blowfish"])
def test_what_no_word_opens_is_said(kit: Any, how: str) -> None:
    found = kit.exploded(make.odt(b"x" * 3000, "qwertz", how), "a.odt")
    finding = found.finding("unpack.encrypted")
    assert (finding.kind, finding.severity) == (Kind.ENCRYPTED, Severity.MEDIUM)
    assert "3 words tried" in finding.evidence[0]


def test_what_nothing_opens_and_what_takes_too_long(kit: Any) -> None:
    other = make.odt(b"x", "1234").replace(b"aes256-cbc", b"unknown123")
    assert "nothing here opens it" in kit.exploded(other, "a.odt").finding("unpack.encrypted").evidence[0]
    slow = make.odt(b"x", "1234").replace(b'count="1000"', b'count="9999999"')
    assert "limit.rounds" in kit.exploded(slow, "a.odt").names


@pytest.mark.parametrize(
    ("element", "severity"),
    [
        ("<draw:object xlink:href='http://h/a'/>", Severity.MEDIUM),
        ("<draw:floating-frame xlink:href='\\\\h\\s\\a'/>", Severity.MEDIUM),
        ("<draw:image xlink:href='http://h/a.png'/>", Severity.INFORMATIONAL),
        ("<draw:image xlink:href='file://h/s/a.png'/>", Severity.LOW),
        ("<text:section-source xlink:href='https://h/a.odt'/>", Severity.MEDIUM),
    ],
)
def test_what_lies_outside(kit: Any, element: str, severity: Severity) -> None:
    found = kit.exploded(package(CONTENT % element), "a.odt")
    assert [(each.name, each.severity, each.artifact) for each in found.findings] == [
        ("odf.external", severity, "a.odt!content.xml")
    ]


def test_what_lies_inside_or_waits_for_a_click(kit: Any) -> None:
    body = (
        "<draw:image xlink:href='Pictures/a.png'/><text:a xlink:href='http://h'/><draw:object xlink:href='./Object 1'/>"
    )
    assert kit.exploded(package(CONTENT % body), "a.odt").findings == []


def test_macros_are_noted(kit: Any) -> None:
    event = "<script:event-listener script:event-name='dom:load' xlink:href='vnd.sun.star.script:A.B.C'/>"
    row = "<manifest:file-entry manifest:full-path='Basic/S/A.xml'/>"
    manifest = f"<manifest:manifest xmlns:manifest='m'>{row}</manifest:manifest>"
    found = kit.exploded(package(CONTENT % event, manifest), "a.odt")
    assert found.finding("odf.macros").evidence == ("Basic/S/A.xml",)
    assert found.finding("odf.events").kind is Kind.MACRO


def test_damage(kit: Any) -> None:
    data = make.odt(b"text" * 500, "1234")
    for at in range(0, len(data), 41):
        changed = data[:at] + bytes([data[at] ^ 0x15]) + data[at + 1 :]
        assert "unpack.crashed" not in kit.exploded(changed, "a.odt").names
        assert "unpack.crashed" not in kit.exploded(data[:at], "a.odt").names


def test_a_link_beside_one_that_is_none(kit: Any) -> None:
    found = kit.exploded(package(CONTENT % "<draw:object a:href='b' xlink:href='http://h/a'/>"), "a.odt")
    assert found.finding("odf.external").severity is Severity.MEDIUM


def test_what_is_encrypted_under_another_name(kit: Any) -> None:
    found = kit.exploded(make.odt(b"x" * 3000, "infected").replace(b'"content.xml"', b'"c0ntent.xml"'), "a.odt")
    assert found.finding("unpack.encrypted").kind is Kind.ENCRYPTED


def test_files_that_the_word_does_not_open_are_not_all_tried(kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    def opened(secret: Secret, word: str, data: bytes) -> list[bytes] | None:
        tried.append(secret.path)
        return [b"x"] if len(tried) == 1 else None

    monkeypatch.setattr(opendocument, "opened", opened)
    secrets = "".join(
        f"<manifest:file-entry manifest:full-path='{n}'><manifest:encryption-data><manifest:algorithm"
        " manifest:algorithm-name='aes256-cbc'/><manifest:key-derivation manifest:key-derivation-name='PBKDF2'/>"
        "</manifest:encryption-data></manifest:file-entry>"
        for n in range(50)
    )
    manifest = f"<manifest:manifest xmlns:manifest='m'>{secrets}</manifest:manifest>"
    files = {"META-INF/manifest.xml": manifest, **{str(n): "x" * 50 for n in range(50)}}
    found = kit.exploded(make.zipped({"mimetype": MIME, **files}), "a.odt")
    assert "unpack.encrypted" in found.names
    assert len(tried) < 10
