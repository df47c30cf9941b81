"""For each heuristic a file that shows it and one like it that does not."""

from __future__ import annotations

import io
from collections.abc import Mapping

import pikepdf
from tests.engines.documents import make
from tests.engines.documents import samples as all_
from tests.engines.documents.make import PAYLOAD, PNG, docx, iso, linked, native, pdf, rtf, scripted, stream
from tests.office import vbamake

from lazaretto.testing import mail

File = tuple[str, bytes]


def _pdf(name: str) -> File:
    return "a.pdf", all_.PDF[f"{name}.pdf"]


def _rtf(name: str) -> File:
    return "a.rtf", all_.RTF[f"{name}.rtf"]


def _office(name: str) -> File:
    return name, {**all_.OFFICE, **all_.OLE}[name]


def _delivery(name: str) -> File:
    return name, all_.DELIVERY[name]


def _fine(name: str) -> File:
    return name, all_.HARMLESS[name]


def _locked(attachment: bytes, said: str, link: bytes = b"") -> File:
    out = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.attachments["a.doc"] = pikepdf.AttachedFileSpec(document, attachment, filename="a.doc")
        if link:
            action = pikepdf.Dictionary(S=pikepdf.Name.URI, URI=link)
            document.pages[0].obj.Annots = pikepdf.Array([pikepdf.Dictionary(A=action)])
        document.save(out, encryption=pikepdf.Encryption(user="Tm7kQz", owner="Tm7kQz"))
    return "mail.eml", mail(said, attachments={"a.pdf": out.getvalue()})


_MACROS = vbamake.project('Sub AutoOpen()\nShell "a"\nEnd Sub\n')
_PLAIN, _TEXT, _DOCX = _fine("text.pdf"), _fine("text.rtf"), _fine("text.docx")
_ISO = _fine("documents.iso")
_SUBMIT = b"<</S/SubmitForm/F(http://example.invalid/)>>"
_JUMP = "<?xml version='1.0'?><a:hlinkClick action='ppaction://hlinkshowjump'/>"
_XFA = b"/AcroForm<</XFA 10 0 R>>"

