"""OneNote sections: files in the store of revisions (``revision``), in the packaged form of OneDrive (``packaged``),
properties of objects (``properties``), the unpacker (``section``)."""

from lazaretto.unpack.onenote.section import OneNote

__all__ = ["OneNote"]
