"""Whole documents around the samples: packages, compound files, forms, properties, slides."""

from __future__ import annotations

import html
import struct
from collections.abc import Mapping

from tests.engines.macros.formulas import tokens
from tests.office import vbamake, xlsmake
from tests.unpack import officefiles

_MODULE = (
    '<!DOCTYPE script:module><script:module xmlns:script="s" script:name="Mod{}" script:language="StarBasic">{}'
    "</script:module>"
)
_LISTENER = (
    '<office:event-listeners><script:event-listener script:language="ooo:script" script:event-name="dom:load" '
    'xlink:href="vnd.sun.star.script:Standard.Mod0.Main?language=Basic&amp;location=document"/></office:event-listeners>'
)
SLIDE = (
    '<?xml version="1.0"?><p:sld xmlns:p="p" xmlns:a="a" xmlns:r="r"><p:cNvPr id="1" name="P"><a:{} r:id="rId2" '
    'action="{}"/></p:cNvPr></p:sld>'
)


def docm(project: bytes, text: str = "", parts: Mapping[str, bytes | str] | None = None) -> bytes:
    run = f"<w:p><w:r><w:t>{html.escape(text)}</w:t></w:r></w:p>"
    body = f'<?xml version="1.0"?><w:document xmlns:w="w">{run}</w:document>'
    return officefiles.docx({"word/document.xml": body, "word/vbaProject.bin": project, **(parts or {})})


def template(target: str) -> dict[str, bytes | str]:
    return {"word/_rels/settings.xml.rels": officefiles.relations(("attachedTemplate", target))}


def settings(**values: str) -> dict[str, bytes | str]:
    rows = "".join(f'<w:docVar w:name="{name}" w:val="{html.escape(text)}"/>' for name, text in values.items())
    return {
        "word/settings.xml": f'<?xml version="1.0"?><w:settings xmlns:w="w"><w:docVars>{rows}</w:docVars></w:settings>'
    }


def custom(**values: str) -> dict[str, bytes | str]:
    rows = "".join(
        f'<property fmtid="f" pid="{number}" name="{name}"><vt:lpwstr>{html.escape(text)}</vt:lpwstr></property>'
        for number, (name, text) in enumerate(values.items(), 2)
    )
    return {"docProps/custom.xml": f'<?xml version="1.0"?><Properties xmlns="c" xmlns:vt="v">{rows}</Properties>'}


def core(comments: str) -> dict[str, bytes | str]:
    text = f"<dc:description>{html.escape(comments)}</dc:description>"
    return {"docProps/core.xml": f'<?xml version="1.0"?><cp:coreProperties xmlns:dc="d">{text}</cp:coreProperties>'}


def form(source: str, *texts: str) -> bytes:
    """A project with a user form that has these captions and tags ([MS-OFORMS])."""
    streams = vbamake.streams({"Module1": source})
    streams["UserForm1/f"] = b"\0\4\x08\0" + bytes(16) + b"".join(_form_text(each) for each in texts)
    streams["UserForm1/o"] = b"\0\2\x10\0" + bytes(16)
    return officefiles.ole(streams)


def _form_text(text: str) -> bytes:
    octets = text.encode()
    return struct.pack("<I", len(octets) | 1 << 31) + octets + bytes(-len(octets) % 4)


def properties(**values: str) -> bytes:
    """A stream "\\x05SummaryInformation" ([MS-OLEPS]); title, subject, author, keywords, comments."""
    numbers = {"title": 2, "subject": 3, "author": 4, "keywords": 5, "comments": 6}
    head, body = b"", b""
    for name, text in values.items():
        head += struct.pack("<II", numbers[name], 8 + 8 * len(values) + len(body))
        octets = text.encode() + b"\0"
        octets += bytes(-len(octets) % 4)
        body += struct.pack("<II", 0x1E, len(octets)) + octets
    section = struct.pack("<II", 8 + len(head) + len(body), len(values)) + head + body
    return b"\xfe\xff\0\0" + bytes(20) + struct.pack("<I", 1) + bytes(16) + struct.pack("<I", 48) + section


def old(project: Mapping[str, bytes], text: str = "text", more: Mapping[str, bytes] | None = None) -> bytes:
    """A document of Word 97."""
    folder = {f"Macros/{name}": data for name, data in project.items()}
    return officefiles.ole(
        {"WordDocument": officefiles.doc(text.encode("cp1252", "replace")), **folder, **(more or {})}
    )


# ---------------------------------------------------------------------------- Excel 4 in three formats