PAIRS: Mapping[str, tuple[File, File]] = {
    "pdf.program": (_pdf("launch"), _pdf("launch-file")),
    "pdf.launch": (_pdf("launch-file"), _fine("goto.pdf")),
    "pdf.script": (_fine("print.pdf"), _PLAIN),
    "pdf.opening-script": (_fine("print.pdf"), _fine("form.pdf")),
    "pdf.opening-launch": (_pdf("launch-next"), _pdf("launch-old-revision")),
    "pdf.opening-link": (_pdf("open-link"), _fine("link.pdf")),
    "pdf.opening-inner": (_pdf("goto-embedded"), _fine("goto.pdf")),
    "pdf.inner": (_pdf("goto-embedded"), _fine("attached.pdf")),
    "pdf.server": (_pdf("server"), _fine("link.pdf")),
    "pdf.form": (("a.pdf", pdf(page=b"/Annots[<</A" + _SUBMIT + b">>]")), _fine("form.pdf")),
    "pdf.media": (_pdf("flash"), _PLAIN),
    "pdf.flash": (_pdf("flash"), ("a.pdf", pdf(page=b"/Annots[<</Subtype/RichMedia>>]"))),
    "pdf.xfa": (_pdf("form"), _fine("form.pdf")),
    "pdf.xfa-script": (_pdf("form"), ("a.pdf", pdf(_XFA, objects={10: stream(b"<template></template>")}))),
    "pdf.exploit": (_pdf("get-icon"), _fine("print.pdf")),
    "pdf.export": (_pdf("export-spread"), ("a.pdf", scripted(b"this.exportAsText();"))),
    "pdf.script-link": (("a.pdf", scripted(b"app.launchURL('http://example.invalid/')")), _fine("print.pdf")),
    "pdf.spray": (_pdf("spray"), _fine("print.pdf")),
    "pdf.split-word": (_pdf("export-joined"), _pdf("export")),
    "pdf.escaped": (_pdf("launch-escaped"), ("a.pdf", pdf(b"/Pag#65Mode/UseNone"))),
    "pdf.filters": (_pdf("hidden-script"), ("a.pdf", pdf(objects={10: stream(b"61>", b"/Filter[/ASCIIHexDecode]")}))),
    "pdf.picture": (_pdf("picture"), ("a.pdf", linked(b"https://example.invalid/"))),
    "pdf.wide-link": (_pdf("wide-link"), _pdf("link-script")),
    "pdf.only-link": (_pdf("link-script"), ("a.pdf", linked(b"http://a.example.invalid/", b"http://b.example.invalid/"))),
    "pdf.locked-link": (_locked(docx(), "The password is Tm7kQz", b"http://example.invalid/"), _pdf("link-script")),
    "link.program": (_pdf("link-script"), ("a.pdf", linked(b"https://example.invalid/index.com"))),
    "link.archive": (_pdf("link-number"), _fine("link.pdf")),
    "link.number": (_pdf("link-number"), _fine("link.pdf")),
    "link.scheme": (_pdf("link-javascript"), ("a.pdf", linked(b"mailto:a@example.invalid"))),
    "link.user": (_pdf("link-user"), ("a.pdf", linked(b"https://example.invalid/a@b.example"))),
    "carry.program": (_pdf("attached-program"), _fine("attached.pdf")),
    "carry.script": (_rtf("package-script"), _fine("package.rtf")),
    "carry.shortcut": (_rtf("package-shortcut"), _fine("package.rtf")),
    "carry.document": (_fine("object.rtf"), _TEXT),
    "carry.bad": (_pdf("attached-document"), ("a.pdf", make.attached("a.docx", docx()))),
    "carry.disguised": (_pdf("attached-disguised"), _pdf("attached-script")),
    "carry.macros": (_locked(_MACROS, "The password is Tm7kQz"), _locked(docx(), "The password is Tm7kQz")),
    "carry.locked": (_locked(docx(), "The password is Tm7kQz"), _locked(docx(), "Hello")),
    "rtf.update": (_rtf("equation-update"), _TEXT),
    "rtf.link": (_rtf("link-old"), _rtf("equation")),
    "rtf.page": (_rtf("page"), _rtf("browser")),
    "rtf.template": (_rtf("template-escaped"), _fine("template.rtf")),
    "rtf.picture": (
        ("a.rtf", b"{\\rtf1{\\field{\\*\\fldinst INCLUDEPICTURE \"http://example.invalid/a.png\" \\\\d}}}"),
        ("a.rtf", b"{\\rtf1{\\field{\\*\\fldinst HYPERLINK \"http://example.invalid/\"}}}"),
    ),
    "rtf.obfuscated": (_rtf("equation-spread"), ("a.rtf", rtf(PAYLOAD * 30).replace(b"0d0a", b"0d0a\r\n"))),
    "rtf.header": (_rtf("equation-short-head"), _TEXT),
    "rtf.hidden-object": (_rtf("package-scriptlet"), ("a.rtf", rtf(PAYLOAD, b"\\objemb\\objw4000\\objh3000"))),
    "rtf.equation": (_rtf("equation-honest-object"), _fine("equation.docx")),
    "rtf.loaded": (_rtf("link"), _rtf("link-share")),
    "rtf.oversize": (_rtf("fonts"), ("a.rtf", b"{\\rtf1{\\listoverridecount9}{\\sp{\\sn pFragments}{\\sv 1;00}}}")),
    "rtf.broken-object": (
        ("a.rtf", rtf(native(b"A" * 2_000, PAYLOAD))),
        _fine("object.rtf"),
    ),
    "ole.equation": (_fine("equation.docx"), _fine("package.docx")),
    "ole.equation-exploit": (_office("equation-native.xlsx"), _fine("equation.docx")),
    "ole.link": (_office("moniker.docx"), _fine("package.docx")),
    "ole.moniker": (_office("moniker.docx"), ("a.docx", docx({"word/a.bin": make.link_object("C:\\a.doc")}))),
    "ole.server": (_rtf("link-share"), ("a.rtf", rtf(make.linked_object(b"C:\\a.doc"), b"\\objlink"))),
    "ole.script-moniker": (_office("script-class.docx"), _office("moniker.docx")),
    "ole.composite": (_rtf("link-composite"), _rtf("link")),
    "ole.page": (_office("browser.docx"), _fine("package.docx")),
    "ole.control": (_rtf("control"), _rtf("page")),
    "ole.flash": (_office("flash.docx"), _office("control.docx")),
    "office.handler": (_office("mhtml.docx"), _office("page.docx")),
    "office.bang": (_office("page.docx"), _office("object.docx")),
    "office.template": (_office("template.docx"), _fine("template.docx")),
    "office.object": (_office("object.docx"), _fine("hyperlink.docx")),
    "office.number": (_office("template-number.docx"), _office("template.docx")),
    "office.share": (_office("picture.docx"), _fine("hyperlink.docx")),
    "office.chunk": (
        ("a.docx", make.with_inner(("aFChunk", "a.rtf"), {"word/a.rtf": all_.HARMLESS["text.rtf"]})),
        ("a.docx", make.with_inner(("image", "a.png"), {"word/a.png": PNG})),
    ),
    "office.action": (_office("action.pptx"), ("a.pptx", docx({"ppt/slides/slide1.xml": _JUMP}))),
    "office.hover": (_office("hover.pptx"), _office("action.pptx")),
    "onenote.file": (_fine("attached.one"), _fine("notes.one")),
    "onenote.picture": (("a.one", all_.ONENOTE["script.one"]), ("a.one", all_.ONENOTE["command.one"])),
    "onenote.words": (("a.one", all_.ONENOTE["page.one"]), _fine("notes.one")),
    "deliver.image": (_ISO, ("a.zip", docx())),
    "deliver.program": (_delivery("program.iso"), _ISO),
    "deliver.script": (_delivery("script.iso"), _ISO),
    "deliver.shortcut": (_delivery("shortcut.iso"), _ISO),
    "deliver.beside": (_delivery("shortcut.iso"), ("a.iso", iso({"a.lnk": make.lnk()}))),
    "deliver.hta": (_delivery("page.hta"), ("a.html", b"<html><body>hello</body></html>")),
    "deliver.library": (_delivery("unnamed-addin.bin"), _fine("library.dll")),
    "deliver.query": (_delivery("query.iqy"), ("a.iqy", b"WEB\r\n1\r\n")),
    "deliver.sheet": (_fine("table.slk"), ("a.csv", b"1,2\r\n3,4\r\n")),
    "deliver.folder": (_delivery("folder.library-ms"), ("a.library-ms", b"<?xml version='1.0'?><libraryDescription/>")),
    "deliver.setting": (_delivery("setting.settingcontent-ms"), ("a.settingcontent-ms", all_._HEAD + b"<PCSettings/>")),
    "deliver.link": (_delivery("icon.url"), _fine("link.url")),
    "deliver.host": (_delivery("host.wsh"), ("a.wsh", b"[Options]\r\n")),
    "deliver.theme": (_delivery("saver.theme"), _fine("plain.theme")),
    "deliver.remote-desktop": (_delivery("office.rdp"), ("a.rdp", b"screen mode id:i:2\r\n")),
    "deliver.redirected": (_delivery("office2.rdp"), ("a.rdp", b"full address:s:example.invalid\r\n")),
    "deliver.installer": (_delivery("setup.appref-ms"), ("a.jnlp", b"<?xml version='1.0'?><jnlp/>")),
    "deliver.console": (_delivery("console.msc"), ("a.msc", b"<?xml version='1.0'?><a/>")),
    "deliver.console-script": (_delivery("tasks.msc"), ("a.msc", all_._MSC % b"Disk Management")),
    "deliver.troubleshooter": (_delivery("fix.diagcab"), ("a.cab", b"MSCF" + bytes(60))),
    "deliver.command": (_delivery("tasks.msc"), ("a.msc", all_._MSC % b"Disk Management")),
    "deliver.address": (_delivery("query.iqy"), _fine("plain.theme")),
}  # fmt: skip
# Nothing here writes compiled help files: test_delivery.py makes the parts of one.
ELSEWHERE = frozenset({"deliver.help", "deliver.help-shortcut", "deliver.help-command"})
