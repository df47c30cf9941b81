"""Magic numbers: what the first bytes of a file say it is.

Collected from the formats' own specifications and from Gary Kessler's file signature table
(https://www.garykessler.net/library/file_sigs.html).  Media types are IANA's where IANA has one.
"""

from __future__ import annotations

from lazaretto.filetypes import catalogue
from lazaretto.filetypes.catalogue import Family, How
from lazaretto.office import kinds

ZIP = "application/zip"
GZIP = "application/gzip"
BZIP2 = "application/x-bzip2"
XZ = "application/x-xz"
LZMA = "application/x-lzma"
TAR = "application/x-tar"
RAR = "application/vnd.rar"
LZ4 = "application/x-lz4"
LZIP = "application/x-lzip"
SZDD, KWAJ = "application/x-szdd", "application/x-kwaj"
ALZ = "application/x-alz"
SIS = "application/vnd.symbian.install"  # before Symbian 9
OLE2 = kinds.OLE2
OLE_FAMILY = kinds.TYPES  # told apart by what is in them
ACTIVE_MIME = "application/x-activemime"
MSI = kinds.INSTALLER
PDF = "application/pdf"
RTF = "application/rtf"
PE = "application/vnd.microsoft.portable-executable"
DOS = "application/x-dosexec"
ELF = "application/x-elf"
MACH_O = "application/x-mach-binary"
NSIS = "application/x-nsis"  # what an installer of NSIS has behind its program
INSTALLSHIELD = "application/x-installshield"  # data1.cab and data1.hdr
MAIL = "message/rfc822"
MBOX = "application/mbox"
TNEF = "application/vnd.ms-tnef"
CMS = "application/cms"  # RFC 7193; pkcs7-mime and pkcs7-signature say what a mail wants it for
PGP = "application/pgp"  # packets or armour; IANA has only names for what they are in PGP/MIME
APPLE = "application/applefile"  # RFC 1740: AppleSingle, AppleDouble
MACBINARY = "application/x-macbinary"
ONENOTE = "application/onenote"
LNK = "application/x-ms-shortcut"
INTERNET_SHORTCUT = "application/x-mswinurl"  # [InternetShortcut]
SHELL_COMMAND, DESKTOP = "application/x-ms-scf", "application/x-desktop"
SWF = "application/vnd.adobe.flash.movie"
OCTETS = "application/octet-stream"
HTA, XML, WINDOWS_SCRIPT = "application/hta", "text/xml", "text/x-windows-script"
SHELL, AUTORUN = "text/x-shellscript", "application/x-ms-autorun"
SYLK, PEM, LDIF = "application/x-sylk", "application/x-pem-file", "text/x-ldif"
WORDML, WORD2006ML = "application/vnd.ms-wordml", "application/vnd.ms-word2006ml"
SPREADSHEETML, FLAT_ODF = "application/vnd.ms-spreadsheetml", "application/vnd.oasis.opendocument.text-flat-xml"
JNLP, APPINSTALLER = "application/x-java-jnlp-file", "application/x-ms-appinstaller"
PIECE = "application/x-archive-piece"  # of an archive that is cut into several files, by its name; nothing opens one

OFFICE = "application/vnd.openxmlformats-officedocument."
DOCX, DOCM = OFFICE + "wordprocessingml.document", "application/vnd.ms-word.document.macroenabled.12"
XLSX, XLSM = OFFICE + "spreadsheetml.sheet", "application/vnd.ms-excel.sheet.macroenabled.12"
XLSB = "application/vnd.ms-excel.sheet.binary.macroenabled.12"
PPTX, PPTM = OFFICE + "presentationml.presentation", "application/vnd.ms-powerpoint.presentation.macroenabled.12"
VSDX, VSDM = "application/vnd.ms-visio.drawing", "application/vnd.ms-visio.drawing.macroenabled.12"
JAR = "application/java-archive"
APK = "application/vnd.android.package-archive"
EPUB = "application/epub+zip"
ODF = "application/vnd.oasis.opendocument."

