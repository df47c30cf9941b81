"""7-Zip as a library: COM over ctypes (``com``, ``streams``), the library itself (``library``), one container
(``archive``, ``extraction``), what is in it (``contents``), and the unpacker (``unpacker``, ``formats``)."""

from lazaretto.unpack.sevenzip.unpacker import SevenZip

__all__ = ["SevenZip"]
