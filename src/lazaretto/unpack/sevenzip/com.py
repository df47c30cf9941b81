"""Objects that 7-Zip calls and objects of 7-Zip that we call, over ctypes.

7-Zip speaks COM: an object is a pointer to a table of functions, the first three of which are QueryInterface, AddRef
and Release (CPP/Common/MyWindows.h; since version 23 without a virtual destructor behind them).  Strings are BSTR of
wchar_t, four bytes each on Linux; LONG and HRESULT have 32 bits.

Nothing may be raised across the boundary: what a Python method raises is kept with its object and 7-Zip is told E_FAIL.
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Callable
from ctypes import c_int32, c_int64, c_uint32, c_uint64, c_void_p
from typing import Any, ClassVar

S_OK, S_FALSE = 0, 1
E_NOINTERFACE, E_ABORT, E_FAIL = (code - 2**32 for code in (0x80004002, 0x80004004, 0x80004005))
# 7-Zip has its own E_OUTOFMEMORY on systems with errno (C/7zTypes.h): facility 0x800 and ENOMEM.
OUT_OF_MEMORY = frozenset(code - 2**32 for code in (0x8007000E, 0x8800000C))


def interface(group: int, sub: int) -> bytes:
    """The GUID of one of 7-Zip's interfaces (CPP/7zip/IDecl.h)."""
    return struct.pack("<IHH8B", 0x23170F69, 0x40C1, 0x278A, 0, 0, 0, group, 0, sub, 0, 0)


def archive_class(number: int) -> bytes:
    """The GUID of a format's handler (Archive/ArchiveExports.cpp)."""
    return struct.pack("<IHH8B", 0x23170F69, 0x40C1, 0x278A, 0x10, 0, 0, 1, 0x10, number, 0, 0)


UNKNOWN = struct.pack("<IHH8B", 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46)
PROGRESS = interface(0, 5)
SEQUENTIAL_IN, SEQUENTIAL_OUT, IN_STREAM = interface(3, 1), interface(3, 2), interface(3, 3)
GET_PASSWORD = interface(5, 0x10)
SET_PROPERTIES, ALLOW_TAIL = interface(6, 3), interface(6, 5)
OPEN_CALLBACK, EXTRACT_CALLBACK, IN_ARCHIVE = interface(6, 0x10), interface(6, 0x20), interface(6, 0x60)
EXTRACT_MESSAGE, GET_STREAM = interface(6, 0x22), interface(6, 0x40)

# What our objects answer beside IUnknown: the methods of each interface in the order of its table, those that it
# inherits first.  Pointers come as numbers.
_METHODS: dict[bytes, tuple[tuple[str, tuple[Any, ...]], ...]] = {
    IN_STREAM: (("read", (c_void_p, c_uint32, c_void_p)), ("seek", (c_int64, c_uint32, c_void_p))),
    SEQUENTIAL_OUT: (("write", (c_void_p, c_uint32, c_void_p)),),
    OPEN_CALLBACK: (("opening", (c_void_p, c_void_p)), ("opening", (c_void_p, c_void_p))),
    EXTRACT_CALLBACK: (
        ("total", (c_uint64,)),
        ("completed", (c_void_p,)),
        ("get_stream", (c_uint32, c_void_p, c_int32)),
        ("prepare", (c_int32,)),
        ("result", (c_int32,)),
    ),
    EXTRACT_MESSAGE: (("report", (c_uint32, c_uint32, c_int32)),),
    GET_PASSWORD: (("password", (c_void_p,)),),
}
_BASES = {IN_STREAM: (SEQUENTIAL_IN,), EXTRACT_CALLBACK: (PROGRESS,)}


class Exposed:
    """A Python object that 7-Zip may call.  Has a method for each name in the tables of its interfaces."""

    interfaces: ClassVar[tuple[bytes, ...]]

    def __init__(self, tables: Tables) -> None:
        self.error: BaseException | None = None  # what one of its methods raised
        self.references = 0
        self._tables = tables
        self._memory, self._at = tables.publish(self)

    def pointer(self, wanted: bytes) -> int | None:
        """What 7-Zip takes for this interface; None when it is not offered."""
        return self._at.get(wanted)

    def retire(self) -> None:
        """No longer to be called.  What 7-Zip still holds on to stays in memory: better lost than used when gone."""
        if self.references <= 0:
            self._tables.withdraw(self._memory)


