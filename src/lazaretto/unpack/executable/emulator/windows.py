"""As much of Windows as the beginning of a packed program sees: its image, a stack, the services that loaders call,
and handlers of exceptions ([PE], and the x86 part of Microsoft's "Structured Exception Handling")."""

from __future__ import annotations

import struct
from collections.abc import Callable

from lazaretto.unpack.executable.emulator.cpu import EAX, EBP, EBX, ECX, EDI, EDX, ESI, ESP, MASK, Cpu, Unknown
from lazaretto.unpack.executable.emulator.instructions import decode
from lazaretto.unpack.executable.emulator.memory import Region
from lazaretto.unpack.executable.layout import Image

LARGEST = 32 * 2**20  # bytes of an image
_HEAP = 64 * 2**20  # bytes that a program may ask for, all in all
_STACK, _STACK_SIZE = 0x100000, 0x40000
_BLOCK, _SERVICES, _HEAP_AT, _BACK = 0x7FFD0000, 0x77000000, 0x10000000, 0x76FFFFF0
_IMPORTS = 1  # of the data directories
_NAME = b"C:\\program.exe\0"
_SERVICE = 16  # bytes from one service to the next
_REGIONS = 20
_MODULES = 200
_FRAMES = 200  # exceptions that are handled
ACCESS = 0xC0000005
# Where the registers stand in Windows' CONTEXT for x86 (winnt.h).
_CONTEXT = {EDI: 0x9C, ESI: 0xA0, EBX: 0xA4, EDX: 0xA8, ECX: 0xAC, EAX: 0xB0, EBP: 0xB4, ESP: 0xC4}
_EIP, _FLAGS, _CONTEXT_SIZE = 0xB8, 0xC0, 0x2CC


class Ended(Exception):
    """The program calls what no loader of a packed program calls: it has begun itself, or has given up."""


