"""Magic numbers: what the first bytes of a file say it is.

Collected from the formats' own specifications and from Gary Kessler's file signature table
(https://www.garykessler.net/library/file_sigs.html).  Media types are IANA's where IANA has one.
"""

from __future__ import annotations

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
    (b"#!", "text/x-shellscript"),
    (b"%!PS", "application/postscript"),
)

BY_FIRST_BYTE: dict[int, tuple[tuple[bytes, str], ...]] = {
    first: tuple(each for each in _AT_START if each[0][0] == first) for first in {magic[0] for magic, _ in _AT_START}
}

# Names say more than the content for these kinds of text only.
TEXT_BY_EXTENSION: dict[str, str] = {
    "js": "text/javascript",
    "jse": "text/javascript",
    "mjs": "text/javascript",
    "vbs": "text/vbscript",
    "vbe": "text/vbscript",
    "wsf": "text/x-windows-script",
    "wsc": "text/x-windows-script",
    "sct": "text/x-windows-script",
    "ps1": "text/x-powershell",
    "psm1": "text/x-powershell",
    "bat": "text/x-msdos-batch",
    "cmd": "text/x-msdos-batch",
    "hta": "text/html",
    "htm": "text/html",
    "html": "text/html",
    "xhtml": "text/html",
    "xht": "text/html",
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
    "reg": "text/x-ms-regedit",
}

# A name for what has none: "part.pdf".
EXTENSIONS: dict[str, str] = {
    **{
        GZIP: "gz",
        BZIP2: "bz2",
        XZ: "xz",
        LZMA: "lzma",
        TAR: "tar",
        OLE2: "ole",
        PE: "exe",
        DOS: "exe",
        MAIL: "eml",
        MBOX: "mbox",
    },
    **{ZIP: "zip", PDF: "pdf", RTF: "rtf", DOCX: "docx", DOCM: "docm", XLSX: "xlsx", XLSM: "xlsm", XLSB: "xlsb"},
    **{PPTX: "pptx", PPTM: "pptm", JAR: "jar", ODF + "text": "odt", ODF + "spreadsheet": "ods"},
    **{"application/x-7z-compressed": "7z", RAR: "rar", "application/zstd": "zst"},
    **{TNEF: "tnef", CMS: "p7m", PGP: "pgp", APPLE: "applesingle", MACBINARY: "macbin"},
    **{kinds.WORD: "doc", kinds.EXCEL: "xls", kinds.POWERPOINT: "ppt", kinds.OUTLOOK: "msg", kinds.INSTALLER: "msi"},
    **{kinds.PUBLISHER: "pub", kinds.VISIO: "vsd", kinds.PROJECT: "mpp", ACTIVE_MIME: "mso"},
    **{"text/plain": "txt", "text/html": "html", "text/xml": "xml", "text/calendar": "ics", "text/javascript": "js"},
    **{"text/vcard": "vcf"},
    **{"application/vnd.ms-cab-compressed": "cab", "application/x-arj": "arj", "application/x-lzh-compressed": "lzh"},
    **{"application/x-cpio": "cpio", "application/x-archive": "a", "application/vnd.debian.binary-package": "deb"},
    **{"application/x-rpm": "rpm", "application/x-xar": "xar", "application/x-iso9660-image": "iso"},
    **{"application/x-udf-image": "iso", "application/x-vhd": "vhd", "application/x-vhdx": "vhdx"},
    **{"application/x-vmdk": "vmdk", "application/x-qemu-disk": "qcow2", "application/x-virtualbox-vdi": "vdi"},
    **{"application/x-ms-wim": "wim", "application/vnd.ms-htmlhelp": "chm", "application/x-ms-hxs": "hxs"},
    **{"application/x-squashfs": "squashfs", "application/x-cramfs": "cramfs", "application/x-apple-diskimage": "dmg"},
    **{f"application/x-{kind}": "img" for kind in ("hfs", "apfs", "ext", "fat", "exfat", "ntfs", "mbr", "gpt")},
    **{"application/x-compress": "Z", "application/x-ppmd": "pmd"},
    **{"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/svg+xml": "svg", "image/webp": "webp"},
    **{"image/bmp": "bmp", "image/tiff": "tif", LNK: "lnk", ELF: "elf"},
    **{NSIS: "nsis", INSTALLSHIELD: "cab"},
}
