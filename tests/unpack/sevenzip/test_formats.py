from __future__ import annotations

from lazaretto.unpack import signatures
from lazaretto.unpack.sevenzip.formats import HANDLERS


def test_everything_it_opens_is_a_container() -> None:
    """Else nobody would be told where the library is absent."""
    assert set(HANDLERS) <= signatures.CONTAINERS
