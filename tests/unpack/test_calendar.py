from __future__ import annotations

import base64
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lazaretto.config import Settings
from lazaretto.model import Artifact, Kind
from lazaretto.unpack.calendar import Calendar, properties


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def folded(line: str) -> str:
    """RFC 5545 section 3.1."""
    return "\r\n ".join(line[at : at + 70] for at in range(0, len(line), 70))


def event(line: str) -> str:
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\n{line}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"


def card(line: str) -> str:
    return f"BEGIN:VCARD\r\nVERSION:2.1\r\nN:Doe;John\r\n{line}\r\nTEL:1\r\nEND:VCARD\r\n"


def lines(data: bytes, start: str) -> str:
    text = b64(data)
    return "\r\n".join(start + text[at : at + 60] for at in range(0, len(text), 60))


def printable(text: str) -> str:
    return "=\r\n".join(text.replace("=", "=3D")[at : at + 60] for at in range(0, len(text.replace("=", "=3D")), 60))


CARRIERS: dict[str, Callable[[bytes], str]] = {
    "ATTACH": lambda data: event(folded(f"ATTACH;FMTTYPE=application/zip;ENCODING=BASE64;VALUE=BINARY:{b64(data)}")),
    "ATTACH, value alone": lambda data: event(folded(f"attach;value=binary:{b64(data)}")),
    "ATTACH, data:": lambda data: event(folded(f"ATTACH:data:application/zip;base64,{b64(data)}")),
    "quoted parameter": lambda data: event(folded(f'ATTACH;X="a;b:c";ENCODING=BASE64:{b64(data)}')),
    "IMAGE": lambda data: event(folded(f"IMAGE;VALUE=URI:data:image/png;base64,{b64(data)}")),
    "X-ALT-DESC": lambda data: event(folded(f"X-ALT-DESC;FMTTYPE=text/html:<a href='data:;base64\\,{b64(data)}'>")),
    "DESCRIPTION": lambda data: event(folded(f'DESCRIPTION:<p>\\n<a href="data:;base64\\,{b64(data)}">')),
    "KEY 4.0": lambda data: card(folded(f"item1.KEY;MEDIATYPE=application/zip:data:;base64,{b64(data)}")),
    "PHOTO 3.0": lambda data: card(folded(f"PHOTO;ENCODING=b;TYPE=JPEG:{b64(data)}")),
    "PHOTO 2.1": lambda data: card(f"PHOTO;JPEG;BASE64:\r\n{lines(data, '    ')}\r\n"),
    "LOGO 2.1, not folded": lambda data: card(f"LOGO;ENCODING=BASE64:\r\n{lines(data, '')}\r\n"),
    "SOUND, quoted-printable": lambda data: card(
        "SOUND;ENCODING=QUOTED-PRINTABLE:" + "=\r\n".join(f"={byte:02X}" for byte in data)
    ),
    "NOTE, quoted-printable": lambda data: card(
        "NOTE;QUOTED-PRINTABLE:" + printable(f"<html><a href='data:;base64,{b64(data)}'>")
    ),
}


@pytest.mark.parametrize("name", CARRIERS)
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_an_archive_comes_out(kit: Any, name: str, end: str) -> None:
    packed = kit.zip_of({"run.js": kit.payload})
    found = kit.exploded(CARRIERS[name](packed).replace("\r\n", end).encode())
    assert kit.payload in found.data.values(), list(found.types.items())
    assert found.findings == []


@pytest.mark.parametrize("name", CARRIERS)
def test_a_text_comes_out(kit: Any, name: str) -> None:
    assert kit.payload in kit.exploded(CARRIERS[name](kit.payload).encode()).data.values()


@pytest.mark.parametrize("charset", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_in_other_charsets(kit: Any, charset: str) -> None:
    assert kit.payload in kit.exploded(CARRIERS["ATTACH"](kit.payload).encode(charset)).data.values()


@pytest.mark.parametrize("parameter", ["X-FILENAME", "FILENAME", "X-APPLE-FILENAME"])
def test_names_and_types(kit: Any, parameter: str) -> None:
    page = event(f'ATTACH;FMTTYPE=Application/PDF;{parameter}="a; b.pdf";ENCODING=BASE64;VALUE=BINARY:QUJD')
    artifact = kit.exploded(page.encode()).artifacts[1]
    assert (artifact.names, artifact.declared, artifact.data) == (("a; b.pdf",), "application/pdf", b"ABC")


def test_an_ordinary_calendar_holds_nothing(kit: Any) -> None:
    page = event(
        "SUMMARY:Lunch at <noon>\r\nDESCRIPTION:1 < 2\\, and more\r\nATTACH:https://example.org/a.pdf\r\nURL:x"
    )
    assert len(kit.exploded(page.encode()).artifacts) == 1


def test_properties_are_unfolded() -> None:
    text = 'item1.NOTE;LANGUAGE=de;X="a:b":one\n two\n\tthree\n\nno property\n:none\nb@d:x\nTEL:1'
    assert [tuple(each) for each in properties(text)] == [
        ("NOTE", {"LANGUAGE": "de", "X": "a:b"}, "onetwothree"),
        ("TEL", {}, "1"),
    ]


def test_base64_of_version_2_1_ends_with_its_lines() -> None:
    found = list(properties("PHOTO;BASE64:QUJD\nREVG\nR0g=\nTEL:1\n"))
    assert [(each.name, each.value) for each in found] == [("PHOTO", "QUJDREVGR0g="), ("TEL", "1")]


@given(
    st.lists(st.sampled_from([*';:="\\\n ,<', "PHOTO", ";ENCODING=b:", ";BASE64:\n", "QUJD", "data:,x", "=\n", "\r"]))
)
def test_any_card(parts: list[str]) -> None:
    things(("BEGIN:VCARD\n" + "".join(parts)).encode())


@given(st.binary(max_size=300))
def test_any_bytes(kit: Any, data: bytes) -> None:
    assert kit.exploded(b"BEGIN:VCARD\n" + data, seconds=20).names <= {"unpack.malformed"}
    things(data)


def things(data: bytes) -> list[Any]:
    return list(Calendar(Settings()).unpack(Artifact("x", (), data, "text/vcard", "", None, None, 0, "")))


@pytest.mark.parametrize(
    "unit",
    ["a:b\n", ";", ";a", '"', '""', "\n", "\n ", "A;ENCODING=QUOTED-PRINTABLE:=\n", "QUJD\n", "A;BASE64:\n", "A:<"],
)
def test_four_megabytes_take_linear_time(kit: Any, unit: str) -> None:
    started = time.process_time()
    found = kit.exploded(b"BEGIN:VCARD\nPHOTO;ENCODING=b:" + unit.encode() * (4_000_000 // len(unit)))
    assert time.process_time() - started < 6
    assert {finding.kind for finding in found.findings} <= {Kind.LIMIT}


def test_too_many_files(kit: Any) -> None:
    found = kit.exploded(b"BEGIN:VCALENDAR\n" + b"ATTACH;VALUE=BINARY:QUJD\n" * 1001)
    assert found.finding("limit.members").kind == Kind.LIMIT
