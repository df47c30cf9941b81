"""RAR of all versions: the headers are read here (``rar4``, ``rar5``), passwords tried (``keys``), and the compressed
data, decrypted and under headers of our own (``rebuild``), is given to libraries for decompression."""

from lazaretto.unpack.rar.members import Rar

__all__ = ["Rar"]