class Tables:
    """The function tables of all interfaces, made once, and the objects behind the pointers that 7-Zip has."""

    def __init__(self) -> None:
        self.objects: dict[int, Exposed] = {}
        self._kept: list[Any] = []  # functions that only 7-Zip refers to
        self._tables = {which: self._table(methods) for which, methods in _METHODS.items()}

    def publish(self, exposed: Exposed) -> tuple[Any, dict[bytes, int]]:
        count = len(exposed.interfaces)
        memory = (c_void_p * count)(*(ctypes.addressof(self._tables[which]) for which in exposed.interfaces))
        at: dict[bytes, int] = {}
        for number, which in enumerate(exposed.interfaces):
            address = ctypes.addressof(memory) + number * ctypes.sizeof(c_void_p)
            self.objects[address] = exposed
            for name in (which, *_BASES.get(which, ())):
                at[name] = address
        at[UNKNOWN] = ctypes.addressof(memory)
        return memory, at

    def withdraw(self, memory: Any) -> None:
        for number in range(len(memory)):
            self.objects.pop(ctypes.addressof(memory) + number * ctypes.sizeof(c_void_p), None)

    def _table(self, methods: tuple[tuple[str, tuple[Any, ...]], ...]) -> Any:
        functions = [
            ctypes.CFUNCTYPE(c_int32, c_void_p, c_void_p, c_void_p)(self._query),
            ctypes.CFUNCTYPE(c_uint32, c_void_p)(lambda this: self._count(this, 1)),
            ctypes.CFUNCTYPE(c_uint32, c_void_p)(lambda this: self._count(this, -1)),
            *(ctypes.CFUNCTYPE(c_int32, c_void_p, *types)(self._method(name)) for name, types in methods),
        ]
        self._kept += functions
        return (c_void_p * len(functions))(*(ctypes.cast(each, c_void_p).value for each in functions))

    def _method(self, name: str) -> Callable[..., int]:
        objects = self.objects

        def call(this: int, *arguments: int) -> int:
            exposed = objects.get(this)
            if exposed is None:
                return E_FAIL
            try:
                result: int = getattr(exposed, name)(*arguments)
            except BaseException as error:  # noqa: BLE001 nothing may cross into C; whoever asked 7-Zip looks here
                exposed.error = error
                return E_FAIL
            return result

        return call

    def _query(self, this: int, wanted: int, out: int) -> int:
        exposed = self.objects.get(this)
        found = exposed.pointer(ctypes.string_at(wanted, 16)) if exposed else None
        c_void_p.from_address(out).value = found
        if exposed is None or found is None:
            return E_NOINTERFACE
        exposed.references += 1
        return S_OK

    def _count(self, this: int, change: int) -> int:
        exposed = self.objects.get(this)
        if exposed is None:
            return 0
        exposed.references += change
        return max(exposed.references, 0)


class Variant(ctypes.Structure):
    """PROPVARIANT: the type, then the value in eight bytes."""

    _fields_: ClassVar = [("type", ctypes.c_uint16), ("reserved", ctypes.c_uint16 * 3), ("value", c_uint64)]


_BSTR, _BOOL, _FILETIME = 8, 11, 64
_SIGNED = {2: 16, 3: 32, 16: 8, 20: 64, 22: 32}  # VT_I2, VT_I4, VT_I1, VT_I8, VT_INT
_UNSIGNED = {17: 8, 18: 16, 19: 32, 21: 64, 23: 32}  # VT_UI1, VT_UI2, VT_UI4, VT_UI8, VT_UINT


def value_of(variant: Variant, length: Callable[[int], int]) -> int | bool | str | None:
    """The value as Python has it; times and what is empty are None.  ``length`` gives the bytes of a BSTR."""
    kind, raw = variant.type, variant.value
    if kind == _BSTR:
        return text_at(raw, length(raw)) if raw else ""
    if kind == _BOOL:
        return bool(raw & 0xFFFF)
    if (bits := _UNSIGNED.get(kind)) is not None:
        return int(raw & ((1 << bits) - 1))
    if (bits := _SIGNED.get(kind)) is not None:
        number = int(raw & ((1 << bits) - 1))
        return number - (1 << bits) if number >> (bits - 1) else number
    return None


def text_at(address: int, size: int) -> str:
    """Of wchar_t.  Pairs of surrogates, which come from names in UTF-16, are joined."""
    raw = ctypes.string_at(address, size)
    try:
        return raw.decode("utf-32-le")
    except UnicodeDecodeError:
        pass
    units = struct.unpack(f"<{size // 4}I", raw[: size // 4 * 4])
    text = "".join(chr(unit) if unit < 0x110000 else "\ufffd" for unit in units)
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


class Foreign:
    """An object of 7-Zip's.  Method numbers count from QueryInterface, which is 0."""

    def __init__(self, address: int, functions: dict[tuple[int, tuple[Any, ...]], Any]) -> None:
        self.address = address
        self.functions = functions

    def call(self, number: int, types: tuple[Any, ...], *arguments: Any) -> int:
        return int(self.method(number, types)(self.address, *arguments))

    def method(self, number: int, types: tuple[Any, ...]) -> Any:
        """The function itself, which takes ``address`` first; it lets other threads run meanwhile."""
        table = c_void_p.from_address(self.address).value or 0
        function = c_void_p.from_address(table + number * ctypes.sizeof(c_void_p)).value or 0
        found = self.functions.get((function, types))
        if found is None:  # bounded: as many as the library has methods that we call
            found = self.functions[(function, types)] = ctypes.CFUNCTYPE(c_int32, c_void_p, *types)(function)
        return found

    def query(self, wanted: bytes) -> Foreign | None:
        out = c_void_p()
        name = ctypes.create_string_buffer(wanted, 16)
        if self.call(0, (c_void_p, c_void_p), ctypes.addressof(name), ctypes.addressof(out)) != S_OK or not out.value:
            return None
        return Foreign(out.value, self.functions)

    def release(self) -> None:
        if self.address:
            self.call(2, ())
            self.address = 0
