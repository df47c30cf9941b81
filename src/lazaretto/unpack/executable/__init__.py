"""Executables, from their layout (``layout``) over what they carry (``overlay``, ``resources``, ``bundles``) to what
they are packed with (``packers``), opened by its format (``upx``) or by running its beginning in a small processor of
our own (``stub``, ``emulator``)."""

from lazaretto.unpack.executable.program import Executable, InstallShield, Packed

__all__ = ["Executable", "InstallShield", "Packed"]
