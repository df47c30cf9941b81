"""PDF: syntax (``syntax``), filters (``filters``, ``lzw``, ``predictors``), the scan for objects (``scan``), libqpdf's
view (``reader``), decryption (``crypt``), what objects hold (``holdings``, ``actions``, ``slack``), the unpacker."""

from lazaretto.unpack.pdf.document import Pdf

__all__ = ["Pdf"]
