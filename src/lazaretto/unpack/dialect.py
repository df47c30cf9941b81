"""Which kind of XML: by the name of its first element and, where many have that name, by a namespace or a child."""

from __future__ import annotations

import re

from lazaretto.unpack import signatures

_ROOT = re.compile(r"<(?![?!])(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")

# Name of the first element in lower case; what has to stand near the beginning, in lower case ("": nothing); type.
_ROOTS: tuple[tuple[str, str, str], ...] = (
    ("svg", "", "image/svg+xml"),
    ("html", "", "text/html"),
    ("worddocument", "schemas.microsoft.com/office/word", signatures.WORDML),
    ("package", "office/2006/xmlpackage", signatures.WORD2006ML),
    ("workbook", "urn:schemas-microsoft-com:office:spreadsheet", signatures.SPREADSHEETML),
    ("document", "urn:oasis:names:tc:opendocument", signatures.FLAT_ODF),
    ("xdp", "ns.adobe.com/xdp", "application/vnd.adobe.xdp+xml"),
    ("stylesheet", "xsl", "application/xslt+xml"),
    ("transform", "1999/xsl/transform", "application/xslt+xml"),
    ("job", "<script", signatures.WINDOWS_SCRIPT),
    ("package", "<job", signatures.WINDOWS_SCRIPT),
    ("component", "<script", signatures.WINDOWS_SCRIPT),
    ("component", "<registration", signatures.WINDOWS_SCRIPT),
    ("scriptlet", "", signatures.WINDOWS_SCRIPT),
    ("rss", "", "application/rss+xml"),
    ("rdf", "purl.org/rss", "application/rss+xml"),
    ("feed", "w3.org/2005/atom", "application/atom+xml"),
    ("math", "", "application/mathml+xml"),
    ("kml", "", "application/vnd.google-earth.kml+xml"),
    ("gpx", "", "application/gpx+xml"),
    ("plist", "", "application/x-plist"),
    ("project", "developer/msbuild", "application/x-ms-project-build"),
    ("project", "sdk=", "application/x-ms-project-build"),
    ("configuration", "<runtime", "application/x-ms-config"),
    ("configuration", "<appsettings", "application/x-ms-config"),
    ("configuration", "<startup", "application/x-ms-config"),
    ("configuration", "<configsections", "application/x-ms-config"),
    ("configuration", "<system.", "application/x-ms-config"),
    ("envelope", "soap", "application/soap+xml"),
    ("definitions", "schemas.xmlsoap.org/wsdl", "application/wsdl+xml"),
    ("jnlp", "", signatures.JNLP),
    ("assembly", "urn:schemas-microsoft-com:asm", "application/x-ms-application"),
    ("appinstaller", "", signatures.APPINSTALLER),
    ("pcsettings", "", "application/x-ms-settingcontent"),
    ("librarydescription", "", "application/x-ms-library"),
    ("persistedquery", "", "application/x-ms-search"),
    ("mmc_consolefile", "", "application/x-ms-console"),
)
_NAMES = frozenset(name for name, _, _ in _ROOTS)


def kind(body: str) -> str:
    """The media type of a text that is XML."""
    root = _ROOT.search(body)
    name = root[1].lower() if root else ""
    if name not in _NAMES:
        return signatures.XML
    head = body.lower()
    return next((kind for each, near, kind in _ROOTS if each == name and near in head), signatures.XML)


def windows_script(body: str) -> bool:
    """Windows Script Host asks for no XML declaration."""
    root = _ROOT.match(body)
    return bool(root) and kind(body) == signatures.WINDOWS_SCRIPT
