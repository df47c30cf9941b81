"""Which of 7-Zip's handlers open which true type."""

from __future__ import annotations

HANDLERS: dict[str, tuple[str, ...]] = {
    "application/x-7z-compressed": ("7z",),
    "application/vnd.ms-cab-compressed": ("Cab",),
    "application/x-arj": ("Arj",),
    "application/x-lzh-compressed": ("Lzh",),
    "application/x-cpio": ("Cpio",),
    "application/x-archive": ("Ar",),
    "application/vnd.debian.binary-package": ("Ar",),
    "application/x-rpm": ("Rpm",),
    "application/x-xar": ("Xar",),
    "application/x-iso9660-image": ("Iso", "Udf"),  # each of their trees: see discs
    "application/x-udf-image": ("Udf",),
    "application/x-vhd": ("VHD",),
    "application/x-vhdx": ("VHDX",),
    "application/x-vmdk": ("VMDK",),
    "application/x-qemu-disk": ("QCOW",),
    "application/x-virtualbox-vdi": ("VDI",),
    "application/x-ms-wim": ("wim",),
    "application/vnd.ms-htmlhelp": ("Chm",),
    "application/x-ms-hxs": ("Hxs",),
    "application/x-nsis": ("Nsis",),
    "application/x-squashfs": ("SquashFS",),
    "application/x-cramfs": ("CramFS",),
    "application/x-apple-diskimage": ("Dmg",),
    "application/x-hfs": ("HFS",),
    "application/x-apfs": ("APFS",),
    "application/x-ext": ("Ext",),
    "application/x-fat": ("FAT",),
    "application/x-ntfs": ("NTFS",),
    "application/x-mbr": ("MBR",),
    "application/x-gpt": ("GPT",),
    "application/x-apple-partitions": ("APM",),
    "application/x-android-sparse": ("Sparse",),
    "application/x-compress": ("Z",),
    "application/zstd": ("zstd",),
    "application/x-szdd": ("MsLZ",),
    "application/x-ppmd": ("Ppmd",),
    "application/x-msi": ("Compound",),
}
SINGLE = frozenset({"Z", "zstd", "MsLZ", "Ppmd"})  # one file, named after the container
COMMENTED = frozenset({"Arj", "zip"})  # those in which people write comments; of others it says what the header says
DISKS = frozenset({"VHD", "VHDX", "VMDK", "QCOW", "VDI", "MBR", "GPT", "APM", "Sparse", "Dmg"})  # that hold images