ZIP_FAMILY = frozenset(
    {ZIP, DOCX, DOCM, XLSX, XLSM, XLSB, PPTX, PPTM, VSDX, VSDM, JAR, APK, EPUB}
    | {ODF + kind for kind in ("text", "spreadsheet", "presentation", "graphics", "formula", "chart", "database")}
    | {ODF + kind + "-template" for kind in ("text", "spreadsheet", "presentation", "graphics")}
    | {ODF + "text-master", ODF + "base", "application/oxps", "application/vnd.ms-xpsdocument"}
)

# What holds other files.  One of these that no unpacker opens must be reported: nobody has looked inside.
CONTAINERS = ZIP_FAMILY | OLE_FAMILY
CONTAINERS |= {
    GZIP,
    BZIP2,
    XZ,
    LZMA,
    TAR,
    MAIL,
    MBOX,
    APPLE,
    MACBINARY,
    "application/zstd",
    LZ4,
    "application/x-compress",
    LZIP,
    "application/x-7z-compressed",
    RAR,
    "application/vnd.ms-cab-compressed",
    "application/x-arj",
    "application/x-lzh-compressed",
    "application/vnd.debian.binary-package",
    "application/x-rpm",
    "application/x-cpio",
    "application/x-xar",
    "application/x-iso9660-image",
    "application/x-ms-wim",
    "application/vnd.ms-htmlhelp",
    "application/x-vhdx",
    "application/x-archive",
    "application/x-ms-hxs",
    NSIS,
    INSTALLSHIELD,
    "application/x-udf-image",
    "application/x-vhd",
    "application/x-vmdk",
    "application/x-qemu-disk",
    "application/x-virtualbox-vdi",
    "application/x-squashfs",
    "application/x-cramfs",
    "application/x-apple-diskimage",
    "application/x-hfs",
    "application/x-apfs",
    "application/x-ext",
    "application/x-fat",
    "application/x-exfat",
    "application/x-ntfs",
    "application/x-mbr",
    "application/x-gpt",
    "application/x-apple-partitions",
    "application/x-android-sparse",
    "application/x-ppmd",
    SZDD,
    KWAJ,
    ALZ,
    SIS,
    "x-epoc/x-sisx-app",  # since Symbian 9
    "application/x-lzop",
    "application/x-lrzip",
    "application/x-grzip",
    "application/x-egg",
    "application/x-ace-compressed",
    "application/x-zoo",
    "application/x-arc",
    "application/x-stuffit",
    "application/x-stuffitx",
    "application/x-diskdoubler",
    TNEF,
    CMS,
    PGP,
    ONENOTE,
    ACTIVE_MIME,
    PIECE,
}

_PCAP = "application/vnd.tcpdump.pcap"

