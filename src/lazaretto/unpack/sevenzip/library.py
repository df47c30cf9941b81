"""7-Zip's shared library: where it is, which formats it has, and an archive object of one of them."""

from __future__ import annotations

import ctypes
from ctypes import c_int32, c_uint32, c_void_p
from pathlib import Path
from typing import Any

from lazaretto.unpack.sevenzip.com import (
    IN_ARCHIVE,
    S_OK,
    SET_PROPERTIES,
    Foreign,
    Tables,
    Variant,
    archive_class,
    value_of,
)

PLACES = (Path("/usr/lib/7zip/7z.so"), Path("/usr/lib/p7zip/7z.so"))
PACKAGE = "p7zip-full"  # Debian 12 has the library there; later ones have 7zip, which comes with it
MOST_FORMATS = 256

_NAME, _CLASS = 0, 1  # NHandlerPropID
_INTERFACE, _VERSION = 0, 1  # NModulePropID: whether IUnknown has a destructor; the version


class Absent(Exception):
    """The library cannot be used; the text says why."""


class Library:
    """Loaded once, before the sandbox closes; raises Absent."""

    def __init__(self, places: tuple[Path, ...] = PLACES) -> None:
        self.path = next((place for place in places if place.is_file()), None)
        if self.path is None:
            raise Absent(f"7-Zip is not installed: apt-get install {PACKAGE}")
        try:
            self._library = ctypes.CDLL(str(self.path))
            if self._module(_INTERFACE):
                raise Absent(f"{self.path} is built with another table of functions; 7-Zip 23 or newer is needed")
            version = self._module(_VERSION)
            self.version = f"{version >> 16}.{version & 0xFFFF:02}"
            self._declare()
            self.tables = Tables()
            self.formats = self._formats()
        except (OSError, AttributeError) as error:
            raise Absent(f"{self.path} cannot be used: {error}") from None
        self._functions: dict[tuple[int, tuple[Any, ...]], Any] = {}

    def create(self, name: str) -> Foreign | None:
        """An IInArchive of this format, which must be released; None when the library does not have it."""
        number = self.formats.get(name.lower())
        if number is None:
            return None
        out = c_void_p()
        if self._library.CreateObject(archive_class(number), IN_ARCHIVE, ctypes.byref(out)) != S_OK or not out.value:
            return None
        archive = Foreign(out.value, self._functions)
        self._one_thread(archive)
        return archive

    def property(self, call: Any, *arguments: Any) -> int | bool | str | None:
        """What a function says that writes into a PROPVARIANT, its last argument."""
        variant = Variant()
        if call(*arguments, ctypes.addressof(variant)) != S_OK:
            return None
        try:
            return value_of(variant, self._library.SysStringByteLen)
        finally:
            self._library.VariantClear(ctypes.addressof(variant))

    def string(self, text: str) -> int:
        """A BSTR, which whoever gets it frees."""
        return int(self._library.SysAllocStringLen(text, len(text)) or 0)

    def _module(self, which: int) -> int:
        ask = self._library.GetModuleProp
        ask.argtypes, ask.restype = [c_uint32, c_void_p], c_int32
        variant = Variant()
        return int(variant.value & 0xFFFFFFFF) if ask(which, ctypes.addressof(variant)) == S_OK else 0

    def _declare(self) -> None:
        library = self._library
        library.CreateObject.argtypes = [ctypes.c_char_p, ctypes.c_char_p, c_void_p]
        library.GetHandlerProperty2.argtypes = [c_uint32, c_uint32, c_void_p]
        library.VariantClear.argtypes = [c_void_p]
        library.SysStringByteLen.argtypes, library.SysStringByteLen.restype = [c_void_p], c_uint32
        library.SysAllocStringLen.argtypes, library.SysAllocStringLen.restype = [ctypes.c_wchar_p, c_uint32], c_void_p
        # Names and passwords are UTF-8 whatever the locale of the service is.
        ctypes.c_bool.in_dll(library, "g_ForceToUTF8").value = True

    def _formats(self) -> dict[str, int]:
        count = c_uint32()
        self._library.GetNumberOfFormats(ctypes.byref(count))
        found: dict[str, int] = {}
        for number in range(min(count.value, MOST_FORMATS)):
            name = self.property(self._library.GetHandlerProperty2, number, _NAME)
            if isinstance(name, str):
                found.setdefault(name.lower(), self._class(number))
        return found

    def _class(self, number: int) -> int:
        """The byte of a handler's GUID that tells it from the others."""
        variant = Variant()
        self._library.GetHandlerProperty2(number, _CLASS, ctypes.addressof(variant))
        guid = ctypes.string_at(variant.value, 16) if variant.value else bytes(16)
        self._library.VariantClear(ctypes.addressof(variant))
        return guid[13]

    def _one_thread(self, archive: Foreign) -> None:
        """Decoding in more threads than the one that asks saves no time where all cores are busy with other mail,
        and takes more memory."""
        settings = archive.query(SET_PROPERTIES)
        if settings is None:
            return
        names = (ctypes.c_wchar_p * 1)("mt")
        values = (Variant * 1)(Variant(type=19, value=1))
        arguments = ctypes.addressof(names), ctypes.addressof(values), 1
        settings.call(3, (c_void_p, c_void_p, c_uint32), *arguments)
        settings.release()
