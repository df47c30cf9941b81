"""Files that hide in pages: from the markup (``markup``) over literals (``literal``) to what scripts put together
(``ecmascript``, ``folding``), without running any."""

from lazaretto.unpack.html.page import Html

__all__ = ["Html"]