def biff8(rows: list[str], *, name: str | int = 1, hidden: int = 0, texts: tuple[str, ...] = ()) -> bytes:
    more = xlsmake.name(name) if name else b""
    book = xlsmake.workbook([tokens(each) for each in rows], more=more, hidden=hidden, texts=texts)
    return officefiles.ole({"Workbook": book})


def xlsm(rows: list[str], *, name: str = "_xlnm.Auto_Open", hidden: str = "", texts: tuple[str, ...] = ()) -> bytes:
    cells = "".join(f'<c r="A{row}"><f>{html.escape(each)}</f></c>' for row, each in enumerate(rows, 1))
    cells += "".join(f'<c r="B{row}" t="s"><v>{row - 1}</v></c>' for row in range(1, len(texts) + 1))
    state = f' state="{hidden}"' if hidden else ""
    names = f'<definedNames><definedName name="{name}">Macro1!$A$1</definedName></definedNames>' if name else ""
    strings = "".join(f"<si><t>{html.escape(each)}</t></si>" for each in texts)
    return officefiles.zipped(
        {
            "[Content_Types].xml": "<Types/>",
            "xl/workbook.xml": f'<workbook><sheets><sheet name="Macro1" sheetId="1"{state} r:id="rId1"/></sheets>'
            f"{names}</workbook>",
            "xl/_rels/workbook.xml.rels": '<Relationships><Relationship Id="rId1" Type="x/xlMacrosheet" '
            'Target="macrosheets/sheet1.xml"/></Relationships>',
            "xl/sharedStrings.xml": f"<sst>{strings}</sst>",
            "xl/macrosheets/sheet1.xml": '<?xml version="1.0"?><xm:macrosheet xmlns:xm="m"><sheetData>'
            f"{cells}</sheetData></xm:macrosheet>",
        }
    )


def xlsb(rows: list[str], *, auto: bool = True, texts: tuple[str, ...] = ()) -> bytes:
    sheet = xlsmake.binary_sheet(
        {(row, 0): tokens(each, package=True) for row, each in enumerate(rows)},
        {(row, 1): each for row, each in enumerate(texts)},
    )
    name = "_xlnm.Auto_Open".encode("utf-16-le") if auto else b""
    return officefiles.zipped(
        {
            "[Content_Types].xml": "<Types/>",
            "xl/workbook.bin": b"\x83\x01\0" + name,
            "xl/macrosheets/sheet1.bin": sheet,
        }
    )


def sylk(rows: list[str], *, name: str = "Auto_Open") -> bytes:
    lines = ["ID;P"] + [f"C;Y{row};X1;K0;E{each.replace(';', ';;')}" for row, each in enumerate(rows, 1)]
    return "\r\n".join([*lines, f"NN;N{name};ER1C1", "E", ""]).encode()


# ---------------------------------------------------------------------------- OpenDocument, PowerPoint


def odt(*sources: str, starts: bool = True) -> bytes:
    modules = {
        f"Basic/Standard/Mod{number}.xml": _MODULE.format(number, html.escape(each))
        for number, each in enumerate(sources)
    }
    content = f"<office:document-content>{_LISTENER if starts else ''}</office:document-content>"
    return officefiles.zipped(
        {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content, **modules}
    )


def pptm(action: str, *, hover: bool = False, project: bytes = b"", target: str = "") -> bytes:
    slide = SLIDE.format("hlinkMouseOver" if hover else "hlinkClick", html.escape(action))
    parts: dict[str, bytes | str] = {
        "[Content_Types].xml": "<Types/>",
        "ppt/presentation.xml": "<p:presentation/>",
        "ppt/slides/slide1.xml": slide,
    }
    if target:
        parts["ppt/slides/_rels/slide1.xml.rels"] = (
            '<?xml version="1.0"?><Relationships><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
            f'relationships/hyperlink" Target="{html.escape(target)}" TargetMode="External"/></Relationships>'
        )
    if project:
        parts["ppt/vbaProject.bin"] = project
    return officefiles.zipped(parts)


def ppt(action: int, what: str, *, hover: bool = False) -> bytes:
    """[MS-PPT] InteractiveInfo: an action in a presentation of PowerPoint 97."""
    atom = officefiles.atom(0x0FF3, struct.pack("<IIBBBBB3x", 0, 0, action, 0, 0, 0, 0))
    name = officefiles.atom(0x0FBA, what.encode("utf-16-le"))
    info = officefiles.atom(0x0FF2, atom + name, container=True, instance=int(hover))
    return officefiles.ole({"PowerPoint Document": officefiles.atom(0x03E8, info, container=True).ljust(4096, b"\0")})
