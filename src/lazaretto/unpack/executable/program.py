"""Executables of Windows, DOS, Linux and macOS: what they carry beside their code, and what they are packed with."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from typing import ClassVar, NamedTuple

from lazaretto.errors import HostileInput
from lazaretto.model import Artifact, Finding, Kind, Severity
from lazaretto.plugin import Member, Unpacker
from lazaretto.unpack import signatures
from lazaretto.unpack.executable import (
    autoit,
    bundles,
    carving,
    installers,
    installshield,
    layout,
    packers,
    resources,
    stub,
    upx,
)
from lazaretto.unpack.executable.layout import Image
from lazaretto.unpack.executable.overlay import stretches
from lazaretto.unpack.identify import extension, identify, readings

SOURCE = "executable"
PACKED, INSTALLER, HIDDEN = "executable.packed", "executable.installer", "executable.hidden"
_PLAIN = ("image/", "audio/", "video/", "font/")  # resources that hold nothing
_PROGRAMS = frozenset({signatures.PE, signatures.DOS, signatures.ELF, signatures.MACH_O})
_OPENED = signatures.CONTAINERS | _PROGRAMS | {signatures.OLE2}  # what stands behind it is found where these are opened
_CABINETS = ("data1.hdr", "data1.cab")
_VOLUMES = 99


class Executable(Unpacker):
    """Overlay, resources and bundled files."""

    name: ClassVar[str] = "executable"
    types: ClassVar[frozenset[str]] = _PROGRAMS

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        data = artifact.data
        image = layout.read(data)
        if image is None:
            yield from _carved(data, "", 1)
            return
        for number, (start, end) in enumerate(image.slices, 1):
            yield Member((f"slice-{number}",), [data[start:end]])
        if image.format == "PE":
            given = yield from _resources(data, image)
            yield from _launched(data, image, given)
        yield from _bundled(data, image)


class Packed(Unpacker):
    """The program inside a packed one.  By itself, as running one takes a second or more."""

    name: ClassVar[str] = "packed"
    types: ClassVar[frozenset[str]] = frozenset({signatures.PE, signatures.ELF})
    seconds: ClassVar[str] = "program_seconds"

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        if image := layout.read(artifact.data):
            yield from _unpacked(artifact.data, image)


class InstallShield(Unpacker):
    """A cabinet of InstallShield that lies alone: one of version 5 lists its own files."""

    name: ClassVar[str] = "installshield"
    types: ClassVar[frozenset[str]] = frozenset({signatures.INSTALLSHIELD})

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        try:
            for file in installshield.cabinet(artifact.data, {1: artifact.data}):
                yield Member((file.name,), file.chunks, size=file.size)
        except HostileInput as error:
            yield _limit(INSTALLER, str(error))


class _File(NamedTuple):
    """What the readers of bundles give."""

    name: str
    chunks: Iterable[bytes]
    size: int | None = None


_Read = Callable[[bytes], Iterable[_File]]


def _limit(name: str, evidence: str) -> Finding:
    return Finding(SOURCE, name, Kind.LIMIT, Severity.MEDIUM, None, (evidence,))


def _resources(data: bytes, image: Image) -> Generator[Member | Finding, None, set[int]]:
    """Returns where those stand that have been given."""
    given = set()
    for resource in resources.resources(data, image):
        if isinstance(resource, str):
            yield _limit(HIDDEN, resource)
            continue
        kind = identify(resource.data)
        if resource.html or (kind != signatures.OCTETS and not kind.startswith(_PLAIN)):
            given.add(resource.start)
            yield Member((resource.name,), [resource.data], declared="text/html" if resource.html else "")
        elif kind == signatures.OCTETS:
            yield from _carved(resource.data, resource.name + "-", 1)
    return given


def _launched(data: bytes, image: Image, given: set[int]) -> Iterator[Member | Finding]:
    """Archives that the header calls a part of the program: its launcher finds them all the same."""
    counts: dict[str, int] = {}
    for place in carving.launched(data, 1, image.end):
        counts[place.what] = counts.get(place.what, 0) + 1
        if counts[place.what] > carving.MOST:
            yield _limit(HIDDEN, f"more than {carving.MOST} files of the kind {place.what} in it")
        elif place.start not in given:
            yield Member((f"inside-{place.start:x}.{place.what}",), [data[place.start :]])


def _carved(data: bytes, prefix: str, start: int = 0) -> Iterator[Member | Finding]:
    """Archives, documents and programs from where they begin to the end of the data."""
    counts: dict[str, int] = {}
    for place in carving.places(data, start):
        counts[place.what] = counts.get(place.what, 0) + 1
        if counts[place.what] > carving.MOST:
            yield _limit(HIDDEN, f"more than {carving.MOST} files of the kind {place.what} in {prefix or 'it'}")
        else:
            yield Member((f"{prefix}{place.start:x}.{place.what}",), [data[place.start :]])


# ---------------------------------------------------------------------------- behind the program


def _bundled(data: bytes, image: Image) -> Iterator[Member | Finding]:
    """Files by the tables of whoever put them there; else whatever stands behind the program."""
    opened = False
    for what, read in _READERS:
        found = yield from _listed(read, data, what)
        opened |= found
    for stretch in stretches(data, image):
        if stretch.name == "overlay" and (yield from _shield(stretch.data)):
            continue
        kind = identify(stretch.data)
        # A zip is read from its end: the tree does that with the whole file.
        if kind not in signatures.ZIP_FAMILY or signatures.ZIP not in readings(data):
            yield Member((f"{stretch.name}.{extension(kind)}",), [stretch.data])
        if opened or kind in _OPENED:
            continue
        carved = False
        for thing in _carved(stretch.data, f"{stretch.name}-", 1):
            carved = True
            yield thing
        tool = "" if carved else installers.recognise(data, image, stretch.data)
        if tool:
            yield _limit(INSTALLER, f"a setup made with {tool}: the files inside were not seen")


def _listed(read: _Read, data: bytes, what: str) -> Generator[Member | Finding, None, bool]:
    """Returns whether there were any."""
    found = False
    try:
        for file in read(data):
            found = True
            yield Member((file.name,), file.chunks, size=file.size)
    except HostileInput as error:
        yield _limit(INSTALLER, f"{what}: {error}")
    return found


def _autoit(data: bytes) -> Iterator[_File]:
    """In newer programs the script is a resource: wherever it stands."""
    at = data.find(autoit.MAGIC)
    if at >= 0 and data[at + 16 : at + 20] == b"AU3!":
        for file in autoit.files(data[at:]):
            yield _File(file.name, _late(file.data))


def _late(make: Callable[[], bytes]) -> Iterator[bytes]:
    yield make()


_READERS: tuple[tuple[str, _Read], ...] = (
    ("a program of PyInstaller", lambda data: (_File(*file) for file in bundles.pyinstaller(data))),
    ("a program of .NET with its files", lambda data: (_File(*file) for file in bundles.dotnet(data))),
    ("a program of AutoIt", _autoit),
)


def _shield(overlay: bytes) -> Generator[Member | Finding, None, bool]:
    """The forms of InstallShield.  Returns whether it is one, and nothing else is in it."""
    try:
        files, end = installshield.listed(overlay)
    except HostileInput as error:
        yield _limit(INSTALLER, str(error))
        return False
    joined = yield from _cabinets(overlay, files)
    for name, (start, stop) in files.items():
        if not (joined and overlay.startswith(installshield.MAGIC, start)):
            yield Member((name,), [overlay[start:stop]])
        if name.lower().endswith(".ibt"):  # files of the launcher's own, listed in the same way
            inner, _ = installshield.listed(overlay[start:stop])
            for other, (first, last) in inner.items():
                yield Member((f"{name}\\{other}",), [overlay[start + first : start + last]])
    if files:
        if overlay[end:].strip(b"\0"):
            yield Member(("behind-setup",), [overlay[end:]])
        return True
    return (yield from _listed(lambda data: (_File(*file) for file in installshield.counted(data)), overlay, "a setup"))


def _cabinets(overlay: bytes, files: dict[str, tuple[int, int]]) -> Generator[Member | Finding, None, bool]:
    """Header and volumes are files of their own: here they are together.  Returns whether they are there."""
    by_name = {name.lower().rpartition("\\")[2]: overlay[start:end] for name, (start, end) in files.items()}
    header = next((by_name[name] for name in _CABINETS if name in by_name), None)
    if header is None:
        return False
    volumes = {number: by_name[name] for number in range(1, _VOLUMES) if (name := f"data{number}.cab") in by_name}

    def read(_: bytes) -> Iterator[_File]:
        return (_File(*file) for file in installshield.cabinet(header, volumes))

    return (yield from _listed(read, header, "a setup of InstallShield"))


# ---------------------------------------------------------------------------- packed


def _unpacked(data: bytes, image: Image) -> Iterator[Member | Finding]:
    packer = packers.recognise(data, image)
    if not packer:
        return
    why = ""
    if packer == packers.UPX:
        try:
            if plain := upx.unpack(data, image):
                yield Member(("unpacked.exe" if image.format == "PE" else "unpacked",), [plain], size=len(plain))
                return
        except HostileInput as error:
            why = f" ({error})"
    if packer not in packers.PROTECTORS:
        result = stub.run(data, image)
        for number, memory in enumerate(result.memories, 1):
            yield Member((f"unpacked-{number}.{'exe' if result.begun else 'bin'}",), [memory])
        if result.begun:
            return
        why = why or (f" ({result.why})" if result.why else "")
    yield _limit(PACKED, f"packed with {packer}: the program inside was not seen{why}")
