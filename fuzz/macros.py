# Invariant: any bytes as a compound file with a Visual Basic project or a workbook with macro sheets, as a macro sheet
# or module in XML, as a table or a document in RTF, as a package or its members, give findings of the engine "macros";
# never an exception, a hang.
"""Macros, through their engine."""

from __future__ import annotations

from functools import cache

from tests.engines.macros import files, samples, shapes
from tests.office import vbamake, xlsmake
from tests.unpack import officefiles

from lazaretto.engines.macros import Macros, actions
from lazaretto.engines.macros.basic import Basic
from lazaretto.engines.macros.signs import Signs
from lazaretto.engines.macros.weights import load
from lazaretto.office import kinds, properties
from lazaretto.office.compound import MAGIC
from lazaretto.testing import artifact

DOCM = "application/vnd.ms-word.document.macroenabled.12"
BOOK = xlsmake.workbook(
    [
        xlsmake.call(
            "EXEC", xlsmake.join(xlsmake.text("a"), xlsmake.call("CHAR", xlsmake.number(66)), xlsmake.cell(0, 1))
        )
    ],
    more=xlsmake.name(1) + xlsmake.link("cmd\3/c x"),
    texts=["text"],
)
SHEET = b'<?xml version="1.0"?><xm:macrosheet xmlns:xm="m"><c r="A1"><f>EXEC("a"&amp;A2)</f></c><c r="A2"><v>b</v></c>'
MODULE = b'<?xml version="1.0"?><script:module script:language="StarBasic">Sub a()\nShell(&quot;x&quot;)\n'
FIELDS = (
    b'<?xml version="1.0"?><w:document><w:fldChar w:fldCharType="begin"/><w:instrText>DDEAUTO a</w:instrText>'
    b'<w:fldChar w:fldCharType="end"/>'
)

PROPERTIES = files.properties(title="a", comments="powershell -c 1")

SEEDS = (
    *(source.encode() for source in samples.HOSTILE.values()),
    vbamake.project(samples.HOSTILE["chr"]),
    officefiles.ole(vbamake.streams({"a": ""}, names=("AutoOpen", "Shell"), cache=vbamake.literal("powershell"))),
    officefiles.ole({"Workbook": BOOK, "WordDocument": b"\x13 DDEAUTO cmd \x14\x15" + bytes(4096)}),
    SHEET,
    MODULE,
    FIELDS,
    b'ID;P\r\nNN;NAuto_Open\r\nC;X1;Y1;EEXEC("a")\r\n',
    b"=cmd|'/c calc'!A0\r\n",
    rb"{\rtf1{\field{\*\fldinst DDEAUTO cmd}}}",
    xlsmake.binary_sheet({(0, 0): xlsmake.wide_call("EXEC", xlsmake.wide_text("a"))}, {(0, 1): "b"}),
    files.docm(vbamake.project(samples.HOSTILE["variables"]), samples.LURES["en"], files.settings(x="powershell")),
    files.old(vbamake.streams({"a": samples.HOSTILE["properties"]}), more={"\x05SummaryInformation": PROPERTIES}),
    files.form(samples.HOSTILE["form"], "powershell"),
    files.xlsm(shapes.XLM["exec-cells"], texts=("cmd", ".exe")),
    files.xlsb(shapes.XLM["exec"]),
    files.odt(shapes.BASIC["chr"]),
    files.pptm("ppaction://program", target="powershell"),
    files.ppt(2, "powershell", hover=True),
    PROPERTIES,
    b"\xe8\x02\x10\1\0\3\0\0\0c\0m\0d\0\0\0\0\0",
)


@cache
def engine() -> Macros:
    return Macros(Macros.Settings())


def target(data: bytes) -> None:
    types = (
        [kinds.OLE2]
        if data.startswith(MAGIC)
        else ["text/xml", "text/csv", "application/rtf", "application/octet-stream"]
    )
    if data.startswith(b"PK"):
        types = [DOCM]
    for kind in types:
        list(engine().inspect(artifact(data, type=kind)))
    properties.texts(data)
    for found in (actions.slide, actions.relations):
        list(found(data.decode("latin-1")))
    signs = Signs(load())
    basic = Basic(signs)
    basic.read("Module1", data.decode("latin-1"))
    basic.finish()
    assert len(signs.finding("macro.vba", "x").evidence) < 30