# At the very start.  Where one is the beginning of another, the longer stands first.
_AT_START: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),  # an empty archive is an end record alone
    (b"PK00PK\x03\x04", ZIP),  # APPNOTE 8.5.5: a spanned archive that fitted on one disk
    (b"PK\x07\x08PK\x03\x04", ZIP),
    (b"\x1f\x8b", GZIP),
    (b"\x1f\x9d", "application/x-compress"),
    (b"\xfd7zXZ\x00", XZ),
    (b"\x28\xb5\x2f\xfd", "application/zstd"),
    (b"\x04\x22\x4d\x18", LZ4),
    (b"\x02\x21\x4c\x18", LZ4),  # the legacy format
    (b"LZIP\x00", LZIP),
    (b"LZIP\x01", LZIP),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", RAR),
    (b"RE\x7e\x5e", RAR),  # before version 1.50
    (b"MSCF", "application/vnd.ms-cab-compressed"),  # some readers do not mind what is in the reserved bytes
    (b"SZDD\x88\xf0\x27\x33", SZDD),
    (b"SZ\x20\x88\xf0\x27\x33\xd1", SZDD),  # QBasic's
    (b"KWAJ\x88\xf0\x27\xd1", KWAJ),
    (b"\x89LZO\x00\r\n\x1a\n", "application/x-lzop"),
    (b"LRZI", "application/x-lrzip"),
    (b"GRZipII\x00", "application/x-grzip"),
    (b"ALZ\x01\n\x00", ALZ),
    (b"EGGA\x00\x01", "application/x-egg"),
    (b"SIT!", "application/x-stuffit"),
    (b"StuffIt (c)1997-", "application/x-stuffit"),
    (b"StuffIt!", "application/x-stuffitx"),
    (b"StuffIt?", "application/x-stuffitx"),
    (b"\xab\xcd\x00\x54", "application/x-diskdoubler"),
    (b"\x7a\x1a\x20\x10", "x-epoc/x-sisx-app"),
    (b"!<arch>\ndebian-binary", "application/vnd.debian.binary-package"),
    (b"!<arch>\n", "application/x-archive"),
    (b"\xed\xab\xee\xdb", "application/x-rpm"),
    (b"070701", "application/x-cpio"),
    (b"070702", "application/x-cpio"),
    (b"070707", "application/x-cpio"),
    (b"xar!", "application/x-xar"),
    (b"MSWIM\x00\x00\x00", "application/x-ms-wim"),
    (b"ITSF\x03\x00\x00\x00", "application/vnd.ms-htmlhelp"),
    (b"ITOLITLS\x01\x00\x00\x00", "application/x-ms-hxs"),
    (b"vhdxfile", "application/x-vhdx"),
    (b"conectix\x00\x00\x00\x02", "application/x-vhd"),
    (b"KDMV\x01\x00\x00\x00", "application/x-vmdk"),
    (b"KDMV\x02\x00\x00\x00", "application/x-vmdk"),
    (b"KDMV\x03\x00\x00\x00", "application/x-vmdk"),
    (b"QFI\xfb\x00\x00\x00", "application/x-qemu-disk"),
    (b"\x8f\xaf\xac\x84", "application/x-ppmd"),
    (b"\x78\x9f\x3e\x22", TNEF),
    (b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3", ONENOTE),
    (b"\xa1\x2f\xff\x43\xd9\xef\x76\x4c\x9e\xe2\x10\xea\x57\x22\x76\x5f", ONENOTE),  # its table of contents
    (b"\x00\x05\x16\x00", APPLE),
    (b"\x00\x05\x16\x07", APPLE),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE2),
    (b"ActiveMime\0\0", ACTIVE_MIME),
    (b"%PDF-", PDF),
    (b"{\\rt", RTF),  # Word asks for no more than this
    (b"ISc(", INSTALLSHIELD),
    (b"\x7fELF", ELF),
    (b"\xfe\xed\xfa\xce", MACH_O),
    (b"\xfe\xed\xfa\xcf", MACH_O),
    (b"\xce\xfa\xed\xfe", MACH_O),
    (b"\xcf\xfa\xed\xfe", MACH_O),
    (b"L\x00\x00\x00\x01\x14\x02\x00", LNK),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"\x00\x00\x01\x00", "image/vnd.microsoft.icon"),
    (b"8BPS\x00\x01", "image/vnd.adobe.photoshop"),
    (b"\x01\x00\x00\x00\x58\x00\x00\x00", "image/emf"),
    (b"\xd7\xcd\xc6\x9a\x00\x00", "image/wmf"),
    (b"\x00asm\x01\x00\x00\x00", "application/wasm"),
    (b"OggS\x00", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"wOFF", "font/woff"),
    (b"wOF2", "font/woff2"),
    (b"SQLite format 3\x00", "application/vnd.sqlite3"),
    (b"#!AMR", "audio/amr"),
    (b"#!", SHELL),
    (b"%!PS-AdobeFont", "application/x-font-type1"),
    (b"%!PS", "application/postscript"),
    (b"\xc5\xd0\xd3\xc6", "application/postscript"),  # with a preview for DOS
    (b"dex\n03", "application/x-dex"),
    (b"\x1bLua", "application/x-lua-bytecode"),
    (b"BC\xc0\xde", "application/x-llvm"),
    (b"FasdUAS ", "application/x-applescript"),
    (b"Cr24\x02\0\0\0", "application/x-chrome-extension"),
    (b"Cr24\x03\0\0\0", "application/x-chrome-extension"),
    (b"\xca\xfe\xd0\x0d", "application/x-pack200"),
    (b"\xffWPC", "application/vnd.wordperfect"),
    (b"\0\0\x02\0\x06\x04\x06\0", "application/vnd.lotus-1-2-3"),
    (b"\0\0\x1a\0\0\x10\x04\0", "application/vnd.lotus-1-2-3"),
    (b"\x31\xbe\0\0\0\xab", "application/x-mswrite"),
    (b"AC1012\0", "application/x-dwg"),
    *((b"AC10" + version, "application/x-dwg") for version in (b"15\0", b"18\0", b"21\0", b"24\0", b"27\0", b"32\0")),
    (b"\x3f\x5f\x03\0", "application/winhlp"),
    (b"AT&TFORM", "image/vnd.djvu"),
    (b"\0\0\x02\0", "image/x-win-cursor"),
    (b"\x01\0\x09\0\0\x03", "image/wmf"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "image/jp2"),
    (b"\xff\x4f\xff\x51\0", "image/jp2"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "image/jxl"),
    (b"\x97JB2\r\n\x1a\n", "image/jbig2"),
    (b"DDS \x7c\0\0\0", "image/vnd.ms-dds"),
    (b"gimp xcf ", "image/x-xcf"),
    (b"\x76\x2f\x31\x01", "image/x-exr"),
    (b"qoif\0", "image/qoi"),
    (b"#?RADIANCE\n", "image/vnd.radiance"),
    (b"icns\0", "image/x-icns"),
    (b"SIMPLE  =", "image/fits"),
    (b"/* XPM */", "image/x-xpixmap"),
    (b"MThd\0\0\0\x06", "audio/midi"),
    (b".snd\0\0", "audio/basic"),
    (b"MAC \x96\x0f", "audio/x-ape"),
    (b"wvpk", "audio/x-wavpack"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\0\xaa\0\x62\xce\x6c", "video/x-ms-asf"),
    (b"FLV\x01", "video/x-flv"),
    (b"\0\0\x01\xba", "video/mpeg"),
    (b"\0\0\x01\xb3", "video/mpeg"),
    (b"LUKS\xba\xbe\0", "application/x-luks"),
    (b"!BDN", "application/vnd.ms-outlook-pst"),
    (b"\xcf\xad\x12\xfe", "application/x-outlook-express"),
    (b"\xd4\xc3\xb2\xa1", _PCAP),
    (b"\xa1\xb2\xc3\xd4", _PCAP),
    (b"\x4d\x3c\xb2\xa1", _PCAP),
    (b"\xa1\xb2\x3c\x4d", _PCAP),
    (b"\n\r\r\n", "application/x-pcapng"),
    (b"bplist0", "application/x-bplist"),
    (b"regf", "application/x-ms-registry"),
    (b"ElfFile\0", "application/x-ms-evtx"),
    (b"MDMP\x93\xa7", "application/x-ms-minidump"),
    (b"\0\x01\0\0Standard Jet DB\0", "application/vnd.ms-access"),
    (b"\0\x01\0\0Standard ACE DB\0", "application/vnd.ms-access"),
    (b"\x89HDF\r\n\x1a\n", "application/x-hdf5"),
    (b"PAR1\x15", "application/x-parquet"),
    (b"Obj\x01", "application/x-avro"),
    (b"\x93NUMPY", "application/x-numpy"),
    (b"\xfe\xed\xfe\xed\0\0\0", "application/x-java-keystore"),
    (b"\xac\xed\0\x05", "application/x-java-serialized"),
    (b"\x03\xd9\xa2\x9a", "application/x-keepass"),
    (b"\xde\x12\x04\x95", "application/x-gettext-mo"),
    (b"TZif", "application/x-tzif"),
    (b"PACK\0\0\0\x02", "application/x-git-pack"),
    (b"BLENDER-v", "application/x-blender"),
    (b"BLENDER_v", "application/x-blender"),
    (b"glTF\x02\0\0\0", "application/gltf-binary"),
    (b"d8:announce", "application/x-bittorrent"),
    (b"OTTO\0", "font/otf"),
    (b"ttcf\0", "font/collection"),
)

