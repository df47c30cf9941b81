from __future__ import annotations

import mmap
import os

import pytest

from lazaretto.remote.sheet import sheet


def test_bytes_that_nobody_can_change() -> None:
    file = sheet(b"content")
    try:
        assert os.read(file, 100) == b"content"
        assert mmap.mmap(file, 7, mmap.MAP_PRIVATE, mmap.PROT_READ)[:] == b"content"
        with pytest.raises(PermissionError):
            os.write(file, b"x")
        with pytest.raises(PermissionError):
            os.ftruncate(file, 1)
    finally:
        os.close(file)
