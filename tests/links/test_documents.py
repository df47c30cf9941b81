"""Links in documents."""

from __future__ import annotations

import pytest

from lazaretto.links import documents


def raws(found: object) -> list[str]:
    return [link.raw for link in found]  # type: ignore[attr-defined]


def test_relations_of_office() -> None:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    text = (
        f'<Relationships><Relationship Id="1" Type="{kind}/hyperlink" Target="https://evil.example/&amp;x"'
        ' TargetMode="External"/>'
        f'<Relationship Id="2" Type="{kind}/styles" Target="styles.xml"/></Relationships>'
    )
    assert [(link.raw, link.where) for link in documents.xml(text)] == [("https://evil.example/&x", "link")]


def test_fields_of_word() -> None:
    assert raws(documents.xml('<w:instrText> HYPERLINK "https://evil.example/a" \\o "tip"</w:instrText>')) == [
        "https://evil.example/a"
    ]


def test_formulas_of_tables() -> None:
    assert raws(documents.xml("<f>HYPERLINK(&quot;https://evil.example/t&quot;,&quot;Pay&quot;)</f>")) == [
        "https://evil.example/t"
    ]


def test_opendocument() -> None:
    (link,) = documents.xml('<text:a xlink:type="simple" xlink:href="https://evil.example/o">www.bank.example</text:a>')
    assert (link.raw, link.shown) == ("https://evil.example/o", "www.bank.example")


@pytest.mark.parametrize(
    "text",
    [
        r'{\rtf1{\field{\*\fldinst HYPERLINK "https://evil.example/r"}{\fldrslt www.bank.example}}}',
        r"{\rtf1{\field{\*\fldinst {HYPERLINK \"https://evil.example/r\"}}{\fldrslt {\ul www.bank.example}}}}",
        r"{\rtf1 {\field{\*\fldinst HYPERLINK https://evil.example/r}{\fldrslt x}}}",
        r'{\rtf1{\field{\*\fldinst HYPERLINK "https://evil.exampl\'65/r"}}}',
    ],
)
def test_rtf(text: str) -> None:
    assert "https://evil.example/r" in raws(documents.rtf(text))


def test_what_an_rtf_shows() -> None:
    found = next(
        documents.rtf(r'{\rtf1{\field{\*\fldinst HYPERLINK "https://evil.example/r"}{\fldrslt www.bank.example}}}')
    )
    assert found.shown == "www.bank.example"


def test_calendar() -> None:
    text = "BEGIN:VEVENT\r\nURL:https://evil.example/lo\r\n ng\r\n"
    text += "DESCRIPTION:Join\\nhttps://evil.example/d\\, now\r\nEND:VEVENT\r\n"
    assert raws(documents.calendar(text)) == ["https://evil.example/long", "https://evil.example/d"]


def test_card() -> None:
    text = "BEGIN:VCARD\nVERSION:2.1\nURL;ENCODING=QUOTED-PRINTABLE:https://evil.example/?a=3D=\n1\nEND:VCARD\n"
    assert raws(documents.calendar(text)) == ["https://evil.example/?a=1"]


def test_shortcuts() -> None:
    text = "[InternetShortcut]\r\nURL=https://evil.example/\r\nIconFile=\\\\10.0.0.1\\x\\i.ico\r\n"
    assert raws(documents.shortcut(text)) == [
        "https://evil.example/", "file://10.0.0.1/x/i.ico",
    ]  # fmt: skip
    assert raws(
        documents.shortcut("<plist><dict><key>URL</key><string>https://evil.example/?a&amp;b</string></dict>")
    ) == ["https://evil.example/?a&b"]


def test_binary_in_both_widths() -> None:
    wide = "https://evil.example/w".encode("utf-16-le")
    data = b'\0\1HYPERLINK "http://evil.example/n"\x14' + b"\0\0" + wide + b"\0\0 http://schemas.microsoft.com/x\0"
    assert raws(documents.binary(data)) == ["https://evil.example/w", "http://evil.example/n"]


def test_hostile_texts_cost_little() -> None:
    for text in (
        "HYPERLINK " * 20_000,
        "\\'" * 50_000,
        "{\\fldrslt " * 20_000,
        "xlink:href<a " * 20_000,
        "HYPERLINK(" * 20_000,
    ):
        for read in (documents.xml, documents.rtf, documents.calendar, documents.shortcut):
            list(read(text))


def test_fields_in_many_runs() -> None:
    text = '<w:instrText>HYPER</w:instrText><w:r/><w:instrText>LINK "https://evil.</w:instrText>'
    assert raws(documents.xml(text + '<w:instrText>example/a"</w:instrText>')) == ["https://evil.example/a"]


def test_relations_in_any_spelling() -> None:
    for mode in ("TargetMode='External'", 'TargetMode="&#69;xternal"', 'TargetMode = "External"'):
        text = f'<Relationship Target="https://evil.example/" {mode} Type="x/hyperlink"/>'
        assert raws(documents.xml(text)) == ["https://evil.example/"]


def test_pictures_that_are_fetched() -> None:
    text = '<w:instrText> INCLUDEPICTURE "\\\\evil.example\\x.png" \\d</w:instrText>'
    assert raws(documents.xml(text)) == ["\\\\evil.example\\x.png"]


def test_rtf_with_words_cut_by_control_words() -> None:
    text = r'{\rtf1 {\field{\*\fldinst HYPER{\b LINK} "ht\b0 tp://evil.example/x"}{\fldrslt x}}}'
    assert "http://evil.example/x" in raws(documents.rtf(text))
    share = r'{\rtf1 {\field{\*\fldinst HYPERLINK "\\\\evil.example\\x"}}}'
    assert raws(documents.rtf(share)) == [r"\\evil.example\x"]
