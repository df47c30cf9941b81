"""Every true type that ``unpack/identify.py`` gives, its family, how it is known and its usual extensions.

Only data: the marks themselves stand where they are looked for.  A test holds the two together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class Family(StrEnum):
    """What a file of the type is for the one who opens it."""

    PROGRAM = "program"
    SCRIPT = "script"  # run by what Windows or macOS has, by opening it
    SOURCE = "source"  # run by nothing that opens it by itself, or a source
    INSTALLER = "installer"
    SHORTCUT = "shortcut"
    DOCUMENT = "document"
    PICTURE = "picture"
    MEDIA = "media"
    ARCHIVE = "archive"
    IMAGE = "disk image"
    MAIL = "mail"
    PAGE = "page"
    TEXT = "text"
    DATA = "data"
    FONT = "font"


class How(StrEnum):
    MARK = "a mark at its beginning"
    STRUCTURE = "fields that only it has"
    MEMBERS = "what is inside"
    TEXT = "the structure of the text"
    NAME = "its name, among texts"


class Known(NamedTuple):
    type: str
    family: Family
    how: How
    extensions: tuple[str, ...]  # the first is given to what has no name


_OFFICE = "vnd.openxmlformats-officedocument."
_MACRO = ".macroenabled.12"
_ODF = "vnd.oasis.opendocument."

# Type without "application/", then extensions; more of other main types.
_TABLE: tuple[tuple[Family, How, tuple[str, ...]], ...] = (
    (Family.PROGRAM, How.MARK, (
        "x-elf elf so", "x-mach-binary macho dylib", "wasm wasm", "x-dex dex", "x-lua-bytecode luac", "x-llvm bc",
        "vnd.adobe.flash.movie swf",
    )),
    (Family.PROGRAM, How.STRUCTURE, (
        "vnd.microsoft.portable-executable exe dll scr cpl ocx sys drv com pif xll wll ax efi mui acm",
        "x-dosexec exe com",
        "java-vm class", "x-python-bytecode pyc",
    )),
    (Family.PROGRAM, How.MEMBERS, ("java-archive jar", "vnd.android.package-archive apk")),
    (Family.SCRIPT, How.TEXT, (
        "text/javascript js jse mjs", "text/vbscript vbs vbe", "text/x-powershell ps1 psm1 psd1",
        "text/x-msdos-batch bat cmd", "text/x-windows-script wsf wsc sct", "hta hta", "text/x-ms-regedit reg",
        "text/x-applescript applescript", "x-setupscript inf", "x-ms-autorun inf",
    )),
    (Family.SCRIPT, How.MARK, ("x-applescript scpt",)),
    (Family.SOURCE, How.TEXT, (
        "text/x-shellscript sh bash zsh ksh command", "text/x-python py pyw", "text/x-perl pl pm",
        "text/x-php php phtml",
        "text/x-ruby rb", "text/x-lua lua", "text/x-tcl tcl", "text/x-awk awk", "text/x-asp asp aspx",
        "text/x-jsp jsp",
        "text/x-vba bas vba cls frm", "sql sql",
    )),
    (Family.SOURCE, How.NAME, (
        "text/x-c c h", "text/x-c++ cpp cc cxx hpp hh", "text/x-csharp cs", "text/x-java java", "text/x-go go",
        "text/x-rust rs", "text/x-swift swift", "text/x-zig zig", "text/x-kotlin kt", "text/x-typescript ts tsx",
        "text/x-makefile mk makefile", "text/x-dockerfile dockerfile", "text/x-yara yar yara", "text/x-twig twig",
        "text/x-handlebars handlebars hbs",
    )),
    (Family.INSTALLER, How.MARK, (
        "vnd.debian.binary-package deb", "x-rpm rpm", "x-installshield cab hdr", "x-epoc/x-sisx-app sisx",
        "x-chrome-extension crx",
    )),
    (Family.INSTALLER, How.STRUCTURE, ("x-nsis nsis", "vnd.symbian.install sis")),
    (Family.INSTALLER, How.MEMBERS, ("x-msi msi msp mst",)),
    (Family.INSTALLER, How.TEXT, (
        "x-java-jnlp-file jnlp", "x-ms-application application vsto manifest", "x-ms-appinstaller appinstaller",
    )),
    (Family.SHORTCUT, How.MARK, ("x-ms-shortcut lnk",)),
    (Family.SHORTCUT, How.TEXT, (
        "x-mswinurl url website", "x-ms-scf scf", "x-desktop desktop", "x-ms-settingcontent settingcontent-ms",
        "x-ms-library library-ms", "x-ms-search search-ms", "x-ms-console msc", "text/x-ms-iqy iqy",
    )),
    (Family.DOCUMENT, How.MARK, (
        "pdf pdf", "rtf rtf doc", "postscript ps eps", "onenote one onetoc2", "vnd.wordperfect wpd",
        "vnd.lotus-1-2-3 wk1 wks 123",
        "x-mswrite wri", "x-dwg dwg", "vnd.ms-htmlhelp chm", "x-ms-hxs hxs", "winhlp hlp",
        "image/vnd.djvu djvu djv",
    )),
    (Family.DOCUMENT, How.STRUCTURE, ("x-mobipocket-ebook mobi azw prc", "x-ms-biff xls xlt xla")),
    (Family.DOCUMENT, How.MEMBERS, (
        f"{_OFFICE}wordprocessingml.document docx dotx", f"vnd.ms-word.document{_MACRO} docm dotm",
        f"{_OFFICE}spreadsheetml.sheet xlsx xltx", f"vnd.ms-excel.sheet{_MACRO} xlsm xltm xlam",
        f"vnd.ms-excel.sheet.binary{_MACRO} xlsb", f"{_OFFICE}presentationml.presentation pptx ppsx potx",
        f"vnd.ms-powerpoint.presentation{_MACRO} pptm ppsm potm ppam", "vnd.ms-visio.drawing vsdx",
        f"vnd.ms-visio.drawing{_MACRO} vsdm", "epub+zip epub", "oxps oxps", "vnd.ms-xpsdocument xps",
        f"{_ODF}text odt", f"{_ODF}spreadsheet ods", f"{_ODF}presentation odp", f"{_ODF}graphics odg",
        f"{_ODF}formula odf", f"{_ODF}chart odc", f"{_ODF}database odb", f"{_ODF}base odb",
        f"{_ODF}text-template ott",
        f"{_ODF}spreadsheet-template ots", f"{_ODF}presentation-template otp", f"{_ODF}graphics-template otg",
        f"{_ODF}text-master odm", "msword doc dot", "vnd.ms-excel xls xlt xla", "vnd.ms-powerpoint ppt pps pot",
        "x-mspublisher pub",
        "vnd.visio vsd vst vss", "vnd.ms-project mpp", "vnd.ms-works wps wdb", "x-hwp hwp",
        "vnd.stardivision.writer sdw",
        "vnd.stardivision.calc sdc", "vnd.stardivision.impress sdd", "vnd.stardivision.draw sda",
        "x-ole-storage ole doc xls ppt docx xlsx pptx thumbs",
    )),
    (Family.DOCUMENT, How.TEXT, (
        "vnd.ms-wordml xml doc", "vnd.ms-word2006ml xml doc", "vnd.ms-spreadsheetml xml xls",
        f"{_ODF}text-flat-xml fodt",
        "vnd.adobe.xdp+xml xdp", "x-sylk slk", "text/x-tex tex latex sty",
    )),
    (Family.PICTURE, How.MARK, (
        "image/png png", "image/jpeg jpg jpeg jpe jfif", "image/gif gif", "image/tiff tif tiff",
        "image/vnd.microsoft.icon ico",
        "image/x-win-cursor cur", "image/vnd.adobe.photoshop psd", "image/emf emf", "image/wmf wmf",
        "image/jp2 jp2 j2k jpx",
        "image/jxl jxl", "image/jbig2 jb2", "image/vnd.ms-dds dds", "image/x-xcf xcf", "image/x-exr exr",
        "image/qoi qoi",
        "image/vnd.radiance hdr", "image/x-icns icns", "image/fits fits", "image/x-xpixmap xpm",
    )),
    (Family.PICTURE, How.STRUCTURE, (
        "image/webp webp", "image/heif heic heif avif", "image/bmp bmp dib", "image/x-tga tga",
        "image/vnd.zbrush.pcx pcx",
        "image/x-portable-anymap pnm pbm pgm ppm", "dicom dcm",
    )),
    (Family.PICTURE, How.TEXT, ("image/svg+xml svg",)),
    (Family.MEDIA, How.MARK, (
        "audio/ogg ogg oga opus ogv", "audio/flac flac", "audio/midi mid midi", "audio/basic au snd",
        "audio/amr amr",
        "audio/x-ape ape", "audio/x-wavpack wv", "video/x-ms-asf asf wmv wma", "video/x-flv flv",
        "video/mpeg mpg mpeg",
    )),
    (Family.MEDIA, How.STRUCTURE, (
        "audio/mpeg mp3", "audio/aac aac", "audio/wav wav", "audio/aiff aif aiff", "video/x-msvideo avi",
        "video/mp4 mp4 m4a m4v mov 3gp", "video/x-matroska mkv webm",
    )),
    (Family.ARCHIVE, How.MARK, (
        "zip zip", "gzip gz tgz svgz", "x-compress Z", "x-xz xz txz", "zstd zst", "x-lz4 lz4", "x-lzip lz",
        "x-7z-compressed 7z", "vnd.rar rar", "vnd.ms-cab-compressed cab msu", "x-szdd ex_", "x-kwaj kwj",
        "x-lzop lzo", "x-lrzip lrz",
        "x-grzip grz", "x-alz alz", "x-egg egg", "x-stuffit sit", "x-stuffitx sitx", "x-diskdoubler dd",
        "x-archive a lib",
        "x-cpio cpio", "x-xar xar pkg", "x-ppmd pmd", "applefile applesingle", "x-activemime mso", "x-pack200 pack",
    )),
    (Family.ARCHIVE, How.STRUCTURE, (
        "x-bzip2 bz2 tbz2", "x-lzma lzma", "x-tar tar", "x-arj arj", "x-lzh-compressed lzh lha",
        "x-ace-compressed ace",
        "x-zoo zoo", "x-arc arc", "x-macbinary macbin", "x-archive-piece 001",
    )),
    (Family.IMAGE, How.MARK, (
        "x-ms-wim wim", "x-vhdx vhdx", "x-vmdk vmdk", "x-qemu-disk qcow2", "x-virtualbox-vdi vdi",
        "x-squashfs squashfs",
        "x-cramfs cramfs", "x-android-sparse img", "x-luks luks",
    )),
    (Family.IMAGE, How.STRUCTURE, (
        "x-iso9660-image iso", "x-udf-image iso", "x-vhd vhd", "x-apple-diskimage dmg", "x-hfs img", "x-apfs img",
        "x-ext img", "x-fat img", "x-exfat img", "x-ntfs img", "x-mbr img", "x-gpt img", "x-apple-partitions img",
    )),
    (Family.MAIL, How.TEXT, ("message/rfc822 eml mht mhtml", "mbox mbox")),
    (Family.MAIL, How.MARK, ("vnd.ms-tnef tnef dat", "vnd.ms-outlook-pst pst ost", "x-outlook-express dbx")),
    (Family.MAIL, How.MEMBERS, ("vnd.ms-outlook msg oft",)),
    (Family.PAGE, How.TEXT, ("text/html html htm xhtml xht shtml",)),
    (Family.TEXT, How.TEXT, (
        "text/plain txt log", "text/xml xml xsd rels", "text/calendar ics ifb", "text/vcard vcf",
        "text/css css", "json json",
        "text/csv csv", "rss+xml rss", "atom+xml atom", "xslt+xml xsl xslt", "mathml+xml mml",
        "vnd.google-earth.kml+xml kml",
        "gpx+xml gpx", "x-plist plist", "x-ms-project-build csproj vbproj proj", "x-ms-config config",
        "soap+xml xml",
        "wsdl+xml wsdl", "x-pem-file pem crt cer key csr", "text/x-ldif ldif", "text/x-diff diff patch",
        "text/x-ini ini cfg",
        "x-subrip srt", "text/vtt vtt", "text/x-gettext po pot",
    )),
    (Family.TEXT, How.NAME, (
        "text/markdown md markdown", "yaml yaml yml", "toml toml", "text/x-ignore gitignore ignorefile",
        "text/tab-separated-values tsv", "text/x-rst rst",
    )),
    (Family.DATA, How.MARK, (
        "vnd.sqlite3 sqlite db", "vnd.tcpdump.pcap pcap", "x-pcapng pcapng", "x-bplist plist", "x-ms-registry hiv",
        "x-ms-evtx evtx", "x-ms-minidump dmp", "vnd.ms-access mdb accdb", "x-hdf5 h5", "x-parquet parquet",
        "x-avro avro",
        "x-numpy npy", "x-java-keystore jks", "x-java-serialized ser", "x-keepass kdbx", "x-gettext-mo mo",
        "x-tzif tzif",
        "x-git-pack pack", "x-blender blend", "gltf-binary glb", "x-bittorrent torrent",
    )),
    (Family.DATA, How.STRUCTURE, (
        "cms p7m p7s p7b p7c", "pgp pgp gpg asc sig", "pkix-cert der cer crt", "x-pkcs12 p12 pfx",
        "vnd.iccprofile icc icm",
        "octet-stream bin",
    )),
    (Family.FONT, How.MARK, (
        "font/woff woff", "font/woff2 woff2", "font/otf otf", "font/collection ttc", "x-font-type1 pfb",
    )),
    (Family.FONT, How.STRUCTURE, ("font/ttf ttf",)),
)  # fmt: skip
_MAIN = ("text/", "image/", "audio/", "video/", "font/", "message/", "x-epoc/")


def _rows() -> tuple[Known, ...]:
    rows = []
    for family, how, lines in _TABLE:
        for line in lines:
            kind, *extensions = line.split()
            full = kind if kind.startswith(_MAIN) else f"application/{kind}"
            rows.append(Known(full, family, how, tuple(extensions)))
    return tuple(rows)


def _by_extension() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for known in TYPES.values():
        for each in known.extensions:
            found[each.lower()].add(known.type)
    return {each: frozenset(types) for each, types in found.items()}


TYPES: Mapping[str, Known] = {known.type: known for known in _rows()}
TEXTS: frozenset[str] = frozenset(
    known.type for known in TYPES.values() if known.how in (How.TEXT, How.NAME) and known.family is not Family.MAIL
)
BY_EXTENSION: Mapping[str, frozenset[str]] = _by_extension()

# What Windows or macOS runs, installs or follows when it is opened; more than types have names of their own.
RUNNABLE: frozenset[str] = frozenset({
    "exe", "scr", "com", "pif", "cpl", "bat", "cmd", "msi", "msp", "mst", "js", "jse", "vbs", "vbe", "wsf",
    "wsh", "wsc", "sct", "hta", "ps1", "lnk", "url", "website", "jar", "reg", "inf", "scf", "chm", "hlp", "msc",
    "gadget", "application", "appref-ms", "settingcontent-ms", "library-ms", "search-ms", "xll", "wll", "ade",
    "adp", "mde", "iqy", "jnlp", "appx", "appxbundle", "msix", "msixbundle", "appinstaller", "diagcab", "xbap",
    "app", "command", "workflow", "scpt", "scptd", "applescript", "pkg", "mpkg", "action", "terminal", "tool",
    "fileloc", "inetloc",
})  # fmt: skip


def types_in(*families: Family) -> frozenset[str]:
    return frozenset(known.type for known in TYPES.values() if known.family in families)


def families_of(extension: str) -> frozenset[Family]:
    """Of what usually has this extension (in lower case); empty when none is known."""
    return frozenset(TYPES[each].family for each in BY_EXTENSION.get(extension, ()))


def suffix(name: str) -> str:
    """The extension of a name in lower case, as Windows has it: blanks and dots behind it do not count; "" for none."""
    _, dot, last = name.rstrip(" .\t\0").rpartition(".")
    return last.lower() if dot else ""