BY_FIRST_BYTE: dict[int, tuple[tuple[bytes, str], ...]] = {
    first: tuple(each for each in _AT_START if each[0][0] == first) for first in {magic[0] for magic, _ in _AT_START}
}

TEXTS = catalogue.TEXTS  # all kinds
XML_KINDS: frozenset[str] = frozenset(
    {XML, WORDML, WORD2006ML, SPREADSHEETML, FLAT_ODF, WINDOWS_SCRIPT}
    | {f"application/{kind}+xml" for kind in ("rss", "atom", "xslt", "mathml", "gpx", "soap", "wsdl")}
    | {"application/vnd.google-earth.kml+xml", "application/vnd.adobe.xdp+xml", "application/x-plist"}
    | {"application/x-ms-project-build", "application/x-ms-config", "application/x-ms-application", JNLP, APPINSTALLER}
    | {f"application/x-ms-{kind}" for kind in ("settingcontent", "library", "search", "console")}
)
# Texts whose content says nothing about how they are shown: what they are declared as may be what a reader takes them
# for.  Markup says it itself.
PLAIN_KINDS: frozenset[str] = TEXTS - XML_KINDS - {"text/html", HTA, "image/svg+xml", "text/calendar", "text/vcard"}

# What is run by its name, whatever is in it: here names say more than the content.
SCRIPTS_BY_EXTENSION: dict[str, str] = {
    extension: known.type
    for known in catalogue.TYPES.values()
    if known.family is Family.SCRIPT and known.how is How.TEXT and known.type != AUTORUN
    for extension in known.extensions
}
SCRIPTS = frozenset(SCRIPTS_BY_EXTENSION.values())
# Names of texts of which the content does not say more.
TEXT_BY_EXTENSION: dict[str, str] = {
    **{
        extension: known.type
        for known in catalogue.TYPES.values()
        if known.family is Family.SOURCE or known.how is How.NAME
        for extension in known.extensions
    },
    **SCRIPTS_BY_EXTENSION,
    **dict.fromkeys(("htm", "html", "xhtml", "xht"), "text/html"),
    "svg": "image/svg+xml",
    "ics": "text/calendar",
    "vcf": "text/vcard",
    "csv": "text/csv",
    "css": "text/css",
    "json": "application/json",
    "url": INTERNET_SHORTCUT,
    "website": INTERNET_SHORTCUT,
    "scf": SHELL_COMMAND,
    "desktop": DESKTOP,
    "iqy": "text/x-ms-iqy",
    "slk": SYLK,
    "tex": "text/x-tex",
    "pem": PEM,
    "csr": PEM,
    "ldif": LDIF,
    "diff": "text/x-diff",
    "patch": "text/x-diff",
    "ini": "text/x-ini",
    "srt": "application/x-subrip",
    "vtt": "text/vtt",
    "po": "text/x-gettext",
}

# A name for what has none: "part.pdf".
EXTENSIONS: dict[str, str] = {known.type: known.extensions[0] for known in catalogue.TYPES.values()}