class Process:
    """A PE file in memory, ready to run at its entry point."""

    def __init__(self, data: bytes, image: Image) -> None:
        self.cpu = Cpu(decode)
        self.image = image
        self._file, self._place = data, 0  # its own file, the only one that it can open
        self.region = self._load(data)
        memory = self.cpu.memory
        memory.add(_STACK, _STACK_SIZE)
        memory.add(_BLOCK, 0x2000)
        self.cpu.fs = _BLOCK
        self._names: list[str] = []
        self._numbers: dict[str, int] = {}
        self._modules: dict[str, int] = {}
        self._heap = _HEAP_AT
        self._exceptions = 0
        self.caller = 0  # where the last service was called from that is not known here
        self._contexts: list[int] = []
        self._start(image.base + image.entry & MASK)
        self._import()
        for region in memory.regions:  # from here on it is the program that writes
            region.written = bytearray(len(region.written))

    def _load(self, data: bytes) -> Region:
        image = self.image
        size = max([image.size, *(each.address + each.span for each in image.sections)])
        if size > LARGEST or image.base + size > 1 << 32:
            raise Unknown(f"an image of {size} bytes")
        region = self.cpu.memory.add(image.base, size + 0xFFF & ~0xFFF)
        head = data[: min(max(image.headers, 0x200), region.size)]
        region.data[: len(head)] = head
        for each in image.sections:
            piece = data[each.start : each.start + min(each.length, max(each.span + 0xFFF & ~0xFFF, 0))]
            piece = piece[: max(0, region.size - each.address)]
            region.data[each.address : each.address + len(piece)] = piece
        return region

    def _start(self, entry: int) -> None:
        cpu, memory = self.cpu, self.cpu.memory
        top = _STACK + _STACK_SIZE - 0x1000
        memory.write(_BLOCK, MASK, 32)  # no handler
        memory.write(_BLOCK + 4, _STACK + _STACK_SIZE, 32)
        memory.write(_BLOCK + 8, _STACK, 32)
        memory.write(_BLOCK + 0x18, _BLOCK, 32)
        memory.write(_BLOCK + 0x30, _BLOCK + 0x1000, 32)  # the process's own block
        memory.write(_BLOCK + 0x1008, self.image.base, 32)
        memory.write(_BLOCK + 0x100C, _BLOCK + 0x1100, 32)  # the list of what is loaded: the program alone
        for place in (0xC, 0x14, 0x1C):
            memory.write(_BLOCK + 0x1100 + place, _BLOCK + 0x1200, 32)
            memory.write(_BLOCK + 0x1104 + place, _BLOCK + 0x1200, 32)
        for place in (0, 4, 8, 12, 16, 20):
            memory.write(_BLOCK + 0x1200 + place, _BLOCK + 0x1200, 32)
        memory.put(_BLOCK + 0x1218, struct.pack("<III", self.image.base, entry, self.region.size))
        cpu.registers[ESP] = top
        cpu.push(self._service("kernel32.dll!ExitThread"))
        cpu.registers[EAX] = cpu.registers[EDX] = cpu.eip = entry
        cpu.registers[EBX] = _BLOCK + 0x1000
        cpu.registers[EBP] = top + 0x40

    def _import(self) -> None:
        """Fills in the addresses of the services that the header asks for."""
        at = self.image.directory(_IMPORTS)[0]
        if not at:
            return
        base, memory = self.image.base, self.cpu.memory
        for number in range(256):
            names, _, _, dll, addresses = struct.unpack("<IIIII", memory.take(base + at + 20 * number, 20))
            if not dll or not addresses:
                return
            module = self._module(memory.text(base + dll))
            for place in range(4096 if len(self._names) < 8000 else 0):
                name = memory.read(base + (names or addresses) + 4 * place, 32)
                if not name:
                    break
                known = f"#{name & 0xFFFF}" if name >> 31 else memory.text(base + name + 2).decode("latin-1")
                memory.write(base + addresses + 4 * place, self._service(f"{module}!{known}"), 32)

    def _module(self, name: bytes) -> str:
        text = name.decode("latin-1").lower().rpartition("\\")[2]
        return text if "." in text else f"{text}.dll"

    def _service(self, name: str) -> int:
        if name not in self._numbers:
            if len(self._names) >= 50_000:
                raise Unknown("too many services")
            self._numbers[name] = len(self._names)
            self._names.append(name)
        return _SERVICES + _SERVICE * self._numbers[name]

    # ------------------------------------------------------------------------ services

    def outside(self, address: int) -> bool:
        """Whether the program went out of its own memory, which was dealt with."""
        if address == _BACK:
            self._resume()
            return True
        number = (address - _SERVICES) // _SERVICE
        if not 0 <= number < len(self._names):
            return False
        self._serve(self._names[number])
        return True

    def _serve(self, name: str) -> None:
        function = name.partition("!")[2]
        service = _KNOWN.get(function)
        if service is None:
            self.caller = self.cpu.memory.read(self.cpu.registers[ESP], 32)
            raise Ended(f"calls {name}")
        count, run = service
        cpu = self.cpu
        back = cpu.pop()
        arguments = [cpu.memory.read(cpu.registers[ESP] + 4 * place & MASK, 32) for place in range(count)]
        cpu.registers[ESP] = cpu.registers[ESP] + 4 * count & MASK
        cpu.registers[EAX] = run(self, arguments) & MASK
        cpu.eip = back
        cpu.steps += 50

    def _handle_of(self, name: bytes) -> int:
        module = self._module(name)
        if len(self._modules) >= _MODULES and module not in self._modules:
            raise Unknown("too many modules")  # each search for a procedure goes through them
        return self._modules.setdefault(module, 0x70000000 + 0x10000 * len(self._modules))

    def load_library(self, arguments: list[int]) -> int:
        return self._handle_of(self.cpu.memory.text(arguments[0])) if arguments[0] else self.image.base

    def procedure(self, arguments: list[int]) -> int:
        module = next((name for name, handle in self._modules.items() if handle == arguments[0]), "unknown")
        name = arguments[1]
        if name >= 0x10000 and not self.cpu.memory.read(name, 8):
            return 0  # the end of a list
        known = f"#{name}" if name < 0x10000 else self.cpu.memory.text(name).decode("latin-1")
        return self._service(f"{module}!{known}")

    def allocate(self, size: int) -> int:
        size = max(size, 1) + 0xFFFF & ~0xFFFF
        if self._heap + size > _HEAP_AT + _HEAP:
            raise Unknown("too much memory")
        at = self._heap
        self._heap += size
        while at < self.region.base + self.region.size and at + size > self.region.base:
            at = self._heap = self.region.base + self.region.size + 0xFFFF & ~0xFFFF
            self._heap += size
        self.cpu.memory.add(at, size)
        if len(self.cpu.memory.regions) > _REGIONS:
            raise Unknown("too many pieces of memory")
        return at

    def protect(self, arguments: list[int]) -> int:
        self.cpu.memory.write(arguments[3], 0x40, 32)  # what was allowed before: everything
        return 1

    def file_name(self, arguments: list[int]) -> int:
        self.cpu.memory.put(arguments[1], _NAME)
        return len(_NAME) - 1

    def read_file(self, arguments: list[int]) -> int:
        piece = self._file[self._place : self._place + arguments[2]]
        self._place += len(piece)
        self.cpu.memory.put(arguments[1], piece)
        if arguments[3]:
            self.cpu.memory.write(arguments[3], len(piece), 32)
        return 1

    def seek(self, arguments: list[int]) -> int:
        offset = arguments[1] - (1 << 32) if arguments[1] >> 31 else arguments[1]
        start = {1: self._place, 2: len(self._file)}.get(arguments[3], 0)
        self._place = max(0, min(start + offset, len(self._file)))
        return self._place

    @property
    def file_size(self) -> int:
        return len(self._file)

    # ------------------------------------------------------------------------ exceptions

    def handle(self, code: int, address: int = 0) -> bool:
        """Calls the program's own handler; false when it has none."""
        cpu, memory = self.cpu, self.cpu.memory
        frame = memory.read(_BLOCK, 32)
        self._exceptions += 1
        if frame == MASK or self._exceptions > _FRAMES:
            return False
        handler = memory.read(frame + 4, 32)
        top = cpu.registers[ESP] - _CONTEXT_SIZE - 0x100 & ~3 & MASK
        record, context = top + 0x20, top + 0x80
        memory.put(record, struct.pack("<IIIIIII", code, 0, 0, cpu.eip, 2 if code == ACCESS else 0, 0, address))
        memory.put(context, bytes(_CONTEXT_SIZE))
        memory.write(context, 0x1003F, 32)
        for number, place in _CONTEXT.items():
            memory.write(context + place, cpu.registers[number], 32)
        memory.write(context + _EIP, cpu.eip, 32)
        memory.write(context + _FLAGS, cpu.flags, 32)
        self._contexts.append(context)
        cpu.registers[ESP] = top
        for value in (0, context, frame, record, _BACK):
            cpu.push(value)
        cpu.eip = handler
        cpu.steps += 200
        return True

    def _resume(self) -> None:
        """A handler has come back: 0 is to go on with what stands in the context."""
        cpu, memory = self.cpu, self.cpu.memory
        if cpu.registers[EAX] or not self._contexts:
            raise Ended("gives up after an exception")
        context = self._contexts.pop()
        for number, place in _CONTEXT.items():
            cpu.registers[number] = memory.read(context + place, 32)
        cpu.eip = memory.read(context + _EIP, 32)
        cpu.flags = memory.read(context + _FLAGS, 32)


Service = tuple[int, Callable[[Process, list[int]], int]]


def _constant(count: int, value: int) -> Service:
    return count, lambda process, arguments: value


# Name: how many arguments, what it does.
_KNOWN: dict[str, Service] = {
    "LoadLibraryA": (1, Process.load_library),
    "LoadLibraryExA": (3, Process.load_library),
    "GetModuleHandleA": (1, Process.load_library),
    "GetProcAddress": (2, Process.procedure),
    "VirtualAlloc": (4, lambda process, arguments: arguments[0] or process.allocate(arguments[1])),
    "VirtualProtect": (4, Process.protect),
    "VirtualFree": _constant(3, 1),
    "GlobalAlloc": (2, lambda process, arguments: process.allocate(arguments[1])),
    "LocalAlloc": (2, lambda process, arguments: process.allocate(arguments[1])),
    "GlobalFree": _constant(1, 0),
    "LocalFree": _constant(1, 0),
    "HeapAlloc": (3, lambda process, arguments: process.allocate(arguments[2])),
    "GetProcessHeap": _constant(0, 0x150000),
    "HeapFree": _constant(3, 1),
    "GetModuleFileNameA": (3, Process.file_name),
    "CreateFileA": _constant(7, 0x1234),
    "GetFileSize": (2, lambda process, arguments: process.file_size),
    "ReadFile": (5, Process.read_file),
    "SetFilePointer": (4, Process.seek),
    "CloseHandle": _constant(1, 1),
    "GetTickCount": (0, lambda process, arguments: process.cpu.steps >> 10),
    "IsDebuggerPresent": _constant(0, 0),
    "GetCurrentProcessId": _constant(0, 0x444),
    "GetCurrentProcess": _constant(0, MASK),
    "FlushInstructionCache": _constant(3, 1),
    "FreeLibrary": _constant(1, 1),
    "SetErrorMode": _constant(1, 0),
}
